"""Token passing against every sequence of words and every path."""

from __future__ import annotations

import itertools
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from htrkit_lexicon import bigrams
from htrkit_lexicon.token_passing import TokenPassing
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import UsageError, ctc
from htrkit.decoders import DecoderWarning
from htrkit.testing import check_decoder

ALPHABET = "ab "


def random_line(seed: int, frames: int, labels: int) -> np.ndarray:
    scores = np.random.default_rng(seed).normal(0, 2, (frames, labels))
    return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)


def best_alignments(line: np.ndarray, alphabet: str) -> dict[str, float]:
    """ln P of the best path of every text, by trying all paths."""
    best: dict[str, float] = {}
    for path in itertools.product(range(line.shape[1]), repeat=len(line)):
        text = "".join(alphabet[label - 1] for label in ctc.collapse(path))
        score = float(sum(line[frame, label] for frame, label in enumerate(path)))
        best[text] = max(score, best.get(text, -math.inf))
    return best


@pytest.mark.parametrize("corpus", [None, "ab a bba ab"])
def test_contract(corpus: str | None) -> None:
    lexicon = ["ab", "a", "bba"]
    check_decoder(
        lambda alphabet: TokenPassing(alphabet, lexicon=lexicon, corpus=corpus),
        allowed=lambda text: not text or set(text.split(" ")) <= set(lexicon),
    )


words = st.sets(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=5)


@given(seed=st.integers(0, 10_000), frames=st.integers(0, 6), lexicon=words)
@settings(deadline=None, max_examples=40)
def test_finds_the_best_alignment_of_all_sequences_of_words(seed: int, frames: int, lexicon: set[str]) -> None:
    line = random_line(seed, frames, len(ALPHABET) + 1)
    allowed = {
        text: score
        for text, score in best_alignments(line, ALPHABET).items()
        if not text or all(word in lexicon for word in text.split(" "))
    }
    found = TokenPassing(ALPHABET, lexicon=lexicon).decode(line, n_best=3)
    best = max(allowed, key=lambda text: allowed[text])
    assert found[0].text == best
    for hypothesis in found:
        assert hypothesis.score == pytest.approx(allowed[hypothesis.text], abs=1e-4)
        assert hypothesis.log_prob == ctc.log_prob(line, [ALPHABET.index(c) + 1 for c in hypothesis.text])
    last = [hypothesis.text.split(" ")[-1] for hypothesis in found]
    assert len(set(last)) == len(last)


@given(seed=st.integers(0, 10_000), frames=st.integers(1, 6), lexicon=words)
@settings(deadline=None, max_examples=40)
def test_bigrams_weigh_sequences_of_words(seed: int, frames: int, lexicon: set[str]) -> None:
    corpus = ["a b", "b a a", "ab b", "b ab a"]  # of which the lexicon has a part
    line = random_line(seed, frames, len(ALPHABET) + 1)
    decoder = TokenPassing(ALPHABET, lexicon=lexicon, corpus=corpus)
    expected = {
        text: score + language(text.split(), corpus, lexicon)
        for text, score in best_alignments(line, ALPHABET).items()
        if text and all(word in lexicon for word in text.split(" "))
    }
    expected[""] = float(line[:, 0].sum())
    found = decoder.decode(line)[0]
    assert found.score == pytest.approx(max(expected.values()), abs=1e-4)
    assert expected[found.text] == pytest.approx(found.score, abs=1e-4)


def language(sentence: list[str], corpus: list[str], lexicon: set[str]) -> float:
    """ln P of words by the plain back-off formula."""
    known = sorted({word for text in corpus for word in text.split()} & lexicon)
    model = bigrams.estimate([text.split() for text in corpus], known)
    total, before = 0.0, len(known)
    for word in sentence:
        if word not in known:
            total += model.unknown + (model.backoffs[before] if before >= 0 else 0.0)
            before = -1
            continue
        number = known.index(word)
        pairs = range(model.offsets[before], model.offsets[before + 1]) if before >= 0 else range(0)
        seen = [model.log_probs[pair] for pair in pairs if model.seconds[pair] == number]
        total += seen[0] if seen else model.unigrams[number] + (model.backoffs[before] if before >= 0 else 0.0)
        before = number
    return total


def test_a_corpus_decides_between_words_that_look_alike() -> None:
    line = np.full((9, 4), math.log(0.02), np.float32)
    for frame, label in enumerate([1, 0, 3, 0, 0, 0, 3, 0, 1]):
        line[frame, label] = math.log(0.94)
    line[4] = np.log([0.02, 0.48, 0.48, 0.02])  # "a ? a"
    assert TokenPassing(ALPHABET, lexicon=["a", "b"], corpus=["a b a"] * 3).decode(line)[0].text == "a b a"
    assert TokenPassing(ALPHABET, lexicon=["a", "b"], corpus=["a a a", "b"] * 3).decode(line)[0].text == "a a a"


def test_without_a_space_a_line_is_one_word() -> None:
    line = random_line(3, 8, 3)
    assert TokenPassing("ab", lexicon=["ab", "ba", "a"]).decode(line)[0].text in ("ab", "ba", "a")


def test_entries_with_spaces_are_taken_apart() -> None:
    assert TokenPassing(ALPHABET, lexicon=["a b", "b"]).words == ["a", "b"]


def test_a_long_line_loses_nothing() -> None:
    line = np.tile(random_line(5, 40, len(ALPHABET) + 1), (100, 1))
    found = TokenPassing(ALPHABET, lexicon=["ab", "ba", "a"]).decode(line)[0]
    assert math.isfinite(found.score)
    assert len(found.spans) == len(found.text) > 100


def test_impossible_frames_read_as_nothing() -> None:
    line = np.full((2, 4), -np.inf, np.float32)
    line[:, 3] = 0.0  # spaces alone
    assert TokenPassing(ALPHABET, lexicon=["a"]).decode(line)[0].text == ""


def test_refuses_a_lexicon_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="no lexicon"):
        TokenPassing(ALPHABET, lexicon=Path("no/such.txt"))


def test_a_script_without_spaces_is_named() -> None:
    with pytest.warns(DecoderWarning, match="word-beam needs none"):
        TokenPassing("我们在 ", lexicon=["我们", "在"])


def test_words_are_spelt_as_the_alphabet_spells_them() -> None:
    decoder = TokenPassing("étl' ", lexicon=["l\u2019e\u0301te\u0301"], corpus=["l\u2019été", "l'e\u0301te\u0301"])
    assert decoder.words == ["l'été"]


def test_it_can_be_handed_to_another_process() -> None:
    decoder = TokenPassing(ALPHABET, lexicon=["ab", "ba"], corpus=["ab ab"])
    line = random_line(4, 12, 4)
    assert pickle.loads(pickle.dumps(decoder)).decode(line, n_best=2) == decoder.decode(line, n_best=2)
