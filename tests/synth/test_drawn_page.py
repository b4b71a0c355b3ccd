"""Drawn pages: their lines are where their PAGE XML says, and they depend on the seed and the number alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fontTools", reason="the tests build their own font with fonttools")

from htrkit.errors import UsageError
from htrkit.pages.sources import Sources
from htrkit.synth.drawn_page import DrawnPage, draw_page
from htrkit.synth.make import Drawer, SynthSettings, make
from htrkit.synth.make_pages import hand, make_pages
from htrkit.synth.page_lines import base_row
from htrkit.types import Failed, Page
from tests.synth.written import write_font, write_strokes


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "text.txt").write_text("every line of this text\nmay be written by hand\n")
    return {
        "fonts": (str(write_font(folder / "blocks.ttf")),),
        "texts": (str(folder / "text.txt"),),
        "strokes": (str(write_strokes(folder / "s.npz", {"f1-1": "first line", "f2-1": "second line"})),),
    }


def drawn(sources: dict[str, tuple[str, ...]], seed: int) -> DrawnPage:
    drawer = Drawer(SynthSettings(count=1, **sources))
    return draw_page(partial(hand, drawer), np.random.default_rng(seed))


def test_a_page_depends_on_its_generator_alone(sources: dict[str, tuple[str, ...]]) -> None:
    one, same, other = (drawn(sources, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.pixels, same.pixels)
    assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("seed", range(6))
def test_lines_lie_on_the_page_and_hold_its_ink(sources: dict[str, tuple[str, ...]], seed: int) -> None:
    page = drawn(sources, seed)
    height, width = page.pixels.shape
    lines = [line for block in page.blocks for line in block.lines]
    assert lines
    for line in lines:
        assert (line.baseline >= -1).all()
        assert (line.baseline <= (width + 1, height + 1)).all()
        assert line.above > 0.0
        assert line.below > 0.0


def test_the_base_row_is_where_letters_stand() -> None:
    ink = np.zeros((60, 200), np.float32)
    ink[20:41, 10:190:12] = 1.0
    ink[20:56, 40] = 1.0  # one descender
    assert abs(base_row(ink) - 40) <= 2


def test_the_folder_is_read_as_pages_with_lines(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    ticks: list[int] = []
    make_pages(SynthSettings(count=2, **sources), tmp_path / "out", ticks.append)
    assert ticks == [1, 2]
    found = list(Sources().pages(map(str, sorted((tmp_path / "out").rglob("*.xml")))))
    assert len(found) == 2
    for page in found:
        assert isinstance(page, Page), page
        assert page.regions
        assert all(place and place.baseline and text for place, text in page.lines)
    assert not any(isinstance(page, Failed) for page in found)


def test_a_folder_is_gone_on_with(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    out = make_pages(SynthSettings(count=1, **sources), tmp_path / "out", lambda _: None)
    (first,) = out.rglob("*.png")
    before = first.stat().st_mtime_ns
    make_pages(SynthSettings(count=2, **sources), out, lambda _: None)
    assert len(list(out.rglob("*.xml"))) == 2
    assert first.stat().st_mtime_ns == before


def test_lines_and_pages_do_not_share_a_folder(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    pages = make_pages(SynthSettings(count=1, **sources), tmp_path / "pages", lambda _: None)
    with pytest.raises(UsageError, match="drawn with another pages"):
        make(SynthSettings(count=1, **sources), pages, lambda _: None)
    lines = make(SynthSettings(count=1, **sources), tmp_path / "lines", lambda _: None)
    with pytest.raises(UsageError, match="drawn with another pages"):
        make_pages(SynthSettings(count=1, **sources), lines.parent, lambda _: None)
