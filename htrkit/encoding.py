"""Lines cleaned and run through a network, in their order; what fails costs its line and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from htrkit import ctc, pixels
from htrkit.errors import PluginError, ShapeError
from htrkit.host import reason
from htrkit.preprocess.layout import looks_like_several_lines
from htrkit.preprocess.steps import Step, apply_steps
from htrkit.stream import all_at_once, guarded, one_each, through
from htrkit.types import Encoded, Encoder, Failed, Line

Other = TypeVar("Other")


class SeveralLinesWarning(UserWarning):
    """An image plainly holds several lines of writing."""


def encode_lines(
    encoder: Encoder, name: str, steps: Sequence[Step], n_labels: int, lines: Iterable[Line | Other], *, threads: int
) -> Iterator[Encoded | Failed | Other]:
    """The network's output on each line; a line on which a step or the encoder fails is `Failed`.

    Parameters
    ----------
    encoder, name
        An encoder, and what the user calls it.
    steps
        That clean a line before.
    n_labels
        Columns that the outputs must have.
    lines
        What is no line, such as what failed before, is passed on in its place.
    threads
        For the steps.
    """

    def encode(chunk: list[Line]) -> list[Encoded | Failed]:
        cleaned = list(pool.map(partial(_cleaned, steps), chunk))
        ready = [line for line in cleaned if isinstance(line, Line)]
        outputs = iter(all_at_once("encoder", name, ready, partial(_outputs, encoder)))
        return [line if isinstance(line, Failed) else _checked(name, n_labels, line, next(outputs)) for line in cleaned]

    with ThreadPoolExecutor(threads) as pool:
        yield from through(encode, Line, lines)


def _cleaned(steps: Sequence[Step], line: Line) -> Line | Failed:
    try:
        pixels.check(line.pixels)
    except ShapeError as error:
        return Failed(line.id, str(error), error)
    if line.place is None and looks_like_several_lines(line.pixels):
        warnings.warn(
            f"{line.id} looks like several lines and is read as one: cut it into lines first",
            SeveralLinesWarning,
            stacklevel=2,
        )
    return apply_steps(steps, line)


def _outputs(encoder: Encoder, lines: Sequence[Line]) -> Sequence[object]:
    return one_each(encoder.encode(lines), len(lines))


def _checked(name: str, n_labels: int, line: Line, output: object) -> Encoded | Failed:
    def checked() -> Encoded:
        try:
            return Encoded(line.id, ctc.check(output, n_labels), line.place)  # type: ignore[arg-type]
        except Exception as error:  # an array of anything may raise anything
            raise PluginError(f"gave unusable log_probs: {reason(error)}") from error

    return output if isinstance(output, Failed) else guarded(line.id, "encoder", name, checked)
