"""The writer of PAGE XML: 2019-07-15, and 2013-07-15 for Transkribus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from lxml import etree

from htrkit.pages.xml.laid_out import Made, layout_of, made
from htrkit.pages.xml.layout import Block, Layout, TextLine
from htrkit.pages.xml.tree import Tree, outline_text, share
from htrkit.types import Page, Result, Run

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"
NAMES_OF_KINDS = {"text": "paragraph", "margin": "marginalia"}
"""What PAGE calls kinds of regions that are called otherwise here."""
KINDS = {
    "paragraph",
    "heading",
    "caption",
    "header",
    "footer",
    "page-number",
    "drop-capital",
    "credit",
    "floating",
    "signature-mark",
    "catch-word",
    "marginalia",
    "footnote",
    "footnote-continued",
    "endnote",
    "TOC-entry",
    "other",
}
_MARKS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\\{};: \t\n\r"}


class PageXml:
    """PAGE XML, a file a page: regions, lines with base lines, words with boxes, texts with confidences.

    The texts of n-best are ``TextEquiv`` elements with an index, which 2013-07-15 does not have: it gets the best one.

    Parameters
    ----------
    version
        Of the format; Transkribus takes 2013-07-15, eScriptorium both.
    alternatives
        Also write what else a word may be, in the same way; eScriptorium takes all of them for words of the line.
    """

    suffix = ".xml"

    def __init__(
        self,
        run: Run,
        *,
        version: Literal["2013-07-15", "2019-07-15"] = "2019-07-15",
        alternatives: bool = False,
    ) -> None:
        self.run, self.version, self.alternatives = run, version, alternatives

    def __call__(self, results: Iterable[Result], page: Page) -> Iterator[str]:
        """The file of a page."""
        namespace = NAMESPACE + self.version
        tree = Tree(namespace, "PcGts", f"{namespace}/pagecontent.xsd")
        _add_metadata(tree, made(self.run, page))
        several = self.version != "2013-07-15"
        layout = layout_of(page, results, self.run, alternatives=self.alternatives and several)
        _add_page(tree, layout, several=several)
        yield tree.text()


def _add_metadata(tree: Tree, made: Made) -> None:
    metadata = tree.add(tree.root, "Metadata")
    tree.add(metadata, "Creator", text=f"htrkit {made.version}")
    tree.add(metadata, "Created", text=made.when)
    tree.add(metadata, "LastChange", text=made.when)
    if comments := ". ".join(filter(None, (made.stages, made.remark))):
        tree.add(metadata, "Comments", text=comments)


def _add_page(tree: Tree, layout: Layout, *, several: bool) -> None:
    attributes: dict[str, object] = {
        "imageFilename": layout.image,
        "imageWidth": layout.width,
        "imageHeight": layout.height,
        "custom": f"page {{number:{layout.number};}}" if layout.number > 1 else None,
    }
    page = tree.add(tree.root, "Page", attributes)
    if layout.blocks:
        order = tree.add(tree.add(page, "ReadingOrder"), "OrderedGroup", {"id": layout.free_id("reading_order")})
        for index, block in enumerate(layout.blocks):
            tree.add(order, "RegionRefIndexed", {"index": index, "regionRef": block.id})
    for index, block in enumerate(layout.blocks):
        _add_region(tree, page, block, index, several=several)


def _add_region(tree: Tree, page: etree._Element, block: Block, index: int, *, several: bool) -> None:
    kind = NAMES_OF_KINDS.get(block.kind, block.kind)
    structure = f" structure {{type:{block.kind.translate(_MARKS)};}}" if block.kind else ""
    custom = f"readingOrder {{index:{index};}}{structure}"
    attributes = {"id": block.id, "type": kind if kind in KINDS else None, "custom": custom}
    region = tree.add(page, "TextRegion", attributes)
    tree.add(region, "Coords", {"points": outline_text(block.polygon)})
    for line_index, line in enumerate(block.lines):
        _add_line(tree, region, line, line_index, several=several)


def _add_line(tree: Tree, region: etree._Element, line: TextLine, index: int, *, several: bool) -> None:
    element = tree.add(region, "TextLine", {"id": line.id, "custom": f"readingOrder {{index:{index};}}"})
    tree.add(element, "Coords", {"points": outline_text(line.polygon)})
    tree.add(element, "Baseline", {"points": outline_text(line.baseline)})
    for id_, word in line.words():
        written = tree.add(element, "Word", {"id": id_})
        tree.add(written, "Coords", {"points": outline_text(word.outline)})
        _add_text(tree, written, word.text, word.confidence, 0 if word.alternatives else None)
        for rank, other in enumerate(word.alternatives, start=1):
            _add_text(tree, written, other.text, other.confidence, rank)
    hypotheses = line.hypotheses if several else line.hypotheses[:1]
    for rank, hypothesis in enumerate(hypotheses):
        _add_text(tree, element, hypothesis.text, hypothesis.confidence, rank if len(hypotheses) > 1 else None)


def _add_text(
    tree: Tree, element: etree._Element, text: str, confidence: float | None, index: int | None = None
) -> None:
    equivalent = tree.add(element, "TextEquiv", {"index": index, "conf": share(confidence)})
    tree.add(equivalent, "Unicode", text=text)
