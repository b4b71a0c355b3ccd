"""Which characters make words, and which words a text or a lexicon holds."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.decoders.notices import DecoderWarning
from htrkit.decoders.vocabulary import Vocabulary, is_spaceless, resolved, text_lines, word_characters, words_of
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


@given(st.text("éèàu\u0300\u0301çñô'\u2019\u02bc", min_size=1, max_size=8), st.sampled_from(["NFC", "NFD"]))
def test_words_are_spelt_as_the_alphabet_spells_them(word: str, form: Any) -> None:
    """Whatever form a lexicon and a network have, and whatever apostrophe."""
    network = Alphabet("".join(sorted(set(unicodedata.normalize(form, "éèàùúûçñôu")))) + "'")
    expected = unicodedata.normalize(form, re.sub("[\u2019\u02bc]", "'", word))
    if not network.unknown(expected):
        assert Vocabulary.read([word], network).counts == {expected: 1}


def test_a_spelling_that_the_alphabet_has_stays() -> None:
    both = Alphabet("eé\u0301'\u2019")
    assert list(words_of(["é e\u0301"], both, both.characters)) == ["é", "é"]
    assert list(words_of(["e'e e\u2019e"], both, both.characters)) == ["e'e", "e\u2019e"]


def test_where_both_apostrophes_are_read_words_have_both() -> None:
    both = Alphabet("don't\u2019g")
    assert Vocabulary.read(["don't\t3", "dog"], both).counts == {"don't": 3, "don\u2019t": 3, "dog": 1}


def test_an_account_of_what_cannot_be_spelt() -> None:
    with pytest.warns(DecoderWarning, match=r"2 of 5 entries are left out, and 1 respelt: .* not read 'ü' 'β'"):
        found = Vocabulary.read(["abc", "ab", "bü aü", "d\u0065\u0301", "aβ"], ALPHABET, "abcdeé'")
    assert (found.entries, found.respelt, found.dropped, found.missing) == (5, 1, 2, "üβ")
    assert found.counts == {"abc": 1, "ab": 1, "dé": 1}


def test_a_few_lost_entries_are_not_worth_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert Vocabulary.read(["ab", "cd"] * 100 + ["ü"], ALPHABET).dropped == 1
    assert not list(recwarn)


def test_scripts_without_spaces() -> None:
    assert all(map(is_spaceless, ("我们", "ひらがな", "カタカナ", "สวัสดี", "ສະບາຍດີ", "မင်္ဂလာပါ")))
    assert not any(map(is_spaceless, ("", "school", "Школа", "한국어 단어", "हिन्दी", "مدرسة")))


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
