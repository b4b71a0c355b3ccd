"""Runs the beam kernel over lines, interpreted or compiled, and turns its beams into hypotheses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders import lines_kernel
from htrkit.decoders.beams import Ending, Endings, Work
from htrkit.decoders.compiled import Kernels, kernels_for
from htrkit.decoders.grammar import Grammar
from htrkit.decoders.hypotheses import Block, checked_n_best, describe_block
from htrkit.decoders.kernel import MANY
from htrkit.decoders.languages import Language
from htrkit.errors import UsageError
from htrkit.threads import cpu_threads
from htrkit.types import Hypothesis, LogProbs

LINES, ENDINGS = 64, 2_000
"""What one thread takes at a time, at most: so many lines, fewer with wide beams."""
CELLS = 4_000_000
"""Probabilities that one thread holds at a time, unless a line has more: alphabets of 18,000 characters exist."""

Labels = NDArray[np.int64]

WIDEST = 100_000
"""Beams that can be asked for: there are arrays with room for all of them."""


class BeamSearch:
    """What every decoder on the beam kernel does: check, search, rank, describe.

    Grammar and language say which texts are allowed, and how probable they are before anything was seen; for width and
    thresholds see `htrkit.decoders.kernel.search`. ``unknown`` labels, which the language hardly allows, are left out
    where they are less probable than ``unknown_threshold``, if there are many: there may be 18,000. Raises UsageError
    if one of these makes no sense.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        grammar: Grammar,
        language: Language,
        *,
        beam_width: int,
        label_threshold: float = 0.0,
        beam_threshold: float = 0.0,
        unknown: Labels | None = None,
        unknown_threshold: float = 0.0,
    ) -> None:
        if beam_width < 1:
            raise UsageError(f"beam_width is {beam_width}, but at least 1 hypothesis must be kept: give 1 or more")
        if beam_width > WIDEST:
            raise UsageError(f"beam_width is {beam_width}, more than there is room for: give {WIDEST:,} or less")
        for name, value in (("label_threshold", label_threshold), ("beam_threshold", beam_threshold)):
            if not 0 <= value < 1:
                raise UsageError(f"{name} is {value}, but it is a probability below 1: give 0 to keep everything")
        self.alphabet = alphabet
        self.beam_width = beam_width
        self._thresholds = float(label_threshold), float(beam_threshold)
        self._unknown, self._unknown_threshold = unknown, unknown_threshold
        self._arrays = _typed(grammar), _typed(language)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """The best texts of one line's (frames, labels), best first, at most ``n_best`` and at most ``beam_width``."""
        return self.decode_batch([log_probs], n_best=n_best)[0]

    def decode_batch(
        self, log_probs: Sequence[LogProbs], *, n_best: int = 1, threads: int = 1
    ) -> list[list[Hypothesis]]:
        """`decode` of several lines; the same results for any number of ``threads`` (0: one a core)."""
        checked_n_best(n_best)
        lines = [ctc.check(line, self.alphabet.n_labels) for line in log_probs]
        found: list[list[Hypothesis]] = []
        kernels = kernels_for(sum(map(len, lines)))
        while kernels is None and len(found) < len(lines):
            found += self._block([lines[len(found)]], n_best, None)
            kernels = kernels_for(0)  # which another process may have compiled meanwhile
        if kernels is None:
            return found
        threads, left = cpu_threads(threads), len(lines) - len(found)
        cells = self.alphabet.n_labels * max(map(len, lines), default=1)
        size = max(1, min(LINES, ENDINGS // self.beam_width, CELLS // max(1, cells), -(-left // threads)))
        blocks = [lines[begin : begin + size] for begin in range(len(found), len(lines), size)]
        workers = min(threads, len(blocks))
        read = partial(self._block, n_best=n_best, kernels=kernels)
        if workers <= 1:
            return found + list(chain.from_iterable(map(read, blocks)))
        with ThreadPoolExecutor(workers) as pool:
            return found + list(chain.from_iterable(pool.map(read, blocks)))

    def finish(self, endings: Iterator[Ending]) -> Iterable[tuple[Labels, float]]:
        """The texts and scores of a line's beams, which come best first. A decoder may drop or complete some."""
        return ((ending.labels, ending.score) for ending in endings)

    def _block(self, lines: Sequence[ctc.Floats], n_best: int, kernels: Kernels | None) -> list[list[Hypothesis]]:
        block = Block.of(lines)
        endings = self._search(block, kernels)
        found = [
            list(islice(self._distinct(self.finish(endings.of_line(line, self.beam_width))), n_best))
            for line in range(len(lines))
        ]
        return describe_block(self.alphabet, block, found, kernels)

    def _likely(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """(frames, labels), without what the language hardly allows and the network does not insist on."""
        if self._unknown is None or len(self._unknown) < MANY or not self._unknown_threshold:
            return probabilities
        of_unknown = probabilities[:, self._unknown]
        of_unknown[of_unknown < self._unknown_threshold] = 0.0
        likely = probabilities.copy()
        likely[:, self._unknown] = of_unknown
        return likely

    def _distinct(self, found: Iterable[tuple[Labels, float]]) -> Iterator[tuple[Labels, float]]:
        seen: set[str | bytes] = set()
        for labels, score in found:
            text = self.alphabet.decode(labels.tolist()) if self.alphabet.has_longer else labels.tobytes()
            if text not in seen:
                seen.add(text)
                yield labels, score

    def _search(self, block: Block, kernels: Kernels | None) -> Endings:
        longest = int(np.diff(block.edges).max())
        endings = Endings.room(len(block.lines), self.beam_width, longest)
        work = Work.room(self.beam_width, self.alphabet.n_labels, longest, compiled=kernels is not None)
        scalars = (self.alphabet.n_labels, self.beam_width, *self._thresholds)
        likely = self._likely(block.probabilities)
        flat: Any = likely.reshape(-1)
        tops = likely[:, 1:].max(axis=1, initial=0.0)
        if kernels is None:
            grammar, language = map(_viewed, self._arrays)
            lines_kernel.search_lines(
                flat.tolist(), tops.tolist(), block.edges.tolist(), *scalars, grammar, language, work, endings
            )
        else:
            kernels.search_lines(flat, tops, block.edges, *scalars, *self._arrays, work, endings)
        return endings


# Of every other array of a grammar or a language: int32.
_TYPES = dict.fromkeys(("is_word", "is_figure", "ending_is_word", "is_hot"), "u1")
_TYPES |= dict.fromkeys(("factors", "backoff_factors", "each_character"), "f8")
_TYPES |= dict.fromkeys(("cumulative", "bigram_cumulative", "spellings"), "i8")


def _typed(fields: Any) -> Any:
    """The same arrays, of the one type that the kernel is compiled for."""
    return _arrays_as(lambda name, array: np.require(array, _TYPES.get(name, "i4"), ["C", "A", "W"]), fields)


def _viewed(fields: Any) -> Any:
    """The same arrays for the interpreter, which reads a memoryview much faster than an array."""
    return _arrays_as(lambda name, array: array.data, fields)


def _arrays_as(kind: Callable[[str, NDArray[Any]], Any], fields: Any) -> Any:
    def changed(name: str, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return kind(name, value)
        return _arrays_as(kind, value) if hasattr(value, "_fields") else value

    return fields._replace(**{name: changed(name, value) for name, value in fields._asdict().items()})
