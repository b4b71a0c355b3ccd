"""What several decoders read on the same lines, scored with one set of resamples, so that differences are paired."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from htrkit.evaluation.comparison import Entry
from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.decode_all import AllDecoded
from htrkit.evaluation.figures import COLUMNS, Reading, caveats, described, table, unit_names, with_text
from htrkit.evaluation.intervals import Figure, Resampling, figure, resampled_sums, totals_by_unit
from htrkit.evaluation.metrics import LineErrors, line_errors
from htrkit.evaluation.outputs import Encoded
from htrkit.evaluation.rules import TextRules
from htrkit.types import Hypothesis

Counts = NDArray[np.int64]
Sums = NDArray[np.float64]

# after the columns of a decoder's own errors come its oracle's
ORACLE_CHARACTERS, ORACLE_WORDS = len(COLUMNS), len(COLUMNS) + 1
WIDTH = len(COLUMNS) + 2


class Scoring:
    """The lines that count, and how they are scored.

    Parameters
    ----------
    encoded
        All lines.
    rules, resampling
        How texts are compared, and intervals drawn.

    Raises
    ------
    InputError
        If no line has text that counts.
    UsageError
        If ``resampling.by`` is a group that not every line has.
    """

    def __init__(self, encoded: Encoded, rules: TextRules, resampling: Resampling) -> None:
        self.rules, self.resampling = rules, resampling
        lines = [Reading(line.id, line.text, "", None, line.groups) for line in encoded.lines]
        self.readings, notes = with_text(lines, rules)
        self.kept = [i for i, line in enumerate(encoded.lines) if rules.words(line.text)]
        self.groups = unit_names([reading.groups for reading in self.readings], resampling.by)
        units = len(self.readings) if self.groups is None else len(set(self.groups))
        self.notes = [*notes, *caveats(len(self.readings), units, resampling.by)]

    def entries(
        self, decoded: Sequence[tuple[Contender, AllDecoded]]
    ) -> tuple[dict[str, Entry], dict[str, Counts], dict[str, Sums]]:
        """The entry of each decoder by its label, and its counts by unit and resampled, for paired differences."""
        lines = [[found.lines[i] for i in self.kept] for _, found in decoded]
        errors = [[self.errors(i, line) for i, line in enumerate(one)] for one in lines]
        columns = [self._columns(own, one) for own, one in zip(errors, lines, strict=True)]
        if not columns:
            return {}, {}, {}
        totals = totals_by_unit(np.hstack(columns), self.groups)
        sums = resampled_sums(totals, self.resampling)
        entries, all_totals, all_sums = {}, {}, {}
        for k, (contender, found) in enumerate(decoded):
            own = slice(k * WIDTH, (k + 1) * WIDTH)
            label = contender.label
            all_totals[label], all_sums[label] = totals[:, own], sums[:, own]
            entries[label] = self._entry(contender, found, lines[k], errors[k], totals[:, own], sums[:, own])
        return entries, all_totals, all_sums

    def _entry(
        self,
        contender: Contender,
        found: AllDecoded,
        lines: Sequence[tuple[Hypothesis, ...] | str],
        errors: Sequence[LineErrors],
        totals: Counts,
        sums: Sums,
    ) -> Entry:
        readings = []
        for known, line in zip(self.readings, lines, strict=True):
            text, confidence = ("", None) if isinstance(line, str) else (line[0].text, line[0].confidence)
            readings.append(Reading(known.id, known.truth, text, confidence, known.groups))
        evaluation = described(readings, errors, totals, sums, self.rules, self.resampling)
        return Entry(
            contender=contender,
            origin=contender.origin,
            evaluation=evaluation,
            oracle_cer=_rate(totals, sums, ORACLE_CHARACTERS, COLUMNS.index("characters")),
            oracle_wer=_rate(totals, sums, ORACLE_WORDS, COLUMNS.index("words")),
            hypotheses=float(np.mean([0 if isinstance(line, str) else len(line) for line in lines])),
            seconds_per_line=found.seconds_per_line,
            failed=tuple((r.id, line) for r, line in zip(readings, lines, strict=True) if isinstance(line, str)),
        )

    def errors(self, i: int, line: tuple[Hypothesis, ...] | str) -> LineErrors:
        """The errors of a decoder's best hypothesis on the ``i``-th line that counts; of no hypothesis, all of it."""
        return line_errors(self.readings[i].truth, "" if isinstance(line, str) else line[0].text, self.rules)

    def _columns(self, errors: Sequence[LineErrors], lines: Sequence[tuple[Hypothesis, ...] | str]) -> Counts:
        oracle = []
        for i, (best, line) in enumerate(zip(errors, lines, strict=True)):
            others = () if isinstance(line, str) or best.exact else line[1:]
            every = [best, *(line_errors(self.readings[i].truth, one.text, self.rules) for one in others)]
            oracle.append([min(e.character_errors for e in every), min(e.word_errors for e in every)])
        return np.hstack([table(errors), np.array(oracle, np.int64)])


def _rate(totals: Counts, sums: Sums, over: int, under: int) -> Figure:
    whole = totals.sum(axis=0)
    return figure(float(whole[over] / whole[under]), sums[:, over] / sums[:, under], len(totals))
