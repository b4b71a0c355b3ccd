"""What a run's settings become where nothing is said: by how many lines there are, and by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from htrkit import plugins
from htrkit.errors import HtrkitError
from htrkit.options import options_of
from htrkit.readers import open_samples
from htrkit.spec import Spec

GLANCED_AT = 2000
"""Samples; more of them choose nothing else."""
SPACED = 0.02
"""Of single words, at most so many have a space."""
DROPOUT = 0.35
"""Of a network that is taught by few samples, if it has that option."""
REFITS, FEW = 3, 300
"""Networks that learn from all of so few samples; their average reads better than each. Of more there is one."""
RECOMBINED = 0.5
"""Of few lines."""
LEAST_VALID = 20
"""Samples to hold out, where there are enough: fewer tell little."""


def choose(wanted: Mapping[str, Any], network: Spec | None = None) -> dict[str, Any]:
    """Values of settings that fit the data of a new run, after a look at its first samples; those that are ``wanted``
    are not among them.

    From nothing, lines are read by ``crnn``, single words by ``simple``. From a model, whose ``network`` is given, the
    fewer samples there are, the smaller are the batches and the more epochs there are. Of few samples, what is held out
    is missed: they are learnt from at the end. docs/training.md tells what was measured.
    """
    try:
        samples = open_samples(wanted["data"], reader=wanted.get("reader"))
        texts = [sample.text for sample in islice(samples, GLANCED_AT)]
    except HtrkitError:
        texts = []
    if not texts:  # why, is said when the data is read, after all else that is wrong
        return {}
    words = sum(" " in text for text in texts) <= SPACED * len(texts)
    chosen: dict[str, Any] = {}
    if network is not None:
        chosen = _from_model(len(texts), network, wanted, words=words)
    elif not words:
        chosen = {"architecture": "crnn"}
    if not words:
        chosen.setdefault("batch_size", 16)
    if "valid" not in wanted and len(texts) < 10 * LEAST_VALID:
        chosen["valid_fraction"] = round(min(0.3, LEAST_VALID / len(texts)), 2)
    return {name: value for name, value in chosen.items() if name not in wanted}


def _from_model(samples: int, network: Spec, wanted: Mapping[str, Any], *, words: bool) -> dict[str, Any]:
    if samples >= GLANCED_AT:
        return {"epochs": 20, "learning_rate": 5e-4}
    epochs = wanted.get("epochs", round(min(80, max(20, 600 / samples**0.5))))
    chosen = {"batch_size": 8, "epochs": epochs, "average": round(epochs / 12, 1), "calm_epochs": epochs // 10}
    chosen["patience"] = epochs  # what few samples say of an epoch is mostly chance
    said = any(option.partition("=")[0].strip() == "dropout" for option in wanted.get("arch_option", ()))
    if not said and _drops_out_less(network):
        chosen["architecture"] = str(Spec("architecture", network.name, {"dropout": DROPOUT}))
    if not words:
        chosen["recombine"] = RECOMBINED
    return chosen if "valid" in wanted else {**chosen, "refit": REFITS if samples < FEW else 1}


def _drops_out_less(network: Spec) -> bool:
    """Whether a network has an option ``dropout``, and it is lower than `DROPOUT`."""
    own = {option.name: option.default for option in options_of(plugins.factory("architecture", network.name))}
    share = network.options.get("dropout", own.get("dropout"))
    return isinstance(share, int | float) and share < DROPOUT
