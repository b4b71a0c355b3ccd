"""The corrected lines of a project as a table to train on: images of the lines, with their texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from htrkit import HtrkitError, Line
from htrkit.files import whole
from htrkit.pages.cut import cut
from htrkit_desk.cuts import decoded, place_of, png
from htrkit_desk.project import Project

TABLE, IMAGES = "table.tsv", "lines"
HELD_BACK = 0.15
"""Share of the corrected lines by which a network is judged, and from which it never learns."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A corrected line: its page, its id there, its text and its pixels."""

    page: str
    id: str
    text: str
    line: Line

    @property
    def chance(self) -> float:
        """A number from 0 to 1 that this line always has, whatever others there are."""
        return int.from_bytes(hashlib.sha256(f"{self.page}\n{self.id}".encode()).digest()[:6]) / 2**48


def truths(project: Project, ids: Iterable[str] | None, left_out: Callable[[str], None]) -> Iterator[Truth]:
    """The corrected lines of pages, None for all, that have a text; of those that cannot be cut out, told why."""
    wanted = None if ids is None else set(ids)
    for entry in project.entries():
        if (wanted is not None and entry.id not in wanted) or not project.summary(entry).corrected:
            continue
        try:
            document = project.document(entry)
            page = decoded(document.picture)
        except HtrkitError as error:
            left_out(str(error))
            continue
        for order, line in enumerate(document.sheet().lines):
            if line.state == "corrected" and line.text.strip():
                try:
                    found = cut(page, place_of(line, entry.id, order), line.id)
                except HtrkitError as error:
                    left_out(f"{entry.id}, line {order + 1}: {error}")
                    continue
                yield Truth(entry.id, line.id, line.text, found)


def split(chances: Iterable[float]) -> list[bool]:
    """Whether each line is held back; at least one is, and one is not."""
    numbers = list(chances)
    held = [number < HELD_BACK for number in numbers]
    if not any(held):
        held[numbers.index(min(numbers))] = True
    elif all(held):
        held[numbers.index(max(numbers))] = False
    return held


def write_images(folder: Path, lines: Iterable[Truth]) -> Iterator[tuple[float, str]]:
    """Write the images of lines into a folder; of each, its chance and its row of a table."""
    (folder / IMAGES).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(lines, start=1):
        name = f"{IMAGES}/{number:06}.png"
        (folder / name).write_bytes(png(one.line))
        yield one.chance, "\t".join((name, one.text.replace("\t", " "), one.page))


def write_table(path: Path, rows: Iterable[str]) -> None:
    """Write a table of rows."""
    with whole(path) as part:
        part.write_text("\n".join(("image\ttext\tpage", *rows)) + "\n", encoding="utf-8")
