"""A stranger's package whose components misbehave on one line or page in every way we could think of."""

from __future__ import annotations

MISDEEDS = {
    "none": "None",
    "text": "'bba'",
    "numbers": "[1, 2]",
    "tuples": "[('bba', 0.0)]",
    "nothing": "[]",
    "no-text": "[Hypothesis(5, 0.0)]",
    "no-score": "[Hypothesis('bba', None)]",
    "nan": "[Hypothesis('bba', float('nan'))]",
    "nan-confidence": "[Hypothesis('bba', 0.0, confidence=float('nan'))]",
    "worded-score": "[Hypothesis('bba', 'high')]",
    "worded-spans": "[Hypothesis('bba', 0.0, spans='bba')]",
    "too-many": "[Hypothesis('bba', 0.0)] * 9",
}
"""What a decoder gives instead of hypotheses."""

ERRORS = {
    "error": "KeyError('bba')",
    "exit": "SystemExit(0)",
    "generator-exit": "GeneratorExit()",
    "unspeakable": "Unspeakable()",
    "shape": "ShapeError('not my shape')",
}
"""What a component raises."""

SOURCE = f"""
from htrkit import Component, Hypothesis, ShapeError, hookimpl


@hookimpl
def htrkit_decoders():
    return [Component("hostile", "misbehaves where it reads bba", "acme_htr:Hostile")]


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no words")


def done(deed):
    errors = {{{", ".join(f"{name!r}: lambda: {error}" for name, error in ERRORS.items())}}}
    gifts = {{{", ".join(f"{name!r}: lambda: {gift}" for name, gift in MISDEEDS.items())}}}
    if deed in errors:
        raise errors[deed]()
    return gifts[deed]()


class Hostile:
    def __init__(self, alphabet, *, deed: str):
        from htrkit.decoders.best_path import BestPath

        self.inner, self.deed = BestPath(alphabet), deed

    def decode(self, log_probs, *, n_best=1):
        found = self.inner.decode(log_probs)
        return done(self.deed) if found[0].text == "bba" else found
"""
