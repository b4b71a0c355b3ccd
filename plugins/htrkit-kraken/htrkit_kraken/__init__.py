"""kraken's layout analysis and its recognition models, declared to htrkit; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_models() -> list[Component]:
    """The model of this package."""
    return [Component("kraken", "kraken's recognition models, by their files", "htrkit_kraken.recognizer:kraken_model")]


@hookimpl
def htrkit_encoders() -> list[Component]:
    """The encoder of this package."""
    return [Component("kraken", "runs kraken's recognition models", "htrkit_kraken.encoder:KrakenEncoder")]


@hookimpl
def htrkit_segmenters() -> list[Component]:
    """The segmenter of this package."""
    return [Component("kraken", "kraken's base line detector; needs torch", "htrkit_kraken.segmenter:Kraken")]
