"""What a run takes from the model that it starts from, from the command line, and from its own earlier state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.model import Model, load_model
from htrkit.spec import Spec
from htrkit.training.given import as_json, begin, resume
from htrkit.training.settings import TrainSettings
from tests import tiny_model

MADE_OF: dict[str, Any] = {
    "architecture": "crnn",
    "architecture_options": {"lstm_units": 16, "dropout": 0.1},
    "preprocess": ("otsu",),
}
OTSU = (Spec("preprocessor", "otsu"),)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    tiny_model.write(tmp_path / "model", **MADE_OF)
    return load_model(tmp_path / "model")


def test_network_and_steps_are_the_models(model: Model, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    settings = begin(tmp_path, {"data": ("x",)}, model)
    assert settings.architecture == Spec("architecture", "crnn", {"lstm_units": 16, "dropout": 0.1})
    assert settings.preprocess == OTSU
    assert settings.epochs == TrainSettings(data=(), out=tmp_path).epochs


def test_what_is_said_is_taken(model: Model, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    for said in ({"arch_option": ["dropout=0.3"]}, {"architecture": "crnn:dropout=0.3"}):
        settings = begin(tmp_path, {"data": ("x",), "preprocess": "crop", **said}, model)
        assert settings.preprocess == (Spec("preprocessor", "crop"),)
        assert settings.architecture == Spec("architecture", "crnn", {"lstm_units": 16, "dropout": 0.3})


def test_another_architecture_does_not_get_the_models_options(model: Model, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    settings = begin(tmp_path, {"data": ("x",), "architecture": "simple"}, model)
    assert settings.architecture == Spec("architecture", "simple")


def test_without_a_model_the_defaults_stay(tmp_path: Path) -> None:
    assert begin(tmp_path, {"data": ("x",)}) == TrainSettings(data=("x",), out=tmp_path)


def test_a_run_is_resumed_with_all_of_its_settings(tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    network = Spec("architecture", "crnn", {"channels": (4, 8), "blocks": (1, 1)})
    steps = (Spec("preprocessor", "crop", {"margin": 0.1}), Spec("preprocessor", "otsu"))
    begun = TrainSettings(
        data=("x", "y"), out=tmp_path, architecture=network, preprocess=steps, mix=("z=2",), mix_share=(0.6, 0.1)
    )
    resumed = resume(
        tmp_path, as_json(begun), {"epochs": 5, "preprocess": "crop:margin=0.1,otsu", "architecture": "crnn"}
    )
    assert as_json(resumed) == {**as_json(begun), "epochs": 5}
    assert resumed.resume


@pytest.mark.parametrize("saved", [{}, {"architecture": "crnn"}, {"architecture": 5, "preprocess": []}])
def test_damaged_settings_are_said(tmp_path: Path, saved: dict[str, Any]) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    with pytest.raises(InputError, match=f"cannot resume from {tmp_path}: its settings are damaged"):
        resume(tmp_path, saved, {})


@pytest.mark.parametrize("changed", [{"history": [1, 2]}, {"settings": []}, {"start": 3}, {"under_way": {}}])
def test_a_damaged_state_is_said(tmp_path: Path, changed: dict[str, Any]) -> None:
    pytest.importorskip("keras", reason="needs the train extra")
    from htrkit.training.checkpoints import STATE, Checkpoints, RunState

    run = Checkpoints(tmp_path)
    run.save_state(RunState({}))
    saved = json.loads((tmp_path / STATE).read_text()) | changed
    (tmp_path / STATE).write_text(json.dumps(saved))
    with pytest.raises(InputError, match="cannot resume from"):
        run.load()


def test_a_run_of_an_earlier_version_is_resumed(tmp_path: Path) -> None:
    saved = {
        "data": ["x"],
        "architecture": "crnn",
        "architecture_options": {"lstm_units": 16, "channels": [4]},
        "preprocess": ["otsu", "crop"],
        "mix_share": 0.6,
        "last_mix_share": None,
        "batch_size": 8,
    }
    settings = resume(tmp_path, saved, {})
    assert str(settings.architecture) == "crnn:lstm_units=16,channels=4"
    assert settings.preprocess == (*OTSU, Spec("preprocessor", "crop"))
    assert (settings.mix_share, settings.batch_size, settings.average) == ((0.6, 0.6), 8, 0.0)
    assert not settings.quantize
    assert resume(tmp_path, {**saved, "last_mix_share": 0.2}, {}).mix_share == (0.6, 0.2)


@pytest.mark.parametrize(
    "change",
    [
        {"alphabet": "abc"},
        {"preprocess": "none"},
        {"seed": 2},
        {"start_from": "open"},
        {"precision": "float16"},
    ],
)
def test_what_the_network_is_made_of_stays(tmp_path: Path, change: dict[str, object]) -> None:
    saved = as_json(TrainSettings(data=("x",), out=tmp_path))
    with pytest.raises(UsageError, match=f"a resumed run keeps its {next(iter(change))}"):
        resume(tmp_path, saved, change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"valid_fraction": 1.0}, "valid_fraction must be more than 0 and less than 1, not 1"),
        ({"valid_fraction": 0.0}, "valid_fraction must be more than 0 and less than 1, not 0"),
        ({"learning_rate": 0.0}, "learning_rate must be more than 0, not 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be more than 0, not nan"),
        ({"join": 1.1}, "join must be at least 0 and at most 1, not 1.1"),
        ({"mix_share": (0.5, 1.0)}, "mix_share must be at least 0 and less than 1, not 1"),
        ({"average": -1.0}, "average must be at least 0, not -1"),
        ({"devices": 0}, "devices must be at least 1, not 0"),
        ({"precision": "float8"}, r"precision must be float32\|bfloat16\|float16, not float8"),
    ],
)
def test_values_out_of_bounds_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        TrainSettings(data=("x",), out=tmp_path, **change)


def test_the_share_of_the_mix_may_be_two(tmp_path: Path) -> None:
    assert begin(tmp_path, {"mix_share": "0.3"}).mix_share == (0.3, 0.3)
    assert begin(tmp_path, {"mix_share": "0.8:0.2"}).mix_share == (0.8, 0.2)
    with pytest.raises(UsageError, match=r"two such as 0\.8:0\.2, not much"):
        begin(tmp_path, {"mix_share": "much"})


def test_an_alphabet_is_characters_or_a_file_of_them(tmp_path: Path) -> None:
    def alphabet(text: object) -> str | None:
        return begin(tmp_path, {"alphabet": str(text)}).alphabet

    (tmp_path / "alphabet.txt").write_bytes(b" ab\r\nbc\n")
    assert alphabet("cab") == "cab"
    assert alphabet(tmp_path / "alphabet.txt") == " abc"
    (tmp_path / "bad.txt").write_bytes(b"\xff")
    with pytest.raises(HtrkitError, match=r"bad\.txt: not UTF-8"):
        alphabet(tmp_path / "bad.txt")


def test_an_alphabet_of_another_editor_has_no_byte_order_mark_and_composed_letters(tmp_path: Path) -> None:
    (tmp_path / "windows.txt").write_bytes("\ufeffab\r\ne\u0301\r\nü".encode())
    (tmp_path / "apart.txt").write_bytes("e\n\u0301\n".encode())
    assert begin(tmp_path, {"alphabet": str(tmp_path / "windows.txt")}).alphabet == "abéü"
    assert begin(tmp_path, {"alphabet": "u\u0308"}).alphabet == "ü"
    assert begin(tmp_path, {"alphabet": str(tmp_path / "apart.txt")}).alphabet == "e\u0301"
