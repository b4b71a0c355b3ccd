"""kraken's layout analysis, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_segmenters() -> list[Component]:
    """The segmenter of this package."""
    return [Component("kraken", "kraken's base line detector; needs torch", "htrkit_kraken.segmenter:Kraken")]
