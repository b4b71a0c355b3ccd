"""Search in handwriting, declared to htrkit; what else is public is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from htrkit import Component, hookimpl

if TYPE_CHECKING:
    from htrkit_search.hits import Found, Hit
    from htrkit_search.index import Index
    from htrkit_search.indexing import Update, update
    from htrkit_search.pictures import pictures_of

__all__ = ["Found", "Hit", "Index", "Update", "pictures_of", "update"]

_MODULE_OF = {
    "Found": "hits",
    "Hit": "hits",
    "Index": "index",
    "Update": "indexing",
    "pictures_of": "pictures",
    "update": "indexing",
}


@hookimpl
def htrkit_commands() -> list[Component]:
    """The commands of this package."""
    return [
        Component("index", "Make an index of pages, to search them.", "htrkit_search.index_command:app"),
        Component("search", "Find words in an index, also misread ones.", "htrkit_search.search_command:app"),
    ]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'htrkit_search' has no attribute {name!r}")
    return getattr(import_module(f"htrkit_search.{_MODULE_OF[name]}"), name)
