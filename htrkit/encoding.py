"""Lines cleaned and run through a network, in their order; what fails costs its line and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc, pixels
from htrkit.contracts import Encoder
from htrkit.errors import PluginError
from htrkit.places import edges_on_page, frame_edges
from htrkit.preprocess.ink import dark
from htrkit.preprocess.steps import Step, apply_steps
from htrkit.quoting import reason
from htrkit.stream import all_at_once, guarded, one_each, through
from htrkit.types import Encoded, Failed, Line, LogProbs

Other = TypeVar("Other")


class TurnedLineWarning(UserWarning):
    """An image is so much taller than wide that its line is likely to be turned."""


def encode_lines(
    encoder: Encoder, name: str, steps: Sequence[Step], n_labels: int, lines: Iterable[Line | Other], *, threads: int
) -> Iterator[Encoded | Failed | Other]:
    """The network's output on each line; a line on which a step or the encoder fails is `Failed`.

    Of a line without any contrast there are no frames, so that it reads as the empty text, whatever the network would
    make of it. A line that looks turned is read with doubt.

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
        ready = [line for line in cleaned if isinstance(line, Line) and not pixels.is_blank(line.pixels)]
        outputs = iter(all_at_once("encoder", name, ready, lambda some: one_each(encoder.encode(some), len(some))))
        return [_encoded(encoder, name, n_labels, *lines, outputs) for lines in zip(chunk, cleaned, strict=True)]

    with ThreadPoolExecutor(threads) as pool:
        yield from through(encode, Line, lines)


def _cleaned(steps: Sequence[Step], line: Line) -> Line | Failed:
    cleaned = apply_steps(steps, line)
    if isinstance(cleaned, Line) and pixels.looks_turned(line.pixels):
        said = f"{line.id} is much higher than wide and read as it is: turn it upright first if it holds a line"
        warnings.warn(said, TurnedLineWarning, stacklevel=2)
    return cleaned


def _encoded(
    encoder: Encoder, name: str, n_labels: int, line: Line, cleaned: Line | Failed, outputs: Iterator[object]
) -> Encoded | Failed:
    if isinstance(cleaned, Failed):
        return cleaned
    if pixels.is_blank(cleaned.pixels):
        return Encoded(line.id, np.zeros((0, n_labels), np.float32), line.place)
    found = _checked(encoder, name, n_labels, cleaned, next(outputs))
    if isinstance(found, Encoded) and pixels.looks_turned(line.pixels):
        return replace(found, log_probs=_doubted(found.log_probs))
    return found


def _doubted(log_probs: LogProbs) -> LogProbs:
    """Half of each frame's probability shared out evenly: the network would be sure of strokes that it sees lying."""
    return np.asarray(np.logaddexp(log_probs, -np.log(log_probs.shape[1])) - np.log(2.0), np.float32)


def _checked(encoder: Encoder, name: str, n_labels: int, line: Line, output: object) -> Encoded | Failed:
    def checked() -> Encoded:
        try:
            log_probs = ctc.check(output, n_labels)  # type: ignore[arg-type]  # which tells what it is
        except Exception as error:  # an array of anything may raise anything
            raise PluginError(f"gave unusable log_probs: {reason(error)}") from error
        edges = frame_edges(encoder, line)
        if edges is not None and len(edges) != len(log_probs) + 1:
            raise PluginError(f"gave {len(log_probs)} frames, and {len(edges)} edges of them, which should be one more")
        if edges is None:
            return Encoded(line.id, log_probs, line.place)
        return Encoded(line.id, log_probs, line.place, edges_on_page(edges, line), _ink(line, edges))

    return output if isinstance(output, Failed) else guarded(line.id, "encoder", name, checked)


def _ink(line: Line, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """(frames,) pixels of ink on each frame."""
    until = np.append(0, dark(line.pixels).sum(axis=0, dtype=np.int64).cumsum())
    return np.diff(np.interp(edges, np.arange(len(until)), until))
