"""The language models and lexicons know their languages, and no other."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from htrkit import Alphabet, decoder, plugins

SENTENCES = {
    "french": "Le lendemain, elle était assise près de la fenêtre et pensait à son frère.",
    "german": "Am nächsten Morgen saß sie wieder am Fenster und dachte an ihren Bruder.",
    "spanish": "A la mañana siguiente estaba sentada junto a la ventana y pensaba en su hermano.",
    "italian": "Il mattino dopo era seduta vicino alla finestra e pensava a suo fratello.",
}


@pytest.fixture(scope="module", params=SENTENCES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def likelihood(language: str, text: str) -> float:
    """Of a text, by the decoder that uses the model: its language scores are ln P of the whole line."""
    alphabet = Alphabet("".join(sorted(set("".join([*SENTENCES.values(), text])))))
    labels = alphabet.encode(text)
    log_probs = np.full((2 * len(labels), alphabet.n_labels), -30.0, np.float32)
    log_probs[1::2, 0] = 0.0
    log_probs[np.arange(len(labels)) * 2, labels] = 0.0
    beam = decoder("beam", alphabet, language_model=f"{language}-characters", language_model_weight=1.0)
    (found,) = beam.decode(log_probs)
    assert found.text == text
    return float(found.score)


def test_a_model_prefers_its_own_language(language: str) -> None:
    scores = {other: likelihood(other, SENTENCES[language]) for other in SENTENCES}
    assert max(scores, key=scores.__getitem__) == language, scores


def test_a_model_knows_its_accents(language: str) -> None:
    sentence = SENTENCES[language]
    spelt = unicodedata.normalize("NFD", sentence).encode("ascii", "ignore").decode()
    assert spelt == sentence or likelihood(language, sentence) > likelihood(language, spelt)


def test_a_model_is_small(language: str) -> None:
    assert plugins.create("language model", f"{language}-characters").stat().st_size < 3e6


def test_a_lexicon_has_the_words_of_a_sentence(language: str) -> None:
    path: Path = plugins.create("lexicon", language)
    words = {line.partition("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()}
    assert len(words) > 40_000
    assert [word for word in re.findall(r"\w+", SENTENCES[language]) if not {word, word.lower()} & words] == []


def test_sources_and_terms_stand_beside_the_files(language: str) -> None:
    for kind, name in (("lexicon", language), ("language model", f"{language}-characters")):
        assert "public domain" in (plugins.create(kind, name).parent / "README.md").read_text(encoding="utf-8")
