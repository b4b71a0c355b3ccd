"""XML from anywhere, parsed so that it can do no harm: its root, or a refusal in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from htrkit.content import content_of
from htrkit.errors import InputError
from htrkit.geometry import Outline, box
from htrkit.quoting import one_line

MAX_BYTES = 1 << 27
"""50,000 lines with all their words have a third of it."""
MAX_PARTS = 5_000_000
"""Tags and attributes, which take some 150 bytes of memory each; 50,000 lines with all words have four fifths."""

_DOCTYPE = "declares a document type, which neither PAGE nor ALTO does; take that line out"
_POINT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LARGEST = 1e9


def root_of(path: Path) -> etree._Element:
    """The root of an XML file; comments and processing instructions are left out.

    Raises
    ------
    InputError
        If it cannot be read, is too large, is not well-formed, or has a document type, which could declare anything.
    """
    return root_in(content_of(path, str(path), MAX_BYTES), path)


def root_in(data: bytes, path: Path, *, notes: bool = False) -> etree._Element:
    """As `root_of`, of the content of a file; with ``notes``, its comments and processing instructions are kept, except
    those within a text.
    """
    if len(data) > MAX_BYTES or data.count(b"<") + data.count(b"=") > MAX_PARTS:
        raise InputError(f"{path}: far larger than the description of a page; split it")
    if b"<!DOCTYPE" in data:
        raise InputError(f"{path}: {_DOCTYPE}")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not notes,
        remove_pis=not notes,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        said = getattr(error, "msg", None) or str(error)
        raise InputError(f"{path}: not well-formed XML ({one_line(said, 120)})") from None
    if root.getroottree().docinfo.internalDTD is not None:  # in UTF-16, say
        raise InputError(f"{path}: {_DOCTYPE}")
    for text in root.iter("{*}Unicode") if notes else ():
        etree.strip_tags(text, etree.Comment, etree.ProcessingInstruction)
    return root


def name_of(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: etree._Element) -> str:
    """An element's namespace; empty if it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The children of these names."""
    return (child for child in element if name_of(child) in names)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of a name."""
    return next(children(element, name), None)


def points(text: str | None) -> Outline:
    """Points as PAGE and ALTO write them, ``1,2 3,4`` or ``1 2 3 4``; two are taken for corners of a box.

    What is no list of points, or no number that could be one, is empty.
    """
    found = [float(number) for number in _POINT.findall(text or "")]
    if len(found) % 2 or any(abs(number) > _LARGEST for number in found):
        return ()
    return tuple(zip(found[::2], found[1::2], strict=True))


def polygon(outline: Outline) -> Outline:
    """A polygon; two points are taken for the corners of a box, and fewer, or none that span anything, are empty."""
    if len(outline) == 2:
        outline = box(*outline[0], *outline[1])
    xs, ys = {x for x, _ in outline}, {y for _, y in outline}
    return outline if len(outline) > 2 and len(xs) > 1 and len(ys) > 1 else ()


def number(text: str | None) -> float:
    """A number that is not negative; 0 for anything else."""
    try:
        found = float(text or 0.0)
    except ValueError:
        return 0.0
    return found if 0.0 < found < _LARGEST else 0.0
