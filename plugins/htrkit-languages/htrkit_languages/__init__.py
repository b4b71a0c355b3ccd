"""Declares the language models and lexicons to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl

LANGUAGES = ("french", "german", "spanish", "italian")


@hookimpl
def htrkit_language_models() -> list[Component]:
    """A character model for each language."""
    return [
        Component(
            f"{language}-characters",
            f"6-grams of {language.capitalize()} characters, for the decoder beam",
            f"htrkit_languages.shipped:{language}_characters",
        )
        for language in LANGUAGES
    ]


@hookimpl
def htrkit_lexicons() -> list[Component]:
    """A word list for each language."""
    return [
        Component(language, f"words of {language.capitalize()} novels", f"htrkit_languages.shipped:{language}")
        for language in LANGUAGES
    ]
