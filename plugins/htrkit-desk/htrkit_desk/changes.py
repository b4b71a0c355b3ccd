"""What a sheet changes of the elements of a document: a line, the order of the regions, a region's own text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from lxml import etree

from htrkit import InputError
from htrkit.pages.xml.document import child, children, name_of
from htrkit.pages.xml.layout import NO_BLOCK, TextLine
from htrkit.pages.xml.read_page import REGIONS
from htrkit_desk.elements import Fresh, exchange, free_id, put_after
from htrkit_desk.line_words import put_text, take_words
from htrkit_desk.marks import mark_state, number_lines
from htrkit_desk.sheet import Sheet, SheetLine

_ID = re.compile(r"[A-Za-z_À-ÖØ-öø-ÿ][\w.-]{0,199}")
_BEFORE_ORDER = ("AlternativeImage", "Border", "PrintSpace")


def put_line(element: etree._Element, was: SheetLine, line: SheetLine, made: etree._Element) -> None:
    """Bring a line's element to what a sheet says of it, with parts of one that is made of the sheet."""
    if was.polygon != line.polygon:
        exchange(element, "Coords", made, ("AlternativeImage",))
        take_words(element, was.text)  # they stood elsewhere
    if was.baseline != line.baseline:
        exchange(element, "Baseline", made, ("AlternativeImage", "Coords"))
    if was.text != line.text or was.state != line.state:
        state = "corrected" if line.text and line.state == "empty" else line.state
        if was.text != line.text or state == "corrected":
            put_text(element, made, line.text)
        mark_state(element, state if line.text or state == "corrected" else "empty", line.text)


def put_regions(page: etree._Element, old: Sheet, new: Sheet, fresh: Fresh, taken: Collection[str]) -> None:
    """Bring the regions' elements to what a sheet says of them, but for their lines.

    Raises
    ------
    InputError
        If one cannot be called so, as something else is, or as it would be no id.
    """
    elements = {element.get("id", ""): element for element in page.iter() if name_of(element) in REGIONS}
    before = {one.id: one for one in old.regions}
    for region in new.regions:
        made, element, was = fresh.region(region.id), elements.get(region.id), before.get(region.id)
        if region.id.startswith(NO_BLOCK):  # nobody would see it
            raise InputError(f"{region.id[:80]!r} cannot be the id of a region")
        if element is None:
            if not _ID.fullmatch(region.id) or region.id in taken:
                raise InputError(f"{region.id[:80]!r} cannot be the id of a region")
            page.append(made)
            continue
        if was is None or was.polygon != region.polygon:
            exchange(element, "Coords", made, ("AlternativeImage",))
        if was is not None and was.kind != region.kind:
            element.attrib.pop("type", None)
            for name in ("type", "custom"):
                if value := made.get(name):
                    element.set(name, value)


def is_id(text: str) -> bool:
    """Whether a new element can be called so."""
    return bool(_ID.fullmatch(text))


def put_text_of_region(region: etree._Element, lines: Iterable[TextLine]) -> None:
    """Bring the text that a region has for all its lines to theirs."""
    whole = child(region, "TextEquiv")
    written_ = None if whole is None else child(whole, "Unicode")
    if written_ is not None:
        written_.text = "\n".join(line.hypotheses[0].text if line.hypotheses else "" for line in lines)


def put_order(page: etree._Element, now: Sequence[str], new: Sheet) -> None:
    """Write the order of the regions down if it is another than the file says, which is ``now``."""
    shown, nowhere = {one.id for one in new.regions}, next((one for one in now if one.startswith(NO_BLOCK)), "")
    homes = dict.fromkeys(line.region if line.region in shown else nowhere for line in new.lines)
    there = set(now)  # lines without a place may be in a region that has none either
    wanted = [one for one in homes if one in there]
    if [one for one in now if one in homes] == wanted:
        return
    for old in list(children(page, "ReadingOrder")):
        page.remove(old)
    elements = {element.get("id", ""): element for element in page.iter()}
    namespace = str(page.tag).removesuffix("Page")
    order = etree.Element(f"{namespace}ReadingOrder")
    group = etree.SubElement(order, f"{namespace}OrderedGroup", {"id": free_id("reading_order", set(elements))})
    every = [*wanted, *(one for one in now if one not in homes)]
    for index, id_ in enumerate(every):
        etree.SubElement(group, f"{namespace}RegionRefIndexed", {"index": str(index), "regionRef": id_})
    put_after(page, order, _BEFORE_ORDER)
    number_lines([elements[id_] for id_ in every])
