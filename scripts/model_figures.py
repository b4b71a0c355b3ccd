"""Writes anew the figures of a model in its card and in README.md: what ``htrkit evaluate`` measures now.

    python scripts/model_figures.py latin-script "966 lines=valid.tsv" "4,103 words=valid.words.tsv"

A row of a table says what is measured: what its data begins with is a name given here, and its decoder follows. In
README.md the model's name comes before them. Rows of other models and data stay as they are.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import typer

from htrkit.files import whole

ROOT = Path(__file__).resolve().parent.parent
RATES = ("cer", "wer", "exact")


def main(model: str, named: list[str]) -> None:
    """Measure, and write both files."""
    data = dict(pair.split("=", 1) for pair in named)
    for page, before in [
        (ROOT / "htrkit" / "models" / model / "README.md", ()),
        (ROOT / "README.md", (model,)),
    ]:
        lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
        with whole(page) as unfinished:
            unfinished.write_text("".join(_anew(line, model, before, data) for line in lines), encoding="utf-8")


def _anew(line: str, model: str, before: tuple[str, ...], data: dict[str, str]) -> str:
    """The line with its figures measured anew, if it is a row that has some."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    length = len(before) + 2 + len(RATES)
    if not line.startswith("|") or len(cells) != length or tuple(cells[: len(before)]) != before:
        return line
    what, decoder, *figures = cells[len(before) :]
    for name, file in data.items():
        if what.startswith(name):
            measured = _evaluate(model, file, decoder.replace(" with ", ", "))
            shown = [_percent(measured[rate]) if old else "" for rate, old in zip(RATES, figures, strict=True)]
            return "| " + " | ".join([*before, what, decoder, *shown]).replace("|  |", "| |") + " |\n"
    return line


@cache
def _evaluate(model: str, file: str, decoder: str) -> dict[str, Any]:
    """What ``htrkit evaluate`` says; the decoder is a name, and after a comma perhaps a language model."""
    name, *language_model = decoder.split(", ")
    options = [f"--option=language_model={known.strip('`')}" for known in language_model]
    command = ["htrkit", "evaluate", file, "--model", model, "--decoder", name, *options, "--json"]
    print(" ".join(command), file=sys.stderr)
    measured: dict[str, Any] = json.loads(
        subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True, text=True).stdout
    )
    return measured


def _percent(rate: dict[str, float]) -> str:
    return f"{rate['value']:.1%} ({rate['low']:.1%} to {rate['high']:.1%})"


if __name__ == "__main__":
    typer.run(main)
