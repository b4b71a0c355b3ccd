"""The options of the commands that measure, and figures as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from htrkit.evaluation.intervals import Figure, Resampling
    from htrkit.evaluation.rules import TextRules

IgnoreOption = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="WHAT", help="case, punctuation or spaces do not count; may be repeated."),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Resample groups of lines, such as writer: lines of one hand are not independent.",
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")]
ResamplesOption = Annotated[int, typer.Option("--resamples", min=100, help="Of the bootstrap.")]


def rules(ignore: list[str] | None) -> TextRules:
    """What ``--ignore`` asks for; names may also be separated by commas."""
    from htrkit.evaluation.rules import TextRules

    return TextRules.ignoring(name.strip() for names in ignore or () for name in names.split(","))


def resampling(by: str | None, seed: int, resamples: int) -> Resampling:
    """What ``--by``, ``--seed`` and ``--resamples`` ask for."""
    from htrkit.evaluation.intervals import Resampling

    return Resampling(resamples=resamples, seed=seed, by=by)


def interval(figure: Figure) -> str:
    """``4.80 to 5.61 %``, or a dash."""
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.2%} to {figure.high:.2%}"
