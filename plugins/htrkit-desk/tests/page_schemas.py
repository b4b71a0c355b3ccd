"""The official schemas of PAGE and ALTO, where `HTRKIT_DATA` says that they are."""

from __future__ import annotations

import os
from pathlib import Path

from lxml import etree

SCHEMAS = {"page-xml": "page-2019-07-15.xsd", "alto": "alto-4-2.xsd"}


def schema(format: str) -> etree.XMLSchema | None:
    """The schema of a format; None without the data."""
    folder = os.environ.get("HTRKIT_DATA")
    if not folder:
        return None

    class Beside(etree.Resolver):
        def resolve(self, url, public, context):  # type: ignore[no-untyped-def]
            if url.endswith("xlink.xsd"):
                return self.resolve_filename(str(Path(folder, "schemas", "xlink.xsd")), context)
            return None

    parser = etree.XMLParser()
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.parse(Path(folder, "schemas", SCHEMAS[format]), parser))
