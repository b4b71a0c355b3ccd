"""The words of hypotheses: their boxes and how sure the network is of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit import Recognizer, ctc
from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.hypothesis_words import unread, words_in
from htrkit.testing import sure_line
from htrkit.types import Encoded, Failed, Hypothesis, Line, LogProbs, Result
from tests import tiny_model

ALPHABET = Alphabet("ab ")


def edges(frames: int) -> Any:
    """Of frames of ten pixels, on a line that is 32 high and stands at 100, 50."""
    x = 100.0 + 10.0 * np.arange(frames + 1)
    return np.stack([np.stack([x, np.full_like(x, y)], axis=1) for y in (50.0, 82.0)], axis=1)


def aligned(text: str) -> tuple[Hypothesis, Encoded]:
    log_probs = sure_line(text, "ab ")
    spans = ctc.align(log_probs, ALPHABET.encode(text))
    return Hypothesis(text, 0.0, spans=spans, confidence=0.5), Encoded("x", log_probs, edges=edges(len(log_probs)))


def test_words_are_what_stands_between_white_spaces_with_their_frames() -> None:
    hypothesis, line = aligned(" ab  b a")
    words = words_in(hypothesis, line)
    assert [word.text for word in words] == ["ab", "b", "a"]
    spans = hypothesis.spans
    assert [word.span for word in words] == [(spans[1][0], spans[2][1]), spans[5], spans[7]]


def test_a_box_holds_its_words_frames_and_touches_no_other_words() -> None:
    hypothesis, line = aligned("ab b a")
    boxes = [word.outline for word in words_in(hypothesis, line)]
    for box, (start, stop) in zip(boxes, [(0, 1), (3, 3), (5, 5)], strict=True):
        (left, top), (right, _), (_, bottom), _ = box
        assert (top, bottom) == (50, 82)
        assert left <= 100 + 10 * hypothesis.spans[start][0]
        assert right >= 100 + 10 * hypothesis.spans[stop][1]
    rights, lefts = [box[1][0] for box in boxes[:-1]], [box[0][0] for box in boxes[1:]]
    assert all(right <= left for right, left in zip(rights, lefts, strict=True))


def test_a_box_does_not_reach_over_wide_paper() -> None:
    log_probs = np.log(np.full((100, 4), 0.01, np.float32))
    log_probs[:, 0] = np.log(0.97)
    line = Encoded("x", log_probs, edges=edges(100))
    (word,) = words_in(Hypothesis("ab", 0.0, spans=((48, 49), (50, 51))), line)
    assert word.outline == ((560, 50), (630, 50), (630, 82), (560, 82))


def test_frames_on_paper_beside_the_line_take_nothing_of_a_words_reach() -> None:
    """A network tells the first and the last letter on that paper, often."""
    log_probs = np.zeros((16, 4), np.float32)
    x = np.repeat(edges(10), [4, *[1] * 9, 4], axis=0)  # three frames before and three after have no width
    line = Encoded("x", log_probs, edges=x, ink=np.repeat([0.0, 100.0, 0.0], [3, 10, 3]))
    found = Hypothesis("ab a b", 0.0, spans=((0, 1), (5, 6), (7, 8), (10, 11), (12, 13), (15, 16)))
    words = words_in(found, line)
    assert [(word.outline[0][0], word.outline[1][0]) for word in words] == [(100, 140), (150, 190), (200, 200)]
    alone = Hypothesis("a", 0.0, spans=((0, 1),))
    (word,) = words_in(alone, line)
    assert (word.outline[0][0], word.outline[1][0], word.has_ink) == (100, 110, True)


@pytest.mark.parametrize(
    "spans", [(), ((0, 1),), ((0, 1), (1, 2), (2, 999)), ((3, 4), (1, 2), (5, 6)), ((0, 3), (2, 4), (4, 5))]
)
def test_without_frames_for_each_character_a_word_is_as_sure_as_its_hypothesis(spans: ctc.Spans) -> None:
    _, line = aligned("a b")
    words = words_in(Hypothesis("a b", 0.0, spans=spans, confidence=0.25), line)
    assert [(word.text, word.outline, word.confidence, word.span) for word in words] == [
        ("a", (), 0.25, None),
        ("b", (), 0.25, None),
    ]


def with_ink(line: Encoded, *runs: tuple[int, int]) -> Encoded:
    """A line with a hundred pixels of ink on each frame of some runs."""
    ink = np.zeros(len(line.log_probs))
    for start, stop in runs:
        ink[start:stop] = 100.0
    return replace(line, ink=ink)


def test_ink_that_is_in_no_word_is_told() -> None:
    line = Encoded("x", np.log(np.full((100, 4), 0.25, np.float32)), edges=edges(100))
    ab = Hypothesis("ab", 0.0, spans=((48, 50), (52, 54)))
    (found,) = unread(ab, with_ink(line, (10, 20), (46, 56)))
    assert found == ((200, 50), (300, 50), (300, 82), (200, 82))
    assert unread(ab, with_ink(line, (46, 56), (70, 72))) == ()  # less than a letter
    assert len(unread(Hypothesis("", 0.0), with_ink(line, (10, 20), (46, 56)))) == 2
    assert unread(Hypothesis("", 0.0), with_ink(line)) == ()
    assert unread(Hypothesis("ab", 0.0), with_ink(line, (10, 20))) == ()  # nobody knows where it stands
    assert unread(ab, line) == ()


def test_words_without_ink_are_told() -> None:
    hypothesis, line = aligned("ab b a")
    start, stop = hypothesis.spans[3]
    found = words_in(hypothesis, with_ink(line, (0, start - 1), (stop + 1, len(line.log_probs))))
    assert [word.has_ink for word in found] == [True, False, True]
    assert all(word.has_ink for word in words_in(hypothesis, line))


@pytest.mark.parametrize("decoder", ["best-path", "beam"])
def test_what_a_network_passes_over_is_unread(tmp_path: Path, decoder: str) -> None:
    recognizer = Recognizer.load(tiny_model.write(tmp_path).folder, decoder=decoder)
    pixels = tiny_model.draw("ab")
    (whole,) = recognizer.recognize([Line("x", pixels)])
    assert isinstance(whole, Result)
    assert whole.unread == ()
    faint = np.hstack([pixels, np.full_like(pixels, 255)])
    faint[14:18, -40:-8] = 0  # a stroke that is no letter to it
    (found,) = recognizer.recognize([Line("x", faint)])
    assert isinstance(found, Result)
    ((left, *_),) = found.unread
    assert left[0] >= pixels.shape[1]


def test_a_text_of_nothing_but_spaces_has_no_words() -> None:
    for text in ("", " "):
        assert words_in(*aligned(text)) == ()


@pytest.mark.parametrize("decoder", ["best-path", "beam", "prefix"])
def test_every_decoders_words_stand_where_the_ink_is(tmp_path: Path, decoder: str) -> None:
    recognizer = Recognizer.load(tiny_model.write(tmp_path).folder, decoder=decoder)
    to_page = ((0.5, 0.0, 100.0), (0.0, 0.5, 40.0))
    (found,) = recognizer.recognize([Line("x", tiny_model.draw("ab"), to_page=to_page)], n_best=2)
    assert isinstance(found, Result)
    (word,) = found.hypotheses[0].words
    (left, top), (right, _), (_, bottom), _ = word.outline
    assert word.text == found.text == "ab"
    assert (left, top, bottom) == (100, 40, 56)
    assert 112 <= right <= 118
    assert word.confidence is not None
    assert word.confidence == found.confidence > 0.85
    assert all(len(other.words) == len(other.text.split()) for other in found.hypotheses)


def test_edges_that_do_not_fit_the_frames_cost_the_line(tmp_path: Path) -> None:
    class Odd:
        def encode(self, lines: list[Line]) -> list[LogProbs]:
            return [np.log(np.full((4, 3), 1 / 3, np.float32))] * len(lines)

        def frame_edges(self, line: Line) -> Any:
            return InputRule(32, 128, 0.25).frame_edges(*line.pixels.shape)

    model = tiny_model.write(tmp_path)
    loaded = Recognizer.load(model.folder)
    recognizer = Recognizer(model, Odd(), loaded.decoder, (), decoder_name="best-path", encoder_name="odd")
    (found,) = recognizer.recognize([Line("x", tiny_model.draw("a"))])
    assert isinstance(found, Failed)
    assert found.reason == "encoder 'odd' gave 4 frames, and 33 edges of them, which should be one more"
