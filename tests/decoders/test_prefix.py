"""Prefix search: exact within its budget, and never worse than the beam that it starts from."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoders.beam import Beam
from htrkit.decoders.prefix import PrefixSearch, best_texts
from htrkit.errors import UsageError
from htrkit.testing import brute_force, check_decoder, sure_line
from tests.decoders.conftest import Lines
from tests.time_limits import processor_time_within


def exact(alphabet: str) -> Decoder:
    return PrefixSearch(alphabet, split_threshold=1.0, budget=100_000, beam_width=1)


def test_contract() -> None:
    check_decoder(lambda alphabet: PrefixSearch(alphabet, budget=20))


def test_uncut_it_is_exact() -> None:
    check_decoder(exact, exact=True, long=False)


def test_uncut_the_whole_list_is_brute_force(lines: Lines) -> None:
    for line in lines(8, 5, 3):
        truth = list(brute_force(line, "ab").items())[:6]
        found = exact("ab").decode(line, n_best=6)
        assert [one.text for one in found] == [text for text, _ in truth]
        assert [one.score for one in found] == pytest.approx([math.log(p) for _, p in truth])


def test_nothing_known_beforehand_is_needed(lines: Lines) -> None:
    for line in lines(5, 5, 3):
        found = best_texts(np.exp(line.astype(float)), np.array([1, 2]), {}, 3, 30_000)
        truth = list(brute_force(line, "ab").values())[:3]
        assert [math.exp(log_prob) for log_prob, _ in found] == pytest.approx(truth)


def test_cutting_at_sure_blanks_changes_little(lines: Lines) -> None:
    parts = lines(6, 4, 4)
    blank = np.log(np.array([[0.99997, 0.00001, 0.00001, 0.00001]], np.float32))
    line = np.concatenate([piece for part in parts for piece in (part, blank)])
    cut = PrefixSearch("abc").decode(line)
    assert cut == PrefixSearch("abc", split_threshold=1.0, budget=100_000).decode(line)


def test_it_is_never_less_probable_than_the_beam(lines: Lines) -> None:
    for line in lines(10, 40, 8):
        beam = Beam("abcdefg", beam_width=10).decode(line)[0]
        found = PrefixSearch("abcdefg", budget=200, split_threshold=1.0).decode(line)[0]
        assert beam.log_prob is not None
        assert found.score >= beam.log_prob - 1e-9


def test_a_spent_budget_still_gives_a_text(lines: Lines) -> None:
    (line,) = lines(1, 60, 8)
    assert PrefixSearch("abcdefg", budget=1).decode(line)[0].text


@pytest.mark.parametrize("label_threshold", [1e-5, 0.0])
def test_many_labels(label_threshold: float) -> None:
    """Time is lost neither on characters that are nowhere probable, nor without end on those that are."""
    alphabet = Alphabet("".join(map(chr, range(0x4E00, 0x4E00 + 6_000))))
    text = alphabet.characters[::150]
    line = sure_line(text, alphabet, sure=0.6)
    decoder = PrefixSearch(alphabet, label_threshold=label_threshold)
    with processor_time_within(1.0):
        assert decoder.decode(line)[0].text == text


def test_memory_is_bounded() -> None:
    """Some hundred bytes for each text weighed."""
    line = sure_line("ab" * 10, "".join(map(chr, range(97, 297))), sure=0.6)
    tracemalloc.start()
    best_texts(np.exp(line.astype(float)), np.arange(1, 201), {}, 1, 20_000)
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_characters_below_the_threshold_are_left_out() -> None:
    line = np.log(np.array([[0.5, 0.4, 0.1]]))
    texts = [{one.text for one in PrefixSearch("ab", label_threshold=p).decode(line, n_best=9)} for p in (0.0, 0.2)]
    assert texts == [{"", "a", "b"}, {"", "a", "b"}]  # the beam, which it starts from, tries all
    assert best_texts(np.exp(line), np.array([1]), {}, 9, 100) == [(np.log(0.5), ()), (np.log(0.4), (1,))]


@pytest.mark.parametrize(
    "options", [{"split_threshold": 0.0}, {"split_threshold": 2.0}, {"budget": 0}, {"label_threshold": 1.0}]
)
def test_options_that_make_no_sense(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        PrefixSearch("ab", **options)  # type: ignore[arg-type]
