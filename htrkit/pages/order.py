"""Reading order: from lines in any order to regions and lines as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from htrkit.types import Place, Region


def in_reading_order(places: Sequence[Place], width: int, height: int) -> tuple[tuple[Region, ...], list[Place]]:
    """Regions of a page, and its lines in reading order."""
    return (), sorted(places, key=lambda place: sum(y for _, y in place.polygon) / len(place.polygon))
