"""An index in memory: open it, search it, get hits."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit import InputError, UsageError
from htrkit_search.hits import Found, Hit
from htrkit_search.matching import Lines
from htrkit_search.patterns import Folding, Pattern, pattern, terms_of
from htrkit_search.rows import LONGEST, Row
from htrkit_search.store import Store, original

LEAST = 0.25
"""The confidence of hits that are worth showing."""
ANCHORS = 1_000
"""Lines on which the longest of several words is most probable, near which the others are looked for."""
MOST = 100_000
"""Hits that can be asked for."""
UNPACKED = 100
"""Bytes of lines for each byte of the file at most."""
_DETAILS = """
SELECT lines.rowid, lines.name, id, pages.name, source, pages.number, text, outline, corners, frames
FROM lines JOIN pages USING (page) WHERE list_sum([strlen(lines.name), strlen(id), strlen(pages.name), strlen(source),
    strlen(text), len(outline), len(corners), len(frames)]) < ? AND lines.rowid IN
"""


class Index:
    """A searchable index of handwriting, as ``htrkit index`` writes it. Use it in a ``with`` block, or close it.

    While it is open, other programs can search the file, but not add to it.

    Parameters
    ----------
    path
        The file, or the folder that it lies in.

    Raises
    ------
    InputError
        If there is no such file, it is damaged or no index, or another program is writing to it.
    """

    def __init__(self, path: str | Path) -> None:
        self._store = Store(Path(path))

    @classmethod
    def open(cls, path: str | Path) -> Index:
        """An index on disk; what `search` needs of it is read with the first query."""
        return cls(path)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other programs write to the file."""
        self._store.close()

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        least: float = LEAST,
        tolerance: int = 0,
        within: int = 1,
        case: bool = False,
        accents: bool = False,
        threads: int = 0,
    ) -> list[Hit]:
        """The lines on which a query most probably stands, best first.

        Parameters
        ----------
        query
            A word, or several that stand near each other; several in double quotes follow each other. ``?`` stands for
            any one letter, ``*`` for any number of them.
        limit
            Hits at most.
        least
            The confidence that a hit must have, 0 to 1.
        tolerance
            How many letters of each word may be others, missing or too many: 0 to 2.
        within
            How many lines above or below the longest word the others may stand, on the same page.
        case, accents
            Whether capitals, and accents, must be as in the query.
        threads
            CPU threads, 0 for one a core.

        Raises
        ------
        UsageError
            If the query or an option makes no sense.
        InputError
            If the index is damaged.
        """
        if not 1 <= limit <= MOST or not 0.0 <= least <= 1.0 or within < 0:
            raise UsageError(
                f"a limit is 1 to {MOST:,}, the least confidence 0 to 1, and a distance in lines no less than 0"
            )
        folding = Folding(case=case, accents=accents)
        alphabet = self._store.alphabet
        patterns = [pattern(term, alphabet, folding, tolerance=tolerance) for term in terms_of(query)]
        letters = sum(map(_weight, patterns))
        anchor = max(patterns, key=_weight)
        most = limit if len(patterns) == 1 else max(ANCHORS, 10 * limit)
        lines, totals = self._lines.best(anchor, most, least**letters, threads=threads)
        probability = np.minimum(totals, 1.0)
        places = []
        for each in patterns:
            where, chance = (lines, probability) if each is anchor else self._near(each, lines, within, threads)
            places.append((where, chance))
        together = np.prod([chance for _, chance in places], axis=0)
        order = np.lexsort((lines, -together))[:limit]
        order = order[together[order] >= max(least**letters, 5e-324)]
        return self._hits(patterns, letters, together[order], lines[order], [(w[order], c[order]) for w, c in places])

    def _near(
        self, each: Pattern, lines: NDArray[np.int64], within: int, threads: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The line, of those on the same page and so near, on which a pattern is most probable; and how probable."""
        within = min(within, self._longest)
        shifts = np.array(sorted(range(-within, within + 1), key=abs))
        around = lines[:, None] + shifts
        inside = (around >= 0) & (around < len(self))
        around = np.where(inside, around, lines[:, None])
        inside &= self._pages[around] == self._pages[lines][:, None]
        around = np.where(inside, around, lines[:, None])
        asked, place = np.unique(around, return_inverse=True)
        chances = np.minimum(self._lines.expected(each, asked, threads=threads)[0], 1.0)[place.reshape(around.shape)]
        best = chances.argmax(axis=1)[:, None]
        return np.take_along_axis(around, best, 1)[:, 0], np.take_along_axis(chances, best, 1)[:, 0]

    def _hits(
        self,
        patterns: Sequence[Pattern],
        letters: int,
        together: NDArray[np.float64],
        lines: NDArray[np.int64],
        places: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
    ) -> list[Hit]:
        rows = self._details(np.unique(np.concatenate([lines, *(where for where, _ in places)])))
        words: list[list[Found]] = [[] for _ in lines]
        for each, (where, chances) in zip(patterns, places, strict=True):
            _, spans = self._lines.expected(each, where, locate=True)
            for word, line, chance, span in zip(words, where.tolist(), chances.tolist(), spans.tolist(), strict=True):
                row, size = rows[line], _weight(each)
                word.append(Found(each.term, row.name, chance, chance ** (1.0 / size), row.box(span[0], span[1], size)))
        return [
            Hit(
                rows[line].name,
                rows[line].id,
                rows[line].page,
                original(rows[line].source) if "://" in rows[line].source else self._store.path_of(rows[line].source),
                rows[line].number,
                rows[line].text,
                probability,
                probability ** (1.0 / letters),
                rows[line].outline,
                tuple(word),
            )
            for line, probability, word in zip(lines.tolist(), together.tolist(), words, strict=True)
        ]

    @cached_property
    def _loaded(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Lines]:
        numbers, pages = array("q"), array("q")
        left = UNPACKED * self._store.path.stat().st_size

        def outputs() -> Iterator[bytes]:
            nonlocal left
            # pages are written one after the other, and their lines in order
            for row, page, found in self._store.lines("rowid, page, outputs"):
                numbers.append(row)
                pages.append(page)
                left -= len(found)
                if left < 0:
                    raise ValueError(f"its lines are more than {UNPACKED} times as large as the file")
                yield found

        try:
            lines = Lines(outputs(), self._store.alphabet)
        except (TypeError, ValueError, OverflowError, InputError) as error:
            raise InputError(f"{self._store.path} is damaged: {error}") from error
        return np.array(numbers, np.int64), np.array(pages, np.int64), lines

    @property
    def _pages(self) -> NDArray[np.int64]:
        return self._loaded[1]

    @cached_property
    def _longest(self) -> int:
        """Lines of the longest page."""
        return int(np.unique(self._pages, return_counts=True)[1].max(initial=0))

    @property
    def _lines(self) -> Lines:
        return self._loaded[2]

    def _details(self, lines: NDArray[np.int64]) -> dict[int, Row]:
        """What is known of lines, by number."""
        if not len(lines):
            return {}
        number_of = {int(self._loaded[0][line]): line for line in lines.tolist()}
        marks = ", ".join(map(str, number_of))
        rows = self._store.rows(f"{_DETAILS} ({marks}) LIMIT {len(number_of)}", [LONGEST])
        found = {number_of[row[0]]: Row.of(*row[1:]) for row in rows}
        if len(found) < len(number_of):
            raise InputError(f"{self._store.path} is damaged: lines have no page, or are too long")
        return found


def _weight(each: Pattern) -> int:
    return max(1, len(each.letters))
