"""Samples from a TSV or CSV table: image, text, optionally a box in the image, and groups."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from htrkit.errors import InputError
from htrkit.readers.samples import Skipped, line_in
from htrkit.texts import lines
from htrkit.types import Line, Sample

IMAGE, TEXT = "image", "text"
BOX = ("x0", "y0", "x1", "y1")
# Pixels that a box may reach out of its image, where whoever made it counted or rounded otherwise.
OUTSIDE = 1


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
        columns = _checked_header(path, next(rows, (1, []))[1])
        name: str | None = None
        image: Line | Skipped = Skipped("", "")
        for number, row in rows:
            where = f"{path}:{number}"
            if isinstance(row, str) or len(row) != len(columns):
                yield Skipped(where, row if isinstance(row, str) else "row with more or fewer cells than the header")
                continue
            cells = dict(zip(columns, row, strict=True))
            if cells[IMAGE] != name:
                name = cells[IMAGE]
                image = line_in(path.parent / name)
            box = tuple(cells.get(side, "").strip() for side in BOX)
            found = image if isinstance(image, Skipped) else _cut(image, box)
            if isinstance(found, Skipped):
                yield Skipped(f"{where}: {found.where}", found.reason)
            else:
                groups = {key: cell for key, cell in cells.items() if key not in (IMAGE, TEXT, *BOX)}
                yield Sample(found, cells[TEXT], groups)


def _cut(image: Line, box: tuple[str, ...]) -> Line | Skipped:
    """The line in a box, or what is wrong with the box."""
    if not any(box):
        return image
    where = " ".join(box)
    try:
        x0, y0, x1, y1 = map(_whole_number, box)
    except ValueError:
        return Skipped(where, "box that is not four whole numbers")
    height, width = image.pixels.shape
    if min(x0, y0) < -OUTSIDE or x1 > width + OUTSIDE or y1 > height + OUTSIDE:
        return Skipped(where, "box that reaches out of its image")
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    if x0 >= x1 or y0 >= y1:
        return Skipped(where, "empty box")
    # a copy: a view would keep the whole image in memory
    return Line(f"{image.id}#{x0},{y0},{x1},{y1}", np.array(image.pixels[y0:y1, x0:x1], order="C"))


def _whole_number(cell: str) -> int:
    """12 in ``12`` and in ``12.0``, as spreadsheets write it."""
    number = float(cell)
    if not number.is_integer():
        raise ValueError(cell)
    return int(number)


def _rows(path: Path) -> Iterator[tuple[int, list[str] | str]]:
    """The cells of each row, or what is wrong with it, after the number of its last line; empty lines are no rows."""
    text = list(lines(path))  # all of it, so that no row is read of a table that is not UTF-8 further down
    if path.suffix.lower() != ".csv":
        yield from ((number, line.split("\t")) for number, line in enumerate(text, start=1) if line)
        return
    header = text[0] if text else ""
    # strict, lest a quote that is never closed swallow the rest of the file unnoticed
    delimiter = ";" if header.count(";") > header.count(",") else ","
    parsed = csv.reader((line + "\n" for line in text), delimiter=delimiter, strict=True)
    while True:
        try:
            if (cells := next(parsed, None)) is None:
                return
            if cells:
                yield parsed.line_num, cells
        except csv.Error as error:  # costs its row
            yield parsed.line_num, f"quotes that do not fit ({error})"


def _checked_header(path: Path, cells: list[str] | str) -> tuple[str, ...]:
    """The names of the columns; those that htrkit knows may be written in capitals."""
    known = (IMAGE, TEXT, *BOX)
    named = [] if isinstance(cells, str) else [cell.strip() for cell in cells]
    columns = tuple(name.lower() if name.lower() in known and name.lower() not in named else name for name in named)
    boxes = [column for column in BOX if column in columns]
    if not {IMAGE, TEXT} <= {*columns} or len({*columns}) != len(columns) or len(boxes) not in (0, len(BOX)):
        raise InputError(
            f"{path}: the first line must name the columns, each once: {IMAGE}, {TEXT}, optionally all of "
            f"{' '.join(BOX)}, and any others as groups; it names: {', '.join(named) or 'nothing'}"
        )
    return columns
