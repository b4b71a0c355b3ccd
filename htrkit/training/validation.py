"""What a network reads of the validation data, and how much of it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from htrkit.alphabet import Alphabet
from htrkit.decoders.best_path import BestPath
from htrkit.encoders.input import InputRule
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.training.batches import padded_width, stack
from htrkit.training.data import Example


def read(
    network: keras.Model,
    examples: Sequence[Example],
    rule: InputRule,
    alphabet: Alphabet,
    batch_size: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[tuple[str, str]]:
    """(truth, best-path reading) of every example, in order; ``done`` hears of every batch."""
    decoder = BestPath(alphabet)
    widths = [rule.width or padded_width(rule.input_width(*example.shape)) for example in examples]
    readings = [""] * len(examples)
    for width in sorted(set(widths)):
        alike = [i for i, other in enumerate(widths) if other == width]
        for start in range(0, len(alike), batch_size):
            chosen = alike[start : start + batch_size]
            inks = [rule.fit(examples[i].pixels) for i in chosen]
            log_probs = keras.ops.convert_to_numpy(network.predict_on_batch(stack(inks, width)))
            for i, ink, row in zip(chosen, inks, log_probs, strict=True):
                readings[i] = decoder.decode(row[: rule.frames(ink.shape[1])])[0].text
            done(len(chosen))
    return [(example.text, reading) for example, reading in zip(examples, readings, strict=True)]


def figures(readings: Sequence[tuple[str, str]]) -> dict[str, float]:
    """The columns of the history: the error rates of all lines together."""
    errors = count_errors(readings)
    rates = {"valid_cer": errors.cer, "valid_wer": errors.wer, "valid_exact": errors.exact}
    return {name: round(rate, 6) for name, rate in rates.items()}
