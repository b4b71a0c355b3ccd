"""Words of hypotheses with their probabilities and alternatives, whatever the decoder."""

from __future__ import annotations

import math

import numpy as np
import pytest

from htrkit import Alphabet, Alternative, Hypothesis, LogProbs, Result, ctc, decoder
from htrkit.decoding import decode_lines
from htrkit.testing import sure_line
from htrkit.types import Encoded
from htrkit.weighing import Weigher

ALPHABET = Alphabet("ab ")


def doubtful() -> LogProbs:
    """``ab ?b``, where the ? is an a rather than a b."""
    line = 3 * sure_line("ab ab", "ab ")
    line -= np.logaddexp.reduce(line, axis=1, keepdims=True)
    (frame, _) = ctc.align(line, ALPHABET.encode("ab ab"))[3]
    line[frame] = np.log([0.02, 0.66, 0.3, 0.02])
    return line


def read(made: object, log_probs: LogProbs, n_best: int = 1) -> Result:
    weigher = Weigher(made, "x", ALPHABET)  # type: ignore[arg-type]
    (found,) = decode_lines(made, "x", [Encoded("x", log_probs)], weigh=weigher, n_best=n_best)  # type: ignore[arg-type]
    assert isinstance(found, Result)
    return found


@pytest.mark.parametrize("name", ["best-path", "beam", "prefix"])
def test_a_doubt_is_one_words(name: str) -> None:
    found = read(decoder(name, "ab "), doubtful())
    sure, unsure = found.hypotheses[0].words
    assert (sure.text, unsure.text) == ("ab", "ab")
    assert sure.confidence is not None
    assert unsure.confidence is not None
    assert sure.confidence > 0.9
    assert 0.5 < unsure.confidence < 0.8
    assert found.confidence == pytest.approx(sure.confidence * unsure.confidence)


@pytest.mark.parametrize("name", ["beam", "prefix"])
def test_alternatives_come_with_their_probabilities(name: str) -> None:
    first, second = read(decoder(name, "ab "), doubtful(), n_best=2).hypotheses
    word, other = first.words[1], second.words[1]
    assert word.alternatives[0].text == other.text
    assert other.confidence == pytest.approx(word.alternatives[0].confidence)
    assert other.alternatives[0] == Alternative("ab", word.confidence or 0.0)
    assert sum(one.confidence for one in word.alternatives) + (word.confidence or 0.0) <= 1.0


def test_what_the_decoder_knows_counts() -> None:
    network = read(decoder("beam", "ab "), doubtful()).hypotheses[0].words[1]
    lexicon = read(decoder("word-beam", "ab ", lexicon=["ab"]), doubtful()).hypotheses[0].words[1]
    assert network.confidence is not None
    assert lexicon.confidence is not None
    assert lexicon.confidence > network.confidence
    assert lexicon.alternatives == ()


def test_a_decoder_with_one_reading_is_not_asked_again(recwarn: pytest.WarningsRecorder) -> None:
    (_, word) = read(decoder("best-path", "ab "), doubtful()).hypotheses[0].words
    assert word.alternatives == ()
    assert not recwarn.list


def test_a_decoder_that_fails_on_a_part_leaves_the_networks_word() -> None:
    line = doubtful()

    class WholeLines:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            if len(log_probs) < len(line) or n_best > 1:
                raise RuntimeError("too short for me")
            return decoder("beam", "ab ").decode(log_probs, n_best=n_best)

    assert read(WholeLines(), line).hypotheses[0].words == read(decoder("best-path", "ab "), line).hypotheses[0].words


class Says:
    """Whatever the line, one hypothesis."""

    def __init__(self, hypothesis: Hypothesis) -> None:
        self.hypothesis = hypothesis

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        return [self.hypothesis]


@pytest.mark.parametrize(
    ("text", "spans"),
    [("a b", ()), ("a b", ((0, 1),)), ("a b", ((3, 4), (1, 2), (5, 6))), ("x y", ((0, 1), (2, 3), (4, 5)))],
)
def test_where_nothing_else_is_known_words_are_as_sure_as_the_hypothesis(text: str, spans: ctc.Spans) -> None:
    found = read(Says(Hypothesis(text, 0.0, spans=spans, confidence=0.25)), sure_line("a b", "ab "))
    assert [word.confidence for word in found.hypotheses[0].words] == [0.25, 0.25]


@pytest.mark.parametrize("text", ["", " "])
def test_without_words_a_text_is_as_sure_as_the_decoder_says(text: str) -> None:
    line = sure_line(text, "ab ")
    spans = ctc.align(line, ALPHABET.encode(text))
    found = read(Says(Hypothesis(text, 0.0, spans=spans, confidence=0.25)), line)
    assert (found.confidence, found.hypotheses[0].words) == (0.25, ())


def test_characters_on_no_frames_are_impossible() -> None:
    found = read(
        Says(Hypothesis("aaa", 0.0, spans=((0, 0), (0, 0), (0, 0)))), np.log(np.full((1, 4), 0.25, np.float32))
    )
    assert found.confidence == 0.0
    assert not math.isnan(found.hypotheses[0].score)
