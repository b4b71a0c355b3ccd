"""The lines of an index in memory, and how probable a pattern is on each of them."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, InputError
from htrkit.decoders import compile_kernel
from htrkit_search import kernel, summary
from htrkit_search.automata import EDIT
from htrkit_search.patterns import Pattern, letters_of
from htrkit_search.posteriors import FLOOR, LEAST, NARROW, PROBABILITIES

AT_ONCE = 384
"""Lines that are looked at before those looked for are counted again."""
FEWEST = 64
"""Lines that are worth a thread."""
COLUMNS = 512
"""Labels whose highest probabilities are kept apart; of larger alphabets, some share them."""
TINY = 1e-300
SLACK = 2.0
"""How many times more probable, all alignments together, a word is at most than its letters' best frames make it."""


@cache
def _compiled(function: Any, *needs: Any) -> Any:
    return compile_kernel(function, needs)


class Lines:
    """What the network gave for the lines of an index.

    Parameters
    ----------
    outputs
        As `htrkit_search.posteriors.packed` made them.
    alphabet
        Of the network.

    Raises
    ------
    InputError
        If one is damaged.
    """

    def __init__(self, outputs: Iterable[bytes], alphabet: Alphabet) -> None:
        labels = alphabet.n_labels
        data, begins = bytearray(), array("q", [0])
        for one in outputs:
            data += one
            begins.append(len(data))
        self._data = np.frombuffer(data or b"\0", np.uint8)
        self._begins = np.array(begins, np.int64)
        self._width = 1 if labels <= NARROW else 2
        frames = np.zeros(len(self), np.int64)
        damaged = _compiled(summary.survey)(self._data, self._begins, self._width, labels, frames)
        if damaged >= 0:
            raise InputError(f"line {damaged + 1} is damaged")
        self._stretches = np.append(0, np.cumsum(-(-frames // summary.STRETCH)))
        columns = min(labels, COLUMNS)
        self._highest = np.zeros((self._stretches[-1], columns), np.uint8)
        self._peaks = np.zeros((len(self), columns), np.uint8)
        run = _compiled(summary.summarise)

        def summarise(part: slice) -> None:
            begins, stretches = (each[part.start : part.stop + 1] for each in (self._begins, self._stretches))
            run(self._data, begins, self._width, stretches, self._highest, self._peaks[part])

        _in_parts(summarise, len(self), 0)
        for label, text in enumerate(alphabet.labels, start=1):
            if (letters := letters_of(text)) > 1:
                for each in (self._highest, self._peaks):
                    each[:, label % columns] = _root(letters)[each[:, label % columns]]

    def __len__(self) -> int:
        return len(self._begins) - 1

    def bound(self, pattern: Pattern, least: float, *, threads: int = 0) -> NDArray[np.float64]:
        """(lines,) natural logarithms: about how probable a pattern is at most; minus infinity if less than ``least``.

        Parameters
        ----------
        least
            A natural logarithm.
        """
        labels = [np.unique(each % self._peaks.shape[1]) for each in pattern.letters]
        sizes = np.array([max(1, len(each)) for each in pattern.letters])
        table = np.log(PROBABILITIES) + np.log(sizes)[:, None]
        table[:, 0] = np.log(FLOOR * sizes)
        how = (
            np.concatenate(labels).astype(np.int64),
            np.cumsum([0, *map(len, labels)], dtype=np.int64),
            table,
            np.array(pattern.far, np.uint8),
            np.log(EDIT),
            pattern.tolerance,
            least,
        )
        best = np.zeros(len(self))
        run = _compiled(summary.bounds, summary.alone)

        def look(part: slice) -> None:
            run(self._highest, self._peaks[part], self._stretches[part.start : part.stop + 1], *how, best[part])

        _in_parts(look, len(self), threads)
        return best

    def expected(
        self, pattern: Pattern, lines: NDArray[np.int64], *, locate: bool = False, threads: int = 0
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How many times a pattern is expected on some lines; to ``locate`` it, also the frames where it may stand.

        Returns
        -------
        tuple
            (lines,) and (lines, 2), half-open.
        """
        totals, places = np.zeros(len(lines)), np.zeros((len(lines), 2), np.int64)
        run = _compiled(kernel.expected_on_lines, kernel.expected)
        outputs = (self._data, self._begins, self._width, PROBABILITIES, FLOOR)

        def score(part: slice) -> None:
            run(*outputs, pattern.automaton, lines[part], locate, totals[part], places[part])

        _in_parts(score, len(lines), threads)
        return totals, places

    def best(
        self, pattern: Pattern, most: int, least: float, *, threads: int = 0
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The lines on which a pattern is most probable, best first, and how many times it is expected there.

        Lines whose bound is below what is asked for are not looked at.

        Parameters
        ----------
        most
            How many lines at most.
        least
            How probable it must be at least.
        """
        bound = self.bound(pattern, np.log(max(least, TINY) / SLACK), threads=threads) + np.log(SLACK)
        candidates = np.flatnonzero(bound >= np.log(max(least, TINY)))
        candidates = candidates[np.argsort(-bound[candidates], kind="stable")]
        lines, totals = candidates[:0], np.zeros(0)
        begin, size = 0, max(AT_ONCE, most)
        while begin < len(candidates):
            if len(totals) == most and bound[candidates[begin]] < np.log(max(totals[-1], TINY)):
                break
            portion = candidates[begin : begin + size]
            lines = np.concatenate([lines, portion])
            totals = np.concatenate([totals, self.expected(pattern, portion, threads=threads)[0]])
            order = np.lexsort((lines, -totals))[:most]
            order = order[totals[order] >= least]
            lines, totals = lines[order], totals[order]
            begin += size
        return lines, totals


@cache
def _root(letters: int) -> NDArray[np.uint8]:
    """(256,) of the bytes of probabilities, those of the shares that each of some letters of one label has in them."""
    lost = np.log(PROBABILITIES) / np.log(LEAST)
    lost[0] = np.log(FLOOR) / np.log(LEAST)
    root: NDArray[np.uint8] = np.ceil(255.0 * (1.0 - lost / letters)).astype(np.uint8)
    return root


def _in_parts(run: Callable[[slice], None], count: int, threads: int) -> None:
    """Run something on so many things, some in each thread; 0 threads: one a core."""
    workers = threads or os.cpu_count() or 1
    size = max(FEWEST, -(-count // workers))
    parts = [slice(begin, min(count, begin + size)) for begin in range(0, count, size)]
    if len(parts) > 1:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, parts))
    elif parts:
        run(parts[0])
