"""From text to a language model file: tokens, an estimator, a format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from htrkit.errors import InputError, UsageError
from htrkit.files import whole
from htrkit.language_models import arpa, character_file, kneser_ney, lmplz
from htrkit.language_models.characters import from_ngrams
from htrkit.language_models.counts import characters_of, words_of

Estimator = Literal["auto", "own", "lmplz"]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: the file, who estimated it, and how many n-grams of each order it has."""

    path: Path
    estimator: str
    ngrams: tuple[int, ...]


def build(
    lines: Iterable[str],
    out: Path,
    order: int,
    *,
    characters: bool = False,
    prune: tuple[int, ...] = (),
    estimator: Estimator = "auto",
) -> Built:
    """Build a language model and write it; the file is there whole or not at all.

    Parameters
    ----------
    lines
        Text. In a word model the tokens are what stands between spaces, its punctuation attached, because that is how
        decoders see a line.
    out
        ``.arpa``, or for a character model ``.npz``, which is what the ``beam`` decoder reads.
    order
        Tokens of the longest n-gram.
    characters
        Model characters instead of words.
    prune
        For each order the count up to which n-grams are left out (see `htrkit.language_models.kneser_ney.estimate`).
    estimator
        ``lmplz`` needs KenLM's program on the PATH, ``own`` does not; ``auto`` takes ``lmplz`` where it is. Both give
        the same figures.

    Raises
    ------
    UsageError
        If the order, the pruning, the estimator or the file's suffix does not fit.
    InputError
        If there is no text, or the file cannot be written.
    """
    allowed = (character_file.SUFFIX, ".arpa") if characters else (".arpa",)
    if out.suffix not in allowed:
        kind = "character" if characters else "word"
        raise UsageError(f"a {kind} model is written as {' or '.join(allowed)}, not as {out.name}")
    kneser_ney.prune_thresholds(prune, order)
    tokens = ((characters_of if characters else words_of)(line) for line in lines)
    external = estimator == "lmplz" or (estimator == "auto" and lmplz.available())
    try:
        with whole(out) as part:
            if external:
                lmplz.estimate(tokens, order, part, prune=prune)
            else:
                arpa.write(kneser_ney.estimate(tokens, order, prune=prune), part)
            sizes = arpa.sizes(part)
            if out.suffix == character_file.SUFFIX:
                character_file.save(from_ngrams(arpa.read(part)), part)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror or error}") from error
    return Built(out, "lmplz" if external else "own", sizes)
