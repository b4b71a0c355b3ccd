"""Downloads: pages in every installed format, a table to train on, everything in one archive."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from htrkit import HtrkitError, Hypothesis, InputError, Page, Result, Run, Word
from htrkit.geometry import bounds, box
from htrkit.pages.xml.write_page import PageXml
from htrkit.quoting import first_line, reason
from htrkit.spec import Spec
from htrkit.writing import written
from htrkit_desk import settings
from htrkit_desk.cuts import decoded, place_of
from htrkit_desk.found import Entry
from htrkit_desk.project import Project
from htrkit_desk.sheet import SheetLine
from htrkit_desk.truth import TABLE, truths, write_images, write_table

TEXTS = (".xml", ".hocr")
"""What formats end in that describe a picture without drawing it."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is ready, what the download is called, and which pages or lines are not in it, each with why."""

    path: Path
    name: str
    left_out: tuple[str, ...] = ()


class Pages:
    """The pages of an export; one that fails is left out, and noted, while the others go on."""

    def __init__(self, project: Project, chosen: Iterable[Entry]) -> None:
        self.project, self.left_out, self.entries = project, list[str](), list[Entry]()
        for entry in chosen:
            failed = project.summary(entry).failed
            if failed is None:
                self.entries.append(entry)
            else:
                self.left_out.append(f"{entry.id}: {failed}")

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.entries) > 1

    def each(self, make: Callable[[Entry], Made]) -> Iterator[tuple[Entry, Made]]:
        """What is made of each page. Raises InputError at the end if it is of none."""
        made = False
        for entry in self.entries:
            try:
                yield entry, make(entry)
                made = True
            except HtrkitError as error:
                self.left_out.append(f"{entry.id}: {reason(error).removeprefix(f'{entry.id}: ')}")
        if not made:
            raise InputError("; ".join(self.left_out[:3]) or "there is no page to export")


def export(project: Project, format: str, ids: Sequence[str] | None) -> Export:
    """Write pages, all by default, in a format.

    Raises
    ------
    HtrkitError
        If there is no such format, or nothing to write.
    """
    pages = Pages(project, project.entries() if ids is None else [project.entry(id_) for id_ in ids])
    if not pages.entries:
        raise InputError("; ".join(pages.left_out[:3]) or "there is no page to export")
    name = project.root.name if pages.several else pages.entries[0].id.replace("/", "-")
    folder = project.hidden / "exports"
    path = folder / secrets.token_hex(8)
    try:
        folder.mkdir(exist_ok=True)
        if format == "zip":
            _put_everything(path, pages)
            suffix = ".zip"
        elif format == "table":
            _put_table(path, pages)
            suffix = "-lines.zip"
        else:
            suffix = _put_formatted(path, pages, format)
        return Export(path, f"{name}{suffix}", tuple(pages.left_out))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise InputError(f"cannot write into {folder}: {error.strerror or first_line(error)}") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _put_formatted(path: Path, pages: Pages, format: str) -> str:
    """Write pages in the format of a writer; how the download's name ends."""
    spec = Spec.parse("writer", format[:200])
    writer = spec.create(Run("", "", several=pages.several))
    suffix: str | None = getattr(writer, "suffix", None)
    if suffix is None or hasattr(writer, "book"):
        found = (given for _, given in pages.each(lambda entry: _given(pages.project, entry, pixels=bool(suffix))))
        if suffix is None:
            pieces = written(writer, spec.name, (result for _, results in found for result in results))
        else:
            pieces = written(writer.book, spec.name, found)
        _put(path, pieces)
        return suffix or f".{spec.name}"
    contents = pages.each(lambda entry: b"".join(map(_bytes, _pieces(writer, spec, pages.project, entry, suffix))))
    if not pages.several:
        _put(path, (content for _, content in contents))
        return suffix
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in contents:
            name = entry.kept.relative_to(pages.project.root).with_suffix(suffix)
            archive.writestr(name.as_posix(), content)
        _put_left_out(archive, pages)
    return f"-{spec.name}.zip"


def _pieces(writer: object, spec: Spec, project: Project, entry: Entry, suffix: str) -> Iterator[str | bytes]:
    if isinstance(writer, PageXml) and not spec.options:  # the file itself, with all that others have put into it
        return iter([project.document(entry).data()])
    page, results = _given(project, entry, pixels=suffix not in TEXTS)
    return written(writer, spec.name, results, page)  # type: ignore[arg-type]


def _given(project: Project, entry: Entry, *, pixels: bool) -> tuple[Page, list[Result]]:
    """A page and the texts of its lines, for a writer."""
    document = project.document(entry)
    sheet, picture = document.sheet(), document.picture
    page = replace(picture.page(entry.id), pixels=decoded(picture).pixels) if pixels else picture.page(entry.id)
    places = [place_of(line, entry.id, order) for order, line in enumerate(sheet.lines)]
    page = replace(page, regions=sheet.regions, lines=tuple((place, None) for place in places))
    results = [
        Result(f"{entry.id}:{order}", (_hypothesis(line),), place)
        for order, (line, place) in enumerate(zip(sheet.lines, places, strict=True), start=1)
        if line.text
    ]
    return page, results


def _hypothesis(line: SheetLine) -> Hypothesis:
    # the boxes of words from other programs may have any number of corners
    outlines = (w.polygon if len(w.polygon) in (0, 4) else box(*bounds(w.polygon)) for w in line.words)
    words = tuple(Word(w.text, outline, w.confidence) for w, outline in zip(line.words, outlines, strict=True))
    return Hypothesis(line.text, 0.0, confidence=line.confidence, words=words)


def _put_table(path: Path, pages: Pages) -> None:
    """The corrected lines as an archive that ``htrkit train`` takes, unpacked."""
    folder = path.with_name(f"{path.name}-table")
    try:
        found = truths(pages.project, [entry.id for entry in pages.entries], pages.left_out.append)
        rows = [row for _, row in write_images(folder, found)]
        if not rows:
            raise InputError("no line is corrected yet: a table has the corrected ones")
        write_table(folder / TABLE, rows)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder).as_posix())
            _put_left_out(archive, pages)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_everything(path: Path, pages: Pages) -> None:
    """Pictures, PAGE XML, texts and settings, as they lie in the folder."""
    root, texts = pages.project.root, []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in dict.fromkeys(entry.file for entry in pages.entries if entry.file):
            archive.write(file, file.relative_to(root).as_posix(), zipfile.ZIP_STORED)
        for entry, document in pages.each(pages.project.document):
            archive.writestr(entry.kept.relative_to(root).as_posix(), document.data())
            texts += [f"{entry.id}\t{line.text}\n" for line in document.sheet().lines if line.text]
        archive.writestr("texts.tsv", "".join(texts))
        if (root / settings.NAME).is_file():
            archive.write(root / settings.NAME, settings.NAME)
        _put_left_out(archive, pages)


def _put_left_out(archive: zipfile.ZipFile, pages: Pages) -> None:
    """Say in an archive what is not in it."""
    if pages.left_out:
        archive.writestr("left-out.txt", "".join(f"{why}\n" for why in pages.left_out))


def _put(path: Path, pieces: Iterable[str | bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(_bytes(piece))


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
