"""What a run takes from the model that it starts from, and what it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.errors import ModelError
from htrkit.training.settings import TrainSettings
from tests import tiny_model

MADE_OF = {"architecture": "crnn", "architecture_options": {"lstm_units": 16, "dropout": 0.1}, "preprocess": ("otsu",)}


@pytest.fixture
def model(tmp_path: Path) -> str:
    tiny_model.write(tmp_path / "model", **MADE_OF)
    return str(tmp_path / "model")


def test_network_and_steps_are_the_models(model: str, tmp_path: Path) -> None:
    settings = TrainSettings.begun(tmp_path, {"data": ("x",), "start_from": model})
    assert {name: getattr(settings, name) for name in MADE_OF} == MADE_OF
    assert settings.epochs == TrainSettings(data=(), out=tmp_path).epochs


def test_what_is_said_is_taken(model: str, tmp_path: Path) -> None:
    said = {"preprocess": ("crop",), "architecture_options": {"dropout": 0.3}}
    settings = TrainSettings.begun(tmp_path, {"data": ("x",), "start_from": model, **said})
    assert settings.preprocess == ("crop",)
    assert settings.architecture_options == {"lstm_units": 16, "dropout": 0.3}


def test_another_architecture_does_not_get_the_models_options(model: str, tmp_path: Path) -> None:
    settings = TrainSettings.begun(tmp_path, {"data": ("x",), "start_from": model, "architecture": "simple"})
    assert (settings.architecture, settings.architecture_options) == ("simple", {})


def test_without_a_model_the_defaults_stay(tmp_path: Path) -> None:
    assert TrainSettings.begun(tmp_path, {"data": ("x",)}) == TrainSettings(data=("x",), out=tmp_path)


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError):
        TrainSettings.begun(tmp_path, {"data": ("x",), "start_from": str(tmp_path / "empty")})
