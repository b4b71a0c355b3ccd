"""The segmenter ``lines``: from a page to places, with a network that marks what is dark."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx", reason="the tests build their own network")

from htrkit.errors import ModelError
from htrkit.pages.lines.line_network import DESCRIPTION, NETWORK, LineNetwork
from htrkit.pages.lines.line_segmenter import Lines
from htrkit.testing import check_segmenter
from htrkit.types import Page
from tests.pages.lines.networks import write_ink_network


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ink_network(tmp_path_factory.mktemp("ink") / "ink")


def page(height: int = 400, width: int = 640) -> Page:
    """Three bars, each as thick as a base line."""
    pixels = np.full((height, width), 255, np.uint8)
    for y in (100, 200, 300):
        cv2.line(pixels, (60, y), (580, y + 12), 0, 6)
    return Page("p", Path("p.png"), 1, pixels)


def test_it_keeps_the_contract(folder: Path) -> None:
    check_segmenter(lambda: Lines(model=str(folder)))


def test_lines_stand_where_they_are_on_the_page_whatever_its_size(folder: Path) -> None:
    small = page()
    large = Page("p", Path("p.png"), 1, cv2.resize(small.pixels, None, fx=2.5, fy=2.5))
    for found, scale in (
        (Lines(model=str(folder)).segment(small), 1.0),
        (Lines(model=str(folder)).segment(large), 2.5),
    ):
        assert len(found.lines) == 3
        for (place, _), y in zip(found.lines, (100, 200, 300), strict=True):
            assert place is not None
            rows = np.interp([100, 500], *np.array(place.baseline).T / scale)
            assert np.abs(rows - [y + 1, y + 10]).max() < 3.0
            top = min(row for _, row in place.polygon) / scale
            assert abs(top - (y - 10)) < 4.0


def test_an_upright_page_has_more_evidence_than_a_blank_one(folder: Path) -> None:
    lines = Lines(model=str(folder))
    assert lines.evidence(page().pixels) > lines.evidence(np.full((400, 640), 255, np.uint8)) == 0.0


@pytest.mark.parametrize("pixels", [np.zeros((1, 1), np.uint8), np.zeros((3, 5000), np.uint8)])
def test_pages_of_odd_shapes_are_segmented(folder: Path, pixels: np.ndarray) -> None:
    Lines(model=str(folder)).segment(Page("p", Path("p.png"), 1, pixels))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (DESCRIPTION, None, "has no lines.json"),
        (DESCRIPTION, b"{", "cannot read"),
        (DESCRIPTION, b"[1]", "does not say"),
        (DESCRIPTION, b'{"format": 9, "name": "a", "long_side": 640, "sha256": ""}', "format"),
        (DESCRIPTION, b'{"format": 1, "name": "a", "long_side": 1e9, "sha256": ""}', "impossible"),
        (DESCRIPTION, b" " * (1 << 17), "too large"),
        (NETWORK, None, "is missing"),
        (NETWORK, b"no network", "altered or half copied"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_sentence(
    folder: Path, tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    for name in (DESCRIPTION, NETWORK):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(ModelError, match=said):
        LineNetwork(tmp_path)


@pytest.mark.parametrize("odd", [{"channels": 3}, {"stride": 8}])
def test_a_network_that_gives_something_else_is_refused(tmp_path: Path, odd: dict[str, int]) -> None:
    with pytest.raises(ModelError, match="gives no maps"):
        LineNetwork(write_ink_network(tmp_path / "odd", **odd))


def test_a_picture_of_three_lines_has_three_lines() -> None:
    """However large their writing seems to the shipped network, which is made for whole pages."""
    pixels = np.full((220, 460), 235, np.uint8)
    for number in range(3):
        cv2.putText(
            pixels,
            "often brown letters",
            (20, 60 + 64 * number),
            cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
            1.2,
            40,
            2,
            cv2.LINE_AA,
        )
    assert len(Lines().segment(Page("note", Path("note.png"), 1, pixels)).lines) == 3
