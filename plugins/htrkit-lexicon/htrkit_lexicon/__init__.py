"""Declares the decoders to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl


@hookimpl
def htrkit_decoders() -> list[Component]:
    """The decoders of this package."""
    return [
        Component("lexicon", "the most probable entry of a lexicon, for forms", "htrkit_lexicon.search:LexiconSearch"),
        Component(
            "token-passing", "words of a lexicon with spaces between", "htrkit_lexicon.token_passing:TokenPassing"
        ),
    ]
