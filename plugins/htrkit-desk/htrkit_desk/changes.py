"""What a sheet changes of the elements of a document: a line, the order of the regions, a region's own text."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from htrkit.pages.xml.document import child, children
from htrkit.pages.xml.layout import NO_BLOCK
from htrkit_desk.elements import exchange, free_id, put_after
from htrkit_desk.line_words import put_text
from htrkit_desk.marks import mark_state, number_lines
from htrkit_desk.sheet import Sheet, SheetLine

_BEFORE_ORDER = ("AlternativeImage", "Border", "PrintSpace")


def put_line(element: etree._Element, was: SheetLine, line: SheetLine, made: etree._Element) -> None:
    """Bring a line's element to what a sheet says of it, with parts of one that is made of the sheet."""
    if was.polygon != line.polygon:
        exchange(element, "Coords", made, ("AlternativeImage",))
        for word in list(children(element, "Word")):  # they stood elsewhere
            element.remove(word)
    if was.baseline != line.baseline:
        exchange(element, "Baseline", made, ("AlternativeImage", "Coords"))
    if was.text != line.text or was.state != line.state:
        state = "corrected" if line.text and line.state == "empty" else line.state
        if was.text != line.text or state == "corrected":
            put_text(element, made, line.text)
        mark_state(element, state if line.text or state == "corrected" else "empty", line.text)


def put_text_of_region(region: etree._Element) -> None:
    """Bring the text that a region has for all its lines to theirs."""
    whole = child(region, "TextEquiv")
    written_ = None if whole is None else child(whole, "Unicode")
    if written_ is not None:
        texts = (child(line, "TextEquiv") for line in children(region, "TextLine"))
        found = (None if text is None else child(text, "Unicode") for text in texts)
        written_.text = "\n".join("" if one is None else one.text or "" for one in found)


def put_order(page: etree._Element, now: Sequence[str], new: Sheet) -> None:
    """Write the order of the regions down if it is another than the file says, which is ``now``."""
    shown, nowhere = {one.id for one in new.regions}, next((one for one in now if one.startswith(NO_BLOCK)), "")
    wanted = list(dict.fromkeys(line.region if line.region in shown else nowhere for line in new.lines))
    if [one for one in now if one in wanted] == wanted:
        return
    for old in list(children(page, "ReadingOrder")):
        page.remove(old)
    elements = {element.get("id", ""): element for element in page.iter()}
    namespace = str(page.tag).removesuffix("Page")
    order = etree.Element(f"{namespace}ReadingOrder")
    group = etree.SubElement(order, f"{namespace}OrderedGroup", {"id": free_id("reading_order", set(elements))})
    every = [*wanted, *(one for one in now if one not in wanted)]
    for index, id_ in enumerate(every):
        etree.SubElement(group, f"{namespace}RegionRefIndexed", {"index": str(index), "regionRef": id_})
    put_after(page, order, _BEFORE_ORDER)
    number_lines([elements[id_] for id_ in every])
