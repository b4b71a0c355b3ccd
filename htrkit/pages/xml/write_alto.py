"""The writer of ALTO XML 4.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from htrkit.geometry import Outline, bounds
from htrkit.pages.xml.laid_out import Made, layout_of, made
from htrkit.pages.xml.layout import Layout, TextLine
from htrkit.pages.xml.tree import Tree, outline_text, share
from htrkit.types import Alternative, Hypothesis, Page, Result, Run, Word

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"


class Alto:
    """ALTO 4.2, a file a page: blocks, lines with base lines, words with boxes, confidences and alternatives.

    A line of which nothing says where its words stand is one ``String``.
    """

    suffix = ".xml"

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, results: Iterable[Result], page: Page) -> Iterator[str]:
        """The file of a page."""
        layout = layout_of(page, results, self.run)
        tree = Tree(NAMESPACE, "alto", SCHEMA)
        kinds = sorted({block.kind for block in layout.blocks if block.kind})
        tags = {kind: layout.free_id(f"kind_{number}") for number, kind in enumerate(kinds, start=1)}
        _add_description(tree, layout, made(self.run, page))
        if tags:
            element = tree.add(tree.root, "Tags")
            for kind, tag in tags.items():
                tree.add(element, "OtherTag", {"ID": tag, "LABEL": kind, "DESCRIPTION": f"block type {kind}"})
        _add_page(tree, layout, tags)
        yield tree.text()


def _add_description(tree: Tree, layout: Layout, made: Made) -> None:
    description = tree.add(tree.root, "Description")
    tree.add(description, "MeasurementUnit", text="pixel")
    tree.add(tree.add(description, "sourceImageInformation"), "fileName", text=layout.image)
    processing = tree.add(description, "Processing", {"ID": layout.free_id("htrkit")})
    tree.add(processing, "processingCategory", text="contentGeneration")
    tree.add(processing, "processingDateTime", text=made.when)
    if made.remark:
        tree.add(processing, "processingStepDescription", text=made.remark)
    if made.stages:
        tree.add(processing, "processingStepSettings", text=made.stages)
    software = tree.add(processing, "processingSoftware")
    tree.add(software, "softwareName", text="htrkit")
    tree.add(software, "softwareVersion", text=made.version)


def _add_page(tree: Tree, layout: Layout, tags: dict[str, str]) -> None:
    size = {"WIDTH": layout.width, "HEIGHT": layout.height}
    attributes = {"ID": layout.free_id("page"), "PHYSICAL_IMG_NR": layout.number, **size}
    page = tree.add(tree.add(tree.root, "Layout"), "Page", attributes)
    space = tree.add(page, "PrintSpace", {"HPOS": 0, "VPOS": 0, **size})
    for block in layout.blocks:
        element = tree.add(space, "TextBlock", {"ID": block.id, **_box(block.polygon), "TAGREFS": tags.get(block.kind)})
        _add_shape(tree, element, block.polygon)
        for line in block.lines:
            _add_line(tree, element, line)


def _add_line(tree: Tree, block: etree._Element, line: TextLine) -> None:
    attributes = {"ID": line.id, "BASELINE": outline_text(line.baseline, " "), **_box(line.polygon)}
    element = tree.add(block, "TextLine", attributes)
    _add_shape(tree, element, line.polygon)
    best, *others = line.hypotheses or (Hypothesis("", 0.0),)
    words = line.words()
    if not words:
        alternatives = tuple(Alternative(one.text, one.confidence or 0.0) for one in others)
        _add_string(tree, element, None, Word(best.text, line.polygon, best.confidence, alternatives=alternatives))
    for number, (id_, word) in enumerate(words):
        if number:
            tree.add(element, "SP")
        _add_string(tree, element, id_, word)


def _add_string(tree: Tree, line: etree._Element, id_: str | None, word: Word) -> None:
    attributes = {"ID": id_, "CONTENT": word.text, **_box(word.outline), "WC": share(word.confidence)}
    string = tree.add(line, "String", attributes)
    for other in word.alternatives:
        if other.text:  # the format has no other place for how probable it is
            tree.add(string, "ALTERNATIVE", {"PURPOSE": f"confidence {share(other.confidence)}"}, other.text)


def _add_shape(tree: Tree, element: etree._Element, outline: Outline) -> None:
    # eScriptorium takes no comma in a point
    tree.add(tree.add(element, "Shape"), "Polygon", {"POINTS": outline_text(outline, " ")})


def _box(outline: Outline) -> dict[str, object]:
    left, top, right, bottom = bounds(outline)
    return {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}
