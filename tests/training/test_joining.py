"""Words joined into lines keep their letters, their order and their base line."""

from __future__ import annotations

import numpy as np

from htrkit.ctc import frames_needed
from htrkit.encoders.input import InputRule
from htrkit.preprocess.ink import letter_rows
from htrkit.training.data import Example
from htrkit.training.joining import Joiner, join
from tests.drawing import WORDS, writing

SPACE = 1
RULE = InputRule(height=64, width=None, frames_per_pixel=0.25)


def example(text: str) -> Example:
    labels = np.array([SPACE if c == " " else ord(c) for c in text], np.int32)
    return Example(writing(text, noise=0, paper=255), labels, text)


def test_a_line_has_the_words_in_order_with_spaces_between() -> None:
    words = [example(text) for text in WORDS]
    line = join(words[:4], SPACE, np.random.default_rng(0))
    assert line.text == "Often quick brown letters"
    np.testing.assert_array_equal(line.labels, example(line.text).labels)
    assert line.pixels.shape[1] > sum(word.pixels.shape[1] for word in words[:4]) * 0.6
    assert (255 - line.pixels).sum() > 0.5 * sum((255 - word.pixels).sum() for word in words[:4])
    # between the words there is a gap without ink
    columns = np.flatnonzero((line.pixels < 128).any(axis=0))
    assert (np.diff(columns) > 8).sum() >= 3


def test_small_letters_stand_on_one_line() -> None:
    rng = np.random.default_rng(0)
    tall = np.full((80, 60), 255, np.uint8)
    tall[40:60, 5:55] = 0  # small letters, with room above for ascenders and below for descenders
    low = np.full((20, 60), 255, np.uint8)
    low[:, 5:55] = 0
    assert letter_rows(255 - tall)[0] in range(37, 43)
    line = join([Example(p, np.array([9], np.int32), "x") for p in (tall, low)], SPACE, rng)
    half = line.pixels.shape[1] // 2
    left, right = (np.flatnonzero((part < 128).any(axis=1)) for part in (line.pixels[:, :half], line.pixels[:, half:]))
    assert abs(int(left[-1]) - int(right[-1])) <= 8
    assert abs(len(left) - len(right)) <= 8


def test_lines_are_drawn_as_often_as_asked_and_always_fit_their_frames() -> None:
    joiner = Joiner([example(text) for text in WORDS], SPACE, share=0.5, longest=30)
    rng = np.random.default_rng(0)
    numbers = [joiner.words(rng) for _ in range(300)]
    assert 0.35 < np.mean([n > 1 for n in numbers]) < 0.65
    for first, words in enumerate([1, 2, 5, 10] * 3):
        drawn = joiner.draw(first, words, RULE, rng)
        assert drawn.text.startswith(WORDS[first])
        assert len(drawn.text.split()) <= words
        assert len(drawn.labels) == len(drawn.text) <= 30
        assert RULE.frames(RULE.fitted_size(*drawn.pixels.shape)[1]) >= frames_needed(drawn.labels)


def test_a_line_is_not_joined_to_anything() -> None:
    joiner = Joiner([example("one line"), example("word")], SPACE, share=1.0)
    assert joiner.draw(0, 5, RULE, np.random.default_rng(0)).text == "one line"
