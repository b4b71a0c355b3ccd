"""PAGE XML, 2010 to 2024, into a layout."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from lxml import etree

from htrkit.errors import InputError
from htrkit.pages.xml.document import child, children, name_of, namespace_of, number, points, polygon
from htrkit.pages.xml.layout import Block, Layout, TextLine
from htrkit.types import Hypothesis

ROOT = "PcGts"
REGIONS = ("TextRegion", "TableCell")
"""What may hold lines; cells of tables are Transkribus' own."""
_NAMESPACE = re.compile(r"https?://schema\.primaresearch\.org/PAGE/gts/pagecontent/\d{4}-\d\d-\d\d")
_GROUPS = ("OrderedGroup", "UnorderedGroup", "OrderedGroupIndexed", "UnorderedGroupIndexed")
_REFERENCES = ("RegionRef", "RegionRefIndexed")
# Transkribus and eScriptorium: custom="readingOrder {index:3;} structure {type:marginalia;}"
_CUSTOM = re.compile(r"(?<!\w)(\w+)\s*\{([^{}]*)\}")


def read_page(root: etree._Element) -> list[Layout]:
    """The one page of a file.

    Raises
    ------
    InputError
        If it has none, or is of another namespace.
    """
    namespace = namespace_of(root)
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise InputError(f"{namespace} is no namespace of PAGE")
    page = child(root, "Page")
    if page is None:
        raise InputError("holds no Page")
    return [
        Layout(
            page.get("imageFilename", ""),
            round(number(_custom(page).get("page", {}).get("number"))),
            number(page.get("imageWidth")),
            number(page.get("imageHeight")),
            tuple(map(_block, _in_order(page))),
        )
    ]


def _in_order(page: etree._Element) -> list[etree._Element]:
    """The regions of text in reading order; one that the order does not name follows the one around or before it."""
    regions = [element for element in page.iter() if name_of(element) in REGIONS]
    order = child(page, "ReadingOrder")
    if order is not None:
        ranks = {id_: rank for rank, id_ in reversed(list(enumerate(_referred(order))))}
        if ranks:
            return _sorted(regions, [_rank(region, ranks) for region in regions])
    return _by_custom(regions)


def _rank(region: etree._Element, ranks: dict[str, int]) -> float:
    around = (element.get("id", "") for element in (region, *region.iterancestors()))
    return next((ranks[id_] for id_ in around if id_ in ranks), math.inf)


def _referred(group: etree._Element) -> Iterator[str]:
    """The ids that a reading order names, group by group, by their index where they have one."""
    members = list(children(group, *_GROUPS, *_REFERENCES))
    for member in _sorted(members, [sort_index(member.get("index")) for member in members]):
        if reference := member.get("regionRef"):
            yield reference
        if name_of(member) in _GROUPS:
            yield from _referred(member)


def _block(region: etree._Element) -> Block:
    coords = child(region, "Coords")
    structure = _custom(region).get("structure", {})
    return Block(
        region.get("id", ""),
        structure.get("type") or region.get("type") or "",
        polygon(() if coords is None else _points(coords)),
        tuple(map(_line, _by_custom(list(children(region, "TextLine"))))),
    )


def _line(line: etree._Element) -> TextLine:
    coords, baseline = child(line, "Coords"), child(line, "Baseline")
    return TextLine(
        line.get("id", ""),
        polygon(() if coords is None else _points(coords)),
        () if baseline is None else _points(baseline),
        _hypotheses(line),
    )


def _points(element: etree._Element) -> tuple[tuple[float, float], ...]:
    """Before 2013, points were elements of their own."""
    if element.get("points") is None:
        return tuple((sort_index(point.get("x")), sort_index(point.get("y"))) for point in children(element, "Point"))
    return points(element.get("points"))


def _hypotheses(line: etree._Element) -> tuple[Hypothesis, ...]:
    """The texts of a line; the words have the say where there are any, as in eScriptorium."""
    texts = list(_texts(line))
    words = [next(_texts(word), None) for word in children(line, "Word")]
    from_words = " ".join(word.text for word in words if word is not None and word.text)
    if from_words:
        confidence = texts[0].confidence if texts else None
        return (Hypothesis(from_words, 0.0, confidence=confidence), *texts[1:])
    return tuple(texts)


def _texts(element: etree._Element) -> Iterator[Hypothesis]:
    """The texts of a line or word, that with the lowest index first."""
    equivalents = list(children(element, "TextEquiv"))
    for equivalent in _sorted(equivalents, [sort_index(one.get("index")) for one in equivalents]):
        written = child(equivalent, "Unicode")
        if written is not None:
            confidence = equivalent.get("conf")
            known = None if confidence is None else min(1.0, number(confidence))
            yield Hypothesis("".join(map(str, written.itertext())), 0.0, confidence=known)


def _index_of(element: etree._Element) -> str | None:
    """The place that Transkribus' attribute says; of a cell, that of its table."""
    places = (element, *element.iterancestors()) if name_of(element) == "TableCell" else (element,)
    return next((index for one in places if (index := _custom(one).get("readingOrder", {}).get("index"))), None)


def _by_custom(elements: list[etree._Element]) -> list[etree._Element]:
    """Elements in the order of Transkribus' own attribute, if all of them have it, else as they come."""
    indices = list(map(_index_of, elements))
    return elements if None in indices else _sorted(elements, list(map(sort_index, indices)))


def _sorted(elements: Sequence[etree._Element], keys: Sequence[float]) -> list[etree._Element]:
    return [elements[i] for i in sorted(range(len(elements)), key=keys.__getitem__)]


def sort_index(text: str | None) -> float:
    """A number by which elements are sorted; what has none comes first."""
    try:
        found = float(text or -1)
    except ValueError:
        return -1.0
    return found if math.isfinite(found) else -1.0


def _custom(element: etree._Element) -> dict[str, dict[str, str]]:
    """What ``custom`` says: ``{"readingOrder": {"index": "3"}, "structure": {"type": "marginalia"}}``."""
    said: dict[str, dict[str, str]] = {}
    for key, fields in _CUSTOM.findall(element.get("custom", "")):
        pairs = (field.partition(":") for field in fields.split(";"))
        said.setdefault(key, {name.strip(): _unescaped(value.strip()) for name, _, value in pairs if name.strip()})
    return said


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
