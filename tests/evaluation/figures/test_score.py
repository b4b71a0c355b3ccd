"""Readings scored: figures, mistakes, slices and calibration as data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.errors import InputError, UsageError
from htrkit.evaluation.figures.confusions import align, count_confusions
from htrkit.evaluation.figures.evaluation import Reading
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.metrics import count_errors
from htrkit.evaluation.figures.rules import TextRules
from htrkit.evaluation.figures.score import score

TEXT = st.text("abc ", max_size=12)
QUICK = Resampling(resamples=200)


def readings(*pairs: tuple[str, str], confidences: list[float] | None = None) -> list[Reading]:
    sure: list[float | None] = list(confidences) if confidences else [None] * len(pairs)
    return [
        Reading(f"line {i}", *pair, confidence) for i, (pair, confidence) in enumerate(zip(pairs, sure, strict=True))
    ]


def test_figures_lie_in_their_intervals_and_agree_with_the_counts() -> None:
    pairs = [("the cat", "the cat"), ("sat on", "sat an"), ("the mat", "a mat"), ("by it", "by it")] * 10
    result = score(readings(*pairs), resampling=QUICK)
    errors = count_errors(pairs)
    assert (result.n, result.cer.value, result.wer.value) == (40, errors.cer, errors.wer)
    assert (result.exact.value, result.exact_words.value) == (0.5, errors.words_right / errors.words)
    for figure in (result.cer, result.wer, result.exact, result.exact_words):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < figure.value < figure.high


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_mistakes_add_up_to_the_character_errors(pairs: list[tuple[str, str]]) -> None:
    found = count_confusions(pairs)
    every = (*found.substitutions, *found.deletions, *found.insertions)
    assert sum(one.count for one in every) == count_errors(pairs).character_errors
    for one in every:
        assert one.truth != one.reading
        assert one.occurrences == sum(truth.count(one.truth) for truth, _ in pairs if one.truth)


@given(TEXT, TEXT)
def test_an_alignment_spells_both_texts(truth: str, reading: str) -> None:
    pieces = align(truth, reading)
    assert "".join(piece.truth for piece in pieces) == truth
    assert "".join(piece.reading for piece in pieces) == reading
    assert all((piece.kind == "equal") == (piece.truth == piece.reading) for piece in pieces)


def test_the_most_frequent_mistake_comes_first() -> None:
    found = count_confusions([("nun", "num"), ("nn", "mn"), ("ab", "a"), ("o", "oo")])
    first = found.substitutions[0]
    assert (first.truth, first.reading, first.count, first.occurrences) == ("n", "m", 2, 4)
    assert [(one.truth, one.count) for one in found.deletions] == [("b", 1)]
    assert [(one.reading, one.count) for one in found.insertions] == [("o", 1)]


def test_slices_by_length_hold_every_line_once() -> None:
    pairs = [("a" * n, "a" * n if n % 2 else "b" * n) for n in range(1, 90)]
    result = score(readings(*pairs), resampling=QUICK)
    assert sum(one.errors.n for one in result.by_length) == 89
    assert result.by_length[-1].high is None
    assert result.by_length[0].errors.cer == 0.0


def test_slices_by_confidence_go_from_unsure_to_sure() -> None:
    confidences = np.linspace(0.01, 0.99, 50).tolist()
    pairs = [("ab", "ab" if confidence > 0.5 else "xx") for confidence in confidences]
    result = score(readings(*pairs, confidences=confidences), resampling=QUICK)
    rates = [one.errors.cer for one in result.by_confidence]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) == 10
    assert rates[0] == 1.0
    assert rates[-1] == 0.0


def test_a_decoder_that_knows_how_sure_it_is_is_calibrated() -> None:
    generator = np.random.default_rng(0)
    confidences = generator.uniform(0, 1, 4000)
    right = generator.uniform(0, 1, 4000) < confidences
    pairs = [("a", "a" if ok else "b") for ok in right]
    good = score(readings(*pairs, confidences=confidences.tolist()), resampling=QUICK).calibration
    vain = score(readings(*pairs, confidences=[0.99] * 4000), resampling=QUICK).calibration
    assert good is not None
    assert vain is not None
    assert good.expected_error < 0.03
    assert vain.expected_error == pytest.approx(0.49, abs=0.03)
    assert sum(lines for _, _, lines in good.bins) == 4000


def test_without_confidences_there_is_no_calibration() -> None:
    result = score(readings(("a", "a"), ("b", "a")), resampling=QUICK)
    assert result.calibration is None
    assert result.by_confidence == ()


def test_lines_without_text_that_counts_are_left_out_and_named() -> None:
    result = score(readings(("a", "a"), ("...", "a"), ("", "b")), rules=TextRules.ignoring(["punctuation"]))
    assert (result.n, result.cer.value) == (1, 0.0)
    assert result.notes[0] == "left out, for no text that counts: 2 (first: line 1)"
    assert "at least two lines" in result.notes[1]


@pytest.mark.parametrize("nothing", [[], [("", "b"), (" ", "c")]])
def test_nothing_to_measure(nothing: list[tuple[str, str]]) -> None:
    with pytest.raises(InputError, match="nothing to measure"):
        score(readings(*nothing))


def test_groups_that_some_lines_lack() -> None:
    lines = [Reading("1", "a", "a", groups={"writer": "x", "page": "1"}), Reading("2", "a", "a", groups={"page": "2"})]
    with pytest.raises(UsageError, match="1 of 2 lines have no 'writer' to resample by; the data has page, writer"):
        score(lines, resampling=Resampling(by="writer"))


@pytest.mark.parametrize(
    ("groups", "by"),
    [
        ([{}, {}], "line"),
        ([{"writer": "1", "page": "1"}, {"writer": "2", "page": "2"}], "writer"),
        ([{"form": "1", "page": "1"}, {"form": "2", "page": "2"}], "page"),
        ([{"form": "1"}, {"form": "2"}], "form"),
        ([{"writer": "1"}, {"writer": "1"}], "line"),
        ([{"writer": "1", "form": "1"}, {"form": "2"}], "form"),
        ([{"writer": "1", "form": "1"}, {"writer": "", "form": "2"}], "form"),
        ([{"hand": "1"}, {"hand": "2"}], "line"),
    ],
)
def test_intervals_draw_what_is_alike_and_say_so(groups: list[dict[str, str]], by: str) -> None:
    lines = [Reading(str(i), "ab", "a", groups=one) for i, one in enumerate(groups * 3)]
    result = score(lines, resampling=QUICK)
    assert result.resampling.by == by
    assert result.units == (6 if by == "line" else 2)
    assert result == score(lines, resampling=replace(QUICK, by=by))
    assert result.resampling.drawn(result.units) == ("single lines" if by == "line" else f"2 groups by {by}")


def test_the_worst_lines_come_first() -> None:
    result = score(readings(("abc", "abc"), ("abcd", "x"), ("abc", "abx"), ("abcdef", "abx")), resampling=QUICK)
    assert [reading.truth for reading, _ in result.worst(2)] == ["abcd", "abcdef"]
    assert len(result.worst(10)) == 3


def test_lines_as_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    lines = [Reading("1", "ab", "ab", 0.5, {"writer": "x"}), Reading("2", "ab", "a", 0.25, {"writer": "y"})]
    frame = score(lines, resampling=QUICK).to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.groupby("writer")["character_errors"].sum().to_dict() == {"x": 0, "y": 1}


def test_words_have_a_calibration_of_their_own() -> None:
    read = [
        Reading("1", "a cat sat", "a cot sat", 0.5, words=(("a", 0.95), ("cot", 0.25), ("sat", 0.95))),
        Reading("2", "on it", "onit", 0.5, words=(("onit", 0.35),)),
    ]
    found = score(read, resampling=QUICK).word_calibration
    assert found is not None
    assert [(round(sure, 2), right, count) for sure, right, count in found.bins] == [
        (0.25, 0, 1),
        (0.35, 0, 1),
        (0.95, 1, 2),
    ]
    assert found.expected_error == pytest.approx((0.25 + 0.35 + 2 * 0.05) / 4)
    ignoring = score(read, resampling=QUICK, rules=TextRules(ignore_case=True)).word_calibration
    assert ignoring == found
    assert score([Reading("1", "a", "b", 0.5)], resampling=QUICK).word_calibration is None


def test_the_least_confident_tenth_has_a_share_of_what_is_wrong() -> None:
    pairs = [("a", "b")] * 4 + [("a", "a")] * 36
    sure = [0.1, 0.2, 0.3, 0.9, *([0.35] * 18), *([0.8] * 18)]
    result = score(readings(*pairs, confidences=sure), resampling=QUICK).calibration
    assert result is not None
    assert result.found == 0.75
    perfect = score(readings(("a", "a"), confidences=[0.5]), resampling=QUICK).calibration
    assert perfect is not None
    assert perfect.found == 1
