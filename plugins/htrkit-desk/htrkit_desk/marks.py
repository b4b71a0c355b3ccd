"""What the desk notes in ``custom`` attributes of PAGE XML, which others keep: ``htrkit {state:corrected;}``."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable, Sequence

from lxml import etree

from htrkit_desk.sheet import State

# not one may look past the next brace or over a run of spaces again and again: that takes minutes on small files
_MARK = re.compile(r"\s?\bhtrkit\s*\{([^{}]*)\}")
_OTHER = re.compile(r"([01]\.\d{4})(.+)")
_ORDER = re.compile(r"(\breadingOrder\s*\{)[^{}]*(\})")


def mark_of(element: etree._Element) -> dict[str, str]:
    """The fields of an element's mark; none if it has none."""
    found = _MARK.search(element.get("custom", ""))
    fields = (field.partition(":") for field in (found[1] if found else "").split(";"))
    return {name.strip(): value.strip() for name, _, value in fields if name.strip()}


def mark(element: etree._Element, **fields: str) -> None:
    """Give an element a mark instead of the one it has; none if there are no fields."""
    others = _MARK.sub("", element.get("custom", "")).strip()
    written = "".join(f"{name}:{value};" for name, value in fields.items())
    custom = f"{others} htrkit {{{written}}}".strip() if fields else others
    if custom:
        element.set("custom", custom)
    else:
        element.attrib.pop("custom", None)


def mark_state(element: etree._Element, state: State, text: str) -> None:
    """Note the state of a line; what a network read carries its text's digest, so that edits from outside show."""
    if state == "empty":
        mark(element)
    elif state == "corrected":
        mark(element, state="corrected")
    else:
        mark(element, state="read", text=_digest(text))


def state_of(element: etree._Element, text: str, *, by_network: bool) -> State:
    """The state of a line: as marked, unless another program has changed the text since; that was a person.

    Parameters
    ----------
    by_network
        Whether a text without a mark was read by a network.
    """
    fields = mark_of(element)
    if fields.get("state") == "corrected":
        return "corrected"
    if not text.strip():
        return "empty"
    if fields.get("state") == "read":
        return "read" if fields.get("text") == _digest(text) else "corrected"
    return "read" if by_network else "corrected"


def mark_others(element: etree._Element, others: Iterable[tuple[str, float | None]]) -> None:
    """Note what else a word may be; not in texts of its own, which eScriptorium takes for words of the line."""
    written = [f"{0.0 if sure is None else sure:.4f}{_escaped(text)}" for text, sure in others]
    mark(element, **({"or": ",".join(written)} if written else {}))


def others_of(element: etree._Element) -> list[tuple[str, float | None]]:
    """What else a word may be, as noted."""
    found: list[tuple[str, float | None]] = []
    for part in mark_of(element).get("or", "").split(","):
        if noted := _OTHER.fullmatch(part):
            found.append((_unescaped(noted[2]), float(noted[1])))
    return found


def _escaped(text: str) -> str:
    """A text without the signs that have a meaning in the attribute, as Transkribus writes it."""
    return "".join(c if c.isalnum() else "".join(f"\\u{unit:04x}" for unit in _units(c)) for c in text)


def _units(character: str) -> tuple[int, ...]:
    return struct.unpack(f">{len(character.encode('utf-16-be')) // 2}H", character.encode("utf-16-be"))


def _unescaped(text: str) -> str:
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number_lines(elements: Sequence[etree._Element]) -> None:
    """Bring the reading order that elements note themselves, as Transkribus has it, to their order in the list."""
    for index, element in enumerate(elements):
        custom = element.get("custom", "")
        if _ORDER.search(custom):
            element.set("custom", _ORDER.sub(rf"\g<1>index:{index};\g<2>", custom))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
