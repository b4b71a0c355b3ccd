"""Elements of PAGE XML put where the schema wants them, and those that htrkit's own writer makes of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from htrkit import Page, Place, Region, Result, Run
from htrkit.pages.xml.document import child, children, name_of, root_in
from htrkit.pages.xml.read_page import REGIONS
from htrkit.pages.xml.write_page import PageXml
from htrkit_desk.marks import mark_others
from htrkit_desk.pictures import Picture
from htrkit_desk.sheet import Sheet

OLD = "2013-07-15"
"""The version of PAGE that Transkribus writes, in which a line has one text."""
NEWEST = "2019-07-15"
_WITHOUT_REGIONS = ("ReadingOrder", "Coords", "TextLine")


def written(page: Page, results: Iterable[Result] = (), run: Run | None = None, *, old: bool = False) -> etree._Element:
    """The root of the file that htrkit writes for a page."""
    writer = PageXml(run or Run("", ""), version=OLD if old else NEWEST)  # type: ignore[arg-type]
    return root_in("".join(writer(results, page)).encode(), page.source)


class Fresh:
    """What htrkit's own writer makes of the regions and lines of a sheet, as elements for a document.

    Parameters
    ----------
    picture, sheet
        The page.
    namespace
        Of the document.
    read
        What was read on lines, by their ids, instead of the texts of the sheet.
    run
        Of the reading.
    """

    def __init__(
        self,
        picture: Picture,
        sheet: Sheet,
        namespace: str,
        read: Mapping[str, Result] | None = None,
        run: Run | None = None,
    ) -> None:
        self._read = read or {}
        self._regions = {one.id: f"r{number}" for number, one in enumerate(sheet.regions)}
        self._numbers = {line.id: number for number, line in enumerate(sheet.lines)}
        regions = tuple(Region(self._regions[one.id], one.kind, one.polygon) for one in sheet.regions)
        places = [
            Place("", number, line.polygon, line.baseline, self._regions.get(line.region, ""), f"l{number}")
            for number, line in enumerate(sheet.lines)
        ]
        texts = [line.text if line.text and read is None else None for line in sheet.lines]
        page = replace(picture.page(), regions=regions, lines=tuple(zip(places, texts, strict=True)))
        results = [replace(result, place=places[self._numbers[id_]]) for id_, result in self._read.items()]
        root = written(page, results, run, old=OLD in namespace)
        for element in root.iter():
            element.tag = f"{{{namespace}}}{name_of(element)}" if namespace else name_of(element)
        self._elements = {element.get("id", ""): element for element in root.iter()}

    def region(self, id_: str) -> etree._Element:
        """A region of the sheet, without its lines."""
        element = self._elements[self._regions[id_]]
        for line in list(children(element, "TextLine")):
            element.remove(line)
        element.set("id", id_)
        return element

    def line(self, number: int) -> etree._Element:
        """A line by its number in the sheet."""
        return self._elements[f"l{number}"]

    def texts(self, id_: str, taken: set[str]) -> Iterator[etree._Element]:
        """The words and texts of a line that was read."""
        words = iter(self._read[id_].hypotheses[0].words)
        for element in list(children(self.line(self._numbers[id_]), "Word", "TextEquiv")):
            if name_of(element) == "Word":
                number = element.get("id", "").rpartition(".")[2]
                element.set("id", free_id(f"{id_}.{number}", taken))
                mark_others(element, ((one.text, one.confidence) for one in next(words).alternatives))
            yield element


def free_id(wanted: str, taken: set[str]) -> str:
    """An id that nothing has yet, and then has."""
    id_, number = wanted, 1
    while id_ in taken:
        number += 1
        id_ = f"{wanted}_{number}"
    taken.add(id_)
    return id_


def take_out(element: etree._Element) -> None:
    """Take an element out of its document."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def take_out_region(region: etree._Element) -> None:
    """Take a region out of its document; the regions within it stay, in its place."""
    for inner in [one for one in region if name_of(one).endswith("Region") or name_of(one) in REGIONS]:
        region.addprevious(inner)
    take_out(region)


def free_regions(page: etree._Element) -> None:
    """Move regions out of what the desk may take away or write anew, in which no program puts any."""
    for region in [one for one in page.iter() if name_of(one) in REGIONS]:
        around = [one for one in region.iterancestors() if name_of(one) in _WITHOUT_REGIONS]
        if around:
            around[-1].addnext(region)


def put_before(parent: etree._Element, elements: Iterable[etree._Element], names: Sequence[str]) -> None:
    """Put elements before the first child of these names, or last."""
    first = next(children(parent, *names), None)
    for element in elements:
        if first is None:
            parent.append(element)
        else:
            first.addprevious(element)


def put_after(parent: etree._Element, element: etree._Element, names: Sequence[str]) -> None:
    """Put an element after the last child of these names, or first."""
    found = list(children(parent, *names))
    parent.insert(parent.index(found[-1]) + 1 if found else 0, element)


def exchange(element: etree._Element, name: str, other: etree._Element, after: Sequence[str]) -> None:
    """Give an element the points of another one's child of a name, which it gets behind others if it has none."""
    new, old = child(other, name), child(element, name)
    if old is not None and new is not None:
        for part in list(old):  # points as elements of their own, before 2013
            old.remove(part)
        old.set("points", new.get("points", ""))
    elif new is not None:
        put_after(element, new, after)


def give_ids(root: etree._Element) -> None:
    """See that regions and lines have ids that tell them apart, and that can be a part of an address."""
    elements = [element for element in root.iter() if name_of(element) in (*REGIONS, "TextLine")]
    every = {element.get("id", "") for element in root.iter()}
    taken = every - {element.get("id", "") for element in elements}
    for number, element in enumerate(elements, start=1):
        id_ = element.get("id", "")
        if id_ in taken or not id_ or "/" in id_ or len(id_) > 200:
            kind = "region" if name_of(element) in REGIONS else "line"
            element.set("id", free_id(f"{kind}_{number}", every))
        taken.add(element.get("id", ""))
