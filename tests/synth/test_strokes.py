"""Pen strokes become ink where the pen went, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import InputError
from htrkit.synth.strokes import StrokeFile, StrokeLine, draw_strokes, tidied
from tests.synth.written import write_strokes


def test_the_lines_of_a_file_are_those_that_were_written(tmp_path: Path) -> None:
    file = StrokeFile(write_strokes(tmp_path / "s.npz", {"a-1": "No , no !", "b-1": "yes"}))
    assert len(file) == 2
    assert (file[0].name, file[0].text) == ("a-1", "No, no!")
    assert len(file[1].points) == len(file[1].pen_up)


def test_lines_are_left_out_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    path = write_strokes(tmp_path / "s.npz", {"a01-1": "one", "a02-1": "two", "b01-1": "three", "b01-2": " "})
    assert [StrokeFile(path, ["a01", "b"])[0].name] == ["a02-1"]
    with pytest.raises(InputError, match="no line"):
        StrokeFile(path, ["a", "b"])


@pytest.mark.filterwarnings("error")
def test_what_is_no_file_of_strokes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    path = write_strokes(tmp_path / "s.npz", {"a": "one"})
    with np.load(path) as arrays:
        np.savez(tmp_path / "short.npz", **{**arrays, "pen_up": arrays["pen_up"][:-1]})
        offsets = np.array([-1, len(arrays["points"])])
        np.savez(tmp_path / "before.npz", **{**arrays, "offsets": offsets})
        np.savez(tmp_path / "wrapped.npz", **{**arrays, "offsets": offsets.astype(np.uint64)})
        for name, changed in (
            ("fractions", arrays["offsets"] + 0.5),
            ("huge", np.array(-1e308)),
            ("nan", np.array(np.nan)),
        ):
            np.savez(tmp_path / f"{name}.npz", **{**arrays, "offsets": changed})
        for name, value in (("nowhere", np.nan), ("infinite", np.inf), ("far", -1e308)):
            points = arrays["points"].astype(float)
            points[3, 1] = value
            np.savez(tmp_path / f"{name}.npz", **{**arrays, "points": points})
        np.savez(tmp_path / "complex.npz", **{**arrays, "points": arrays["points"].astype(complex)})
    np.save(tmp_path / "array.npy", np.zeros(3))
    files = [file.name for file in tmp_path.iterdir() if file != path]
    assert len(files) == 13
    for name in (*files, "missing.npz"):
        with pytest.raises(InputError, match=name):
            StrokeFile(tmp_path / name)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["f2", "f8", "i8", "u8"])
def test_points_may_be_numbers_of_any_kind(tmp_path: Path, kind: str) -> None:
    path = write_strokes(tmp_path / "s.npz", {"a": "one"})
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "points": arrays["points"].astype(kind)})
    assert StrokeFile(path)[0].points.max() == 160


def test_ink_is_where_the_pen_went_down_and_not_between_strokes() -> None:
    # two upright bars, far apart, and the pen lifted between them
    points = np.array([[0, 0], [0, 50], [0, 100], [500, 0], [500, 50], [500, 100]], np.float32)
    for seed in range(10):
        lifted = draw_strokes(
            StrokeLine("x", "ll", points, np.array([0, 0, 1, 0, 0, 1], bool)), np.random.default_rng(seed)
        )
        joined = draw_strokes(StrokeLine("x", "ll", points, np.zeros(6, bool)), np.random.default_rng(seed))
        assert 0.0 <= lifted.min() < lifted.max() <= 1.0
        middle = slice(int(lifted.shape[1] * 0.4), int(lifted.shape[1] * 0.6))
        assert not lifted[:, middle].any()
        assert joined[:, middle].any()
        assert not lifted[0].any() | lifted[-1].any() | lifted[:, 0].any() | lifted[:, -1].any()


def test_a_line_that_climbs_is_levelled() -> None:
    t = np.linspace(0, 60, 600)
    points = np.stack([t * 40, 60 * np.sin(3 * t) - 0.25 * t * 40], axis=1).astype(np.float32)
    ink = draw_strokes(StrokeLine("x", "www", points, np.zeros(600, bool)), np.random.default_rng(0))
    rows = np.arange(len(ink))[:, None]
    third = ink.shape[1] // 3
    left, right = ((part * rows).sum() / part.sum() for part in (ink[:, :third], ink[:, -third:]))
    assert abs(left - right) < 0.1 * len(ink)


def test_one_point_and_a_stray_point_far_away_are_drawn_too() -> None:
    one = StrokeLine("x", ".", np.array([[5, 5]], np.float32), np.array([True]))
    stray = StrokeLine("x", "..", np.array([[0, 0], [1, 1], [1, 0], [30000, 9]], np.float32), np.zeros(4, bool))
    for line in (one, stray):
        ink = draw_strokes(line, np.random.default_rng(0))
        assert ink.any()
        assert max(ink.shape) <= 16_000


def test_texts_lose_the_spaces_nobody_writes() -> None:
    assert tidied("Mr . Brown ( or Black ) did , he 's sure !") == "Mr. Brown (or Black) did, he's sure!"
    assert tidied("he said ' no ' twice") == "he said ' no ' twice"
