"""The estimator: figures of lmplz, and probabilities that add up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.errors import InputError, UsageError
from htrkit.language_models import kneser_ney
from htrkit.language_models.ngrams import BEGIN
from tests.language_models import figures
from tests.language_models.texts import VERSE, babble, plain_log_prob, table

LN10 = math.log(10)


def estimated(lines: list[str], order: int, prune: tuple[int, ...] = ()) -> dict[str, tuple[float, float]]:
    """Figures by n-gram, to base ten as lmplz writes them."""
    model = kneser_ney.estimate([line.split() for line in lines], order, prune=prune)
    return {" ".join(ngram): (p / LN10, b / LN10) for ngram, (p, b) in table(model).items()}


def test_a_small_text_has_the_figures_of_lmplz() -> None:
    found = estimated(VERSE, 3)
    assert found.keys() == figures.VERSE.keys()
    for ngram, expected in figures.VERSE.items():
        assert found[ngram] == pytest.approx(expected, abs=2e-6), ngram


@pytest.mark.parametrize(
    ("prune", "expected", "sizes", "sums"),
    [
        ((), figures.BABBLE, figures.BABBLE_SIZES, figures.BABBLE_SUMS),
        ((0, 1, 2), figures.BABBLE_PRUNED, figures.BABBLE_PRUNED_SIZES, figures.BABBLE_PRUNED_SUMS),
    ],
)
def test_estimated_discounts_and_pruning_have_the_figures_of_lmplz(
    prune: tuple[int, ...],
    expected: dict[str, tuple[float, float]],
    sizes: tuple[int, ...],
    sums: tuple[float, float],
) -> None:
    found = estimated(babble(), 3, prune)
    for ngram, figure in expected.items():
        assert found[ngram] == pytest.approx(figure, abs=2e-6), ngram
    assert tuple(sum(ngram.count(" ") == k for ngram in found) for k in range(3)) == sizes
    assert tuple(map(sum, zip(*found.values(), strict=True))) == pytest.approx(sums, abs=2e-3)


lines_of_tokens = st.lists(st.lists(st.sampled_from("abcde"), max_size=8), min_size=1, max_size=12).filter(any)


@given(lines=lines_of_tokens, order=st.integers(1, 4), prune=st.lists(st.integers(0, 3), max_size=3))
@settings(deadline=None, max_examples=80)
def test_probabilities_after_every_context_add_up_to_one(lines: list[list[str]], order: int, prune: list[int]) -> None:
    thresholds = [0, *sorted(prune)][:order]
    ngrams = table(kneser_ney.estimate(lines, order, prune=thresholds))
    tokens = [ngram[0] for ngram in ngrams if len(ngram) == 1 and ngram != ("<s>",)]
    contexts = [(), *(ngram for ngram in ngrams if len(ngram) < order and ngram[-1] not in ("</s>", "<unk>"))]
    for context in contexts:
        total = sum(math.exp(plain_log_prob(ngrams, context, token)) for token in tokens)
        assert total == pytest.approx(1.0, abs=1e-9), context


@given(lines=lines_of_tokens, order=st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_prefixes_and_suffixes_of_ngrams_are_ngrams(lines: list[list[str]], order: int) -> None:
    ngrams = table(kneser_ney.estimate(lines, order))
    for ngram in ngrams:
        if len(ngram) > 1:
            assert ngram[1:] in ngrams
            assert ngram[:-1] in ngrams


def test_the_begin_of_a_line_costs_nothing_and_empty_lines_count_for_nothing() -> None:
    model = kneser_ney.estimate([["a", "b"], [], ["b"]], 2)
    assert model.log_probs[0][BEGIN] == 0.0
    assert table(model) == table(kneser_ney.estimate([["a", "b"], ["b"]], 2))


@pytest.mark.parametrize("prune", [(1,), (0, 2, 1), (0, 0, 0, 0), (-1,)])
def test_pruning_that_makes_no_sense_is_refused(prune: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="does not fit order 3"):
        kneser_ney.estimate([["a"]], 3, prune=prune)


def test_texts_that_cannot_be_counted_are_refused() -> None:
    with pytest.raises(InputError, match="no token"):
        kneser_ney.estimate([[], []], 3)
    with pytest.raises(InputError, match="the token </s>"):
        kneser_ney.estimate([["a", "</s>"]], 3)
    with pytest.raises(UsageError, match="at least 1, not 0"):
        kneser_ney.estimate([["a"]], 0)


def test_a_large_vocabulary_counts_as_a_small_one() -> None:
    # More tokens than fit side by side in one number: five of 13 bits and more.
    lines = [[f"v{number}", f"v{number * 7 % 9000}"] for number in range(9000)]
    found = table(kneser_ney.estimate(lines, 5))
    assert ("<s>", "v5", "v35", "</s>") in found
    assert sum(len(ngram) == 3 and ngram[0] == "<s>" for ngram in found) == len({tuple(line) for line in lines})
