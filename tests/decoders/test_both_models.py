"""The beam with a word model: against brute force with plain back-off, and against KenLM."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.decoders.beam import Beam
from htrkit.decoders.language_kernel import ngram_step
from htrkit.decoders.languages import weighted
from htrkit.decoders.notices import DecoderWarning
from htrkit.errors import ModelError, UsageError
from htrkit.language_models import arpa, character_file, characters, kneser_ney, word_file
from htrkit.language_models.counts import characters_of, tokens_of
from htrkit.language_models.words import WordModel, from_ngrams
from htrkit.testing import brute_force, sure_line
from tests.decoders.conftest import Lines
from tests.language_models.texts import VERSE, plain_log_prob, table

LINES = ["ab a. ab", "a ab. b", "ab. ab a", "b a ab"]
CHARACTERS, WORDS, UNKNOWN, BONUS, EACH = 0.3, 0.4, -0.5, 0.2, -0.3


@pytest.fixture
def models(tmp_path: Path) -> dict[str, str]:
    character_file.save(
        characters.from_ngrams(kneser_ney.estimate(map(characters_of, LINES), 3)), tmp_path / "characters.npz"
    )
    arpa.write(kneser_ney.estimate(map(tokens_of, LINES), 3), tmp_path / "words.arpa")
    return {"language_model": str(tmp_path / "characters.npz"), "word_model": str(tmp_path / "words.arpa")}


def weight_of(text: str, hot: str = "") -> float:
    """What both models and the bonuses add for a text, by the book."""
    spelt = kneser_ney.estimate(map(characters_of, LINES), 3)
    letters, words = table(spelt), table(kneser_ney.estimate(map(tokens_of, LINES), 3))
    history = ["<s>"]
    each = []
    for token in ["<space>" if character == " " else character for character in text]:
        token = token if (token,) in letters else "<unk>"
        each.append(plain_log_prob(letters, tuple(history[-2:]), token))
        history.append(token)
    total = (CHARACTERS + WORDS) * sum(each) + BONUS * len(text)
    before = ["<s>"]
    for match in re.finditer(r"[a-c]+|\.", text):
        word = match.group()
        known = (word,) in words
        total += WORDS * plain_log_prob(words, tuple(before[-2:]), word) + EACH * (word != ".") + 2.0 * (word == hot)
        total += (
            -WORDS * sum(each[match.start() : match.end()])
            if known
            else WORDS * (UNKNOWN * math.log(10) - words["<unk>",][0])
        )
        before.append(word if known else "<unk>")
    return total


@pytest.mark.parametrize("hot", ["", "ab", "bb"])
def test_without_limits_the_whole_list_is_brute_force(
    kernels: str, lines: Lines, models: dict[str, str], hot: str
) -> None:
    decoder = Beam(
        "abc .",
        beam_width=3_000,
        label_threshold=0.0,
        beam_threshold=0.0,
        language_model_weight=CHARACTERS,
        word_model_weight=WORDS,
        unknown_score=UNKNOWN,
        character_bonus=BONUS,
        word_bonus=EACH,
        hotwords=[hot] if hot else [],
        **({"hotword_weight": 2.0} if hot else {}),
        **models,  # type: ignore[arg-type]
    )
    for line in lines(2, 4, 6):
        truth = {text: math.log(p) + weight_of(text, hot) for text, p in brute_force(line, "abc .").items()}
        found = decoder.decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth, abs=2e-2)  # half precision
        assert found[0].score == pytest.approx(max(truth.values()), abs=2e-2)


def test_compiled_and_interpreted_agree_to_the_bit(
    lines: Lines, models: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder, drawn = Beam("abc .", hotwords=["ca"], **models), lines(10, 40, 6)  # type: ignore[arg-type]
    results = []
    for patience in (10**9, 0):
        monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", patience)
        results.append(decoder.decode_batch(drawn, n_best=4))
    assert results[0] == results[1]


@given(
    text=st.lists(st.sampled_from([*["the", "rain", "falls", "on", "sea", "shore", "is", "and"], "zzz"]), max_size=8)
)
@settings(deadline=None, max_examples=60)
def test_flat_arrays_score_as_kenlm_does(tmp_path_factory: pytest.TempPathFactory, text: list[str]) -> None:
    kenlm = pytest.importorskip("kenlm")
    path = tmp_path_factory.getbasetemp() / "verse.arpa"
    if not path.exists():
        arpa.write(kneser_ney.estimate([line.split() for line in VERSE], 3), path)
    model = word_file.load_words(path)
    expected = [score for score, _, _ in kenlm.Model(str(path)).full_scores(" ".join(text), bos=True, eos=True)]
    assert scores(model, text) == pytest.approx(expected, abs=1e-5)


def scores(model: WordModel, text: list[str]) -> list[float]:
    ngrams, found = weighted(model.trie, 1.0), []
    numbers = {word: symbol for symbol, word in enumerate(model.words, start=3)}
    state = ngrams.start
    for symbol in [*(numbers.get(word, 0) for word in text), 2]:
        p, state = ngram_step(ngrams, state, symbol)
        found.append(math.log10(p))
    return found


def test_punctuation_attached_is_known_from_the_model(tmp_path: Path) -> None:
    """A model of what stands between spaces, as other tools make them, works as one of words and signs does."""
    alphabet = "acdehimst ,"
    for name, tokens in (("attached", str.split), ("apart", tokens_of)):
        texts = ["the cat, the mat, the cat, sat", "the hat, the cat, sat"]
        arpa.write(kneser_ney.estimate(map(tokens, texts), 3), tmp_path / f"{name}.arpa")
        line = np.logaddexp(sure_line("the cat, sat", alphabet), sure_line("the hat, sat", alphabet)) - np.log(2)
        decoder = Beam(alphabet, word_model=str(tmp_path / f"{name}.arpa"), word_model_weight=1.0)
        assert decoder.decode(line.astype(np.float32))[0].text == "the cat, sat"


@pytest.mark.parametrize(("known", "read"), ["'\u2019", "\u2019'"])
def test_apostrophes_are_one(tmp_path: Path, known: str, read: str) -> None:
    arpa.write(kneser_ney.estimate([[f"do{known}t", "go"], ["dot"]], 2), tmp_path / "m.arpa")
    decoder = Beam(f"dontg{read} ", word_model=str(tmp_path / "m.arpa"), word_model_weight=1.0)
    found = decoder.decode(sure_line(f"do{read}t go", f"dontg{read} "), n_best=3)
    assert found[0].text == f"do{read}t go"
    assert found[0].score > decoder.decode(sure_line(f"do{read}n go", f"dontg{read} "))[0].score


def test_a_model_keeps_its_words_in_a_file(tmp_path: Path) -> None:
    model = from_ngrams(kneser_ney.estimate(map(tokens_of, [*VERSE, "naïve."]), 3))
    word_file.save(model, tmp_path / "verse.npz")
    loaded = word_file.load_words(tmp_path / "verse.npz")
    assert loaded.words == model.words
    assert scores(loaded, ["the", "sea", "on"]) == pytest.approx(scores(model, ["the", "sea", "on"]), abs=4e-3)


def test_what_is_no_word_model(tmp_path: Path, models: dict[str, str]) -> None:
    with pytest.raises(ModelError, match="no word model"):
        Beam("ab", word_model=models["language_model"])
    arpa.write(kneser_ney.estimate(map(characters_of, LINES), 2), tmp_path / "c.arpa")
    with pytest.raises(ModelError, match=r"c\.arpa: it is a model of characters, and words are wanted"):
        Beam("ab", word_model=str(tmp_path / "c.arpa"))
    (tmp_path / "m.bin").write_bytes(b"mmap lm http://kheafield.com/code format version 5")
    with pytest.raises(ModelError, match="binary file of KenLM's"):
        Beam("ab", word_model=str(tmp_path / "m.bin"))
    with pytest.raises(UsageError, match="word_model_weight is -1"):
        Beam("ab", word_model_weight=-1.0)


def test_options_without_effect_are_named(models: dict[str, str]) -> None:
    with pytest.warns(DecoderWarning, match="hotwords has no effect without word_model"):
        Beam("ab", hotwords=["a"])
    with pytest.warns(DecoderWarning, match="hotword 'Zürich' has no effect: the network does not read"):
        Beam("ab ", hotwords=["Zürich"], **models)  # type: ignore[arg-type]


def test_without_weight_the_model_is_ignored(lines: Lines, models: dict[str, str]) -> None:
    (line,) = lines(1, 20, 6)
    assert Beam("abc .", word_model=models["word_model"], word_model_weight=0.0).decode(line) == Beam("abc .").decode(
        line
    )


@pytest.mark.parametrize(("known", "read"), [(str.upper, "the cat"), (str.upper, "The cat"), (str.lower, "The CAT")])
def test_a_model_without_small_letters_or_capitals_takes_words_for_the_same(
    tmp_path: Path, known: Callable[[str], str], read: str
) -> None:
    arpa.write(
        kneser_ney.estimate([known(text).split() for text in ("the cat", "the cat", "a mat")], 2), tmp_path / "m"
    )
    alphabet, wrong = "thecamTHECAM ", read[:-1] + "m" if read[-1] == "t" else read[:-1] + "M"
    line = np.logaddexp(sure_line(read, alphabet), sure_line(wrong, alphabet) + 0.3)
    line -= np.logaddexp.reduce(line, axis=1, keepdims=True)
    with pytest.warns(DecoderWarning, match="hardly a word with"):
        decoder = Beam(alphabet, word_model=str(tmp_path / "m"), word_model_weight=1.0)
    assert decoder.decode(line.astype(np.float32))[0].text == read
