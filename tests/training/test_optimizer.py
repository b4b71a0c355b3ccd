"""The average of the weights: where it is used, where it is not, and how far it reaches back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import keras

from htrkit.errors import UsageError
from htrkit.training.given import as_json, resume
from htrkit.training.optimizer import averaged, optimizer
from htrkit.training.settings import TrainSettings


def stepped(average: float, steps: int) -> tuple[Any, list[float]]:
    """A model of one weight whose gradient is always the same, and the weight after each step."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    settings = TrainSettings(data=(), out=Path(), average=average, warm_up=0.0)
    model.compile(optimizer=optimizer(settings, epochs=10, steps=4), loss="mse")
    model.optimizer.build(model.trainable_variables)
    weights = []
    for _ in range(steps):
        model.optimizer.apply([keras.ops.ones((1, 1))])
        weights.append(float(model.get_weights()[0].item()))
    return model, weights


def test_within_the_block_the_weights_are_their_average_and_after_it_their_own() -> None:
    model, weights = stepped(average=1.0, steps=6)
    momentum, expected = np.exp(-1 / 4), weights[0]
    for weight in weights[1:]:
        expected = momentum * expected + (1 - momentum) * weight
    with averaged(model):
        assert model.get_weights()[0].item() == pytest.approx(expected, rel=1e-6)
    assert model.get_weights()[0].item() == weights[-1]
    assert expected > weights[-1]  # the weight falls, its average lags behind


@pytest.mark.parametrize(("average", "steps"), [(0.0, 5), (1.0, 0)])
def test_without_an_average_or_before_the_first_step_nothing_changes(average: float, steps: int) -> None:
    model, _ = stepped(average, steps)
    before = model.get_weights()[0].item()
    with averaged(model):
        assert model.get_weights()[0].item() == before != 0.0


def test_a_run_from_before_there_were_averages_goes_on_without_one() -> None:
    saved = as_json(TrainSettings(data=("x",), out=Path()))
    for name in ("average", "join", "mix", "mix_share", "precision", "workers"):
        del saved[name]
    assert resume(Path(), saved, {"epochs": 3}).average == 0.0
    with pytest.raises(UsageError, match="start a new run"):
        resume(Path(), saved, {"average": 1.0})
    later = {**saved, "average": 2.0}
    assert resume(Path(), later, {"average": 0.5}).average == 0.5
