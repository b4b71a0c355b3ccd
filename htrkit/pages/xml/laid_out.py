"""A page and what was read on it as a layout that can be written: whole points on the page, ids that XML allows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from htrkit.geometry import Outline, bounds, box, within
from htrkit.pages.xml.layout import NO_BLOCK, Block, Layout, TextLine, unclaimed
from htrkit.types import Hypothesis, Page, Place, Result, Run

BASE = 0.75
"""Where the base line of a line is written of which only the outline is known, as a share of its height."""
# What XML 1.0 cannot hold, half characters included.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNED = range(2, 9)
# Names in every edition of XML; later ones have more letters, which not every program knows.
_NAME = re.compile("[A-Za-z_À-ÖØ-öø-ÿ][A-Za-z0-9_.À-ÖØ-öø-ÿ-]*")
_OF_A_WORD = re.compile(r"\.w\d+$")


@dataclass(frozen=True, slots=True)
class Made:
    """How a file came about, for whoever finds it.

    Attributes
    ----------
    version
        Of htrkit.
    when
        In UTC: ``2026-11-26T08:00:00Z``.
    stages
        What took part: ``model open; decoder beam; segmenter lines``; empty if nothing did.
    remark
        What else has to be known to use the file; may be empty.
    """

    version: str
    when: str
    stages: str
    remark: str


def made(run: Run, page: Page) -> Made:
    """How the file of a page comes about."""
    from htrkit import __version__

    parts = {"model": run.model, "decoder": run.decoder if run.model else "", "segmenter": page.segmenter}
    stages = "; ".join(f"{what} {text(name)}" for what, name in parts.items() if name)
    turned = f"Coordinates are those of the picture turned upright, as its EXIF orientation {page.orientation} says."
    return Made(__version__, run.when, stages, turned if page.orientation in _TURNED else "")


def layout_of(page: Page, results: Iterable[Result], run: Run, *, alternatives: bool = True) -> Layout:
    """The layout of a page with what was read on it; if nothing read, with the texts that are known.

    Words have their ``alternatives`` if these are asked for.

    Lines stand in the blocks of their regions, these in the order of their first lines. Outlines lie on the page, in
    whole pixels, and are no less than a pixel large; every line has a base line. Ids are those of the page as far as
    XML allows them, and unique.
    """
    height, width = page.pixels.shape
    read = {result.place.order if result.place else 0: result.hypotheses[: run.n_best] for result in results}
    named = _Names()
    by_region: dict[str, list[TextLine]] = {}
    first: dict[str, int] = {}
    known = {region.id for region in page.regions}
    for order, (place, text_known) in enumerate(page.lines):
        hypotheses = read.get(order, ())
        if not run.model and text_known is not None:
            hypotheses = (Hypothesis(text_known, 0.0),)
        home = place.region if place and place.region in known else ""
        hypotheses = tuple(_writable(one, page, alternatives=alternatives) for one in hypotheses)
        by_region.setdefault(home, []).append(_line(place, order, hypotheses, page))
        first.setdefault(home, order)
    blocks, rank = [], -1
    for region in page.regions:
        rank = first.get(region.id, rank)  # one without lines comes after the one before it
        blocks.append((rank, Block(region.id, text(region.kind), region.polygon, tuple(by_region.get(region.id, ())))))
    if "" in by_region:
        blocks.append((first[""], Block(NO_BLOCK, "", (), tuple(by_region[""]))))
    blocks.sort(key=lambda ranked: ranked[0])
    return Layout(
        text((page.image or page.source).name),
        page.image_page or page.number,
        width,
        height,
        tuple(_written(block, position, named, page) for position, (_, block) in enumerate(blocks, start=1)),
    )


def _line(place: Place | None, order: int, hypotheses: tuple[Hypothesis, ...], page: Page) -> TextLine:
    height, width = page.pixels.shape
    whole = box(0.0, 0.0, width, height)
    polygon = on_page(place.polygon if place else whole, page, least=3) or _around(())
    drawn = on_page(place.baseline, page, least=1) if place else ()
    baseline = drawn if len(drawn) > 1 else _base(polygon)
    wanted = place.id if place and place.id else f"line_{order + 1}"
    return TextLine(wanted, polygon, baseline, hypotheses)


def _writable(hypothesis: Hypothesis, page: Page, *, alternatives: bool) -> Hypothesis:
    words = tuple(
        replace(
            word,
            text=text(word.text),
            outline=on_page(word.outline, page, least=3),
            alternatives=tuple(replace(one, text=text(one.text)) for one in word.alternatives if alternatives),
        )
        for word in hypothesis.words
    )
    return replace(hypothesis, text=text(hypothesis.text), words=words)


def _written(block: Block, position: int, named: _Names, page: Page) -> Block:
    outline = on_page(block.polygon, page, least=3) or _around(point for line in block.lines for point in line.polygon)
    id_ = named(block.id, f"region_{position}")
    lines = tuple(replace(line, id=named(line.id, f"{id_}_line_{i}")) for i, line in enumerate(block.lines, start=1))
    return replace(block, id=id_, polygon=outline, lines=lines)


class _Names:
    """Gives every element an id of its own: the one that is wanted, if XML allows it and nothing has it yet."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, wanted: str, instead: str) -> str:
        allowed = _NAME.fullmatch(wanted) and not _OF_A_WORD.search(wanted)
        return unclaimed(wanted if allowed else instead, instead, self._taken)


def text(written: str) -> str:
    """A text with what XML cannot hold replaced."""
    return _FORBIDDEN.sub("\ufffd", written)


def on_page(outline: Outline, page: Page, *, least: int) -> Outline:
    """Whole points on the page, none twice in a row; the corners of their box if there are fewer than ``least``."""
    height, width = page.pixels.shape
    points: list[tuple[float, float]] = []
    for x, y in within(outline, width, height):
        point = (float(round(x)), float(round(y)))
        if not points or points[-1] != point:
            points.append(point)
    return tuple(points) if len(points) >= least or not points else _around(points)


def _around(points: Iterable[tuple[float, float]]) -> Outline:
    """The box around points, at least a pixel large; the first pixel of the page if there are none."""
    left, top, right, bottom = bounds(tuple(points) or ((0.0, 0.0),))
    return box(left, top, max(right, left + 1.0), max(bottom, top + 1.0))


def _base(polygon: Outline) -> Outline:
    """A base line for a line of which the outline alone is known."""
    left, top, right, bottom = bounds(polygon)
    y = float(round(top + BASE * (bottom - top)))
    return ((left, y), (right, y))
