"""Beam search with a word model: htrkit's own, or that of pyctcdecode or its successor with a KenLM model.

Source: the algorithm is that of pyctcdecode (Kensho Technologies, https://github.com/kensho-technologies/pyctcdecode),
after A. Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, Decoder, Hypothesis, LogProbs, UsageError, ctc, decoder
from htrkit.decoders import checked_n_best, describe, warn, warn_idle, warn_of_capitals, words_of
from htrkit.resources import is_foreign, resource
from htrkit_kenlm import word_model
from htrkit_kenlm.apostrophes import Apostrophes
from htrkit_kenlm.search import Search, Weights

ALPHA, BETA, UNKNOWN_SCORE = 0.5, 1.5, -10.0
HOTWORD_WEIGHT = 10.0
ENGLISH = "english-words"

Backend = Literal["htrkit", "pyctcdecode", "native"]

_PACKAGES = {"native": "ctc_beam_decoder", "pyctcdecode": "pyctcdecode"}
WIDEST = 100_000
"""Hypotheses that can be asked for."""
# The first private-use code points stand in for characters that the searches would take for something else.
_PRIVATE_USE = range(0xE000, 0xF900)
# pyctcdecode's mark of a word's begin; both searches end texts at NUL or split them at any white space.
_MISTAKABLE = "▁\0"


def beam_lm(
    alphabet: str | Alphabet,
    *,
    beam_width: int | None = None,
    language_model: str | Path = ENGLISH,
    characters: str | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    unknown_score: float | None = None,
    hotwords: Iterable[str] = (),
    hotword_weight: float = HOTWORD_WEIGHT,
    backend: Backend = "htrkit",
) -> Decoder:
    """The texts that network and word model together find most probable.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    beam_width
        Hypotheses kept per frame. Without it, and without the weights below, what suits the backend.
    language_model
        A word model: a shipped name, or an ARPA file; for the other backends also a binary of KenLM's.
    characters
        For htrkit's search, a character model beside it; without it english-characters with the model english-words,
        unless ``alpha`` is 0.
    alpha
        Weight of the word model; 0 ignores it, and ``unknown_score`` with it.
    beta
        Added for each word, because every word costs probability.
    unknown_score
        In decades, what is added for a word that the model does not know; for htrkit's search, how probable one is.
    hotwords
        Words to be favoured, such as names that the model does not know.
    hotword_weight
        Added for each hotword.
    backend
        Which implementation searches: htrkit's decoder ``beam``, ``pyctcdecode``, or ``native``, its successor in C++.
    """
    if backend != "htrkit":
        warn_idle(f"with backend={backend}", characters=characters is not None)
        return BeamLM(
            alphabet,
            beam_width=50 if beam_width is None else beam_width,
            language_model=language_model,
            alpha=ALPHA if alpha is None else alpha,
            beta=BETA if beta is None else beta,
            unknown_score=UNKNOWN_SCORE if unknown_score is None else unknown_score,
            hotwords=hotwords,
            hotword_weight=hotword_weight,
            backend=backend,
        )
    if characters is None and language_model == ENGLISH and alpha != 0:
        characters = "english-characters"
    given = {
        "beam_width": beam_width,
        "language_model": characters,
        "word_model_weight": alpha,
        "word_bonus": beta,
        "unknown_score": unknown_score,
    }
    options = {name: value for name, value in given.items() if value is not None}
    return decoder(
        "beam", alphabet, word_model=language_model, hotwords=hotwords, hotword_weight=hotword_weight, **options
    )


class BeamLM:
    """The texts that network and word model together find most probable.

    Words are what stands between spaces, punctuation attached. Texts have single spaces between words, and none at
    either end. A word that the model does not know is not forbidden, it costs ``unknown_score``.

    Parameters
    ----------
    alphabet, beam_width, alpha, beta, hotwords, hotword_weight
        As `beam_lm` takes them.
    language_model
        A file of a KenLM word model, ARPA or binary.
    unknown_score
        Added, in decades, for a word that the model does not know, and already for beginnings of words that begin no
        known one.
    backend
        ``pyctcdecode``, or ``native``, its successor in C++, which is faster and finds the same.

    Notes
    -----
    ``score`` is ln P of the alignments followed plus ``alpha`` times ln P of the words plus ``beta`` for each of them.
    """

    def __init__(
        self,
        alphabet: str | Alphabet,
        *,
        beam_width: int = 50,
        language_model: str | Path,
        alpha: float = ALPHA,
        beta: float = BETA,
        unknown_score: float = UNKNOWN_SCORE,
        hotwords: Iterable[str] = (),
        hotword_weight: float = HOTWORD_WEIGHT,
        backend: Literal["pyctcdecode", "native"] = "pyctcdecode",
    ) -> None:
        if not 1 <= beam_width <= WIDEST:
            raise UsageError(f"beam_width is {beam_width}, but 1 to {WIDEST:,} hypotheses can be kept")
        self.alphabet = Alphabet.of(alphabet)
        self.backend = backend
        if language_model == ENGLISH:
            raise UsageError(f"backend={backend} wants a KenLM model of your own: name its file as language_model")
        path = resource("language model", language_model)
        model = word_model.load(path, foreign=is_foreign("language model", language_model))
        warn_of_capitals(str(language_model), model.words, self.alphabet)
        self._apostrophes = Apostrophes.of(self.alphabet, model.words)
        stand_ins = _stand_ins(self.alphabet) | self._apostrophes.stand_ins
        self._originals = {ord(stand_in): character for character, stand_in in stand_ins.items()}
        labels = ["", *(stand_ins.get(character, character) for character in self.alphabet.characters)]
        # Without a space among its labels a search takes "|" for one; a space that never happens keeps it from that.
        self._lacks_space = " " not in self.alphabet
        in_search = {ord(character): stand_in for character, stand_in in stand_ins.items()}
        spelt = [word.translate(in_search) for word in _readable(hotwords, self.alphabet)]
        warn_idle("without hotwords", hotword_weight=hotword_weight != HOTWORD_WEIGHT and not spelt)
        warn_idle("with alpha=0", unknown_score=alpha == 0 and unknown_score not in (0, UNKNOWN_SCORE))
        # Beginnings of unknown words cost the searches the whole `unknown_score`, whatever `alpha` is.
        weights = Weights(alpha, beta, unknown_score if alpha else 0.0, beam_width, tuple(spelt), hotword_weight)
        self._search: Search = _implementation(self.backend)(labels + [" "] * self._lacks_space, model, weights)
        self._made_from = {"language_model": language_model, "backend": backend} | asdict(weights)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), **self._made_from), (self.alphabet,)

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        """At most ``n_best`` hypotheses, the best first."""
        n_best = checked_n_best(n_best)
        frames = ctc.check(log_probs, self.alphabet.n_labels)
        best: dict[str, float] = {}
        for text, score in self._beams(self._apostrophes.merged(frames)):
            best.setdefault(text.translate(self._originals), score)
        found = [
            (self._apostrophes.restored(self.alphabet.encode(text), frames), score)
            for text, score in list(best.items())[:n_best]
        ]
        return describe(self.alphabet, frames, found)

    def _beams(self, frames: NDArray[Any]) -> list[tuple[str, float]]:
        if not len(frames):
            return [("", 0.0)]
        columns = np.maximum(frames, ctc.FLOOR, dtype=np.float32)
        if self._lacks_space:
            columns = np.pad(columns, ((0, 0), (0, 1)), constant_values=ctc.FLOOR)
        return self._search(columns)


def _implementation(backend: str) -> Callable[[list[str], word_model.WordModel, Weights], Search]:
    try:
        if backend == "native":
            from htrkit_kenlm.native_search import search
        elif backend == "pyctcdecode":
            from htrkit_kenlm.python_search import search
        else:
            raise UsageError(f"backend is {backend!r}, but it must be htrkit, pyctcdecode or native")
    except ImportError as error:
        package = _PACKAGES[backend].replace("_", "-")
        raise UsageError(
            f"backend={backend} cannot be loaded ({error}); install it with: pip install {package}"
        ) from error
    return search


def _readable(hotwords: Iterable[str], alphabet: Alphabet) -> Iterator[str]:
    """The hotwords as the alphabet spells them; warns of those that it cannot spell."""
    for hotword in hotwords:
        words = list(words_of([hotword], alphabet, alphabet.characters))
        if None in words:
            unknown = " ".join(map(repr, alphabet.unknown(hotword)))
            warn(f"the hotword {hotword!r} has no effect: the network does not read {unknown}")
        else:
            yield " ".join(filter(None, words))


def _stand_ins(alphabet: Alphabet) -> dict[str, str]:
    """Private-use characters for those that would not come back as they are."""
    free = (chr(point) for point in _PRIVATE_USE if chr(point) not in alphabet)
    mistakable = [
        character
        for character in alphabet.characters
        if character in _MISTAKABLE or (character.isspace() and character != " ") or "\ud800" <= character <= "\udfff"
    ]
    return dict(zip(mistakable, free, strict=False))
