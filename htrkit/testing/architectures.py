"""Holds an architecture to its contract; needs Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from htrkit.encoders.input import InputRule
from htrkit.quoting import shown
from htrkit.testing.contract import NonconformityError, promised, require

WIDTH = 96
"""Of the line that a network of any width is tried on."""


def check_architecture(factory: Callable[[], Any], *, n_labels: int = 5) -> None:
    """Check a network to train: its input, the frames and probabilities of its output, and that it grows, if it can.

    Parameters
    ----------
    factory
        Makes the architecture: its class, or ``lambda: MyNetwork(option=value)``.
    n_labels
        Labels to build it for.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    with promised("the factory"):
        architecture = factory()
    rule = getattr(architecture, "input_rule", None)
    if not isinstance(rule, InputRule):
        raise NonconformityError(f"input_rule is {shown(rule)}, not an InputRule")
    with promised("build"):
        network = architecture.build(n_labels)
    ink = np.random.default_rng(0).random((2, rule.height, rule.width or WIDTH, 1)).astype(np.float32)
    with promised("the network", f"on ink of shape {ink.shape}"):
        log_probs = np.asarray(network(ink, training=False))
    wanted = (2, rule.frames(ink.shape[2]), n_labels)
    require(log_probs.shape == wanted, f"the network gives shape {log_probs.shape}, where {wanted} is promised")
    sums = np.exp(log_probs.astype(np.float64)).sum(axis=2)
    require(
        bool(np.allclose(sums, 1.0, atol=1e-3)), "the network's output is no logarithm of probabilities that sum to one"
    )
    if hasattr(architecture, "grow"):
        with promised("build"):
            other = architecture.build(n_labels)
        with promised("grow", "from a network of the same size"):
            architecture.grow(other, network)
        same = np.allclose(np.asarray(other(ink, training=False)), log_probs, atol=1e-3)
        require(bool(same), "a network that grew from one of the same size does not read as that does")
