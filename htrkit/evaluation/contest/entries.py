"""How decoders did on the same lines, scored with one set of resamples, so that their differences are paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.contest.decode_all import AllDecoded
from htrkit.evaluation.encoded.cached_encoder import EncodedLines
from htrkit.evaluation.figures.evaluation import Evaluation, Reading
from htrkit.evaluation.figures.intervals import Figure, Resampling, resampled_sums, totals_by_unit
from htrkit.evaluation.figures.metrics import LineErrors, line_errors
from htrkit.evaluation.figures.rules import TextRules
from htrkit.evaluation.figures.score import COLUMNS, counted, described, rate, table
from htrkit.types import Hypothesis

Line = tuple[Hypothesis, ...] | str
"""Hypotheses, best first, or why there are none; no reason if the decoder was not given the line."""

# after the columns of a decoder's own errors come its oracle's
ORACLE_CHARACTERS, ORACLE_WORDS = len(COLUMNS), len(COLUMNS) + 1
WIDTH = len(COLUMNS) + 2


@dataclass(frozen=True, slots=True)
class Entry:
    """How one decoder did.

    Attributes
    ----------
    contender, origin
        The decoder, and the package that it comes from.
    evaluation
        Its figures and its reading of every line; a line on which it failed counts as read empty.
    oracle_cer, oracle_wer
        Error rates if somebody picked the best hypothesis of each line's n-best list.
    hypotheses
        Mean length of these lists.
    seconds_per_line
        On one thread, without loading and compiling; None if nothing could be timed.
    failed
        (id, reason) of the lines on which it failed.
    totals, sums
        What its rates were resampled from: (units, ``WIDTH``) counts; (resamples, ``WIDTH``) of the same columns, for
        all decoders from the same draws.
    """

    contender: Contender
    origin: str
    evaluation: Evaluation
    oracle_cer: Figure
    oracle_wer: Figure
    hypotheses: float
    seconds_per_line: float | None
    failed: tuple[tuple[str, str], ...]
    totals: NDArray[np.int64] = field(repr=False, compare=False)
    sums: NDArray[np.float64] = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """The decoder's name and options."""
        return self.contender.label


class Scorer:
    """The lines that count, and how they are scored.

    Raises InputError if no line has text that counts; UsageError if ``resampling.by`` is a group that not every line
    has.
    """

    def __init__(self, encoded: EncodedLines, rules: TextRules, resampling: Resampling) -> None:
        self.rules = rules
        self._given = [bool(line.key) for line in encoded.lines]
        self.lines = counted(
            [Reading(line.id, line.text, "", None, line.groups) for line in encoded.lines], rules, resampling
        )

    def score(self, decoded: Sequence[tuple[Contender, AllDecoded]]) -> dict[str, Entry]:
        """What each decoder read, scored; by its label."""
        lines = [self._kept(found) for _, found in decoded]
        errors = [self._errors(one) for one in lines]
        if not errors:
            return {}
        columns = np.hstack([self._columns(own, one) for own, one in zip(errors, lines, strict=True)])
        totals = totals_by_unit(columns, self.lines.units)
        sums = resampled_sums(totals, self.lines.resampling)
        entries = {}
        for k, (contender, found) in enumerate(decoded):
            own = slice(k * WIDTH, (k + 1) * WIDTH)
            entries[contender.label] = self._entry(contender, found, errors[k], totals[:, own], sums[:, own])
        return entries

    def errors(self, found: AllDecoded) -> list[LineErrors]:
        """The errors of a decoder's best hypothesis on each line that counts; of no hypothesis, all of it."""
        return self._errors(self._kept(found))

    def _kept(self, found: AllDecoded) -> list[Line]:
        decoded = iter(found.lines)
        every = [next(decoded) if given else "" for given in self._given]
        return [every[i] for i in self.lines.positions]

    def _errors(self, lines: Sequence[Line]) -> list[LineErrors]:
        return [
            line_errors(known.truth, "" if isinstance(line, str) else line[0].text, self.rules)
            for known, line in zip(self.lines.readings, lines, strict=True)
        ]

    def _columns(self, errors: Sequence[LineErrors], lines: Sequence[Line]) -> NDArray[np.int64]:
        oracle = []
        for known, best, line in zip(self.lines.readings, errors, lines, strict=True):
            others = () if isinstance(line, str) or best.exact else line[1:]
            every = [best, *(line_errors(known.truth, one.text, self.rules) for one in others)]
            oracle.append([min(e.character_errors for e in every), min(e.word_errors for e in every)])
        return np.hstack([table(errors), np.array(oracle, np.int64)])

    def _entry(
        self,
        contender: Contender,
        found: AllDecoded,
        errors: Sequence[LineErrors],
        totals: NDArray[np.int64],
        sums: NDArray[np.float64],
    ) -> Entry:
        lines = self._kept(found)
        readings = []
        for known, line in zip(self.lines.readings, lines, strict=True):
            text, confidence = ("", 0.0) if isinstance(line, str) else (line[0].text, line[0].confidence)
            readings.append(Reading(known.id, known.truth, text, confidence, known.groups))
        return Entry(
            contender=contender,
            origin=contender.origin,
            evaluation=described(readings, errors, totals, sums, self.rules, self.lines.resampling),
            oracle_cer=rate(totals, sums, ORACLE_CHARACTERS, COLUMNS.index("characters")),
            oracle_wer=rate(totals, sums, ORACLE_WORDS, COLUMNS.index("words")),
            hypotheses=float(np.mean([0 if isinstance(line, str) else len(line) for line in lines])),
            seconds_per_line=found.seconds_per_line,
            failed=tuple(
                (r.id, line) for r, line in zip(readings, lines, strict=True) if line and isinstance(line, str)
            ),
            totals=totals,
            sums=sums,
        )
