"""Tries of words: what they hold, how they are numbered, and that a damaged one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.decoders.trie import Trie
from htrkit.errors import ShapeError

ALPHABET = Alphabet("zabc")

vocabularies = st.dictionaries(st.text("zabc", min_size=1, max_size=6), st.integers(1, 9), min_size=1)


def by_labels(word: str) -> list[int]:
    return [int(label) for label in ALPHABET.encode(word)]


@given(vocabularies)
def test_it_holds_the_words_in_the_order_of_their_labels(words: dict[str, int]) -> None:
    built = Trie.of(words, ALPHABET)
    in_order = sorted(words, key=by_labels)
    assert list(built.words(ALPHABET)) == in_order
    assert built.counts.tolist() == [words[word] for word in in_order]
    assert built.numbers(in_order, ALPHABET).tolist() == list(range(len(words)))


@given(vocabularies, st.text("zabc", max_size=6))
def test_each_node_knows_the_words_below_it(words: dict[str, int], prefix: str) -> None:
    built = Trie.of(words, ALPHABET)
    node = 0
    for label in by_labels(prefix):
        children = range(built.first_child[node], built.first_child[node + 1])
        found = [child for child in children if built.labels[child] == label]
        if not found:
            assert not any(word.startswith(prefix) for word in words)
            return
        (node,) = found
    below = [word for word in sorted(words, key=by_labels) if word.startswith(prefix)]
    assert built.n_words[node] == len(below)
    assert built.first_word[node] == built.numbers(below, ALPHABET)[0]
    assert bool(built.is_word[node]) == (prefix in words)
    rest = "".join(ALPHABET.decode([label]) for label in built.completion(node))
    assert prefix + rest == (below[0] if len(below) == 1 else prefix)


def test_words_that_are_not_there_have_no_number() -> None:
    built = Trie.of({"ab": 1, "abc": 1}, ALPHABET)
    assert built.numbers(["abc", "a", "zz", "", "äb", "ab", "abcc"], ALPHABET).tolist() == [1, -1, -1, -1, -1, 0, -1]
    assert built.numbers([], ALPHABET).tolist() == []


@pytest.mark.parametrize("word", ["", "ä", "abä"])
def test_words_that_cannot_be_spelt_are_refused(word: str) -> None:
    with pytest.raises(ShapeError):
        Trie.of({"ab": 1, word: 1}, ALPHABET)


def test_a_long_word_does_not_make_a_wide_table() -> None:
    built = Trie.of({"a" * 20_000: 1, "b": 1}, ALPHABET)
    assert len(built.labels) == 20_002
