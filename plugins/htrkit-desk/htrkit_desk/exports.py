"""Downloads: pages in every installed format, a table to train on, everything in one archive."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from htrkit import Hypothesis, InputError, Page, Result, Run, Word
from htrkit.geometry import bounds, box
from htrkit.quoting import first_line
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


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is ready, and what the download is called."""

    path: Path
    name: str


def export(project: Project, format: str, ids: Sequence[str] | None) -> Export:
    """Write pages, all by default, in a format.

    Raises
    ------
    HtrkitError
        If there is no such format, or nothing to write.
    """
    chosen = project.entries() if ids is None else [project.entry(id_) for id_ in ids]
    pages = [entry for entry in chosen if project.summary(entry).failed is None]
    if not pages:
        raise InputError("there is no page to export")
    folder = project.hidden / "exports"
    try:
        folder.mkdir(exist_ok=True)
        path = folder / secrets.token_hex(8)
        name = pages[0].id.replace("/", "-") if len(pages) == 1 else project.root.name
        if format == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                _put_everything(archive, project, pages)
            return Export(path, f"{name}.zip")
        if format == "table":
            _put_table(path, project, [entry.id for entry in pages])
            return Export(path, f"{name}-lines.zip")
        return _formatted(path, name, project, pages, format)
    except OSError as error:
        raise InputError(f"cannot write into {folder}: {error.strerror or first_line(error)}") from None


def _formatted(path: Path, name: str, project: Project, pages: list[Entry], format: str) -> Export:
    spec = Spec.parse("writer", format[:200])
    writer = spec.create(Run("", "", several=len(pages) > 1))
    suffix: str | None = getattr(writer, "suffix", None)
    if suffix is None or hasattr(writer, "book"):
        found = (_given(project, entry, pixels=suffix is not None) for entry in pages)
        if suffix is None:
            pieces = written(writer, spec.name, (result for _, results in found for result in results))
        else:
            pieces = written(writer.book, spec.name, found)
        _put(path, pieces)
        return Export(path, f"{name}{suffix or '.' + spec.name}")
    contents = ((entry, b"".join(map(_bytes, _pieces(writer, spec.name, project, entry, suffix)))) for entry in pages)
    if len(pages) == 1:
        _put(path, [content for _, content in contents])
        return Export(path, f"{name}{suffix}")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in contents:
            archive.writestr(_beside(project, entry, suffix), content)
    return Export(path, f"{name}-{spec.name}.zip")


def _pieces(writer: object, name: str, project: Project, entry: Entry, suffix: str) -> Iterator[str | bytes]:
    if name == "page-xml":  # the file itself, with all that others have put into it
        return iter([project.document(entry).data()])
    page, results = _given(project, entry, pixels=suffix not in TEXTS)
    return written(writer, name, results, page)  # type: ignore[arg-type]


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


def _put_table(path: Path, project: Project, ids: list[str]) -> None:
    """The corrected lines as an archive that ``htrkit train`` takes, unpacked."""
    folder = path.with_name(f"{path.name}-table")
    try:
        rows = [row for _, row in write_images(folder, truths(project, ids))]
        if not rows:
            raise InputError("no line is corrected yet: a table has the corrected ones")
        write_table(folder / TABLE, rows)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder).as_posix())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_everything(archive: zipfile.ZipFile, project: Project, pages: list[Entry]) -> None:
    """Pictures, PAGE XML, texts and settings, as they lie in the folder."""
    for file in dict.fromkeys(entry.file for entry in pages if entry.file):
        archive.write(file, file.relative_to(project.root).as_posix(), zipfile.ZIP_STORED)
    texts = []
    for entry in pages:
        document = project.document(entry)
        archive.writestr(entry.kept.relative_to(project.root).as_posix(), document.data())
        texts += [f"{entry.id}\t{line.text}\n" for line in document.sheet().lines if line.text]
    archive.writestr("texts.tsv", "".join(texts))
    if (project.root / settings.NAME).is_file():
        archive.write(project.root / settings.NAME, settings.NAME)


def _beside(project: Project, entry: Entry, suffix: str) -> str:
    return entry.kept.relative_to(project.root).with_suffix(suffix).as_posix()


def _put(path: Path, pieces: Iterable[str | bytes]) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(_bytes(piece))


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
