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

STEPS = {
    "nothing": "None",
    "pixels": "line.pixels",
    "float": "Line(line.id, line.pixels / 255.0)",
    "colour": "Line(line.id, np.dstack([line.pixels] * 3))",
    "empty": "Line(line.id, line.pixels[:0])",
    "list": "Line(line.id, line.pixels.tolist())",
    "missing": "Line(line.id, None)",
    "renamed": "Line('other', line.pixels)",
}
"""What a preprocessing step gives instead of a cleaned line."""

OUTPUTS = {
    "none": "None",
    "nan": "right * np.nan",
    "flat": "right[0]",
    "narrow": "right[:, 1:]",
    "probabilities": "np.exp(right)",
    "words": "'bba'",
}
"""What an encoder gives instead of a line's log_probs."""

ERRORS = {
    "error": "KeyError('bba')",
    "exit": "SystemExit(0)",
    "generator-exit": "GeneratorExit()",
    "unspeakable": "Unspeakable()",
    "shape": "ShapeError('not my shape')",
}
"""What a component raises."""

ACTS = "\n".join(
    [f"    if deed == {name!r}:\n        raise {error}" for name, error in ERRORS.items()]
    + [f"    if deed == 'decoder {name}':\n        return {gift}" for name, gift in MISDEEDS.items()]
    + [f"    if deed == 'step {name}':\n        return {gift}" for name, gift in STEPS.items()]
    + [f"    if deed == 'encoder {name}':\n        return {gift}" for name, gift in OUTPUTS.items()]
)

SOURCE = f"""
from htrkit import Component, Hypothesis, Line, ShapeError, hookimpl


@hookimpl
def htrkit_decoders():
    return [Component("hostile", "misbehaves where it reads bba", "acme_htr:Decoder")]


@hookimpl
def htrkit_encoders():
    return [Component("hostile", "misbehaves on bba.png", "acme_htr:Encoder")]


@hookimpl
def htrkit_preprocessors():
    return [Component("hostile", "misbehaves on bba.png", "acme_htr:Step")]


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no words")


def act(deed, line=None, right=None):
    import numpy as np

{ACTS}


class Decoder:
    def __init__(self, alphabet, *, deed: str):
        from htrkit.decoders.best_path import BestPath

        self.inner, self.deed = BestPath(alphabet), deed

    def decode(self, log_probs, *, n_best=1):
        found = self.inner.decode(log_probs)
        return act(self.deed) if found[0].text == "bba" else found


class Step:
    def __init__(self, *, deed: str):
        self.deed = deed

    def __call__(self, line):
        return act(self.deed, line) if "bba" in line.id else line


class Encoder:
    def __init__(self, model, threads, *, deed: str):
        from htrkit.encoders.onnx import OnnxEncoder

        self.inner, self.deed = OnnxEncoder(model, threads), deed

    def encode(self, lines):
        outputs = self.inner.encode(lines)
        return [act(self.deed, right=one) if "bba" in line.id else one for line, one in zip(lines, outputs)]
"""

DECODER_DEEDS = [*(f"decoder {name}" for name in MISDEEDS), *ERRORS]
STEP_DEEDS = [*(f"step {name}" for name in STEPS), *ERRORS]
ENCODER_DEEDS = [*(f"encoder {name}" for name in OUTPUTS), *ERRORS]
