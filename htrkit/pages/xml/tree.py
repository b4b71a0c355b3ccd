"""A document that is being written: elements of one namespace, and the text of it all."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lxml import etree

from htrkit.geometry import Outline

_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Tree:
    """A document.

    Parameters
    ----------
    namespace
        The default namespace, of all elements.
    root
        The name of the root.
    schema
        Where the format's schema lies; none if it has none.
    """

    def __init__(self, namespace: str, root: str, schema: str | None = None) -> None:
        self._namespace = namespace
        namespaces: dict[str | None, str] = {None: namespace}
        if schema:
            namespaces["xsi"] = "http://www.w3.org/2001/XMLSchema-instance"
        self.root = etree.Element(f"{{{namespace}}}{root}", nsmap=namespaces)
        if schema:
            self.root.set(_SCHEMA, f"{namespace} {schema}")

    def add(
        self, parent: etree._Element, name: str, attributes: Mapping[str, object] | None = None, text: str | None = None
    ) -> etree._Element:
        """A new last child; attributes that are None are left out, numbers written as short as they can be."""
        element = etree.SubElement(parent, f"{{{self._namespace}}}{name}")
        for key, value in (attributes or {}).items():
            if value is not None:
                element.set(key, f"{value:.10g}" if isinstance(value, float) else str(value))
        element.text = text
        return element

    def text(self, doctype: str | None = None) -> str:
        """The document, with its declaration and indented."""
        etree.indent(self.root)
        return _DECLARATION + etree.tostring(self.root, encoding="unicode", doctype=doctype) + "\n"


def outline_text(outline: Outline, between: str = ",") -> str:
    """Whole points as ``1,2 3,4``."""
    return " ".join(f"{x:.0f}{between}{y:.0f}" for x, y in outline)


def share(confidence: float | None) -> float | None:
    """A confidence from 0 to 1, to four digits; None if it is no number."""
    if confidence is None or not math.isfinite(confidence):
        return None
    return round(min(1.0, max(0.0, float(confidence))), 4)
