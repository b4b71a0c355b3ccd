"""What speaks for words, and the probabilities that follow from it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit import Alphabet, Hypothesis, LogProbs, ctc
from htrkit.evidence import READINGS, Evidence, own_shares, readings_of, spots_of
from htrkit.testing import sure_line
from htrkit.types import Encoded

ALPHABET = Alphabet("ab ")


def aligned(text: str, line: LogProbs) -> Hypothesis:
    return Hypothesis(text, 0.0, spans=ctc.align(line, ALPHABET.encode(text)))


def test_a_spot_has_its_word_with_the_spaces_beside_it_and_its_neighbours() -> None:
    line = sure_line("ab b a", "ab ")
    one = aligned("ab b a", line)
    first, second, third = spots_of(one, len(line))
    assert [spot.spaced for spot in (first, second, third)] == ["ab ", " b ", " a"]
    assert first.frames == (0, one.spans[2][1])
    assert second.frames == (one.spans[2][0], one.spans[4][1])
    assert third.frames == (one.spans[4][0], len(line))
    assert first.around == (0, one.spans[4][1])
    assert second.around == (0, len(line))
    assert [spot.holds(one.spans[3]) for spot in (first, second, third)] == [False, True, False]


def test_the_network_alone_gives_a_word_its_exact_probability() -> None:
    line = np.log(np.array([[0.1, 0.7, 0.1, 0.1], [0.2, 0.1, 0.1, 0.6], [0.3, 0.2, 0.4, 0.1]], np.float32))
    found = [(Encoded("x", line), spot) for spot in spots_of(Hypothesis("a b", 0.0, spans=((0, 1), (1, 2), (2, 3))), 3)]
    first, second = own_shares(found, ALPHABET)
    assert first == pytest.approx(math.exp(ctc.log_prob(line[:2], ALPHABET.encode("a "))))
    assert second == pytest.approx(0.6 * 0.4)


def test_what_the_alphabet_lacks_has_no_probability() -> None:
    line = sure_line("a b", "ab ")
    spots = spots_of(Hypothesis("x b", 0.0, spans=ctc.align(line, ALPHABET.encode("a b"))), len(line))
    lost, kept = own_shares([(Encoded("x", line), spot) for spot in spots], ALPHABET)
    assert lost is None
    assert kept is not None


def test_readings_are_what_stands_in_the_words_place() -> None:
    line = sure_line("ab b a", "ab ")
    one = aligned("ab b a", line)
    spot = spots_of(one, len(line))[2]
    begin, stop = spot.around
    (space,) = (span for span in one.spans[4:5])

    def read(text: str, score: float, *spans: tuple[int, int]) -> Hypothesis:
        return Hypothesis(text, score, spans=tuple((start - begin, end - begin) for start, end in spans))

    b, a = one.spans[3], one.spans[5]
    found = readings_of(
        spot,
        [
            read("b b", -2.0, b, space, a),
            read("b a", -1.0, b, space, a),
            read("b", -3.0, b),
            Hypothesis("b a", -math.inf),
            Hypothesis("no spans", -0.5),
        ],
    )
    assert found == (("a", -1.0), ("b", -2.0), ("", -3.0))
    assert stop == len(line)
    assert readings_of(spot, [read("b a", -1.0, b, space, a)]) == ()


scores = st.lists(st.floats(-40, 40), min_size=2, max_size=READINGS)


@given(own=st.floats(0, 1), scores=scores, temperature=st.floats(0.2, 5.0))
def test_shares_are_probabilities(own: float, scores: list[float], temperature: float) -> None:
    readings = tuple((f"word{place % 3}", score) for place, score in enumerate(sorted(scores, reverse=True)))
    shares = Evidence("word0", own, readings).shares(temperature)
    assert all(0.0 <= share <= 1.0 for share in shares.values())
    assert sum(shares.values()) <= 1.0 + 1e-9
    if len(scores) < READINGS:  # nothing else can be read
        assert sum(shares.values()) == pytest.approx(1.0)


def test_a_higher_temperature_brings_shares_nearer_to_each_other() -> None:
    evidence = Evidence("a", 0.5, (("a", 0.0), ("b", -2.0)))
    shares = [evidence.shares(temperature)["a"] for temperature in (0.5, 1.0, 2.0)]
    assert shares == sorted(shares, reverse=True)
    alone = [Evidence("a", 0.9).shares(temperature)["a"] for temperature in (0.5, 1.0, 2.0)]
    assert alone == sorted(alone, reverse=True)
    assert alone[1] == pytest.approx(0.9)


def test_what_was_not_read_leaves_the_network_its_say() -> None:
    flat = tuple((f"w{place}", -0.01 * place) for place in range(READINGS))
    assert Evidence("w0", 0.9, flat).shares(1.0)["w0"] > 5 * Evidence("w0", 0.0, flat).shares(1.0)["w0"]
