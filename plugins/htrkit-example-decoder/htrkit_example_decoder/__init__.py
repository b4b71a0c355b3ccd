"""Declares the decoder to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl


@hookimpl
def htrkit_decoders() -> list[Component]:
    """The one decoder of this package."""
    return [Component("allowed", "best path over the characters you allow", "htrkit_example_decoder.decoder:Allowed")]
