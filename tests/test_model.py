"""Models on disk: what is written is read back, and what is damaged is refused in one sentence."""

import json
import os
from pathlib import Path
from textwrap import dedent

import pytest

from htrkit.alphabet import Alphabet
from htrkit.errors import ModelError, PluginError, UsageError
from htrkit.model import NETWORK, load_model, open_model
from htrkit.recognizer import Recognizer
from htrkit.resources import resource
from htrkit.types import Line
from tests import tiny_model
from tests.strangers import declaring


def change(folder, **values):
    path = folder / "model.json"
    described = json.loads(path.read_text())
    for key, value in values.items():
        if value is None:
            described.pop(key, None)
        else:
            described[key] = value
    path.write_text(json.dumps(described))


def test_a_model_is_read_back_as_it_was_written(tmp_path):
    written = tiny_model.write(tmp_path / "m", preprocess=("invert", "crop:margin=0.1"), decoder="beam")
    assert load_model(tmp_path / "m") == written
    assert written.file(NETWORK) == tiny_model.network()
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [NETWORK, "model.json"]


BARS = """
    from pathlib import Path
    from htrkit.model import load_model

    def bars(*, folder: str, whole: bool = True):
        return load_model(Path(folder)) if whole else 5
    """


def test_a_declared_model_takes_options_and_may_be_made_in_memory(tmp_path, stranger):
    stranger("acme-bars", dedent(declaring("model", "bars", "acme_bars:bars")) + dedent(BARS))
    written = tiny_model.write(tmp_path / "m")
    named = f"bars:folder={tmp_path / 'm'}"
    assert open_model(named) == written == open_model(tmp_path / "m") == open_model(str(tmp_path / "m"))
    line = Line("ab", tiny_model.draw("ab"))
    assert [result.text for result in Recognizer.load(named).recognize([line])] == ["ab"]
    with pytest.raises(PluginError, match="gave 5 instead of a path or a Model"):
        open_model(f"{named},whole=false")
    with pytest.raises(UsageError, match="no option 'file'"):
        open_model("bars:file=m")
    with pytest.raises(UsageError, match="needs the option folder"):
        open_model("bars")
    with pytest.raises(UsageError, match="no model named 'bar'; did you mean 'bars'"):
        open_model("bar:folder=m")


def test_a_description_without_calibration_has_the_temperature_1(tmp_path):
    tiny_model.write(tmp_path, temperature=1.5)
    assert load_model(tmp_path).temperature == 1.5
    change(tmp_path, calibration=None)
    assert load_model(tmp_path).temperature == 1


def test_a_folder_without_a_description_is_no_model(tmp_path):
    with pytest.raises(ModelError, match="is no model"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", "null", '{"alphabet": "ab"}', "[" * 100_000, '{"format": "1"}', '{"format": 0}']
)
def test_a_description_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        load_model(tmp_path)


def test_a_description_of_bytes_or_of_endless_length_is_refused(tmp_path):
    (tmp_path / "model.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="cannot read"):
        load_model(tmp_path)
    (tmp_path / "model.json").write_bytes(b" " * 2_000_000)
    with pytest.raises(ModelError, match="too large"):
        load_model(tmp_path)


def test_a_newer_format_says_what_to_do(tmp_path):
    tiny_model.write(tmp_path)
    change(tmp_path, format=99)
    with pytest.raises(ModelError, match=r"format 99.*get a newer htrkit"):
        load_model(tmp_path)


KEYS = ["alphabet", "input", "encoder", "preprocess", "decoder", "sha256", "name", "architecture"]


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_entry_is_named(tmp_path, key):
    tiny_model.write(tmp_path)
    change(tmp_path, **{key: None})
    with pytest.raises(ModelError, match=f"lacks '{key}'"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {"alphabet": "aa"},
        {"alphabet": ""},
        {"alphabet": 5},
        {"alphabet": ["a", 5]},
        {"alphabet": ["a", ""]},
        {"decoder": 1},
        {"preprocess": [1]},
        {"preprocess": 3},
        {"sha256": {"encoder.onnx": 5}},
        {"sha256": [1]},
        {"calibration": {"temperature": 0}},
        {"calibration": {"temperature": "1"}},
        {"calibration": {"temperature": 1e9}},
        {"calibration": {}},
        {"calibration": 1.5},
        {"architecture": "simple"},
        {"encoder": None, "reads": "lines"},
        {"encoder": ["onnx"]},
        {"name": "\ud800"},
        {"name": "red \x1b[31m"},
        {"alphabet": "a\0"},
        {"preprocess": "crop"},
        {"sha256": {"../encoder.onnx": "0"}},
        {"architecture": {"name": "simple", "options": 3}},
        {"input": [1]},
        {"input": {"height": -1, "width": 128, "channels": 1, "frames_per_pixel": 0.25}},
        {"input": {"height": 32, "width": 1e9, "channels": 1, "frames_per_pixel": 0.25}},
        {"input": {"height": True, "width": 128, "channels": 1, "frames_per_pixel": 0.25}},
        {"input": {"height": 32, "width": 128, "channels": 1, "frames_per_pixel": "x"}},
        {"input": {"height": 32, "width": 128, "channels": 1, "frames_per_pixel": float("nan")}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": float("inf")}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": True}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": 10**400}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": 0.25, "margin": -0.1}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": 0.25, "word_margin": float("nan")}},
        {"input": {"height": 32, "width": 128, "frames_per_pixel": 0.25, "word_margin": "0.1"}},
        {"input": {"height": 10**4000, "width": 128, "frames_per_pixel": 0.25}},
        {"input": {"height": 32, "width": 128.0, "frames_per_pixel": 0.25}},
        {"format": True},
    ],
)
def test_an_impossible_entry_is_refused(tmp_path, values):
    tiny_model.write(tmp_path)
    change(tmp_path, **values)
    with pytest.raises(ModelError) as refusal:
        load_model(tmp_path)
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400", "1" * 5000])
def test_numbers_that_are_none_are_refused(tmp_path, number):
    tiny_model.write(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("0.25", number))
    with pytest.raises(ModelError) as refusal:
        load_model(tmp_path)
    assert str(path) in str(refusal.value)
    assert len(str(refusal.value)) < 500


class TestFormat1:
    def written(self, folder, alphabet="ab ", **values):
        tiny_model.write(folder, alphabet=Alphabet(alphabet))
        size = {"channels": 1, "height": 32, "width": 128, "frames_per_pixel": 0.25}
        change(folder, **{"format": 1, "encoder": None, "input": size, "reads": "words"} | values)
        return folder

    @pytest.mark.parametrize(
        ("alphabet", "reads", "encoder"),
        [("ab ", "words", "wordwise"), ("ab", "words", "onnx"), ("ab ", "lines", "onnx"), ("ab", "lines", "onnx")],
    )
    def test_what_it_reads_says_the_encoder(self, tmp_path, alphabet, reads, encoder):
        assert load_model(self.written(tmp_path, alphabet, reads=reads)).encoder == encoder

    @pytest.mark.parametrize(
        "values",
        [
            {"reads": "minds"},
            {"reads": None},
            {"input": {"channels": 3, "height": 32, "width": 128, "frames_per_pixel": 0.25}},
            {"input": {"height": 32, "width": 128, "frames_per_pixel": 0.25}},
        ],
    )
    def test_what_it_did_not_allow_is_refused_still(self, tmp_path, values):
        with pytest.raises(ModelError):
            load_model(self.written(tmp_path, **values))


def test_missing_and_altered_files_are_named(tmp_path):
    model = tiny_model.write(tmp_path)
    (tmp_path / NETWORK).write_bytes(tiny_model.network() + b"\0")
    with pytest.raises(ModelError, match="altered"):
        model.file(NETWORK)
    (tmp_path / NETWORK).unlink()
    with pytest.raises(ModelError, match=r"encoder\.onnx is missing"):
        model.file(NETWORK)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders")
def test_a_pipe_or_folder_in_place_of_a_file_is_no_file(tmp_path):
    model = tiny_model.write(tmp_path)
    for name in (NETWORK, "model.json"):
        (tmp_path / name).unlink()
        os.mkfifo(tmp_path / name)
    with pytest.raises(ModelError, match=r"encoder\.onnx is missing"):
        model.file(NETWORK)
    with pytest.raises(ModelError, match="is no model"):
        load_model(tmp_path)


def test_a_description_cannot_lead_out_of_its_folder(tmp_path):
    (tmp_path / "secret").write_text("secret")
    model = tiny_model.write(tmp_path / "m")
    with pytest.raises(ModelError, match="comes without"):
        model.file("../secret")


@pytest.mark.parametrize("name", ["open", "iam", "latin-script"])
def test_a_declared_model_comes_before_a_folder_of_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "words.txt").write_text("no model\n")
    monkeypatch.chdir(tmp_path)
    assert open_model(name).folder == resource("model", name) != tmp_path / name
    with pytest.raises(ModelError, match="is no model"):
        open_model(f"./{name}")
