"""Holds an encoder to its contract, on drawn lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np

from htrkit import ctc
from htrkit.contracts import Encoder
from htrkit.places import frame_edges
from htrkit.stream import one_each
from htrkit.testing.contract import promised, require, unchanged
from htrkit.testing.drawn import odd_lines, plain_line
from htrkit.types import Line, LogProbs

TOLERANCE = 1e-3
"""How much a log-probability may depend on what else is in a batch."""


def check_encoder(factory: Callable[[], Encoder], *, n_labels: int) -> None:
    """Check an encoder against the contract of `htrkit.contracts.Encoder`.

    Parameters
    ----------
    factory
        Makes the encoder: ``lambda: MyEncoder(model, threads=1)``.
    n_labels
        Columns of its output: the characters of the model's alphabet and the blank.

    Raises
    ------
    NonconformityError
        At the first broken promise.
    """
    with promised("the factory"):
        encoder = factory()
    lines = [plain_line(), *(line for _, line in odd_lines()), plain_line()]
    with ExitStack() as unchanged_all:
        for line in lines:
            unchanged_all.enter_context(unchanged(line.pixels, "encode"))
        found = _encoded(encoder, lines, n_labels, "in one batch")
    require(len(found[0]) > 0, "a plain line gets no frames")
    for line, together in zip(lines, found, strict=True):
        where = f"on {line.id!r}"
        (alone,) = _encoded(encoder, [line], n_labels, where)
        require(_alike(alone, together), f"a line gets other log_probs alone than in a batch {where}")
        with promised("frame_edges", where):
            edges = frame_edges(encoder, line)
        if edges is not None:
            require(len(edges) == len(alone) + 1, f"{len(edges)} frame_edges stand between {len(alone)} frames {where}")
    backwards = _encoded(encoder, lines[::-1], n_labels, "in another order")[::-1]
    require(all(map(_alike, found, backwards)), "log_probs depend on the order of the lines")
    _encoded(encoder, [], n_labels, "for no lines")


def _encoded(encoder: Encoder, lines: Sequence[Line], n_labels: int, where: str) -> list[LogProbs]:
    with promised("encode", where):
        outputs = one_each(encoder.encode(lines), len(lines))
    for line, output in zip(lines, outputs, strict=True):
        with promised(f"the log_probs of {line.id!r}: their check"):
            ctc.check(output, n_labels)
        sums = np.logaddexp.reduce(output, axis=1)
        require(bool((np.abs(sums) <= TOLERANCE).all()), f"probabilities of a frame do not sum to one on {line.id!r}")
    return list(outputs)


def _alike(one: LogProbs, other: LogProbs) -> bool:
    return one.shape == other.shape and np.allclose(np.exp(one), np.exp(other), atol=TOLERANCE)
