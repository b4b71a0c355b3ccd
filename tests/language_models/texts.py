"""Small texts that the tests write themselves."""

from __future__ import annotations

import math

import numpy as np

from htrkit.decoders.language_kernel import ngram_step
from htrkit.decoders.languages import CHARACTERS, NO_LANGUAGE, Language, weighted
from htrkit.language_models.characters import CharacterModel
from htrkit.language_models.ngrams import END, SPECIAL, UNKNOWN, NgramModel

VERSE = [
    "the rain falls on the sea",
    "the sea falls on the shore",
    "on the shore the rain is the sea",
    "rain on rain and sea on sea",
    "the rain is on the shore",
]


def babble(n_lines: int = 600) -> list[str]:
    """Lines of words w0 to w34, some frequent, some rare, the same ones every time."""
    state, lines = 1, []
    for _ in range(n_lines):
        words: list[str] = []
        while True:
            state = (state * 1103515245 + 12345) % 2**31
            if len(words) > 2 and state >> 16 & 7 == 0:
                break
            words.append(f"w{(state >> 20 & 15) * (state >> 24 & 15) // 8 + len(words) % 3}")
        lines.append(" ".join(words))
    return lines


def table(model: NgramModel) -> dict[tuple[str, ...], tuple[float, float]]:
    """Log probability and back-off of each n-gram, natural."""
    return {
        tuple(model.vocabulary[number] for number in row): (float(log_prob), float(backoff))
        for rows, log_probs, backoffs in zip(model.rows, model.log_probs, model.backoffs, strict=True)
        for row, log_prob, backoff in zip(rows.tolist(), log_probs, backoffs, strict=True)
    }


def plain_log_prob(ngrams: dict[tuple[str, ...], tuple[float, float]], context: tuple[str, ...], token: str) -> float:
    """ln P(token | context) by the back-off formula, word by word."""
    if (token,) not in ngrams:
        token = "<unk>"
    total = 0.0
    while (*context, token) not in ngrams:
        total += ngrams.get(context, (0.0, 0.0))[1]
        context = context[1:]
    return total + ngrams[(*context, token)][0]


def language_of(model: CharacterModel) -> Language:
    """A character model as the beam kernel walks it; its labels are the model's symbols."""
    symbols = np.arange(len(model.characters) + len(SPECIAL))
    return NO_LANGUAGE._replace(mode=CHARACTERS, symbols=symbols, characters=weighted(model.trie, 1.0))


def log_prob(model: CharacterModel, text: str, *, end: bool = True) -> float:
    """ln P(text) from the beginning of a line; with ``end``, that the line ends there too."""
    language = language_of(model)
    total, state = 0.0, language.characters.start
    symbols = {character: symbol for symbol, character in enumerate(model.characters, start=len(SPECIAL))}
    for symbol in [symbols.get(character, UNKNOWN) for character in text] + [END] * end:
        p, state = ngram_step(language.characters, state, symbol)
        total += math.log(p)
    return total
