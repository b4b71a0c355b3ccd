"""Best path: labels, spans and scores, one line at a time and many."""

from __future__ import annotations

import math

import numpy as np
import pytest

from htrkit import ctc
from htrkit.decoders.best_path import BestPath
from htrkit.testing import check_decoder, sure_line
from tests.decoders.conftest import Lines


def test_contract(kernels: str) -> None:
    check_decoder(BestPath)


def test_it_is_the_collapsed_argmax(kernels: str, lines: Lines) -> None:
    drawn = lines(20, 40, 9)
    for line, (found,) in zip(drawn, BestPath("abcdefgh").decode_batch(drawn), strict=True):
        path = line.argmax(axis=1)
        assert found.text == "".join(" abcdefgh"[label] for label in ctc.collapse(path))
        assert found.score == pytest.approx(line.max(axis=1).sum(dtype=float))
        for character, (start, stop) in zip(found.text, found.spans, strict=True):
            assert set(path[start:stop].tolist()) == {"-abcdefgh".index(character)}


def test_compiled_and_interpreted_agree_to_the_bit(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [line[:frames] for frames, line in enumerate(lines(60, 60, 30))]
    decoder = BestPath("".join(map(chr, range(97, 126))))
    results = []
    for patience in (10**9, 0):
        monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", patience)
        results.append(decoder.decode_batch(drawn))
    assert results[0] == results[1]


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


def test_lines_of_different_lengths_and_without_frames_in_one_batch(kernels: str) -> None:
    texts = ["", "ab", "b", "", "aab", "ba"]
    batch = [sure_line(text, "ab") for text in texts] + [np.zeros((0, 3), np.float32)]
    assert [found.text for (found,) in BestPath("ab").decode_batch(batch)] == [*texts, ""]
