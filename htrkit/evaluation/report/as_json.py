"""Results as plain values for JSON; rates and confidences are fractions, times seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.contest.plain import entry_json, pair_json, plain, rates_json
from htrkit.evaluation.figures.breakdown import Calibration, Slice
from htrkit.evaluation.figures.evaluation import Evaluation, Speed
from htrkit.evaluation.figures.intervals import LEVEL


def evaluation_json(evaluation: Evaluation, *, worst: int = 20) -> dict[str, Any]:
    """An evaluation, with as many of its worst lines as asked for."""
    return {
        **_measured(evaluation),
        **rates_json(evaluation),
        "speed": {"encoder": _speed(evaluation.encoder), "decoder": _speed(evaluation.decoder)},
        "confusions": asdict(evaluation.confusions),
        "by_length": [_slice(one) for one in evaluation.by_length],
        "by_confidence": [_slice(one) for one in evaluation.by_confidence],
        "calibration": _calibration(evaluation.calibration, "exact", "lines"),
        "word_calibration": _calibration(evaluation.word_calibration, "right", "words"),
        "worst": [
            {"id": reading.id, "truth": reading.truth, "text": reading.text, "confidence": reading.confidence}
            | {name: getattr(errors, name) for name in ("character_errors", "characters", "word_errors", "words")}
            for reading, errors in evaluation.worst(worst)
        ],
        "notes": list(evaluation.notes),
    }


def _calibration(calibration: Calibration | None, right: str, unit: str) -> dict[str, Any] | None:
    if calibration is None:
        return None
    bins = [dict(zip(("confidence", right, unit), one, strict=True)) for one in calibration.bins]
    return {
        "expected_error": calibration.expected_error,
        "found_in_least_confident_tenth": calibration.found,
        "bins": bins,
    }


def comparison_json(comparison: Comparison, *, lines: bool = False) -> dict[str, Any]:
    """A comparison; with ``lines``, every decoder's reading of every line too."""
    result: dict[str, Any] = {
        **_measured(comparison),
        "model": comparison.model,
        "preprocess": list(comparison.preprocess),
        "data": list(comparison.data),
        "date": comparison.date.isoformat(),
        "n_best": comparison.n_best,
        "encoder": _speed(comparison.encoder),
        "decoders": [entry_json(entry) for entry in comparison.entries],
        "pairs": [pair_json(pair) for pair in comparison.pairs],
        "sweeps": [
            {
                "option": sweep.option,
                "decoder": sweep.label,
                "points": [{"value": plain(value)} | entry_json(entry) for value, entry in sweep.points],
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


def _measured(what: Evaluation | Comparison) -> dict[str, Any]:
    """On how much, how texts were compared, and how intervals were drawn."""
    return {
        "n": what.n,
        "characters": what.characters,
        "words": what.words,
        "compared": {"normalisation": "NFC", "unit": "code point", **asdict(what.rules)},
        "intervals": {
            "level": LEVEL,
            "method": "expanded percentile bootstrap",
            "units": what.units,
            **asdict(what.resampling),
        },
    }


def _speed(speed: Speed | None) -> dict[str, float] | None:
    return {**asdict(speed), "lines_per_second": speed.lines_per_second} if speed else None


def _compared_line(comparison: Comparison, i: int) -> dict[str, Any]:
    line = comparison.entries[0].evaluation.readings[i]
    return {
        "id": line.id,
        "truth": line.truth,
        "groups": dict(line.groups),
        "texts": {entry.label: entry.evaluation.readings[i].text for entry in comparison.entries},
        "character_errors": {entry.label: entry.evaluation.errors[i].character_errors for entry in comparison.entries},
    }


def _slice(one: Slice) -> dict[str, Any]:
    errors = one.errors
    figures = {"n": errors.n, "cer": errors.cer, "wer": errors.wer, "exact": errors.exact}
    return {"low": one.low, "high": one.high, **figures}
