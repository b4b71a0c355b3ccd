"""What a network reads of the validation data, and how much of it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule, stack
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.model import Model
from htrkit.recognizer import Recognizer
from htrkit.spec import Spec
from htrkit.training.batches import padded_width
from htrkit.training.data import Example
from htrkit.training.history import GROUP, MEAN

Readings = Sequence[tuple[str, str]]
"""Truth and reading of each line."""


@dataclass(frozen=True, slots=True)
class Validation:
    """The lines that an epoch is judged by.

    Attributes
    ----------
    examples
        The lines; their labels are not used.
    groups
        The group of each line, if each group is to count alike; none if each line is.
    rule, alphabet, batch_size
        How the network is asked.
    """

    examples: Sequence[Example]
    groups: Sequence[str]
    rule: InputRule
    alphabet: Alphabet
    batch_size: int

    def read(self, network: keras.Model, done: Callable[[int], None]) -> Readings:
        """The best path of every line, in order; ``done`` hears of every line."""
        decoder = BestPath(self.alphabet)
        readings = [""] * len(self.examples)
        for line, log_probs in outputs(network, self.examples, self.rule, self.batch_size):
            readings[line] = decoder.decode(log_probs)[0].text
            done(1)
        return [(example.text, reading) for example, reading in zip(self.examples, readings, strict=True)]

    def figures(self, readings: Readings) -> dict[str, float]:
        """Error rates for the history: of all lines, and of each group and the mean over them; none of no line."""
        if not readings:
            return {}
        errors = count_errors(readings)
        rates = {"valid_cer": errors.cer, "valid_wer": errors.wer, "valid_exact": errors.exact}
        by_group: dict[str, list[tuple[str, str]]] = {}
        for group, reading in zip(self.groups, readings, strict=False):
            by_group.setdefault(group, []).append(reading)
        cers = {f"{GROUP}{group}": count_errors(found).cer for group, found in sorted(by_group.items())}
        mean = {MEAN: sum(cers.values()) / len(cers)} if cers else {}
        return {name: round(rate, 6) for name, rate in (rates | mean | cers).items()}


def outputs(
    network: keras.Model, examples: Sequence[Example], rule: InputRule, batch_size: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """What a network gives for examples, some of similar width at a time: the place of each, and (frames, labels)."""
    widths = [rule.width or padded_width(rule.input_width(*example.shape)) for example in examples]
    for width in sorted(set(widths)):
        alike = [i for i, other in enumerate(widths) if other == width]
        for start in range(0, len(alike), batch_size):
            chosen = alike[start : start + batch_size]
            inks = [rule.fit(examples[i].pixels) for i in chosen]
            log_probs = keras.ops.convert_to_numpy(network.predict_on_batch(stack(inks, width)))
            for i, ink, row in zip(chosen, inks, log_probs, strict=True):
                yield i, row[: rule.frames(ink.shape[1])]


def recognizer_of(model: Model, decoder: str) -> Recognizer:
    """A finished model with a decoder, ``name`` or ``name:key=value``, for lines after the model's steps."""
    encoder = Spec.parse("encoder", model.encoder).create(model, 0)
    decoding = Spec.parse("decoder", decoder).create(model.alphabet)
    return Recognizer(model, encoder, decoding, (), decoder_name=decoder, encoder_name=model.encoder)
