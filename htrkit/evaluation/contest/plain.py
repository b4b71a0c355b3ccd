"""Decoders and pairs as plain values, for JSON and for tables; rates are fractions, times seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from htrkit.evaluation.contest.entries import Entry
from htrkit.evaluation.contest.pairs import Difference, Pair
from htrkit.evaluation.figures.evaluation import Evaluation
from htrkit.evaluation.figures.score import RATES
from htrkit.options import show


def entry_json(entry: Entry) -> dict[str, Any]:
    """How one decoder did."""
    return {
        "decoder": entry.label,
        "name": entry.contender.name,
        "options": {key: plain(value) for key, value in entry.contender.options.items()},
        "from": entry.origin,
        **rates_json(entry.evaluation),
        "oracle_cer": asdict(entry.oracle_cer),
        "oracle_wer": asdict(entry.oracle_wer),
        "hypotheses": entry.hypotheses,
        "seconds_per_line": entry.seconds_per_line,
        "failed": [{"id": name, "reason": reason} for name, reason in entry.failed],
    }


def pair_json(pair: Pair) -> dict[str, Any]:
    """Two decoders side by side."""
    counts = {"won": pair.won, "lost": pair.lost, "tied": pair.tied}
    differences = {"cer": _difference(pair.cer), "wer": _difference(pair.wer)}
    return {"first": pair.first, "second": pair.second, **differences, **counts}


def rates_json(evaluation: Evaluation) -> dict[str, Any]:
    """Each rate with its interval."""
    return {name: asdict(getattr(evaluation, name)) for name in RATES}


def plain(value: object) -> object:
    """An option's value: itself where JSON has it, else as people write it."""
    return value if isinstance(value, str | int | float | bool | None) else show(value)


def _difference(one: Difference) -> dict[str, Any]:
    return asdict(one.figure) | {"p_value": one.p_value, "p_adjusted": one.p_adjusted}
