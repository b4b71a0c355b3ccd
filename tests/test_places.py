"""Frames of a line led back to the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.encoders.wordwise import WordwiseEncoder
from htrkit.errors import PluginError
from htrkit.geometry import mapped
from htrkit.places import edges_on_page, frame_edges, outline
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.types import Line
from tests import tiny_model


class Bars:
    """A network of a frame for every four columns: label 1 where there is ink, never label 2."""

    def __init__(self, rule: InputRule) -> None:
        self.rule = rule

    def encode(self, lines: list[Line]) -> list[Any]:
        encoded = []
        for line in lines:
            ink = self.rule.fit(line.pixels).max(axis=0)
            frames = ink[: len(ink) // 4 * 4].reshape(-1, 4).max(axis=1) > 0.5
            scores = np.stack([~frames, frames, np.zeros_like(frames)], axis=1)
            encoded.append(np.log(scores * 0.997 + 0.001).astype(np.float32))
        return encoded

    def frame_edges(self, line: Line) -> Any:
        return self.rule.frame_edges(*line.pixels.shape)


RULES = st.sampled_from([InputRule(32, None, 0.25), InputRule(32, 256, 0.25), InputRule(32, 256, 0.25, align="left")])


@given(RULES, st.integers(16, 200), st.floats(1.0, 6.0), st.floats(0.0, 0.8))
def test_a_bar_stands_within_the_frames_that_see_it(
    rule: InputRule, height: int, aspect: float, position: float
) -> None:
    pixels = np.full((height, round(aspect * height)), 255, np.uint8)
    start = int(position * pixels.shape[1])
    stop = start + max(2, height // 8)
    pixels[:, start:stop] = 0
    stop = min(stop, pixels.shape[1])
    line = Line("x", pixels)
    edges = frame_edges(Bars(rule), line)
    seen = np.flatnonzero(Bars(rule).encode([line])[0].argmax(axis=1))
    frame = 4 * height / rule.fitted_size(*pixels.shape)[0]
    assert edges is not None
    assert edges[seen[0]] - frame <= start <= edges[seen[0]] + frame
    assert edges[seen[-1] + 1] - frame <= stop <= edges[seen[-1] + 1] + frame


def test_a_bar_on_a_page_is_found_through_every_step_before_the_network(tmp_path: Path) -> None:
    line = Line("x", tiny_model.draw("ab"), to_page=((0.5, 0.0, 100.0), (0.0, 0.5, 40.0)))
    encoder = OnnxEncoder(tiny_model.write(tmp_path), 1)
    edges = frame_edges(encoder, line)
    frames = np.flatnonzero(encoder.encode([line])[0].argmax(axis=1) == 2)
    assert edges is not None
    assert outline((frames[0], frames[-1] + 1), edges_on_page(edges, line)) == (
        (108, 40),
        (112, 40),
        (112, 56),
        (108, 56),
    )


def test_an_outline_turns_with_the_line() -> None:
    quarter = ((0.0, -1.0, 30.0), (1.0, 0.0, 5.0))
    line = Line("x", np.zeros((8, 20), np.uint8), to_page=quarter)
    edges = np.array([0.0, 5.0, 10.0, 20.0])
    assert outline((1, 3), edges_on_page(edges, line)) == mapped(quarter, ((5, 0), (20, 0), (20, 8), (5, 8)))


@pytest.mark.parametrize("slant", [0.0, 0.3])
def test_words_that_are_cut_out_of_a_line_stand_where_they_stood(slant: float) -> None:
    pixels = np.full((40, 800), 255, np.uint8)
    bars = [(30 + 25 * letter + 150 * word, 42 + 25 * letter + 150 * word) for word in range(5) for letter in range(4)]
    for start, stop in bars:
        for y in range(5, 35):
            lean = round(slant * (20 - y))
            pixels[y, start + lean : stop + lean] = 0
    line = Line("x", pixels)
    encoder = WordwiseEncoder(Bars(InputRule(32, 256, 0.25)), Alphabet("| "))
    (log_probs,) = encoder.encode([line])
    edges = encoder.frame_edges(line)
    assert edges is not None
    assert len(edges) == len(log_probs) + 1
    assert (np.diff(edges) >= 0).all()
    labels = log_probs.argmax(axis=1)
    assert (labels == 2).sum() == 4
    inked = np.flatnonzero(np.diff(np.concatenate([[0], labels == 1, [0]])))
    found = edges[inked].reshape(-1, 2)
    assert len(found) == len(bars)
    assert np.abs(found - bars).max() <= 6


def test_an_encoder_need_not_know_where_its_frames_stand() -> None:
    class Silent:
        def encode(self, lines: list[Line]) -> list[Any]:
            return [np.zeros((3, 2), np.float32)] * len(lines)

    line = Line("x", np.zeros((8, 20), np.uint8))
    assert frame_edges(Silent(), line) is None
    assert frame_edges(WordwiseEncoder(Silent(), Alphabet(" ")), line) is None


@pytest.mark.parametrize("edges", [3, "abc", [[1.0]], [1.0, float("nan")], [2.0, 1.0], [1.0, float("inf")], [None]])
def test_edges_that_are_none_are_refused(edges: Any) -> None:
    class Odd:
        def encode(self, lines: list[Line]) -> list[Any]:
            return []

        def frame_edges(self, line: Line) -> Any:
            return edges

    with pytest.raises(PluginError, match="edges of frames"):
        frame_edges(Odd(), Line("x", np.zeros((8, 20), np.uint8)))


@pytest.mark.parametrize(("turn", "slant"), [(0.0, 0.0), (3.0, 0.0), (0.0, 0.3), (-2.5, 0.25)])
def test_a_bar_in_an_image_is_found_through_the_steps_that_move_it(tmp_path: Path, turn: float, slant: float) -> None:
    page = np.full((200, 1100), 255, np.uint8)
    for i in range(30):
        page[70 + 12 * (i % 3 == 0) : 130, 60 + 25 * i : 72 + 25 * i] = 150
    page[68:132, 480:530] = 0
    radians = np.radians(turn)
    move = np.array([[1.0, -slant, 100 * slant], [np.tan(radians), 1.0, -450 * np.tan(radians)]])
    page = cv2.warpAffine(page, move, page.shape[::-1], borderValue=255)
    line = apply_steps(build_steps(["deskew", "deslant", "crop"]), Line("x", page))
    assert isinstance(line, Line)
    model = tiny_model.write(tmp_path, rule=InputRule(32, None, 0.25))
    encoder = OnnxEncoder(model, 1)
    edges = frame_edges(encoder, line)
    black = np.flatnonzero(encoder.encode([line])[0].argmax(axis=1) == 1)
    assert edges is not None
    box = np.array(outline((black[0] - 1, black[-1] + 2), edges_on_page(edges, line)))
    covered = np.zeros_like(page)
    cv2.fillPoly(covered, [np.rint(box).astype(np.int32)], 1)
    ink = page < 75
    assert ink[covered == 1].sum() > 0.97 * ink.sum()
    assert covered.sum() < 6 * ink.sum()
