"""One small network, exported in the ways of other programs, becomes models that read alike, or it is said why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.errors import HtrkitError, InputError, ModelError, UsageError
from htrkit.files import PART
from htrkit.importing import import_network as importing
from htrkit.importing.import_network import Imported, import_network, read_alphabet
from htrkit.model import load_model
from htrkit.recognizer import Recognizer
from htrkit.types import Line
from tests import tiny_model
from tests.encoders import foreign

SAMPLE = (Line("sample", tiny_model.draw("abba")), "abba")
TEXTS = ["ab", "bab", "a", "aabb"]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks are known, so that no other process has to try them."""
    monkeypatch.setattr(importing, "try_first", lambda *_: None)


def imported(folder: Path, content: bytes, characters: str = "ab", **changes: Any) -> Imported:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.onnx").write_bytes(content)
    values = {"given": {}, "sample": SAMPLE} | changes
    return import_network(folder / "net.onnx", Alphabet(characters), folder / "model", **values)


def reads(folder: Path) -> list[str]:
    from htrkit.model_spec import model_spec

    model = load_model(folder)
    encoder = model_spec(model, "encoder", model.encoder).create(model, 1)
    from htrkit.decoders.best_path import BestPath

    decoder = BestPath(model.alphabet)
    encoded = encoder.encode([Line(text, tiny_model.draw(text)) for text in TEXTS])
    return [decoder.decode(log_probs)[0].text for log_probs in encoded]


CONVENTIONS = st.fixed_dictionaries(
    {
        "layout": st.sampled_from(["NHWC", "NCHW", "NWHC", "NCWH"]),
        "channels": st.sampled_from([1, 3]),
        "width": st.sampled_from([None, 128]),
        "lines": st.sampled_from([1, "lines"]),
        "output_layout": st.sampled_from(["NTC", "TNC", "NCT"]),
        "values": st.sampled_from(["logits", "probabilities", "log-probs"]),
        "blank": st.sampled_from(["first", "last"]),
    }
)
GREYS = st.sampled_from([(1.0, 0.0), (0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONVENTIONS, GREYS)
def test_a_network_of_any_convention_reads_like_the_others(
    tmp_path_factory: pytest.TempPathFactory, convention: dict[str, Any], greys: tuple[float, float]
) -> None:
    ink, paper = greys
    folder = tmp_path_factory.mktemp("import")
    found = imported(folder, foreign.network(**convention, ink=(ink,), paper=(paper,)))
    assert found.text == "abba"
    assert reads(folder / "model") == TEXTS
    said = " ".join(found.notes)
    assert (convention["blank"] == "last") == ("the blank is the last label" in said)
    assert convention["values"] in said


def test_what_is_written_is_a_model_that_is_read_with(tmp_path: Path) -> None:
    content = foreign.network(layout="NCHW", values="logits", blank="last", ink=(0.0,), paper=(255.0,))
    written = imported(tmp_path, content).model
    assert load_model(tmp_path / "model") == written
    assert written.encoder == "onnx:layout=NCHW,output=frames,values=logits,ink=0.0,paper=255.0,blank=last"
    (result,) = Recognizer.load(tmp_path / "model").recognize([SAMPLE[0]])
    assert getattr(result, "text", result) == "abba"


@pytest.mark.parametrize(
    ("characters", "said"),
    [
        ("a", r"3 labels, a blank and 2 characters; the alphabet has 1: it is one too short.*space"),
        ("abc", r"the alphabet has 3: it is one too long. Does it list the blank too"),
        ("abcdef", "do not belong together"),
    ],
)
def test_an_alphabet_of_another_length_is_told(tmp_path: Path, characters: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        imported(tmp_path, foreign.network(), characters, sample=None)
    assert not (tmp_path / "model").exists()


def test_without_a_sample_nothing_is_guessed(tmp_path: Path) -> None:
    content = foreign.network(width=None, layout="NCHW")
    with pytest.raises(UsageError, match="does not tell ink, paper, blank: give --sample and --text"):
        imported(tmp_path, content, sample=None)
    known = {"ink": (1.0,), "paper": (0.0,), "blank": "first"}
    assert imported(tmp_path, content, sample=None, given=known).text is None
    assert reads(tmp_path / "model") == TEXTS


@pytest.mark.parametrize(
    ("options", "better"),
    [({"blank": "first"}, "blank=last"), ({"ink": (1.0,), "paper": (0.0,)}, "ink=0,paper=255")],
)
def test_options_that_look_wrong_are_named_with_what_reads(
    tmp_path: Path, options: dict[str, Any], better: str
) -> None:
    content = foreign.network(values="logits", blank="last", ink=(0.0,), paper=(255.0,))
    with pytest.raises(ModelError, match="with the options that are given the network reads") as refusal:
        imported(tmp_path, content, given=options)
    assert "it reads 'abba' with" in str(refusal.value)
    assert better in str(refusal.value).replace(".0", "")


def test_a_network_that_reads_the_sample_in_no_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at best, where 'aaabbbaaabbb' stands: is the alphabet in the order"):
        imported(tmp_path, foreign.network(), sample=(SAMPLE[0], "aaabbbaaabbb"))
    with pytest.raises(UsageError, match="the alphabet lacks: 'x'"):
        imported(tmp_path, foreign.network(), sample=(SAMPLE[0], "axb"))


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        imported(tmp_path, content)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        imported(tmp_path, foreign.network())


def test_what_an_import_that_was_killed_has_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "encoder.onnx").write_bytes(b"whole, or of another network")
    (tmp_path / "model" / f"{PART}0a1b2c-encoder.onnx").write_bytes(b"half")
    imported(tmp_path, foreign.network())
    assert reads(tmp_path / "model") == TEXTS
    with pytest.raises(UsageError, match="is there already"):
        imported(tmp_path, foreign.network())


@pytest.mark.parametrize("content", ["a\nb\n", "ab", "a\r\nb", "\ufeffab\n"])
def test_alphabets_stand_in_one_line_or_in_many(tmp_path: Path, content: str) -> None:
    path = tmp_path / "chars.txt"
    path.write_text(content, encoding="utf-8")
    assert read_alphabet(path).characters == "ab"


def test_a_network_with_a_label_of_several_characters_is_imported_and_reads(tmp_path: Path) -> None:
    (tmp_path / "chars.txt").write_text("ch\na\n", encoding="utf-8")
    alphabet = read_alphabet(tmp_path / "chars.txt")
    assert alphabet.labels == ("ch", "a")
    (tmp_path / "net.onnx").write_bytes(tiny_model.network())
    sample = Line("x", tiny_model.draw("ab")), "cha"
    made = import_network(tmp_path / "net.onnx", alphabet, tmp_path / "model", given={}, sample=sample)
    assert made.text == "cha"
    assert load_model(tmp_path / "model").alphabet == alphabet
    (tmp_path / "words.txt").write_text("cha\nach\n", encoding="utf-8")
    decoder = f"word-beam:lexicon={tmp_path / 'words.txt'}"
    read = Recognizer.load(tmp_path / "model", decoder=decoder).read(tiny_model.draw("ba"))
    assert read.text == "ach"
    assert len(read.hypotheses[0].spans) == 3


@pytest.mark.parametrize(("content", "said"), [("a\nb\na\n", "twice"), ("a\nch\nch\n", "'ch'"), ("", "at least one")])
def test_an_alphabet_that_is_none_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "chars.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(HtrkitError, match=said) as refusal:
        read_alphabet(path)
    assert str(path) in str(refusal.value)
    assert isinstance(refusal.value, InputError)
