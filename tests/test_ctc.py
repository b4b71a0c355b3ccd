"""CTC's own arithmetic, against every path of tiny lines and against log space."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.errors import ShapeError
from htrkit.testing import brute_force


def random_line(seed: int, frames: int, labels: int, peaky: float = 0.5) -> NDArray[np.float64]:
    rows = np.random.default_rng(seed).dirichlet(np.full(labels, peaky), frames)
    rows = np.maximum(rows, 1e-12)
    line: NDArray[np.float64] = np.log(rows / rows.sum(axis=1, keepdims=True))
    return line


@given(st.lists(st.integers(0, 3)))
def test_collapse_merges_runs_and_drops_blanks(path: list[int]) -> None:
    assert ctc.collapse(path).tolist() == [label for label, _ in itertools.groupby(path) if label]


@pytest.mark.parametrize(("labels", "frames"), [([], 0), ([1], 1), ([1, 2], 2), ([1, 1], 3), ([1, 1, 1, 2], 6)])
def test_a_repeated_letter_needs_a_frame_for_the_blank(labels: list[int], frames: int) -> None:
    assert ctc.frames_needed(labels) == frames


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.sampled_from([0.1, 0.5, 3.0]))
def test_log_prob_sums_every_path(seed: int, frames: int, peaky: float) -> None:
    line = random_line(seed, frames, 3, peaky)
    truth = brute_force(line, "ab")
    texts = [[" ab".index(character) for character in text] for text in truth]
    for text, got in zip(truth, ctc.log_prob_batch(line, texts), strict=True):
        assert math.exp(got) == pytest.approx(truth[text], rel=1e-9)
    assert sum(map(math.exp, ctc.log_prob_batch(line, texts))) == pytest.approx(1.0)


def test_a_text_longer_than_the_line_is_impossible() -> None:
    line = random_line(0, 3, 3)
    assert ctc.log_prob(line, [1, 2, 1, 2]) == -math.inf
    assert ctc.log_prob(line, [1, 1, 1]) == -math.inf
    assert ctc.log_prob(line, [1, 2, 1]) > -math.inf


def test_one_text_gives_what_it_gives_among_others() -> None:
    line = random_line(1, 30, 5)
    texts = [[], [1], [1, 1, 2], [4, 3, 2, 1] * 5]
    assert ctc.log_prob_batch(line, texts) == [ctc.log_prob(line, text) for text in texts]


def test_nothing_underflows() -> None:
    """Where sums of probabilities are lost, the result is that of log space: here it is known in closed form."""
    frames = 4_000
    line = np.full((frames, 3), math.log(1 / 3))
    # Every path of the one-letter text: where the run of letters begins and ends.
    expected = math.log(frames * (frames + 1) / 2) - frames * math.log(3)
    assert ctc.log_prob(line, [1]) == pytest.approx(expected, rel=1e-12)
    assert ctc.log_prob(line, []) == pytest.approx(-frames * math.log(3), rel=1e-12)


def test_linear_and_log_space_agree_at_their_border() -> None:
    line = random_line(2, 500, 4, peaky=2.0)
    for frames in range(280, 500, 20):
        part, text = line[:frames], [1, 2, 3, 3] * 20
        linear, logarithmic = (
            ctc._forward(part, [np.array(text)], linear=True)[0],
            ctc._forward(part, [np.array(text)], linear=False)[0],
        )
        if linear > ctc.TRUSTED:
            assert math.log(linear) == pytest.approx(logarithmic, rel=1e-12)
        assert ctc.log_prob(part, text) == pytest.approx(logarithmic, rel=1e-12)


def test_impossible_labels_and_no_frames() -> None:
    certain = np.log(np.eye(3)[[1, 0, 1]] + 0.0, where=np.eye(3)[[1, 0, 1]] > 0, out=np.full((3, 3), -np.inf))
    assert ctc.log_prob(certain, [1, 1]) == 0.0
    assert ctc.log_prob(certain, [1]) == -math.inf
    empty = np.zeros((0, 3))
    assert ctc.log_prob(empty, []) == 0.0
    assert ctc.log_prob(empty, [1]) == -math.inf


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.lists(st.integers(1, 2), max_size=4))
def test_alignment_is_the_most_probable_one(seed: int, frames: int, labels: list[int]) -> None:
    line = random_line(seed, frames, 3)
    if ctc.frames_needed(labels) > frames:
        with pytest.raises(ShapeError, match="need at least"):
            ctc.align(line, labels)
        return
    paths = [path for path in itertools.product(range(3), repeat=frames) if ctc.collapse(path).tolist() == labels]
    best = max(sum(line[frame, label] for frame, label in enumerate(path)) for path in paths)
    spans = ctc.align(line, labels)
    path = [0] * frames
    for label, (start, stop) in zip(labels, spans, strict=True):
        assert 0 <= start < stop <= frames
        path[start:stop] = [label] * (stop - start)
    assert ctc.collapse(path).tolist() == labels
    assert sum(line[frame, label] for frame, label in enumerate(path)) == pytest.approx(best)


def test_alignment_of_an_impossible_text_is_still_in_order() -> None:
    line = np.full((5, 3), -np.inf)
    line[:, 0] = 0.0
    spans = ctc.align(line, [1, 2, 2])
    assert len(spans) == 3
    assert all(start < stop for start, stop in spans)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (np.zeros(3), "one line at a time"),
        (np.zeros((2, 3, 4)), "one line at a time"),
        (np.zeros((2, 3), int), "float32"),
        (np.full((2, 4), -1.0), "columns"),
        (np.full((2, 3), np.nan), "nan"),
        (np.full((2, 3), 0.33), "logarithm"),
        (np.full((2, 3), np.inf), "logarithm"),
    ],
)
def test_what_is_no_log_probs_is_refused(wrong: NDArray[np.float64], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        ctc.check(wrong, 3)


def test_raw_scores_are_refused_though_all_are_negative() -> None:
    with pytest.raises(ShapeError, match="log-softmax"):
        ctc.log_prob(np.full((4, 80), -0.1), [1])


def test_labels_that_do_not_exist_are_refused() -> None:
    for labels in ([0], [3], [-1]):
        with pytest.raises(ShapeError, match="between 1 and 2"):
            ctc.log_prob(random_line(0, 4, 3), labels)


def test_confidence_is_a_mean_per_character() -> None:
    assert ctc.confidence(math.log(0.25), 2) == pytest.approx(0.5)
    assert ctc.confidence(math.log(0.25), 0) == pytest.approx(0.25)
    assert ctc.confidence(-math.inf, 3) == 0.0
    assert ctc.confidence(1e-9, 3) == 1.0
