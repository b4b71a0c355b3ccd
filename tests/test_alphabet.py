"""Alphabets whose labels have one or several characters."""

from __future__ import annotations

import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit import Alphabet, ShapeError

LIGATURES = Alphabet(["a", "c", "h", "ch", "s", "\u017ft", "cha", "&c", " "])


def test_a_string_is_an_alphabet_of_its_characters() -> None:
    alphabet = Alphabet("ab ")
    assert alphabet == Alphabet(["a", "b", " "])
    assert (alphabet.labels, alphabet.characters, alphabet.has_longer) == (("a", "b", " "), "ab ", False)
    assert alphabet.encode("ba").tolist() == [2, 1]


@pytest.mark.parametrize("labels", ["", ["a", ""], ["ch", "a", "ch"], "aba"])
def test_labels_are_there_once_and_not_empty(labels: list[str]) -> None:
    with pytest.raises(ShapeError):
        Alphabet(labels)


@pytest.mark.parametrize(
    ("text", "labels"),
    [("ch", [4]), ("ac", [1, 2]), ("cha", [7]), ("chach", [7, 4]), ("a&c", [1, 8]), ("\u017fta", [6, 1])],
)
def test_texts_are_written_in_as_few_labels_as_possible(text: str, labels: list[int]) -> None:
    assert LIGATURES.encode(text).tolist() == labels
    assert LIGATURES.decode(labels) == text


def test_the_longest_label_is_no_trap() -> None:
    """A label that begins longest may leave what no label writes."""
    assert Alphabet(["a", "ab", "bc"]).encode("abc").tolist() == [1, 3]


def test_characters_are_known_within_their_labels_only() -> None:
    assert LIGATURES.unknown("\u017ft & \u017f") == ["&", "\u017f"]
    assert "ch" in LIGATURES
    assert "&" not in LIGATURES
    with pytest.raises(ShapeError, match="'&'"):
        LIGATURES.encode("&")


@given(text=st.text("achs t\u017f&x", max_size=9))
def test_spelling_is_brute_force(text: str) -> None:
    """Against all ways to cut a text into labels; what cannot be written stays, as little as possible."""
    spelt = LIGATURES.spelt(text)
    assert LIGATURES.written(spelt) == text
    assert LIGATURES.spelt(spelt) == spelt
    ways = []
    for cuts in itertools.product([False, True], repeat=max(0, len(text) - 1)):
        edges = [0, *(place for place, cut in enumerate(cuts, start=1) if cut), len(text)]
        parts = [text[start:stop] for start, stop in itertools.pairwise(edges)]
        if all(part in LIGATURES or len(part) == 1 for part in parts):
            ways.append((sum(part not in LIGATURES for part in parts), len(parts)))
    assert (sum(one not in LIGATURES for one in spelt), len(spelt)) == min(ways) if text else spelt == ""


def test_an_alphabet_can_be_handed_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(LIGATURES))
    assert again == LIGATURES
    assert again.encode("chach").tolist() == [7, 4]
