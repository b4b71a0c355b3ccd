"""Samples from the IAM handwriting database as it is distributed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from htrkit.errors import InputError
from htrkit.files import is_file
from htrkit.readers.samples import Skipped, line_in
from htrkit.texts import lines
from htrkit.types import Sample

Level = Literal["words", "lines"]

LISTS = ("", "ascii", "gt")
"""Folders in which ``words.txt`` and ``lines.txt`` may lie."""
OWN_FOLDER = "img"
"""Where the images lie if not under ``words`` or ``lines``."""
# fields of a row before its text: id, status, grey level, (number of components,) x, y, w, h, (grammatical tag)
FIELDS_BEFORE_TEXT = 8
FORM_FIELDS = 2


class Iam:
    """The IAM handwriting database: ``words.txt`` or ``lines.txt`` with the images under ``words/`` or ``lines/``.

    The lists may lie in the folder itself, in ``ascii/`` or in ``gt/``, the images also under ``img/``; an image is
    ``a01/a01-000u/a01-000u-00-00.png`` below that. Entries that the database marks ``err`` (wrongly segmented) are
    skipped. Groups: ``form``, and ``writer`` where ``forms.txt`` is there.

    Source: U. Marti and H. Bunke, "The IAM-database: an English sentence database for offline handwriting
    recognition", IJDAR 5, 2002, pages 39-46.

    Parameters
    ----------
    level
        Words or lines; by default whichever list is there, words if both are.
    """

    def __init__(self, *, level: Level | None = None) -> None:
        self.level = level

    def accepts(self, path: Path) -> bool:
        """Whether it is a folder with one of the lists in it."""
        return self._find(path) is not None

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The samples in the order of the list.

        Raises
        ------
        InputError
            If the list is not there.
        """
        listed = self._find(path)
        if listed is None:
            names = f"{self.level}.txt" if self.level else "words.txt or lines.txt"
            raise InputError(f"{path}: no {names} in it, nor in its folders ascii and gt")
        writers = _writers(listed.with_name("forms.txt"))
        for number, row in enumerate(list(lines(listed)), start=1):
            if row.strip() and not row.startswith("#"):
                yield _entry(path, listed.stem, f"{listed}:{number}", row.split(), writers)

    def _find(self, path: Path) -> Path | None:
        levels = (self.level,) if self.level else ("words", "lines")
        files = (path / folder / f"{level}.txt" for level in levels for folder in LISTS)
        return next((file for file in files if file.is_file()), None)


def _entry(database: Path, level: str, where: str, fields: list[str], writers: dict[str, str]) -> Sample | Skipped:
    if len(fields) <= FIELDS_BEFORE_TEXT:
        return Skipped(where, "row with too few fields")
    name, status, *_ = fields
    text = " ".join(fields[FIELDS_BEFORE_TEXT:])
    if level == "lines":
        text = text.replace("|", " ")
    if status != "ok":
        return Skipped(f"{where}: {name}", f"marked {status} by the database")
    parts = name.split("-")
    form = "-".join(parts[:FORM_FIELDS])
    below = Path(parts[0], form, f"{name}.png")
    images = [database / root / below for root in (level, OWN_FOLDER)]
    line = line_in(next(filter(is_file, images), images[0]))
    if isinstance(line, Skipped):
        return Skipped(f"{where}: {line.where}", line.reason)
    groups = {"form": form} | ({"writer": writers[form]} if form in writers else {})
    return Sample(line, text, groups)


def _writers(file: Path) -> dict[str, str]:
    """The writer of each form; none where there is no list of forms."""
    if not file.is_file():
        return {}
    rows = [row.split() for row in lines(file) if row.strip() and not row.startswith("#")]
    return {row[0]: row[1] for row in rows if len(row) >= FORM_FIELDS}
