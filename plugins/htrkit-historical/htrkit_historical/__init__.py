"""Preprocessing for old manuscripts, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_preprocessors() -> list[Component]:
    """The three steps of this package."""
    return [
        Component(
            "bleed-through", "remove what shows through from the back", "htrkit_historical.bleed_through:BleedThrough"
        ),
        Component(
            "wolf", "black and white by Wolf's local threshold, for low contrast", "htrkit_historical.thresholds:Wolf"
        ),
        Component(
            "nick",
            "black and white by the NICK local threshold, for very light ink",
            "htrkit_historical.thresholds:Nick",
        ),
    ]
