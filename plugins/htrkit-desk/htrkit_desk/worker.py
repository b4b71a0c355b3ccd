"""The process that finds lines, reads them and draws the pages of files, asked for one part of a work after another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import cv2

from htrkit import Failed, Line, Page, Recognizer, Result
from htrkit.jobs import LineFinder, segment_files
from htrkit.pages.segmenters import segmented
from htrkit.pages.sources import Sources
from htrkit.processes import serve
from htrkit.spec import Spec
from htrkit_desk.cuts import place_of
from htrkit_desk.sheet import SheetLine
from htrkit_desk.unpacked import picture_in

LINES = 8
"""Read at once on a thread: as fast as if they were more, and few enough to see how far the reading is."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page to be worked on: its picture, and its lines; none if they are to be found."""

    id: str
    picture: Path
    lines: tuple[SheetLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with pages: find lines on all of them, or read those they have, and find some where there are none."""

    parts: tuple[Part, ...]
    segmenter: Spec | None
    model: str | Path | None = None
    decoder: Spec | None = None
    read: bool = True


@dataclass(frozen=True, slots=True)
class Unpack:
    """Draw the pages of a file, from the one of a number on, into a folder."""

    file: Path
    folder: Path
    first: int


class Given(Sources):
    """The pages of a work, as a source of them; lines are found by another segmenter than htrkit's own here."""

    def __init__(self, work: Work) -> None:
        super().__init__("images")
        self._parts = {part.id: part for part in work.parts}
        self._segmenter = work.segmenter if work.read else None

    def pages(self, paths: Iterable[str]) -> Iterator[Page | Failed]:
        """The pages of these ids."""
        found = (self._page(self._parts[id_]) for id_ in paths)
        if self._segmenter is None:
            return found
        return segmented(self._segmenter.create(), self._segmenter.name, found, keep=True, threads=os.cpu_count() or 1)

    def _page(self, part: Part) -> Page | Failed:
        page = next(super().pages([str(part.picture)]))
        if isinstance(page, Failed):
            return replace(page, id=part.id)
        lines = tuple((place_of(line, part.id, order), None) for order, line in enumerate(part.lines))
        return replace(page, id=part.id, number=1, lines=lines)


def done(work: Work) -> Iterator[dict[str, Any]]:
    """The pages of a work, each followed by what was read on it."""
    ids, sources = [part.id for part in work.parts], Given(work)
    if not work.read:
        for page in segment_files(ids, sources=sources, segmenter=work.segmenter):
            yield _json(page)
        return
    threads = max(1, (os.cpu_count() or 2) - 1)
    recognizer = Recognizer.load(work.model, decoder=work.decoder, threads=threads)
    yield {"run": [recognizer.model.name, recognizer.decoder_name]}
    found: Iterator[Page | Line | Failed] = LineFinder(threads=threads)(sources.pages(ids))
    while some := list(islice(found, LINES * threads)):
        results: Iterator[Result | Page | Failed] = recognizer.recognize(some)
        yield from map(_json, results)


def drawn(work: Unpack) -> Iterator[dict[str, Any]]:
    """The pages of a file, each when its picture is in the folder."""
    work.folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(Sources().pages_from(str(work.file), work.first), start=work.first):
        if isinstance(page, Failed):
            yield {"drawn": page.reason, "bytes": 0}
            continue
        _, data = cv2.imencode(".png", page.pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])
        picture_in(work.folder, number).write_bytes(data.tobytes())
        yield {"drawn": None, "bytes": len(data)}


def _json(one: Page | Result | Failed) -> dict[str, Any]:
    if isinstance(one, Failed):
        return {"failed": [one.id, one.reason]}
    if isinstance(one, Page):
        regions = [[region.id, region.kind, region.polygon] for region in one.regions]
        lines = [[place.polygon, place.baseline, place.region, place.id] if place else None for place, _ in one.lines]
        return {"page": one.id, "segmenter": one.segmenter, "regions": _plain(regions), "lines": _plain(lines)}
    hypotheses = [
        [
            one_.text,
            one_.score,
            one_.log_prob,
            one_.confidence,
            [[w.text, w.outline, w.confidence, [[o.text, o.confidence] for o in w.alternatives]] for w in one_.words],
        ]
        for one_ in one.hypotheses
    ]
    return {"order": one.place.order if one.place else 0, "id": one.id, "hypotheses": _plain(hypotheses)}


def _plain(value: Any) -> Any:
    """Lists and numbers of Python's own, of whatever library they were."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str) else float(value)


class _Worker:
    """Begins a work, then gives its parts one by one."""

    parts: Iterator[dict[str, Any]] = iter(())

    def answer(self, request: Work | Unpack | None) -> dict[str, Any]:
        """To a work, nothing; to None, its next part, or the end of it."""
        if request is not None:
            self.parts = done(request) if isinstance(request, Work) else drawn(request)
            return {}
        return next(self.parts, {"end": True})


def main() -> None:
    """Answer requests."""
    serve(_Worker().answer)
