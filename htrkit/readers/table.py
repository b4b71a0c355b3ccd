"""Samples from a TSV or CSV table: image, text, optionally a box in the image, and groups."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from htrkit.errors import InputError
from htrkit.readers.images import read_images
from htrkit.readers.samples import Skipped
from htrkit.texts import lines
from htrkit.types import Line, Pixels, Sample

IMAGE, TEXT = "image", "text"
BOX = ("x0", "y0", "x1", "y1")


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: tuple[str, ...]
    fault: str = ""


class Table:
    """Tables in UTF-8 with a header.

    Columns ``image`` (a path relative to the table) and ``text``; optionally ``x0 y0 x1 y1``, the half-open pixel box
    of the line in the image (all four left empty: the whole image); any other column becomes a group of the sample.
    ``.csv`` files are read with standard quoting and separated by commas or semicolons; every other table is separated
    by tabs, and quotes are ordinary characters.
    """

    def accepts(self, path: Path) -> bool:
        """Whether it is a file ending in .tsv or .csv."""
        return path.suffix.lower() in (".tsv", ".csv") and path.is_file()

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The samples, row by row; consecutive rows of one image decode it once.

        Raises
        ------
        InputError
            If the table is not UTF-8, or its header does not name the columns.
        """
        rows = _rows(path)
        columns = _checked_header(path, next(rows, _Row(1, ())).cells)
        name, page = None, _Page()
        for row in rows:
            where = f"{path}:{row.number}"
            if row.fault or len(row.cells) != len(columns):
                yield Skipped(where, row.fault or "row with more or fewer cells than the header")
                continue
            cells = dict(zip(columns, row.cells, strict=True))
            if cells[IMAGE] != name:
                name, page = cells[IMAGE], _load(path.parent / cells[IMAGE])
            if page.pixels is None:
                yield Skipped(f"{where}: {page.detail}", page.fault)
                continue
            box = tuple(cells[side].strip() for side in BOX) if BOX[0] in cells else ("",) * len(BOX)
            found = _cut(page.id, page.pixels, box)
            if isinstance(found, Line):
                groups = {key: cell for key, cell in cells.items() if key not in (IMAGE, TEXT, *BOX)}
                yield Sample(found, cells[TEXT], groups)
            else:
                yield Skipped(f"{where}: {' '.join(box)}", found)


@dataclass(frozen=True, slots=True)
class _Page:
    """An image that rows refer to, or why there is none."""

    id: str = ""
    pixels: Pixels | None = None
    fault: str = ""
    detail: str = ""


def _load(path: Path) -> _Page:
    if not path.is_file():
        return _Page(fault="missing image", detail=str(path))
    try:
        pages = read_images(path)
    except InputError as error:
        return _Page(fault="unreadable image", detail=str(error))
    if len(pages) > 1:
        return _Page(fault="image with several pages", detail=str(path))
    return _Page(str(path), pages[0].pixels)


def _cut(name: str, pixels: Pixels, box: tuple[str, ...]) -> Line | str:
    """The line in a box, or what is wrong with the box."""
    if not any(box):
        return Line(name, pixels)
    try:
        x0, y0, x1, y1 = (int(side) for side in box)
    except ValueError:
        return "box that is not four whole numbers"
    height, width = pixels.shape
    if x0 >= x1 or y0 >= y1:
        return "empty box"
    if min(x0, y0) < 0 or x1 > width or y1 > height:
        return "box that reaches out of its image"
    # a copy: a view would keep the whole image in memory
    return Line(f"{name}#{x0},{y0},{x1},{y1}", np.array(pixels[y0:y1, x0:x1], order="C"))


def _rows(path: Path) -> Iterator[_Row]:
    """The rows with the number of their last line; lines with nothing on them are no rows."""
    text = list(lines(path))  # all of it, so that no row is read of a table that is not UTF-8 further down
    if path.suffix.lower() != ".csv":
        for number, line in enumerate(text, start=1):
            if line:
                yield _Row(number, tuple(line.split("\t")))
        return
    header = text[0] if text else ""
    # strict, lest a quote that is never closed swallow the rest of the file unnoticed
    delimiter = ";" if header.count(";") > header.count(",") else ","
    parsed = csv.reader((line + "\n" for line in text), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(parsed)
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(parsed.line_num, (), f"quotes that do not fit ({error})")
        else:
            if cells:
                yield _Row(parsed.line_num, tuple(cells))


def _checked_header(path: Path, cells: tuple[str, ...]) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    boxes = [column for column in BOX if column in columns]
    wrong = (
        IMAGE not in columns
        or TEXT not in columns
        or len(set(columns)) != len(columns)
        or len(boxes) not in (0, len(BOX))
    )
    if wrong:
        raise InputError(
            f"{path}: the first line must name the columns, each once: {IMAGE}, {TEXT}, optionally all of "
            f"{' '.join(BOX)}, and any others as groups; it names: {', '.join(columns) or 'nothing'}"
        )
    return columns
