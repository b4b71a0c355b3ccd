"""Intervals that hold what they promise, measured on data whose true error rate is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from htrkit.evaluation.figures import intervals
from htrkit.evaluation.figures.intervals import (
    Figure,
    Resampling,
    adjusted,
    figure,
    p_value,
    resampled_sums,
    totals_by_unit,
)

RATE = 0.08
QUICK = Resampling(resamples=600)


def lines(generator: np.random.Generator, count: int, rate: float | NDArray[np.float64] = RATE) -> NDArray[np.int64]:
    """(count, 2) errors and characters of lines of very different lengths."""
    lengths = generator.integers(3, 60, count)
    return np.stack([generator.binomial(lengths, rate), lengths], axis=1)


def rate_interval(table: NDArray[np.int64], resampling: Resampling = QUICK) -> Figure:
    sums = resampled_sums(table, resampling)
    value = float(table[:, 0].sum() / table[:, 1].sum())
    return figure(value, sums[:, 0] / sums[:, 1], len(table))


@pytest.mark.parametrize("count", [15, 200])
def test_95_of_100_intervals_hold_the_true_rate(count: int) -> None:
    generator = np.random.default_rng(1)
    trials = 400
    held = 0
    for seed in range(trials):
        found = rate_interval(lines(generator, count), Resampling(600, seed))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= RATE <= found.high
    # three standard deviations of a binomial at 0.95 are 3.3 %; skewed small samples may lose two more
    assert (0.90 if count < 50 else 0.917) <= held / trials <= 0.983


def test_writers_that_differ_need_intervals_by_writer() -> None:
    generator = np.random.default_rng(2)
    trials, writers, each = 300, 25, 12
    by_writer = by_line = 0
    for seed in range(trials):
        rates = generator.beta(2, 2 / RATE - 2, writers)
        table = lines(generator, writers * each, np.repeat(rates, each))
        groups = [f"w{i // each}" for i in range(len(table))]
        for found, grouped in (
            (rate_interval(totals_by_unit(table, groups), Resampling(600, seed)), True),
            (rate_interval(table, Resampling(600, seed)), False),
        ):
            assert found.low is not None
            assert found.high is not None
            holds = found.low <= RATE <= found.high
            by_writer += grouped and holds
            by_line += (not grouped) and holds
    assert by_writer / trials >= 0.89
    assert by_line / trials <= 0.80


def paired(generator: np.random.Generator, gain: float) -> NDArray[np.int64]:
    """(300, 3) errors of two readers of the same lines, and characters; the second makes ``gain`` more of 100."""
    lengths = generator.integers(10, 60, 300)
    hard = generator.beta(2, 20, 300)  # what is hard for one is hard for the other
    first = generator.binomial(lengths, hard)
    second = np.minimum(generator.binomial(lengths, np.minimum(hard + gain, 1)), lengths)
    return np.stack([first, second, lengths], axis=1)


def difference_p(table: NDArray[np.int64], seed: int) -> float:
    sums = resampled_sums(table, Resampling(600, seed))
    return p_value((sums[:, 0] - sums[:, 1]) / sums[:, 2], len(table))


def test_a_planted_difference_is_found_and_an_absent_one_is_not() -> None:
    generator = np.random.default_rng(3)
    trials = 200
    planted = [difference_p(paired(generator, 0.015), seed) < 0.05 for seed in range(trials)]
    absent = [difference_p(paired(generator, 0.0), seed) < 0.05 for seed in range(trials)]
    assert np.mean(planted) >= 0.85
    assert np.mean(absent) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials)


def test_pairing_sees_what_separate_intervals_cannot() -> None:
    table = paired(np.random.default_rng(4), 0.015)
    first, second = rate_interval(table[:, [0, 2]]), rate_interval(table[:, [1, 2]])
    assert first.high is not None
    assert second.low is not None
    assert first.high > second.low
    assert difference_p(table, 0) < 0.05


def test_the_same_seed_gives_the_same_to_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    table = lines(np.random.default_rng(5), 100)
    once = resampled_sums(table, Resampling(500, 7))
    assert np.array_equal(once, resampled_sums(table, Resampling(500, 7)))
    assert not np.array_equal(once, resampled_sums(table, Resampling(500, 8)))
    assert np.all(once == np.round(once))


def test_large_data_are_resampled_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    table = lines(np.random.default_rng(6), 100)
    monkeypatch.setattr(intervals, "WEIGHTS_AT_ONCE", 700)
    in_portions = resampled_sums(table, Resampling(5000, 1))
    assert in_portions.shape == (5000, 2)
    mean = in_portions.mean(axis=0) / table.sum(axis=0)
    assert mean == pytest.approx([1, 1], abs=0.01)


def test_one_unit_has_no_interval() -> None:
    assert rate_interval(np.array([[1, 10]])) == Figure(0.1, None, None)
    assert p_value(np.array([0.1, 0.1]), 1) == 1.0


def test_groups_are_summed() -> None:
    table = np.array([[1, 10], [2, 20], [4, 40]])
    assert totals_by_unit(table, ["b", "a", "b"]).tolist() == [[2, 20], [5, 50]]
    assert totals_by_unit(table, None) is table


@pytest.mark.parametrize(("units", "quantile"), [(6, 2.5706), (11, 2.2281), (21, 2.0860), (31, 2.0423), (101, 1.9840)])
def test_few_units_take_students_quantile(units: int, quantile: float) -> None:
    from statistics import NormalDist

    expected = NormalDist().cdf(-quantile * np.sqrt(units / (units - 1)))
    assert intervals.tail(0.05, units) == pytest.approx(expected, rel=0.01)


def test_p_value_and_interval_say_the_same() -> None:
    generator = np.random.default_rng(8)
    for units in (8, 50, 1000):
        for shift in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
            differences = generator.normal(shift, 1.0, 4000)
            found = figure(shift, differences, units)
            assert found.low is not None
            p = p_value(differences, units)
            if abs(p - 0.05) > 0.005:
                assert (p < 0.05) == (found.low > 0)


def test_p_value_of_no_difference_at_all() -> None:
    assert p_value(np.zeros(500), 100) == pytest.approx(1.0)
    assert p_value(np.ones(10_000), 1000) < 0.001


def test_holm_adjustment() -> None:
    assert adjusted([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert adjusted([]) == []
    assert adjusted([0.9, 0.8]) == [1.0, 1.0]
