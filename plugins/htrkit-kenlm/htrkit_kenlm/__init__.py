"""Declares the decoder to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl


@hookimpl
def htrkit_decoders() -> list[Component]:
    """The decoder of this package."""
    return [Component("beam-lm", "beam search with a word model", "htrkit_kenlm.decoder:beam_lm")]
