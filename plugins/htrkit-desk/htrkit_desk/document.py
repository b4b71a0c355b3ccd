"""The PAGE XML of a page: read into a sheet, and changed in place, so that what htrkit does not know stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from htrkit import InputError, Outline, Result, Run
from htrkit.geometry import box
from htrkit.pages.xml.document import child, children, name_of, namespace_of, points, root_in
from htrkit.pages.xml.layout import NO_BLOCK, Block, Layout, TextLine
from htrkit.pages.xml.placed import placed
from htrkit.pages.xml.read_alto import read_alto
from htrkit.pages.xml.read_page import REGIONS, read_page
from htrkit.pages.xml.tree import outline_text
from htrkit_desk.changes import is_id, put_line, put_order, put_regions, put_text_of_region
from htrkit_desk.elements import (
    Fresh,
    free_id,
    free_regions,
    give_ids,
    put_before,
    take_out,
    take_out_region,
    written,
)
from htrkit_desk.line_words import FileWord, words_in, words_of
from htrkit_desk.marks import mark, mark_of, mark_state, number_lines, state_of
from htrkit_desk.pictures import Picture
from htrkit_desk.sheet import Sheet, SheetLine

NEW = "new"
"""The version of a page that has no file yet."""
_AFTER_LINES = ("TextEquiv", "TextStyle", "UserDefined", "Labels", "Roles")


def version_of(data: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(data).hexdigest()[:16]


class Document:
    """The PAGE XML of a page.

    Parameters
    ----------
    root
        Of the file, which `put` and `put_read` change.
    picture
        Of the page.
    version
        Of the file's content.

    Raises
    ------
    InputError
        If it holds no page.
    """

    def __init__(self, root: etree._Element, picture: Picture, version: str = NEW) -> None:
        page = child(root, "Page")
        if page is None:
            raise InputError("holds no Page")
        self.root, self.picture, self.version, self._page = root, picture, version, page
        self._namespace = namespace_of(root)
        free_regions(page)
        give_ids(root)

    @classmethod
    def read(cls, data: bytes, path: Path, picture: Picture) -> Document:
        """The document in the content of a file; of ALTO, a new one that says the same.

        Raises
        ------
        InputError
            If it is neither PAGE nor ALTO, or damaged.
        """
        root = root_in(data, Path(path.name), notes=True)
        if name_of(root) == "PcGts":
            return cls(root, picture, version_of(data))
        if name_of(root) != "alto":
            raise InputError(f"{path.name}: its root is {name_of(root)}, which is neither PAGE nor ALTO")
        layouts = read_alto(root_in(data, Path(path.name)))
        layout = _measured(layouts[min(picture.number, len(layouts)) - 1])
        return cls._of_layout(layout, picture, version_of(data))

    @classmethod
    def new(cls, picture: Picture) -> Document:
        """The document of a page of which nothing is known."""
        return cls(written(picture.page()), picture)

    @classmethod
    def _of_layout(cls, layout: Layout, picture: Picture, version: str) -> Document:
        made = cls(written(placed(layout, picture.page())), picture, version)
        known = [line for block in layout.blocks for line in block.lines]
        for (element, _), line in zip(made._lines(made._layout()), known, strict=True):
            text = line.hypotheses[0].text if line.hypotheses else ""
            by_network = bool(line.hypotheses) and line.hypotheses[0].confidence is not None
            mark_state(element, state_of(element, text, by_network=by_network), text)
        mark(made._page, finished="false")
        return made

    def data(self) -> bytes:
        """The file's content."""
        etree.indent(self.root)
        return etree.tostring(self.root.getroottree(), encoding="UTF-8", xml_declaration=True)

    def sheet(self, *, words: bool = True) -> Sheet:
        """What the file says of the page, on its picture; without ``words`` it takes half the time."""
        layout = self._layout()
        page = placed(layout, self.picture.page())
        by_htrkit, lines = self._by_htrkit(), []
        known = self._lines(layout)
        of_lines = self._words([element for element, _ in known], layout) if words else [[]] * len(known)
        for (element, line), (place, _), in_file in zip(known, page.lines, of_lines, strict=True):
            assert place is not None  # every line of a layout has one
            text = line.hypotheses[0].text if line.hypotheses else ""
            confidence = line.hypotheses[0].confidence if line.hypotheses else None
            state = state_of(element, text, by_network=by_htrkit or confidence is not None)
            others = [one.text for one in line.hypotheses[1:]]
            if state == "corrected":
                confidence, in_file = None, [replace(word, confidence=None) for word in in_file]
            found = tuple(words_of(text, in_file, others, confidence)) if words else ()
            where = (place.region, place.polygon, place.baseline)
            lines.append(SheetLine(line.id, *where, text, state, confidence, found))
        return Sheet(page.regions, tuple(lines), mark_of(self._page).get("finished") == "true")

    def _layout(self) -> Layout:
        return _measured(read_page(self.root)[0])

    def _lines(self, layout: Layout) -> list[tuple[etree._Element, TextLine]]:
        """The lines in reading order."""
        elements = self._by_id("TextLine")
        return [(elements[line.id], line) for block in layout.blocks for line in block.lines]

    def _by_id(self, *names: str) -> dict[str, etree._Element]:
        return {element.get("id", ""): element for element in self._page.iter() if name_of(element) in names}

    def _by_htrkit(self) -> bool:
        """Whether ``htrkit recognize`` wrote it, and nobody has saved it here since."""
        metadata = child(self.root, "Metadata")
        creator = None if metadata is None else child(metadata, "Creator")
        by = "" if creator is None else creator.text or ""
        return by.startswith("htrkit ") and not mark_of(self._page)

    def _words(self, lines: Sequence[etree._Element], layout: Layout) -> list[list[FileWord]]:
        """The words of each line, on the picture."""
        found = [words_in(line) for line in lines]
        outlines = iter(self._on_picture([word.polygon for words in found for word in words], layout))
        return [[replace(word, polygon=next(outlines)) for word in words] for words in found]

    def _on_picture(self, outlines: Sequence[Outline], layout: Layout) -> list[Outline]:
        """Outlines of the file on its picture, which may be of another size."""
        lines = tuple(TextLine("", (), outline) for outline in outlines)
        moved = placed(replace(layout, blocks=(Block("", "", (), lines),)), self.picture.page())
        return [place.baseline if place else () for place, _ in moved.lines]

    def put(self, new: Sheet) -> None:
        """Bring the document to what a sheet says; what the sheet leaves as it was, stays as it is in the file.

        Raises
        ------
        InputError
            If the sheet has a region that cannot be called so.
        """
        old = self.sheet()
        self._keep_states(old)
        if _geometry(new) != _geometry(old):
            self._use_picture_coordinates()
        fresh = Fresh(self.picture, new, self._namespace)
        put_regions(self._page, old, new, fresh, self._ids())
        self._settle(old, new, self._put_lines(old, new, fresh))
        blocks, elements = self._layout().blocks, self._by_id(*REGIONS)
        for block in blocks:
            if block.lines:
                put_text_of_region(elements[block.id], block.lines)
        put_order(self._page, [block.id for block in blocks], new)
        mark(self._page, finished=str(new.finished).lower())
        self._touch()

    def put_read(self, read: Mapping[str, Result], run: Run) -> int:
        """Give lines the texts that were read on them, unless a person has corrected them; how many got one."""
        sheet = self.sheet()
        self._keep_states(sheet)
        self._use_picture_coordinates()
        wanted = [line for line in sheet.lines if line.id in read and line.state != "corrected"]
        chosen = {line.id: read[line.id] for line in wanted}
        fresh = Fresh(self.picture, replace(sheet, lines=tuple(wanted)), self._namespace, chosen, run)
        elements, taken = self._by_id("TextLine"), self._ids()
        for id_, result in chosen.items():
            element = elements[id_]
            for old in list(children(element, "Word", "TextEquiv")):
                element.remove(old)
            put_before(element, list(fresh.texts(id_, taken)), _AFTER_LINES[1:])
            mark_state(element, "read" if result.text.strip() else "empty", result.text)
        mark(self._page, finished=mark_of(self._page).get("finished", "false"))
        self._touch()
        return len(chosen)

    def _ids(self) -> set[str]:
        return {element.get("id", "") for element in self.root.iter()}

    def _keep_states(self, sheet: Sheet) -> None:
        """Note the states of lines that are known only from who wrote the file."""
        if self._by_htrkit():
            elements = self._by_id("TextLine")
            for line in sheet.lines:
                mark_state(elements[line.id], line.state, line.text)

    def _use_picture_coordinates(self) -> None:
        """Bring the points in the file from another size, or from before EXIF turned the picture, to its pixels."""
        layout, size = self._layout(), self.picture.size
        if (layout.width, layout.height) == (size.width, size.height):
            return
        elements = [element for element in self._page.iter() if element.get("points") is not None]
        outlines = self._on_picture([points(element.get("points")) for element in elements], layout)
        for element, outline in zip(elements, outlines, strict=True):
            element.set("points", outline_text(outline))
        self._page.set("imageWidth", str(size.width))
        self._page.set("imageHeight", str(size.height))

    def _put_lines(self, old: Sheet, new: Sheet, fresh: Fresh) -> dict[str, list[etree._Element]]:
        """The elements of the lines, by their regions, in order."""
        before, elements = {line.id: line for line in old.lines}, self._by_id("TextLine")
        taken, named = self._ids(), {one.id for one in new.regions}
        homes: dict[str, list[etree._Element]] = {}
        for number, line in enumerate(new.lines):
            made, was = fresh.line(number), before.get(line.id)
            if was is None:
                element = made
                element.set("id", free_id(line.id if is_id(line.id) else f"line_{number + 1}", taken))
                mark_state(element, line.state if line.text or line.state == "corrected" else "empty", line.text)
            else:
                element = elements[line.id]
                put_line(element, was, line, made)
            homes.setdefault(line.region if line.region in named else "", []).append(element)
        return homes

    def _settle(self, old: Sheet, new: Sheet, homes: Mapping[str, Sequence[etree._Element]]) -> None:
        """Put the lines into their regions, in their order, and take away what the sheet has no more."""
        kept = {element.get("id") for elements in homes.values() for element in elements}
        elements, regions = self._by_id("TextLine"), self._by_id(*REGIONS)
        before: dict[str, list[str]] = {}
        for was in old.lines:
            before.setdefault(was.region, []).append(was.id)
            if was.id not in kept:
                take_out(elements[was.id])
        for region, lines in homes.items():
            home = regions[region] if region else self._without_region()
            if before.get(region) != [line.get("id") for line in lines]:
                for line in lines:
                    take_out(line)
                put_before(home, lines, _AFTER_LINES)
                number_lines(lines)
        left = {one.id for one in new.regions}
        for one in old.regions:
            if one.id not in left:
                take_out_region(regions[one.id])
        for id_, block in regions.items():
            if id_.startswith(NO_BLOCK) and child(block, "TextLine") is None:
                take_out_region(block)

    def _without_region(self) -> etree._Element:
        """The block of lines that belong to no region."""
        for id_, region in self._by_id(*REGIONS).items():
            if id_.startswith(NO_BLOCK):
                return region
        name = f"{{{self._namespace}}}" if self._namespace else ""
        block = etree.SubElement(self._page, f"{name}TextRegion", {"id": free_id(NO_BLOCK, self._ids())})
        whole = box(0.0, 0.0, self.picture.size.width, self.picture.size.height)
        etree.SubElement(block, f"{name}Coords", {"points": outline_text(whole)})
        return block

    def _touch(self) -> None:
        metadata = child(self.root, "Metadata")
        changed = None if metadata is None else child(metadata, "LastChange")
        if changed is not None:
            changed.text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _measured(layout: Layout) -> Layout:
    """A layout without what it states of its size if that is less than a pixel, by which nothing can be scaled."""
    width, height = (size if size >= 1.0 else 0.0 for size in (layout.width, layout.height))
    return replace(layout, width=width, height=height)


def _geometry(sheet: Sheet) -> object:
    return sheet.regions, {(line.id, line.polygon, line.baseline) for line in sheet.lines}
