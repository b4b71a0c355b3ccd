"""What one comparison is: decoders on one network's outputs, with their differences and what can be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from htrkit.evaluation.contest import sentences as said
from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.contest.pairs import Pair
from htrkit.evaluation.contest.plain import entry_json, pair_json
from htrkit.evaluation.figures.evaluation import Speed
from htrkit.evaluation.figures.frames import frame
from htrkit.evaluation.figures.intervals import LINE, Resampling
from htrkit.evaluation.figures.rules import TextRules

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A decoder that could not take part, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """One decoder with several values of one option.

    Attributes
    ----------
    option, label
        What is varied, and the decoder without it.
    points
        (value, how it did) in the order given.
    """

    option: str
    label: str
    points: tuple[tuple[object, Entry], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Decoders compared on the same network outputs.

    Attributes
    ----------
    model, alphabet, preprocess, data, date
        What was read, with what and when; the alphabet is the network's characters in label order.
    n, characters, words, units
        Lines, what stands on them, and how many lines or groups the intervals resample.
    rules, resampling, n_best
        How texts were compared, intervals drawn, and how many hypotheses were asked for.
    entries
        The decoders that took part, in the order given.
    left_out
        Those that could not.
    pairs
        Every two of them.
    sweeps
        Curves over an option.
    encoder
        The speed of the network, over the lines that were not in the cache.
    positions, keys
        Of the lines: which of the data they are, and where their network outputs are in the cache.
    notes
        What to keep in mind.
    """

    model: str
    alphabet: str
    preprocess: tuple[str, ...]
    data: tuple[str, ...]
    date: date
    n: int
    characters: int
    words: int
    units: int
    rules: TextRules
    resampling: Resampling
    n_best: int
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    pairs: tuple[Pair, ...]
    sweeps: tuple[Sweep, ...]
    encoder: Speed
    positions: tuple[int, ...]
    keys: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every decoder took part and no line failed, neither before the decoders nor in one of them."""
        return not self.left_out and all(self.keys) and not any(entry.failed for entry in self.entries)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What can be said of the decoders, one sentence each."""
        groups = "" if self.resampling.by == LINE else self.resampling.drawn(self.units)
        return said.sentences(self.entries, self.pairs, groups)

    @property
    def ranked(self) -> tuple[Entry, ...]:
        """The decoders, the lowest character error rate first."""
        return tuple(sorted(self.entries, key=lambda entry: entry.evaluation.cer.value))

    def entry(self, label: str) -> Entry:
        """The decoder under a label."""
        return next(entry for entry in self.entries if entry.label == label)

    def to_frame(self) -> pandas.DataFrame:
        """One row a decoder, with what the JSON says of it; needs pandas."""
        return frame(map(entry_json, self.entries))

    def pairs_to_frame(self) -> pandas.DataFrame:
        """One row a pair, with what the JSON says of it; needs pandas."""
        return frame(map(pair_json, self.pairs))

    def lines_to_frame(self) -> pandas.DataFrame:
        """One row a line, with every decoder's text and character errors; needs pandas."""

        def row(i: int) -> dict[str, Any]:
            line = self.entries[0].evaluation.readings[i]
            texts = {entry.label: entry.evaluation.readings[i].text for entry in self.entries}
            errors = {f"{e.label} errors": e.evaluation.errors[i].character_errors for e in self.entries}
            return {"id": line.id, **line.groups, "truth": line.truth, **texts, **errors}

        return frame(row(i) for i in range(self.n))
