"""The writer of hOCR 1.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from htrkit.geometry import Outline, bounds
from htrkit.pages.xml.laid_out import layout_of, made
from htrkit.pages.xml.layout import TextLine
from htrkit.pages.xml.tree import Tree, share
from htrkit.types import Page, Result, Run, Word

NAMESPACE = "http://www.w3.org/1999/xhtml"
CAPABILITIES = "ocr_page ocr_carea ocr_line ocrx_word"


class Hocr:
    """hOCR 1.2, an XHTML file a page: areas, lines with base lines, words with boxes and confidences.

    Parameters
    ----------
    alternatives
        Also write what else a word may be, as ``alternatives``; programs that do not know these take all for one text.
    """

    suffix = ".hocr"

    def __init__(self, run: Run, *, alternatives: bool = False) -> None:
        self.run, self.alternatives = run, alternatives

    def __call__(self, results: Iterable[Result], page: Page) -> Iterator[str]:
        """The file of a page."""
        layout = layout_of(page, results, self.run, alternatives=self.alternatives)
        how = made(self.run, page)
        tree = Tree(NAMESPACE, "html")
        head = tree.add(tree.root, "head")
        tree.add(head, "title", text=layout.image)
        tree.add(head, "meta", {"charset": "utf-8"})
        tree.add(head, "meta", {"name": "ocr-system", "content": f"htrkit {how.version}"})
        tree.add(head, "meta", {"name": "ocr-capabilities", "content": CAPABILITIES})
        for name, content in (("ocr-settings", how.stages), ("description", how.remark)):
            if content:
                tree.add(head, "meta", {"name": name, "content": content})
        image = layout.image.replace("\\", "\\\\").replace('"', '\\"')
        title = f'image "{image}"; bbox 0 0 {layout.width:.0f} {layout.height:.0f}; ppageno {layout.number - 1}'
        attributes = {"class": "ocr_page", "id": layout.free_id("page"), "title": title}
        body = tree.add(tree.add(tree.root, "body"), "div", attributes)
        for block in layout.blocks:
            title = _bounds(block.polygon)
            area = tree.add(body, "div", {"class": "ocr_carea", "id": block.id, "title": title})
            for line in block.lines:
                _add_line(tree, area, line)
        yield tree.text("<!DOCTYPE html>")


def _add_line(tree: Tree, area: etree._Element, line: TextLine) -> None:
    best = line.hypotheses[0] if line.hypotheses else None
    sure = _confidence(best.confidence if best else None)
    title = f"{_bounds(line.polygon)}; {_baseline(line)}{sure}"
    element = tree.add(area, "div", {"class": "ocr_line", "id": line.id, "title": title})
    words = line.words()
    if best and not words:
        element.text = best.text
    for id_, word in words:
        title = _bounds(word.outline) + _confidence(word.confidence)
        attributes = {"class": "ocrx_word", "id": id_, "title": title}
        if word.alternatives:
            _add_choice(tree, tree.add(element, "span", attributes), word)
        else:
            tree.add(element, "span", attributes, word.text)


def _add_choice(tree: Tree, parent: etree._Element, word: Word) -> None:
    """A word among what else it may be: inserted, where the others are struck out."""
    choice = tree.add(parent, "span", {"class": "alternatives"})
    readings = [("ins", word.text, word.confidence), *(("del", it.text, it.confidence) for it in word.alternatives)]
    for name, text, confidence in readings:
        attributes = {"class": "alt", "title": _confidence(confidence).removeprefix("; ") or None}
        tree.add(choice, name, attributes, text)


def _confidence(confidence: float | None) -> str:
    known = share(confidence)
    return "" if known is None else f"; x_wconf {round(100 * known)}"


def _baseline(line: TextLine) -> str:
    """The straight line through the ends of a base line, from the lower left corner of the line's box."""
    (x0, y0), (x1, y1) = line.baseline[0], line.baseline[-1]
    slope = (y1 - y0) / (x1 - x0) if x1 != x0 else 0.0
    left, _, _, bottom = bounds(line.polygon)
    return f"baseline {slope:.4f} {y0 + slope * (left - x0) - bottom:.0f}"


def _bounds(outline: Outline) -> str:
    return "bbox " + " ".join(f"{edge:.0f}" for edge in bounds(outline))
