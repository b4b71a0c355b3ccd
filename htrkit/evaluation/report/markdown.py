"""A comparison in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.report import tables


def to_markdown(comparison: Comparison) -> str:
    """The comparison's tables and sentences; decoders' names are escaped, no line's text is in it."""
    parts = [f"# Decoders compared: {escaped(tables.title(comparison))}"]
    if comparison.sentences:
        parts.append(_listed(comparison.sentences))
    parts.append(table_text(tables.summary(comparison)))
    if comparison.pairs:
        parts += ["## Pairs", "Points are first minus second: below zero, the first is better."]
        parts.append(table_text(tables.pairs(comparison)))
    for sweep in comparison.sweeps:
        parts += [f"## {escaped(sweep.label)} by {escaped(sweep.option)}", table_text(tables.sweep(sweep))]
    if comparison.left_out:
        parts += ["## Left out", _listed(f"{label}: {reason}" for label, reason in tables.left_out(comparison))]
    parts += ["## How it was measured", _listed([*tables.described(comparison), *comparison.notes])]
    return "\n\n".join(parts) + "\n"


def _listed(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(sentence)}" for sentence in sentences)


def table_text(table: tables.Table) -> str:
    """A table in Markdown."""
    rule = ["---:" if numeric else "---" for numeric in table.numeric]
    lines = [[escaped(cell) for cell in cells] for cells in (table.header, *table.rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [lines[0], rule, *lines[1:]])


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
