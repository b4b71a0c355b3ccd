"""Word beam search: words from a lexicon, anything between them.

Source: H. Scheidl, S. Fiel, R. Sablatnig, "Word Beam Search: A Connectionist Temporal Classification Decoding
Algorithm", ICFHR 2018.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.decoders import vocabulary
from htrkit.decoders.beam_search import BeamSearch, Labels
from htrkit.decoders.beams import MASK, Ending
from htrkit.decoders.grammar import words_between
from htrkit.decoders.languages import FORECAST, NGRAMS, NO_LANGUAGE, PLAIN, SAMPLE, word_language
from htrkit.decoders.notices import warn_idle
from htrkit.decoders.trie_cache import load_trie
from htrkit.errors import UsageError

Mode = Literal["words", "ngrams", "forecast", "forecast-sample"]

SMOOTHING = 0.01
ORDINALS = ("st", "nd", "rd", "th")

_MODES = {"words": PLAIN, "ngrams": NGRAMS, "forecast": FORECAST, "forecast-sample": SAMPLE}


class WordBeam(BeamSearch):
    """The most probable text whose words are all in the lexicon; digits, punctuation and spaces are free.

    Parameters
    ----------
    alphabet
        The network's characters in label order.
    beam_width
        Hypotheses kept per frame.
    beam_threshold
        Hypotheses less probable than this share of the best are dropped; 0 keeps them.
    mode
        What the words are weighed by: ``words`` not at all, ``ngrams`` by bigrams once they are complete,
        ``forecast`` by bigrams from their first letter on, ``forecast-sample`` by a sample of those.
    lexicon
        The words: a shipped name, or a file of one word a line, perhaps with a tab and a count; without it those of
        ``corpus``, else ``english``.
    corpus
        The text whose bigrams are counted: a shipped name or a file; without it, the lexicon's counts.
    smoothing
        Added to every count, so that what was never seen is not impossible.
    word_characters
        The characters that words are made of; without it letters, accents and apostrophes.
    capitals
        Words may also begin with a capital, and stand in capitals, where the list has them in small letters.
    joined
        Whether a word may begin where another ends, as in compounds; without it, in scripts that have no spaces.
    endings
        What may follow a figure directly, though the list does not have it, as in 2nd.
    strict
        End only in whole words. Otherwise an unfinished last word stays, completed if only one word begins so.
    seed
        Of the samples of ``forecast-sample``.

    Notes
    -----
    ``score`` is ln P of the alignments followed, plus in the n-gram modes the mean ln P of the words. In Python,
    ``lexicon`` and ``corpus`` may also be a text or an iterable of words.
    """

    def __init__(
        self,
        alphabet: str | Alphabet,
        *,
        beam_width: int = 25,
        beam_threshold: float = 1e-6,
        mode: Mode = "words",
        lexicon: str | Path | Iterable[str] | None = None,
        corpus: str | Path | Iterable[str] | None = None,
        smoothing: float = SMOOTHING,
        word_characters: str | None = None,
        capitals: bool = True,
        joined: bool | None = None,
        endings: Iterable[str] = ORDINALS,
        strict: bool = False,
        seed: int = 0,
    ) -> None:
        alphabet = Alphabet.of(alphabet)
        if not 0 <= smoothing < np.inf:
            raise UsageError(f"smoothing is {smoothing}, but it is added to counts: give 0 or more, such as 0.01")
        if mode not in _MODES:
            raise UsageError(f"mode is {mode!r}, but it must be one of {', '.join(_MODES)}")
        if mode == "words":
            warn_idle("in the mode words", smoothing=smoothing != SMOOTHING, corpus=bool(lexicon and corpus))
        warn_idle("but in the mode forecast-sample", seed=seed != 0 and mode != "forecast-sample")
        characters = vocabulary.word_characters(alphabet, word_characters)
        words = None
        if corpus is not None and (lexicon is None or mode != "words"):
            words = list(vocabulary.words_of(vocabulary.text_lines(corpus), alphabet, characters))
        if lexicon is None:
            lexicon = "english" if words is None else list(filter(None, words))
        self._trie = load_trie(vocabulary.resolved(lexicon), alphabet, characters, capitals=capitals)
        self._strict = strict
        self._word_labels = frozenset(alphabet.labels_of(characters).tolist())
        language = NO_LANGUAGE
        if mode != "words":
            language = word_language(
                words, self._trie, alphabet, mode=_MODES[mode], smoothing=smoothing, seed=seed & MASK
            )
        if joined is None:
            some = self._trie.labels[1 :: 1 + len(self._trie.labels) // 1_000]
            joined = vocabulary.is_spaceless(alphabet.decode(some.tolist()))
        self._joined = joined
        spelt = dict.fromkeys(filter(None, vocabulary.words_of(endings, alphabet, characters)), 1)
        grammar = words_between(
            alphabet,
            characters,
            self._trie,
            endings=vocabulary.also_written(spelt, alphabet, characters, capitals=capitals),
            joined=joined,
        )
        super().__init__(alphabet, grammar, language, beam_width=beam_width, beam_threshold=beam_threshold)

    def finish(self, endings: Iterator[Ending]) -> Iterator[tuple[Labels, float]]:
        """Beams that end in whole words; others completed, or dropped if ``strict``."""
        found = list(endings) if self._joined else endings
        # of words that are joined, the same letters may also be the begin of a longer one
        also_whole = {one.labels.tobytes() for one in found if self._is_whole(one)} if self._joined else ()
        best: Ending | None = None
        dropped = True
        for ending in found:
            best = best or ending
            whole = self._is_whole(ending)
            if not whole and (self._strict or ending.labels.tobytes() in also_whole):
                continue
            dropped = False
            labels = ending.labels
            if not whole and ending.node < len(self._trie.labels) and (rest := self._trie.completion(ending.node)):
                labels = np.append(labels, np.array(rest, np.int64))
            yield labels, ending.score
        if dropped and best is not None:  # then the best without its unfinished word
            labels = best.labels
            while len(labels) and int(labels[-1]) in self._word_labels:
                labels = labels[:-1]
            yield labels, best.score

    def _is_whole(self, ending: Ending) -> bool:
        node, nowhere = ending.node, len(self._trie.labels)
        return node == 0 or (node < nowhere and bool(self._trie.is_word[node]))
