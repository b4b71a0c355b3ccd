"""Pages as rows of the tables that Ray passes on: a page's `Entry`, and data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

import pyarrow as pa

from htrkit_ray.plan import Entry

Row = tuple[Entry, bytes]
SETTLED = ("before", "failed")
_SCHEMA = pa.schema([("entry", pa.string()), ("data", pa.binary())])


def table(rows: Iterable[Row]) -> pa.Table:
    """Rows as Ray passes them on."""
    return pa.Table.from_pylist([{"entry": json.dumps(asdict(entry)), "data": data} for entry, data in rows], _SCHEMA)


def entries(rows: pa.Table) -> Iterator[Row]:
    """What `table` was given."""
    for row in rows.to_pylist():
        yield Entry(**json.loads(row["entry"])), row["data"]


def lost(entry: Entry, reason: str, tries: int) -> Row:
    """The row of a page that is given up."""
    return replace(entry, how="failed", failure=reason, tries=tries), b""
