"""Bootstrap: how far figures measured on these lines may be from the truth about all lines of their kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError

LEVEL = 0.95
RESAMPLES = 10_000
ALIKE = ("writer", "page", "form")
"""Groups whose lines resemble each other, the closest first."""
LINE = "line"
FEW_UNITS = 20
# A few dozen megabytes of weights at a time.
WEIGHTS_AT_ONCE = 4_000_000

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval; no interval where there is only one unit to resample.

    Attributes
    ----------
    value, low, high
        Fractions.
    """

    value: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.2%}"
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"

    def __neg__(self) -> Figure:
        low, high = (None if end is None else 0.0 - end for end in (self.high, self.low))
        return Figure(0.0 - self.value, low, high)

    def points(self, sign: Literal["", "+"] = "") -> str:
        """In percentage points, ``3.10 (2.68 to 3.52)``; with ``+``, also what is positive has its sign."""
        value, *ends = (f"{100 * one:{sign}.2f}" for one in (self.value, self.low, self.high) if one is not None)
        return f"{value} ({' to '.join(ends)})" if ends else value


@dataclass(frozen=True, slots=True)
class Resampling:
    """How a bootstrap draws.

    Parameters
    ----------
    resamples
        How many times.
    seed
        Of numpy's PCG64 generator; the same seed draws the same units on every machine.
    by
        The group that is drawn as a whole, because lines of one hand are not independent; ``line`` draws single lines.
        None draws by the first of writer, page and form that every line has, if there are two of them, else lines.
    """

    resamples: int = RESAMPLES
    seed: int = 0
    by: str | None = None

    def settled(self, groups: Sequence[Mapping[str, str]]) -> Resampling:
        """The same with ``by`` chosen for lines of these groups, where nothing was asked for."""
        if self.by is not None:
            return self
        values = {name: {one.get(name) for one in groups} for name in ALIKE}
        fit = [name for name, found in values.items() if len(found) > 1 and all(found)]
        return replace(self, by=fit[0] if fit else LINE)

    def units(self, groups: Sequence[Mapping[str, str]]) -> list[str] | None:
        """The group of each line that is drawn as a whole, or None where single lines are.

        Raises
        ------
        UsageError
            If not every line has the group.
        """
        by = self.by
        if by is None or by == LINE:
            return None
        without = sum(by not in one for one in groups)
        if without:
            known = sorted(set().union(*groups))
            has = f"the data has {', '.join(known)}" if known else "the data has no further columns"
            raise UsageError(f"{without} of {len(groups)} lines have no {by!r} to resample by; {has}")
        return [one[by] for one in groups]

    def drawn(self, units: int) -> str:
        """What is drawn, in words: ``56 groups by writer``, ``single lines``."""
        return "single lines" if self.by in (None, LINE) else f"{units} groups by {self.by}"

    def caveats(self, units: int) -> list[str]:
        """What to keep in mind with intervals from so few units."""
        what = "lines" if self.by in (None, LINE) else f"groups by {self.by}"
        if units < 2:
            return [f"no intervals: they need at least two {what}, there is one"]
        return [f"only {units} {what}: the intervals are rough"] if units < FEW_UNITS else []


def totals_by_unit(table: NDArray[np.int64], groups: Sequence[str] | None) -> NDArray[np.int64]:
    """Sum the rows of each group of a table (lines, columns); each line is a unit of its own without ``groups``.

    Gives (units, columns), groups in order of their names.
    """
    if groups is None:
        return table
    names, unit = np.unique(np.asarray(groups), return_inverse=True)
    totals = np.zeros((len(names), table.shape[1]), np.int64)
    np.add.at(totals, unit, table)
    return totals


def resampled_sums(totals: NDArray[np.int64], resampling: Resampling) -> NDArray[np.float64]:
    """Column sums over units drawn with replacement, as many as there are.

    Figures that come from columns of one table are resampled together, so that their differences are paired.

    Parameters
    ----------
    totals
        (units, columns) counts.

    Returns
    -------
    NDArray[np.float64]
        (resamples, columns); whole numbers, hence the same to the last digit in whatever order they were summed.
    """
    units = len(totals)
    generator = np.random.default_rng(resampling.seed)
    at_once = max(1, WEIGHTS_AT_ONCE // max(1, units))
    sums = np.empty((resampling.resamples, totals.shape[1]))
    for start in range(0, resampling.resamples, at_once):
        rows = min(at_once, resampling.resamples - start)
        drawn = generator.integers(0, units, (rows, units)) + units * np.arange(rows)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=rows * units).reshape(rows, units)
        sums[start : start + rows] = weights.astype(np.float64) @ totals
    return sums


def figure(value: float, resampled: NDArray[np.float64], units: int) -> Figure:
    """A value with the percentile interval of its resampled values, expanded for few units (`tail`)."""
    if units < 2:
        return Figure(value, None, None)
    share = tail(1 - LEVEL, units)
    low, high = np.quantile(resampled, [share, 1 - share])
    return Figure(value, float(low), float(high))


def tail(alpha: float, units: int) -> float:
    """The share of the resampled values to leave out on either side for an interval of level 1 - alpha.

    Percentile intervals are too narrow by about sqrt((n - 1) / n) and by the difference between normal and t
    quantiles; this is the expanded percentile interval of T. Hesterberg, "What Teachers Should Know About the
    Bootstrap", The American Statistician 69 (2015), section 3.4. With hundreds of units it is alpha / 2.
    """
    return _NORMAL.cdf(math.sqrt(units / (units - 1)) * _t_quantile(alpha / 2, units - 1))


def p_value(differences: NDArray[np.float64], units: int) -> float:
    """Two-sided p-value of "there is no difference": the smallest alpha whose interval leaves 0 out.

    Takes (resamples,) paired differences, and how many units were resampled.
    """
    if units < 2:
        return 1.0
    below, above = int(np.sum(differences <= 0)), int(np.sum(differences >= 0))
    # adding one keeps a finite number of resamples from claiming certainty
    share = (min(below, above) + 1) / (len(differences) + 1)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle, units) < share else (low, middle)
    return high


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Holm's adjustment: who compares many pairs finds a difference somewhere by chance."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    result = [1.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        result[i] = largest
    return result


def _t_quantile(p: float, degrees: int) -> float:
    """Student's t quantile by its expansion around the normal one (Abramowitz and Stegun, 26.7.5)."""
    z = _NORMAL.inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    for power, term in enumerate(terms, start=1):
        z += term / degrees**power
    return z
