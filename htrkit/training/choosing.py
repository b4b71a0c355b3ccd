"""What a run's settings become where nothing is said: by how many lines there are, and by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from htrkit.errors import HtrkitError
from htrkit.readers import open_samples

GLANCED_AT = 2000
"""Samples; more of them choose nothing else."""
SPACED = 0.02
"""Of single words, at most so many have a space."""
LEAST_VALID = 20
"""Samples to hold out, where there are enough: fewer tell little."""


def choose(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Values of settings that fit the data of a new run, after a look at its first samples; those that are ``wanted``
    are not among them.

    From nothing, lines are read by ``crnn``, single words by ``simple``. From a model, the fewer samples there are, the
    smaller are the batches and the more epochs there are; docs/training.md tells what was measured.
    """
    try:
        samples = open_samples(wanted["data"], reader=wanted.get("reader"))
        texts = [sample.text for sample in islice(samples, GLANCED_AT)]
    except HtrkitError:  # which is said when the data is read, after all else that is wrong
        return {}
    words = sum(" " in text for text in texts) <= SPACED * len(texts)
    chosen: dict[str, Any] = {}
    if "start_from" in wanted:
        chosen = _from_model(len(texts))
    elif not words:
        chosen = {"architecture": "crnn"}
    if not words:
        chosen.setdefault("batch_size", 16)
    if "valid" not in wanted and 0 < len(texts) < 10 * LEAST_VALID:
        chosen["valid_fraction"] = round(min(0.3, LEAST_VALID / len(texts)), 2)
    return {name: value for name, value in chosen.items() if name not in wanted}


def _from_model(samples: int) -> dict[str, Any]:
    if samples >= GLANCED_AT:
        return {"epochs": 20, "learning_rate": 5e-4}
    epochs = round(min(80, max(20, 400 / samples**0.5)))
    return {"batch_size": 8, "epochs": epochs, "average": round(epochs / 12, 1), "calm_epochs": epochs // 10}
