"""Which characters make words, and which words a text or a lexicon holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.alphabet import Alphabet
from htrkit.decoders.vocabulary import Vocabulary, resolved, text_lines, word_characters, words_of
from htrkit.errors import UsageError

ALPHABET = Alphabet(" ,.-'0123456789abcdeé|_")


def test_letters_accents_and_apostrophes_make_words() -> None:
    assert word_characters(ALPHABET) == "'abcdeé"
    assert word_characters(Alphabet("a\u0301’1"), None) == "a\u0301’"
    assert word_characters(ALPHABET, "abc1xyz") == "1abc"


def test_words_stand_between_the_other_characters() -> None:
    text = "abc, d'é--e 12ab|c_d  aXb\txx"
    expected = ["abc", "d'é", "e", "ab", "c", "d", None, None]
    assert list(words_of([text], ALPHABET, word_characters(ALPHABET))) == expected


def test_a_foreign_character_does_not_cut_a_word_in_two() -> None:
    assert list(words_of(["abñcd"], ALPHABET, "abcd")) == [None]


def test_counts_from_tabs_and_from_repetition(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("ab\t3\ncd\nab-cd\t2\n\n", encoding="utf-8")
    assert Vocabulary.read(path, ALPHABET, "abcd").counts == {"ab": 5, "cd": 3}
    assert Vocabulary.read(["ab", "ab", "cd"], ALPHABET, "abcd").counts == {"ab": 2, "cd": 1}


def test_names_paths_and_texts_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "a corpus.txt"
    file.write_text("ab cd\nab", encoding="utf-8")
    assert resolved(str(file)) == file
    assert resolved(file) == file
    assert list(text_lines(file)) == ["ab cd", "ab"]
    assert resolved("ab cd\nab") == ["ab cd", "ab"]
    assert resolved("ab " * 10_000) == ["ab " * 10_000]
    assert resolved(["ab"]) == ["ab"]
    assert resolved("english").name  # type: ignore[union-attr]
    for missing in ("./absent.txt", "no-such-name", tmp_path / "absent"):
        with pytest.raises(UsageError):
            resolved(missing)
