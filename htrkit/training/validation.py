"""What a network reads of the validation data, and how much of it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras

from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.training.batches import padded_width, stack
from htrkit.training.data import Example

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
        """The best path of every line, in order; ``done`` hears of every batch."""
        decoder, rule = BestPath(self.alphabet), self.rule
        widths = [rule.width or padded_width(rule.input_width(*example.shape)) for example in self.examples]
        readings = [""] * len(widths)
        for width in sorted(set(widths)):
            alike = [i for i, other in enumerate(widths) if other == width]
            for start in range(0, len(alike), self.batch_size):
                chosen = alike[start : start + self.batch_size]
                inks = [rule.fit(self.examples[i].pixels) for i in chosen]
                log_probs = keras.ops.convert_to_numpy(network.predict_on_batch(stack(inks, width)))
                for i, ink, row in zip(chosen, inks, log_probs, strict=True):
                    readings[i] = decoder.decode(row[: rule.frames(ink.shape[1])])[0].text
                done(len(chosen))
        return [(example.text, reading) for example, reading in zip(self.examples, readings, strict=True)]

    def figures(self, readings: Readings) -> dict[str, float]:
        """Error rates for the history: of all lines, and of each group and the mean over them."""
        errors = count_errors(readings)
        rates = {"valid_cer": errors.cer, "valid_wer": errors.wer, "valid_exact": errors.exact}
        by_group: dict[str, list[tuple[str, str]]] = {}
        for group, reading in zip(self.groups, readings, strict=False):
            by_group.setdefault(group, []).append(reading)
        cers = {f"{GROUP}{group}": count_errors(found).cer for group, found in sorted(by_group.items())}
        mean = {MEAN: sum(cers.values()) / len(cers)} if cers else {}
        return {name: round(rate, 6) for name, rate in (rates | mean | cers).items()}


MEAN, GROUP = "mean_cer", "cer "
"""Columns of the history: the mean over the groups, and the beginning of the name of a group's own."""


def chosen_by(row: Mapping[str, float]) -> float:
    """What an epoch is chosen by, the lower the better."""
    return row.get(MEAN, row["valid_cer"])


def groups_of(row: Mapping[str, float]) -> dict[str, float]:
    """The CER of each group in a row of the history."""
    return {name.removeprefix(GROUP): rate for name, rate in row.items() if name.startswith(GROUP)}
