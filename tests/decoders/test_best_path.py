"""Best path: labels, spans and scores, one line at a time and many."""

from __future__ import annotations

import math

import numpy as np
import pytest

from htrkit import ctc
from htrkit.decoders.best_path import BestPath
from htrkit.decoders.notices import DecoderWarning
from htrkit.testing import check_decoder, sure_line
from tests.decoders.conftest import Lines


@pytest.mark.filterwarnings("ignore:best-path gives one")
def test_contract(kernels: str) -> None:
    check_decoder(BestPath)


def test_it_is_the_collapsed_argmax(kernels: str, lines: Lines) -> None:
    drawn = lines(20, 40, 9)
    for line in drawn:
        (found,) = BestPath("abcdefgh").decode(line)
        path = line.argmax(axis=1)
        assert found.text == "".join(" abcdefgh"[label] for label in ctc.collapse(path))
        assert found.score == pytest.approx(line.max(axis=1).sum(dtype=float))
        for character, (start, stop) in zip(found.text, found.spans, strict=True):
            assert set(path[start:stop].tolist()) == {"-abcdefgh".index(character)}


def test_the_best_path_is_not_always_the_best_text(kernels: str) -> None:
    line = np.log(np.array([[0.6, 0.4, 1e-30], [0.6, 0.4, 1e-30]]))
    (found,) = BestPath("ab").decode(line)
    assert found.text == ""
    assert found.score == pytest.approx(math.log(0.36))


def test_score_is_of_the_path_and_log_prob_of_the_text() -> None:
    (found,) = BestPath("ab").decode(np.log(np.array([[0.3, 0.6, 0.1], [0.3, 0.5, 0.2]])))
    assert found.text == "a"
    assert found.score == pytest.approx(math.log(0.3))
    assert found.log_prob == pytest.approx(math.log(0.6 * 0.5 + 0.6 * 0.3 + 0.3 * 0.5))


def test_more_hypotheses_than_it_gives_are_answered_with_a_warning() -> None:
    with pytest.warns(DecoderWarning, match="gives one hypothesis"):
        assert len(BestPath("ab").decode(sure_line("ab", "ab"), n_best=5)) == 1


def test_repeated_letters_and_lines_without_frames(kernels: str) -> None:
    decoder = BestPath("ab")
    for text in ["", "ab", "b", "aab", "ba"]:
        assert decoder.decode(sure_line(text, "ab"))[0].text == text
    assert decoder.decode(np.zeros((0, 3), np.float32))[0].text == ""
