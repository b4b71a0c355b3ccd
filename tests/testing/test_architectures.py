"""The kit for networks: it lets a right one pass and catches each kind of wrong one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from htrkit.encoders.input import InputRule
from htrkit.testing import NonconformityError, check_architecture

RNG = np.random.default_rng(0)


class Uniform:
    """Every label is as probable; stands for a network without needing Keras."""

    input_rule: Any = InputRule(32, None, 0.25)

    def build(self, n_labels: int) -> Any:
        return lambda ink, training: np.full((len(ink), ink.shape[2] // 4, n_labels), -np.log(n_labels))


def _another_each_time(self: Uniform, n_labels: int) -> Any:
    log_probs = np.log(RNG.dirichlet(np.ones(n_labels), (2, 24)))
    return lambda ink, training: log_probs


def test_a_right_one_passes() -> None:
    check_architecture(Uniform)
    check_architecture(type("Growing", (Uniform,), {"grow": lambda self, network, smaller: None}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"input_rule": (32, 128)}, r"input_rule is \(32, 128\), not an InputRule"),
        ({"build": lambda self, n_labels: 1 / 0}, "build raised ZeroDivisionError"),
        ({"build": lambda self, n_labels: None}, r"the network raised TypeError: .* on ink of shape \(2, 32, 96, 1\)"),
        (
            {"build": lambda self, n: lambda ink, training: np.full((2, 24, n + 1), -np.log(n + 1))},
            r"gives shape \(2, 24, 6\), where \(2, 24, 5\) is promised",
        ),
        ({"build": lambda self, n: lambda ink, training: np.full((2, 24, n), 0.2)}, "no logarithm of probabilities"),
        (
            {"grow": lambda self, network, smaller: 1 / 0},
            "grow raised ZeroDivisionError: .* from a network of the same",
        ),
        ({"build": _another_each_time, "grow": lambda self, network, smaller: None}, "does not read as that does"),
    ],
)
def test_faults_are_caught(change: dict[str, Any], says: str) -> None:
    with pytest.raises(NonconformityError, match=says):
        check_architecture(type("Spoilt", (Uniform,), change))
