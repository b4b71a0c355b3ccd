"""The source of PAGE and ALTO files, whose pictures lie beside them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from htrkit.contracts import Source
from htrkit.errors import InputError
from htrkit.files import is_file
from htrkit.pages.images import SUFFIXES, Images
from htrkit.pages.sources import Sources, pages_from
from htrkit.pages.xml.layout import Layout
from htrkit.quoting import one_line
from htrkit.types import Failed, Page

GLANCE = 1 << 16
"""Bytes in which a file names its format and its picture."""
FOLDERS = ("page", "alto")
"""Folders of XML files, whose pictures lie in the folder above: so exports Transkribus."""
_FORMAT = re.compile(r"<(?:[\w.-]+:)?(?:PcGts|alto)[\s>]")
_IMAGE = re.compile(r"imageFilename\s*=\s*[\"']([^\"']*)|<(?:[\w.-]+:)?fileName>([^<]*)")


_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Xml:
    """PAGE and ALTO files: the picture that they name, which must lie beside them, with the lines that they describe.

    Of the name of the picture nothing but its last part counts. If there is no such file, an image that is called as
    the XML file is taken. Pictures of XML files in a folder ``page`` or ``alto`` may also lie in the folder above. A
    picture may be a page of a TIFF or, if a plugin reads it, a PDF.
    """

    def accepts(self, path: Path) -> bool:
        """Whether it ends in .xml and begins like PAGE or ALTO."""
        return path.suffix.lower() == ".xml" and _FORMAT.search(_beginning(path)) is not None

    def picture(self, path: Path) -> Path | None:
        """The image that an XML file is read with, as far as its beginning says; None if there is none."""
        named = _IMAGE.search(_beginning(path))
        return _beside(path, html.unescape(named[1] or named[2] or "") if named else "")

    def pages(self, path: Path) -> Iterator[Page | Failed]:
        """The page, or the pages of an ALTO file, with its lines; called as the file, or ``path#1`` and so on.

        Raises
        ------
        InputError
            If it is no such file, or its picture is missing or cannot be read; the message begins with the path.
        """
        # lxml takes 10 ms to import, which reading images must not cost
        from htrkit.pages.xml import read_alto, read_page
        from htrkit.pages.xml.document import name_of, root_of
        from htrkit.pages.xml.placed import placed

        root = root_of(path)
        read = {read_page.ROOT: read_page.read_page, read_alto.ROOT: read_alto.read_alto}.get(name_of(root))
        if read is None:
            raise InputError(f"{path}: its root is {name_of(root)}, which is neither PAGE nor ALTO")
        try:
            layouts = read(root)
        except InputError as error:
            raise InputError(f"{path}: {one_line(str(error))}") from None
        image = _beside(path, layouts[0].image)
        if image is None:
            name = one_line(_last_part(layouts[0].image)) or "of its own name, as it says no other,"
            raise InputError(f"{path}: its image {name} is not beside it")
        for number, (layout, picture) in enumerate(zip(layouts, _pictures(path, image, layouts), strict=True), start=1):
            name = f"{path}#{number}" if len(layouts) > 1 else str(path)
            if isinstance(picture, Failed):
                yield Failed(name, f"its image {picture}", picture.error)
                continue
            found = replace(picture, id=name, source=path, number=number, image=image, image_page=picture.number)
            yield placed(layout, found)


def _pictures(path: Path, image: Path, layouts: Sequence[Layout]) -> Iterator[Page | Failed]:
    """The picture of each layout: of several in their order, of one the picture whose number it says."""
    first = layouts[0].number or 1 if len(layouts) == 1 else 1
    source, found = _source_of(image), 0
    try:
        for found, picture in enumerate(islice(pages_from(source, image, first), len(layouts)), start=1):  # noqa: B007
            yield picture
        if found == len(layouts):
            return
        pages = source.pages(image)
        only = next(pages, None)
        count = sum(1 for _ in pages) + (only is not None)
    except InputError as error:
        raise InputError(f"{path}: its image {error}") from None
    if only is not None and len(layouts) == count == 1:
        yield only  # the number is that of a page in a book
    else:
        raise InputError(f"{path}: describes page {first + found} of {image.name}, which has {count}")


def _source_of(image: Path) -> Source:
    """What reads an image: also a file of several pages that a plugin reads, such as a PDF."""
    owner = Sources().of(image)
    return Images() if owner is None or hasattr(owner[1], "picture") else owner[1]


def _beginning(path: Path) -> str:
    """The first characters of a file, as far as they matter here; empty if it cannot be read, or is a pipe."""
    if not is_file(path):
        return ""
    try:
        with path.open("rb") as file:
            data = file.read(GLANCE)
    except (OSError, ValueError):
        return ""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    declared = _ENCODING.match(data)
    encoding = "utf-16" if wide else declared[1].decode("ascii") if declared else "utf-8"
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):  # no encoding of text
        text = data.decode("utf-8", "replace")
    return _COMMENT.sub("", text)


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name.strip())[-1]


def _beside(path: Path, name: str) -> Path | None:
    folders = [path.parent]
    if path.absolute().parent.name.lower() in FOLDERS:
        folders.append(path.parent / "..")
    # OCR-D writes addresses, in which a space is %20
    names = [part for part in map(_last_part, (name, unquote(name))) if part not in ("", ".", "..")]
    # a Mac writes accents apart from their letters
    names += [unicodedata.normalize(form, part) for part in names for form in ("NFC", "NFD")]
    for folder in folders:
        candidates = [folder / name for name in names]
        candidates += [(folder / path.name).with_suffix(suffix) for suffix in sorted(SUFFIXES)]
        for candidate in candidates:
            if is_file(candidate) and candidate.suffix.lower() != ".xml":
                return candidate
    return None
