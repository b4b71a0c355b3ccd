"""A folder of drawn pages: images, and PAGE XML that says where their lines are; resumable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from htrkit.encoders.input import Ink
from htrkit.errors import HtrkitError
from htrkit.files import whole
from htrkit.pages.xml.write_page import PageXml
from htrkit.synth.drawn_page import DrawnPage, draw_page
from htrkit.synth.fonts import EM, write_line
from htrkit.synth.look import restroked
from htrkit.synth.make import PER_FOLDER, Drawer, SynthSettings, claim
from htrkit.synth.page_lines import Points, Write
from htrkit.synth.strokes import BODY, draw_strokes
from htrkit.types import Page, Place, Region, Run

# Height of the letters without ascenders, as a share of a font's em: strokes are drawn as high.
LETTERS = 0.4
# Lines of strokes next to each other in their file, which are mostly of one hand.
OF_A_HAND = 8


def make_pages(settings: SynthSettings, out: Path, tick: Callable[[int], None]) -> Path:
    """Draw ``settings.count`` pages into ``out``; go on where an earlier call was stopped.

    ``tick`` is told how many pages there are.

    Raises
    ------
    UsageError
        If ``out`` holds what was drawn with other settings.
    HtrkitError
        If a page cannot be written.
    """
    try:
        claim(out, {**asdict(settings), "pages": True})
        drawer = Drawer(settings)
        for number in range(settings.count):
            path = out / f"{number // PER_FOLDER:04}" / f"{number:07}.png"
            described = path.with_suffix(".xml")
            if not described.exists():
                page = draw_page(partial(hand, drawer), np.random.default_rng((settings.seed, number)))
                path.parent.mkdir(exist_ok=True)
                Image.fromarray(page.pixels).save(path)
                # last, and whole: a page is drawn if its description is there
                with whole(described) as part:
                    part.write_text(page_xml(page, path), encoding="utf-8")
            tick(number + 1)
    except OSError as error:
        raise HtrkitError(f"cannot write into {out}: {error.strerror or error}; run it again to go on") from error
    return out


def hand(drawer: Drawer, rng: np.random.Generator) -> Write:
    """A font with a pen, or the strokes of one person."""
    seed = int(rng.integers(1 << 30))
    if drawer.strokes and (not drawer.fonts or rng.random() < drawer.settings.stroke_share):
        file = drawer.strokes[int(rng.integers(len(drawer.strokes)))]
        first = int(rng.integers(max(1, len(file) - OF_A_HAND)))

        def from_strokes(rng: np.random.Generator) -> tuple[Ink, str]:
            line = file[min(len(file) - 1, first + int(rng.integers(OF_A_HAND)))]
            scale = LETTERS * EM / BODY
            ink = draw_strokes(line, np.random.default_rng(seed))
            smaller = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            return np.asarray(smaller, np.float32), line.text

        return from_strokes
    _, font = drawer.text_and_font(rng)

    def from_font(rng: np.random.Generator) -> tuple[Ink, str]:
        text = drawer.text_for(font, rng)
        return restroked(write_line(text, font, rng), np.random.default_rng(seed)), text

    return from_font


def page_xml(drawn: DrawnPage, path: Path) -> str:
    """The PAGE XML of a drawn page, whose picture is the file ``path``."""
    regions: list[Region] = []
    lines: list[tuple[Place | None, str | None]] = []
    for number, block in enumerate(drawn.blocks, start=1):
        name = f"r{number}"
        around = cv2.convexHull(np.concatenate([line.polygon for line in block.lines]).astype(np.float32))[:, 0]
        regions.append(Region(name, "margin" if block.kind == "margin" else "text", _outline(around)))
        for line in block.lines:
            place = Place(path.name, len(lines), _outline(line.polygon), _outline(line.baseline), name)
            lines.append((place, line.text))
    page = Page(path.name, path, 1, drawn.pixels, tuple(regions), tuple(lines))
    return "".join(PageXml(Run("", ""))((), page))


def _outline(points: Points) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points)
