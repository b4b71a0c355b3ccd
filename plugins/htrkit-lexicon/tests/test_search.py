"""Lexicon search against exact scores of all entries."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from htrkit_lexicon.search import LexiconSearch
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from htrkit import InputError, UsageError, ctc
from htrkit.decoders import DecoderWarning
from htrkit.testing import check_decoder

ALPHABET = "ab _|"


def random_line(seed: int, frames: int, labels: int) -> np.ndarray:
    scores = np.random.default_rng(seed).normal(0, 2, (frames, labels))
    return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)


def spelled(text: str, alphabet: str) -> np.ndarray:
    """A line on which best path reads ``text``."""
    path = [alphabet.index(character) + 1 for character in text]
    frames = np.zeros((2 * len(path) + 1, len(alphabet) + 1))
    frames[::2, 0] = 5
    frames[np.arange(1, len(frames), 2), path] = 5
    return (frames - np.log(np.exp(frames).sum(axis=1, keepdims=True))).astype(np.float32)


@given(
    seed=st.integers(0, 10_000),
    frames=st.integers(0, 6),
    entries=st.sets(st.text(ALPHABET, min_size=1, max_size=4), min_size=1, max_size=30),
    tolerance=st.integers(0, 4),
)
@settings(deadline=None, max_examples=60)
def test_finds_the_most_probable_entries_near_the_best_path(
    seed: int, frames: int, entries: set[str], tolerance: int
) -> None:
    decoder = LexiconSearch(ALPHABET, lexicon=entries, tolerance=tolerance)
    line = random_line(seed, frames, len(ALPHABET) + 1)
    best_path = decoder.alphabet.decode(ctc.collapse(line.argmax(axis=1)))
    near = [entry for entry in entries if Levenshtein.distance(entry, best_path) <= tolerance]
    scores = {entry: ctc.log_prob(line, decoder.alphabet.encode(entry)) for entry in near}
    expected = sorted((entry for entry in near if scores[entry] > -np.inf), key=lambda entry: -scores[entry])[:5]
    found = decoder.decode(line, n_best=5)
    assert [hypothesis.text for hypothesis in found] == (expected or [""])
    for hypothesis in found:
        assert hypothesis.log_prob == hypothesis.score == ctc.log_prob(line, decoder.alphabet.encode(hypothesis.text))
        assert len(hypothesis.spans) in (0, len(hypothesis.text))


@pytest.mark.parametrize("tolerance", [0, 1, 4])
def test_contract(tolerance: int) -> None:
    entries = ["a", "ab", "ab a", "aa", "b a"]
    check_decoder(
        lambda alphabet: LexiconSearch(alphabet, lexicon=entries, tolerance=tolerance),
        allowed=lambda text: not text or text in entries,
        sure=lambda text: text in entries,
    )


def test_many_candidates_score_as_few_do() -> None:
    letters = "abcdefgh"
    entries = ["".join(letters[int(digit)] for digit in f"{number:04o}") for number in range(4096)]
    line = random_line(1, 12, len(letters) + 1)
    everything = LexiconSearch(letters, lexicon=entries, tolerance=12).decode(line, n_best=3)
    for hypothesis in everything:
        alone = LexiconSearch(letters, lexicon=[hypothesis.text], tolerance=12).decode(line)[0]
        assert alone == hypothesis


def test_a_misread_name_becomes_the_nearest_entry() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzY "
    decoder = LexiconSearch(letters, lexicon=["new York", "newark", "york"], tolerance=2)
    assert decoder.decode(spelled("new Yark", letters))[0].text == "new York"


def test_nothing_near_reads_as_nothing() -> None:
    decoder = LexiconSearch("ab", lexicon=["bbbbb"], tolerance=2)
    assert decoder.decode(spelled("a", "ab"))[0].text == ""


def test_the_lexicon_may_be_a_file_with_counts(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("aa\t3\n\nb\nzz\n", encoding="utf-8")
    assert LexiconSearch("ab", lexicon=path).entries == ["aa", "b"]


def test_refuses_what_cannot_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="spell no word"):
        LexiconSearch("ab", lexicon=["xyz"])
    with pytest.raises(UsageError, match="tolerance is -1"):
        LexiconSearch("ab", lexicon=["a"], tolerance=-1)
    with pytest.raises(UsageError, match="no lexicon"):
        LexiconSearch("ab", lexicon="no/such/file.txt")
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no word"):
        LexiconSearch("ab", lexicon=empty)


@pytest.mark.parametrize(
    ("written", "read"), [("e\u0301te\u0301", "été"), ("été", "e\u0301te\u0301"), ("l’", "l'"), ("l'", "l’")]
)
def test_entries_are_spelt_as_the_alphabet_spells_them(written: str, read: str) -> None:
    alphabet = "".join(sorted(set(read + "la")))
    assert LexiconSearch(alphabet, lexicon=[written]).decode(spelled(read, alphabet))[0].text == read


def test_entries_that_are_left_out_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("aa\nab\nÿb\n", encoding="utf-8")
    with pytest.warns(DecoderWarning, match=r"names\.txt: 1 of 3 entries are left out: .* 'ÿ'"):
        LexiconSearch("ab", lexicon=path)


def test_it_can_be_handed_to_another_process() -> None:
    decoder = LexiconSearch("ab", lexicon=["ab", "ba"])
    line = random_line(2, 6, 3)
    assert pickle.loads(pickle.dumps(decoder)).decode(line, n_best=2) == decoder.decode(line, n_best=2)
