"""Results as plain values for JSON; rates and confidences are fractions, times seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from htrkit.evaluation.breakdown import Slice
from htrkit.evaluation.comparison import Comparison, Difference, Entry, Pair
from htrkit.evaluation.confusions import Confusion
from htrkit.evaluation.figures import RATES, Evaluation, Speed
from htrkit.evaluation.intervals import LEVEL, Figure, Resampling
from htrkit.evaluation.rules import TextRules
from htrkit.options import show


def evaluation_json(evaluation: Evaluation, *, worst: int = 20) -> dict[str, Any]:
    """An evaluation, with as many of its worst lines as asked for."""
    return {
        "n": evaluation.n,
        "characters": evaluation.characters,
        "words": evaluation.words,
        **{name: figure_json(getattr(evaluation, name)) for name in RATES},
        "compared": rules_json(evaluation.rules),
        "intervals": resampling_json(evaluation.resampling, evaluation.units),
        "speed": {"encoder": speed_json(evaluation.encoder), "decoder": speed_json(evaluation.decoder)},
        "confusions": {
            "substitutions": [_confusion(one) for one in evaluation.confusions.substitutions],
            "deletions": [_confusion(one) for one in evaluation.confusions.deletions],
            "insertions": [_confusion(one) for one in evaluation.confusions.insertions],
        },
        "by_length": [_slice(one) for one in evaluation.by_length],
        "by_confidence": [_slice(one) for one in evaluation.by_confidence],
        "calibration": evaluation.calibration
        and {
            "expected_error": evaluation.calibration.expected_error,
            "bins": [
                {"confidence": confidence, "exact": exact, "lines": lines}
                for confidence, exact, lines in evaluation.calibration.bins
            ],
        },
        "worst": [
            {"id": reading.id, "truth": reading.truth, "text": reading.text, "confidence": reading.confidence}
            | {name: getattr(errors, name) for name in ("character_errors", "characters", "word_errors", "words")}
            for reading, errors in evaluation.worst(worst)
        ],
        "notes": list(evaluation.notes),
    }


def comparison_json(comparison: Comparison, *, lines: bool = False) -> dict[str, Any]:
    """A comparison; with ``lines``, every decoder's reading of every line too."""
    result: dict[str, Any] = {
        "n": comparison.n,
        "characters": comparison.characters,
        "words": comparison.words,
        "model": comparison.model,
        "preprocess": list(comparison.preprocess),
        "data": list(comparison.data),
        "compared": rules_json(comparison.rules),
        "intervals": resampling_json(comparison.resampling, comparison.units),
        "n_best": comparison.n_best,
        "encoder": speed_json(comparison.encoder),
        "decoders": [entry_json(entry) for entry in comparison.entries],
        "pairs": [pair_json(pair) for pair in comparison.pairs],
        "sweeps": [
            {
                "option": sweep.option,
                "decoder": sweep.label,
                "points": [{"value": _plain(value)} | entry_json(entry) for value, entry in sweep.points],
            }
            for sweep in comparison.sweeps
        ],
        "left_out": [asdict(one) for one in comparison.left_out],
        "sentences": list(comparison.sentences),
        "notes": list(comparison.notes),
    }
    if lines:
        result["lines"] = [_compared_line(comparison, i) for i in range(comparison.n)]
    return result


def figure_json(figure: Figure) -> dict[str, float | None]:
    """``value``, ``low``, ``high``."""
    return asdict(figure)


def rules_json(rules: TextRules) -> dict[str, Any]:
    """How texts were compared."""
    return {"normalisation": "NFC", "unit": "code point", **asdict(rules)}


def resampling_json(resampling: Resampling, units: int) -> dict[str, Any]:
    """How the intervals were drawn."""
    return {"level": LEVEL, "method": "expanded percentile bootstrap", "units": units, **asdict(resampling)}


def speed_json(speed: Speed | None) -> dict[str, float] | None:
    """Lines, seconds and their quotient, or None where it was not measured."""
    if speed is None:
        return None
    return {"lines": speed.lines, "seconds": speed.seconds, "lines_per_second": speed.lines_per_second}


def entry_json(entry: Entry) -> dict[str, Any]:
    """How one decoder did."""
    return {
        "decoder": entry.label,
        "name": entry.contender.name,
        "options": {key: _plain(value) for key, value in entry.contender.options.items()},
        "from": entry.origin,
        **{name: figure_json(getattr(entry.evaluation, name)) for name in RATES},
        "oracle_cer": figure_json(entry.oracle_cer),
        "oracle_wer": figure_json(entry.oracle_wer),
        "hypotheses": entry.hypotheses,
        "seconds_per_line": entry.seconds_per_line,
        "failed": [{"id": name, "reason": reason} for name, reason in entry.failed],
    }


def pair_json(pair: Pair) -> dict[str, Any]:
    """Two decoders side by side."""
    return {
        "first": pair.first,
        "second": pair.second,
        "cer": _difference(pair.cer),
        "wer": _difference(pair.wer),
        "won": pair.won,
        "lost": pair.lost,
        "tied": pair.tied,
    }


def _difference(one: Difference) -> dict[str, Any]:
    return figure_json(one.figure) | {"p_value": one.p_value, "p_adjusted": one.p_adjusted}


def _compared_line(comparison: Comparison, i: int) -> dict[str, Any]:
    line = comparison.entries[0].evaluation.readings[i]
    return {
        "id": line.id,
        "truth": line.truth,
        "groups": dict(line.groups),
        "texts": {entry.label: entry.evaluation.readings[i].text for entry in comparison.entries},
        "character_errors": {entry.label: entry.evaluation.errors[i].character_errors for entry in comparison.entries},
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else show(value)


def _confusion(one: Confusion) -> dict[str, Any]:
    return asdict(one)


def _slice(one: Slice) -> dict[str, Any]:
    errors = one.errors
    return {
        "low": one.low,
        "high": one.high,
        "n": errors.n,
        "cer": errors.cer,
        "wer": errors.wer,
        "exact": errors.exact,
    }
