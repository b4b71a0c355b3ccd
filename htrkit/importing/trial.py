"""A network tried on a line whose text is known, in every way in which it can be meant."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from htrkit import ctc
from htrkit.alphabet import BLANK
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import HtrkitError
from htrkit.importing.form import Form
from htrkit.model import Model
from htrkit.spec import Spec
from htrkit.types import Line

GREYS = ((1.0, 0.0), (0.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (0.0, 255.0), (255.0, 0.0), (-0.5, 0.5), (0.5, -0.5))
"""What networks are taught with: black ink and white paper."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a network reads if it is meant so.

    Attributes
    ----------
    form
        How it is run.
    options
        Of the encoder, other than the form's.
    text
        Best path.
    sure
        ln P(known text | line), a character.
    """

    form: Form
    options: Mapping[str, Any]
    text: str
    sure: float

    def __str__(self) -> str:
        said = {"layout": self.form.layout, "output_layout": self.form.output_layout, **self.options}
        return str(Spec("encoder", "onnx", said))


def trials(model: Model, forms: Sequence[Form], line: Line, text: str, given: Mapping[str, Any]) -> list[Trial]:
    """Every way that fits, what makes the known text most probable first.

    Parameters
    ----------
    model
        With the network's file and the alphabet.
    forms
        In which it can be run.
    line, text
        A cleaned line, and what stands on it.
    given
        Options of the encoder that are known already, which stay.
    """
    return sorted(_tried(model, forms, line, text, given), key=lambda trial: -trial.sure)


def _tried(model: Model, forms: Sequence[Form], line: Line, text: str, given: Mapping[str, Any]) -> Iterator[Trial]:
    labels = model.alphabet.encode(text)
    known = {"ink", "paper"} & given.keys()
    greys = [(given.get("ink", 1.0), given.get("paper", 0.0))] if known else GREYS
    aligned = [given["align"]] if "align" in given else ["centre", "left", "fill"]
    for form, (ink, paper), align in product(forms, greys, aligned):
        if form.width is None and align != aligned[0]:
            continue
        options = {"ink": ink, "paper": paper} | ({"align": align} if form.width else {})
        try:
            (first,) = encoder(model, form, {**given, **options, "blank": "first"}).encode([line])
        except HtrkitError:
            continue
        for blank in [given["blank"]] if "blank" in given else ["first", "last"]:
            log_probs = first if blank == "first" else np.roll(first, 1, axis=1)
            if blank == "last" and "labels" in given:
                (log_probs,) = encoder(model, form, {**given, **options, "blank": blank}).encode([line])
            best = log_probs.argmax(axis=1)
            sure = ctc.log_prob(log_probs, labels) / max(1, len(labels))
            read = model.alphabet.decode(ctc.collapse(best)) if (best != BLANK).any() else ""
            yield Trial(form, {**options, "blank": blank}, read, sure if math.isfinite(sure) else -math.inf)


def encoder(model: Model, form: Form, options: Mapping[str, Any]) -> OnnxEncoder:
    """The network, run in one form."""
    return OnnxEncoder(sized(model, form), 1, **{**encoder_options(form), **options})


def sized(model: Model, form: Form) -> Model:
    """The model with the form's size of input."""
    rule = replace(model.input_rule, height=form.height, width=form.width, frames_per_pixel=form.frames_per_pixel)
    return replace(model, input_rule=rule)


def encoder_options(form: Form) -> dict[str, Any]:
    """The form as options of the encoder ``onnx``."""
    return {
        "layout": form.layout,
        "channels": form.channels,
        "output": form.output,
        "output_layout": form.output_layout,
        "values": form.values,
    }
