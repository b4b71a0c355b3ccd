"""Results as plain values for JSON; rates and confidences are fractions, times seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from htrkit.evaluation.breakdown import Slice
from htrkit.evaluation.confusions import Confusion
from htrkit.evaluation.intervals import LEVEL, Figure, Resampling
from htrkit.evaluation.rules import TextRules
from htrkit.evaluation.score import RATES, Evaluation, Speed


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
