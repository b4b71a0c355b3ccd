"""Edit distances, against jiwer and against what they must obey."""

from __future__ import annotations

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.errors import UsageError
from htrkit.evaluation.figures.metrics import Errors, count_errors, line_errors
from htrkit.evaluation.figures.rules import TextRules

# jiwer strips texts and counts a run of spaces as one, so there is one space between words here.
WORDS = st.lists(st.text("abAB,.'é", min_size=1, max_size=6), min_size=1, max_size=6).map(" ".join)
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=8)


@given(PAIRS)
def test_rates_agree_with_jiwer(pairs: list[tuple[str, str]]) -> None:
    truths, readings = [truth for truth, _ in pairs], [reading for _, reading in pairs]
    errors = count_errors(pairs)
    assert errors.cer == pytest.approx(jiwer.cer(truths, readings))
    assert errors.wer == pytest.approx(jiwer.wer(truths, readings))
    assert errors.words_right == jiwer.process_words(truths, readings).hits


@given(PAIRS)
def test_errors_are_the_sum_over_lines(pairs: list[tuple[str, str]]) -> None:
    errors = count_errors(pairs)
    lines = [line_errors(truth, reading) for truth, reading in pairs]
    assert errors == Errors.of(lines)
    assert errors.character_errors == sum(line.character_errors for line in lines)
    assert errors.exact_lines == sum(truth == reading for truth, reading in pairs)


def test_no_lines_have_no_errors() -> None:
    errors = count_errors([])
    assert (errors.n, errors.cer, errors.wer, errors.exact) == (0, 0.0, 0.0, 0.0)


def test_an_empty_reading_misses_everything() -> None:
    assert line_errors("to be", "") == (5, 5, 2, 2, 0, 0)


def test_composed_and_decomposed_accents_are_the_same() -> None:
    assert line_errors("caf\u00e9", "cafe\u0301").exact == 1


@pytest.mark.parametrize(
    ("ignored", "truth", "reading", "character_errors", "word_errors"),
    [
        ([], "The End.", "the end", 3, 2),
        (["case"], "The End.", "the end", 1, 1),
        (["case", "punctuation"], "The End.", "the end", 0, 0),
        (["punctuation"], "don't", "dont", 0, 0),
        (["punctuation"], "a - b", "a b", 0, 0),
        (["spaces"], "in to", "into", 0, 2),
        ([], "in to", "into", 1, 2),
        (["case"], "Straße", "STRASSE", 0, 0),
        ([], "£5", "5", 1, 1),
        ([], "in\u00a0a\u202fbox", "in a box", 2, 0),
        (["lookalikes"], "in\u00a0a\u202fbox\u3000", "in a box ", 0, 0),
        (["lookalikes"], "Paſſage d’un “mot” — 3′", "Passage d'un \"mot\" - 3'", 0, 0),
        (["lookalikes"], "Straße", "Strasse", 2, 1),
        (["lookalikes", "case"], "ſO", "so", 0, 0),
        (["punctuation"], "£5", "5", 1, 1),  # a currency sign is no punctuation
    ],
)
def test_what_counts(ignored: list[str], truth: str, reading: str, character_errors: int, word_errors: int) -> None:
    errors = line_errors(truth, reading, TextRules.ignoring(ignored))
    assert (errors.character_errors, errors.word_errors) == (character_errors, word_errors)
    assert errors.exact == (character_errors == 0)


def test_rules_say_what_they_are() -> None:
    assert str(TextRules()) == "Unicode NFC, compared by code points; case, punctuation and spaces count"
    assert str(TextRules.ignoring(["spaces", "case"])).endswith("; case and spaces ignored")
    assert str(TextRules.ignoring(["lookalikes"])).endswith("; lookalikes ignored")
    with pytest.raises(UsageError, match="'accents'"):
        TextRules.ignoring(["accents"])
