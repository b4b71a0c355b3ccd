"""The models that come with htrkit, one folder each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from htrkit.errors import UsageError
from htrkit.model import Model, open_model
from htrkit.spec import unnested


def latin_script() -> Path:
    """The folder of ``latin-script``."""
    return Path(__file__).parent / "latin-script"


def iam_words() -> Path:
    """The folder of ``iam-words``."""
    return Path(__file__).parent / "iam-words"


def open_terms() -> Path:
    """The folder of ``open``."""
    return Path(__file__).parent / "open"


def ensemble(*, models: tuple[str, ...], shares: tuple[float, ...] = ()) -> Model:
    """Several models that read each line together.

    Each proposes texts with a decoder of its own, all with the same options, and the text that is best under all
    networks is taken. It has the characters of all, and takes as long as all of them.

    Parameters
    ----------
    models
        Their names or folders, options after semicolons: ``latin-script,ppocr;alphabet=ascii``.
    shares
        How much each is believed: exponents of their probabilities, which should sum to one. Without it, all alike.

    Raises
    ------
    UsageError
        If there are fewer than two, or not as many shares, or one is negative.
    """
    if len(models) < 2:
        raise UsageError("an ensemble needs two models or more: ensemble:models=A,B")
    shares = shares or (1 / len(models),) * len(models)
    if len(shares) != len(models) or not all(0.0 <= share <= 1.0 for share in shares):
        raise UsageError(f"shares must hold {len(models)} numbers from 0 to 1, one for each model")
    named = list(map(unnested, models))
    opened = list(map(open_model, named))
    return replace(
        opened[0],
        folder=Path(),
        name="+".join(one.name for one in opened),
        checksums={f"{number}/{name}": of for number, one in enumerate(opened) for name, of in one.checksums.items()},
        decoder="beam",
        temperature=1.0,
        line_exponent=1.0,
        readers=tuple(zip(named, shares, strict=True)),
    )
