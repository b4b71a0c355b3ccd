"""ALTO XML, 1 to 4, into layouts."""

from __future__ import annotations

import re

from lxml import etree

from htrkit.errors import InputError
from htrkit.geometry import Outline, bounds
from htrkit.pages.xml.document import child, children, name_of, namespace_of, number, points, polygon
from htrkit.pages.xml.layout import Block, Layout, TextLine
from htrkit.types import Hypothesis

ROOT = "alto"
_NAMESPACE = re.compile(r"https?://www\.loc\.gov/standards/alto/ns-v\d+#|https?://schema\.ccs-gmbh\.com/ALTO")


def read_alto(root: etree._Element) -> list[Layout]:
    """The pages of a file.

    Raises
    ------
    InputError
        If it has none, or is of another namespace; or if it measures in other units than pixels and does not say how
        large the page is.
    """
    namespace = namespace_of(root)
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise InputError(f"{namespace} is no namespace of ALTO")
    unit = _text(root, "MeasurementUnit").strip()
    image = _text(root, "fileName").strip()
    kinds = _kinds(root)
    ranks = _ranks(root)
    layouts = []
    for page in (element for element in root.iter() if name_of(element) == "Page" and not _within_page(element)):
        width, height = number(page.get("WIDTH")), number(page.get("HEIGHT"))
        if unit not in ("", "pixel") and not width * height:
            raise InputError(f"measures in {unit}, and does not say how large the page is")
        blocks = [element for element in page.iter() if name_of(element) == "TextBlock"]
        blocks.sort(key=lambda block: ranks.get(block.get("ID", ""), len(ranks)))
        physical = round(number(page.get("PHYSICAL_IMG_NR")))
        layouts.append(Layout(image, physical, width, height, tuple(_block(block, kinds) for block in blocks)))
    if not layouts:
        raise InputError("holds no Page")
    return layouts


def _within_page(element: etree._Element) -> bool:
    return any(name_of(around) == "Page" for around in element.iterancestors())


def _text(root: etree._Element, name: str) -> str:
    """The text of the first element of a name in the description; empty if there is none."""
    description = child(root, "Description")
    elements = () if description is None else description.iter()
    return next((element.text or "" for element in elements if name_of(element) == name), "")


def _kinds(root: etree._Element) -> dict[str, str]:
    tags = child(root, "Tags")
    return {} if tags is None else {tag.get("ID", ""): tag.get("LABEL") or tag.get("TYPE") or "" for tag in tags}


def _ranks(root: etree._Element) -> dict[str, int]:
    """The places of blocks in the reading order, which files since 4.3 may have."""
    order = child(root, "ReadingOrder")
    references = () if order is None else (id_ for element in order.iter() for id_ in element.get("REF", "").split())
    return {id_: rank for rank, id_ in reversed(list(enumerate(references)))}


def _block(block: etree._Element, kinds: dict[str, str]) -> Block:
    tags = (kinds.get(tag, "") for tag in block.get("TAGREFS", "").split())
    lines = tuple(map(_line, children(block, "TextLine")))
    return Block(block.get("ID", ""), next(filter(None, tags), ""), _polygon(block), lines)


def _line(line: etree._Element) -> TextLine:
    outline, baseline = _polygon(line), points(line.get("BASELINE"))
    if not baseline and line.get("BASELINE") and outline:
        # before 4.2 it was a single height
        (left, _, right, _), y = bounds(outline), number(line.get("BASELINE"))
        baseline = ((left, y), (right, y))
    return TextLine(line.get("ID", ""), outline, baseline, _hypotheses(line))


def _polygon(element: etree._Element) -> Outline:
    shape = child(element, "Shape")
    found = None if shape is None else child(shape, "Polygon")
    outline = () if found is None else polygon(points(found.get("POINTS")))
    return outline or _box(element)


def _box(element: etree._Element) -> Outline:
    corner = points(f"{element.get('HPOS')} {element.get('VPOS')}")
    size = points(f"{element.get('WIDTH')} {element.get('HEIGHT')}")
    if len(corner) != 1 or len(size) != 1:
        return ()
    ((left, top),), ((width, height),) = corner, size
    return polygon(((left, top), (left + width, top + height)))


def _hypotheses(line: etree._Element) -> tuple[Hypothesis, ...]:
    """The text of a line, words apart by a space; a hyphen at its end belongs to the last word."""
    strings = [string for string in children(line, "String") if string.get("CONTENT") is not None]
    if not strings:
        return ()
    hyphen = child(line, "HYP")
    text = " ".join(string.get("CONTENT", "") for string in strings)
    text += "" if hyphen is None else hyphen.get("CONTENT", "")
    alternatives = children(strings[0], "ALTERNATIVE") if len(strings) == 1 else ()
    confidence = min(1.0, number(strings[0].get("WC"))) if len(strings) == 1 and strings[0].get("WC") else None
    others = (Hypothesis(other.text or "", 0.0) for other in alternatives)
    return (Hypothesis(text, 0.0, confidence=confidence), *others)
