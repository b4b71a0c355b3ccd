"""What a decoder tells its user while it goes on reading."""

from __future__ import annotations

import warnings
from collections.abc import Collection

from htrkit.alphabet import Alphabet

RARE = 0.01
"""A smaller share of a language model's words is as good as none."""


class DecoderWarning(UserWarning):
    """A decoder works, but an option, lexicon or language model does less than its user may think."""


def warn(message: str) -> None:
    """Issue a `DecoderWarning`."""
    warnings.warn(message, DecoderWarning, stacklevel=3)


def warn_idle(when: str, **given: bool) -> None:
    """Warn of options that were given and have no effect.

    Parameters
    ----------
    when
        When they have none: ``without language_model``.
    given
        Whether each option has another value than its default.
    """
    idle = [name for name, is_given in given.items() if is_given]
    if idle:
        warn(f"{' and '.join(idle)} {'has' if len(idle) == 1 else 'have'} no effect {when}")


def warn_of_capitals(what: str, texts: Collection[str], alphabet: Alphabet) -> bool:
    """Whether a network reads small letters or capitals where a language model knows the other ones only; warns if so.

    Parameters
    ----------
    what
        The language model's name.
    texts
        Its words, or its characters.
    """
    small = sum(text != text.upper() for text in texts)
    capitals = sum(text != text.lower() for text in texts)
    found = False
    for kind, known, read in (
        ("small letters", small, any(map(str.islower, alphabet.labels))),
        ("capitals", capitals, any(map(str.isupper, alphabet.labels))),
    ):
        if read and known <= RARE * (small + capitals) and small + capitals:
            warn(f"the language model {what} has hardly a word with {kind}, which the network reads")
            found = True
    return found
