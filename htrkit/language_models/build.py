"""From text to a language model file: tokens, figures, a format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from htrkit.errors import InputError, UsageError
from htrkit.files import whole
from htrkit.language_models import arpa, character_file, kneser_ney
from htrkit.language_models.characters import from_ngrams
from htrkit.language_models.counts import characters_of, words_of


def build(
    lines: Iterable[str], out: Path, order: int, *, characters: bool = False, prune: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """Build a language model and write it, whole or not at all; the numbers of its n-grams of each order.

    Raises UsageError if the order, the pruning or the file's suffix does not fit; InputError if there is no text, or
    the file cannot be written.

    Parameters
    ----------
    lines
        Text. In a word model the tokens are what stands between spaces, its punctuation attached, because that is how
        decoders see a line.
    out
        ``.arpa``, or for a character model ``.npz``, which is what the ``beam`` decoder reads.
    order
        Tokens of the longest n-gram; for words at least 2, because KenLM loads no smaller model.
    characters
        Model characters instead of words.
    prune
        For each order the count up to which n-grams are left out (see `htrkit.language_models.kneser_ney.estimate`).
    """
    allowed = (character_file.SUFFIX, ".arpa") if characters else (".arpa",)
    kind = "character" if characters else "word"
    if out.suffix not in allowed:
        raise UsageError(f"a {kind} model is written as {' or '.join(allowed)}, not as {out.name}")
    if order < 2 and not characters:
        raise UsageError(f"a word model's order is at least 2, not {order}: KenLM loads no smaller one")
    model = kneser_ney.estimate(map(characters_of if characters else words_of, lines), order, prune=prune)
    try:
        with whole(out) as part:
            if out.suffix == character_file.SUFFIX:
                character_file.save(from_ngrams(model), part)
            else:
                arpa.write(model, part)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror or error}") from error
    return tuple(map(len, model.rows))
