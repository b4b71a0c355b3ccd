"""The words of a line in PAGE XML, and what becomes of them when a person writes another text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from lxml import etree

from htrkit import Outline
from htrkit.pages.xml.document import child, children, points, polygon
from htrkit.pages.xml.read_page import sort_index
from htrkit_desk.elements import put_before
from htrkit_desk.marks import mark, others_of
from htrkit_desk.sheet import SheetWord

_WORD = re.compile(r"\S+")
_AFTER_TEXTS = ("TextStyle", "UserDefined", "Labels")
_MOST_MATCHED = 100
"""Words of a text: matching two texts takes a time that grows with the cube, and no written line has so many."""


@dataclass(frozen=True, slots=True)
class FileWord:
    """A word as the file has it; ``others`` are further texts that it gives, with their confidences."""

    text: str
    polygon: Outline
    confidence: float | None
    others: tuple[tuple[str, float | None], ...]


def words_in(line: etree._Element) -> list[FileWord]:
    """The words of a line's element, in the file's coordinates."""
    return [_word(element) for element in children(line, "Word")]


def _word(element: etree._Element) -> FileWord:
    coords = child(element, "Coords")
    texts = [(_unicode(one), _share(one.get("conf"))) for one in _texts(element)]
    text, confidence = texts[0] if texts else ("", None)
    outline = polygon(() if coords is None else points(coords.get("points")))
    return FileWord(text, outline, confidence, (*others_of(element), *texts[1:]))


def words_of(
    text: str, words: Sequence[FileWord], others: Sequence[str], confidence: float | None
) -> Iterator[SheetWord]:
    """The words of a text, with what the file knows of them if it has the same ones.

    Parameters
    ----------
    others
        Further texts of the line, whose words where they differ are alternatives.
    confidence
        Of words of which the file does not say it.
    """
    spans = [(found[0], *found.span()) for found in _WORD.finditer(text)]
    known = list(words) if [word.text for word in words if word.text] == [word for word, _, _ in spans] else []
    known = [word for word in known if word.text]
    alternatives = _alternatives([word for word, _, _ in spans], others)
    for number, (word, start, end) in enumerate(spans):
        plain = SheetWord(word, start, end, (), confidence)
        if known:
            file = known[number]
            sure = confidence if file.confidence is None else file.confidence
            plain = replace(plain, polygon=file.polygon, confidence=sure)
            alternatives[number] = dict(file.others) | alternatives[number]
        yield replace(plain, alternatives=tuple(one for one in alternatives[number].items() if one[0] != word))


def _alternatives(words: Sequence[str], others: Sequence[str]) -> list[dict[str, float | None]]:
    """For each word, what other texts have in its place, those of the best text first."""
    found: list[dict[str, float | None]] = [{} for _ in words]
    for other in others:
        theirs = other.split()
        if max(len(words), len(theirs)) > _MOST_MATCHED:
            continue
        for kind, low, high, start, stop in SequenceMatcher(None, words, theirs, autojunk=False).get_opcodes():
            if kind == "replace" and high - low == stop - start:
                for offset in range(high - low):
                    found[low + offset].setdefault(theirs[start + offset], None)
            elif kind == "replace" and high - low == 1:
                found[low].setdefault(" ".join(theirs[start:stop]), None)
    return found


def put_text(line: etree._Element, new: etree._Element, text: str) -> None:
    """Give a line the text of a new element; its words keep their places if there are as many, or else go."""
    for old in list(children(line, "TextEquiv")):
        line.remove(old)
    put_before(line, list(children(new, "TextEquiv")), _AFTER_TEXTS)
    words, texts = list(children(line, "Word")), text.split()
    if len(words) != len(texts):
        for element in words:
            line.remove(element)
        return
    for element, word in zip(words, texts, strict=True):
        known = _texts(element)
        if not known or _unicode(known[0]) != word:
            _rename(element, word)


def take_words(line: etree._Element, text: str) -> None:
    """Take a line's words away, but not the text that they say, which becomes the line's own first one."""
    for element in list(children(line, "Word")):
        line.remove(element)
    texts = _texts(line)
    if text and not texts:
        put_before(line, [_equivalent(line, text)], _AFTER_TEXTS)
    elif text and _unicode(texts[0]) != text:
        for old in list(texts[0]):
            texts[0].remove(old)
        texts[0].extend(_equivalent(line, text))


def _rename(element: etree._Element, word: str) -> None:
    """Another text for a word, of which its signs and other texts know nothing."""
    for old in list(children(element, "Glyph", "TextEquiv")):
        element.remove(old)
    mark(element)
    put_before(element, [_equivalent(element, word)], _AFTER_TEXTS)


def _equivalent(element: etree._Element, text: str) -> etree._Element:
    """A new text for an element."""
    namespace = str(element.tag).rpartition("}")[0] + "}" if "}" in str(element.tag) else ""
    equivalent = etree.Element(f"{namespace}TextEquiv")
    etree.SubElement(equivalent, f"{namespace}Unicode").text = text
    return equivalent


def _texts(element: etree._Element) -> list[etree._Element]:
    """The texts of a line or word, that with the lowest index first, as `read_page` takes them."""
    found = [one for one in children(element, "TextEquiv") if child(one, "Unicode") is not None]
    return sorted(found, key=lambda one: sort_index(one.get("index")))


def _unicode(equivalent: etree._Element) -> str:
    written = child(equivalent, "Unicode")
    return "" if written is None else "".join(map(str, written.itertext()))


def _share(text: str | None) -> float | None:
    try:
        return None if text is None else min(1.0, max(0.0, float(text)))
    except ValueError:
        return None
