"""Every decoder spells with labels of several characters: against brute force over labels."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from htrkit import Alphabet, LogProbs, decoder
from htrkit.decoders.beam import Beam
from htrkit.decoders.word_beam import WordBeam
from htrkit.language_models import arpa, character_file, characters, kneser_ney
from htrkit.language_models.counts import characters_of, tokens_of
from htrkit.testing import brute_force, sure_line
from tests.decoders.conftest import Lines

ALPHABET = Alphabet(["c", "h", "ch", "a", " "])
BOTH = ["cha", "ac", "ha"]
NO_LIMITS = {"beam_width": 2_000, "label_threshold": 0.0, "beam_threshold": 0.0}


def by_text(line: LogProbs, wanted: Callable[[str], object] = lambda spelt: True) -> dict[str, float]:
    """P of the best way to write each text, of those that are wanted as they are spelt in `Alphabet.characters`."""
    texts: dict[str, float] = {}
    for spelt, p in brute_force(line, ALPHABET.characters).items():
        if wanted(spelt):
            texts[ALPHABET.written(spelt)] = max(p, texts.get(ALPHABET.written(spelt), 0.0))
    return texts


def test_beam_finds_every_text_once_with_its_best_spelling(kernels: str, lines: Lines) -> None:
    for line in lines(3, 4, 6):
        truth = by_text(line)
        found = Beam(ALPHABET, **NO_LIMITS).decode(line, n_best=5_000)  # type: ignore[arg-type]
        assert len({one.text for one in found}) == len(found)
        assert {one.text: math.exp(one.log_prob or 0.0) for one in found} == pytest.approx(truth, rel=1e-4)
        assert decoder("prefix", ALPHABET).decode(line)[0].text == max(truth, key=truth.__getitem__)


def test_words_of_a_lexicon_are_spelt_in_as_few_labels_as_possible(kernels: str, lines: Lines) -> None:
    words = "|".join(ALPHABET.spelt(word) for word in BOTH)
    for line in lines(6, 4, 6):
        truth = by_text(line, re.compile(f" *(({words})( +|$))*").fullmatch)
        search = WordBeam(ALPHABET, lexicon=BOTH, strict=True, beam_width=2_000, beam_threshold=0.0)
        found = search.decode(line, n_best=2_000)
        assert {one.text: one.score for one in found} == pytest.approx({t: math.log(p) for t, p in truth.items()})
        one_word = {word: math.log(truth[word]) for word in BOTH if word in truth}
        entries = decoder("lexicon", ALPHABET, lexicon=BOTH, tolerance=9).decode(line, n_best=9)
        assert {one.text: one.score for one in entries} == pytest.approx(one_word, rel=1e-4)


def test_token_passing_reads_words_with_such_labels() -> None:
    assert decoder("token-passing", ALPHABET, lexicon=BOTH).decode(sure_line("ac cha ha", ALPHABET))[0].text == (
        "ac cha ha"
    )


def test_capitals_of_a_list_have_labels_of_their_own() -> None:
    alphabet = Alphabet(["ch", "Ch", "a", " "])
    assert WordBeam(alphabet, lexicon=["cha"]).decode(sure_line("Cha cha", alphabet))[0].text == "Cha cha"


@pytest.mark.parametrize("models", [("language_model",), ("language_model", "word_model")])
def test_language_models_weigh_characters_whatever_their_labels(
    kernels: str, lines: Lines, tmp_path: Path, models: tuple[str, ...]
) -> None:
    texts = ["cha ac ha", "ac cha cha", "ha ac"]
    character_file.save(characters.from_ngrams(kneser_ney.estimate(map(characters_of, texts), 3)), tmp_path / "c.npz")
    arpa.write(kneser_ney.estimate(map(tokens_of, texts), 2), tmp_path / "w.arpa")
    files = {"language_model": str(tmp_path / "c.npz"), "word_model": str(tmp_path / "w.arpa")}
    options = {name: files[name] for name in models} | NO_LIMITS
    (line,) = lines(1, 4, 6)
    plain = np.logaddexp(line[:, :1], line[:, 3:4])  # c, h, a and space alone
    single = np.concatenate([plain, line[:, [1, 2, 4, 5]]], axis=1)
    together = Beam(ALPHABET, **options).decode(line, n_best=5_000)  # type: ignore[arg-type]
    alone = Beam("cha ", **options).decode(single.astype(np.float32), n_best=5_000)  # type: ignore[arg-type]
    given = {one.text: one.score - (one.log_prob or 0.0) for one in alone}
    compared = {one.text: one.score - (one.log_prob or 0.0) for one in together if one.text in given}
    assert any("ch" in text for text in compared)
    assert compared == pytest.approx({text: given[text] for text in compared}, abs=1e-6)


@pytest.mark.parametrize("name", ["best-path", "beam", "prefix", "word-beam"])
def test_each_character_has_frames_and_none_goes_back(name: str) -> None:
    text = "cha ac cha"
    found = decoder(name, ALPHABET, **({"lexicon": BOTH} if name == "word-beam" else {})).decode(
        sure_line(text, ALPHABET)
    )[0]
    assert found.text == text
    assert len(found.spans) == len(text)
    edges = list(itertools.chain.from_iterable(found.spans))
    assert edges == sorted(edges)
