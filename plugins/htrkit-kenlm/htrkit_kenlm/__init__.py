"""Declares the decoder and the language model to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl


@hookimpl
def htrkit_decoders() -> list[Component]:
    """The decoder of this package."""
    return [Component("beam-lm", "beam search with a KenLM word model", "htrkit_kenlm.decoder:BeamLM")]


@hookimpl
def htrkit_language_models() -> list[Component]:
    """The language model of this package."""
    return [
        Component(
            "english-words", "4-grams of English words, for the decoder beam-lm", "htrkit_kenlm.shipped:english_words"
        )
    ]
