"""Evaluation: how well lines were read, which decoder reads them best, and with which options."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htrkit.evaluation.contest.compare import compare_decoders
    from htrkit.evaluation.contest.comparison import Comparison
    from htrkit.evaluation.contest.contenders import Contender
    from htrkit.evaluation.contest.isolation import Limits
    from htrkit.evaluation.contest.tuning import Tuning, tune
    from htrkit.evaluation.figures.evaluation import Evaluation, Reading
    from htrkit.evaluation.figures.intervals import Figure, Resampling
    from htrkit.evaluation.figures.rules import TextRules
    from htrkit.evaluation.figures.score import score
    from htrkit.evaluation.readings import evaluate
    from htrkit.evaluation.report.formats import write_report

__all__ = [
    "Comparison",
    "Contender",
    "Evaluation",
    "Figure",
    "Limits",
    "Reading",
    "Resampling",
    "TextRules",
    "Tuning",
    "compare_decoders",
    "evaluate",
    "score",
    "tune",
    "write_report",
]

_MODULE_OF = {
    "Comparison": "contest.comparison",
    "Contender": "contest.contenders",
    "Evaluation": "figures.evaluation",
    "Figure": "figures.intervals",
    "Limits": "contest.isolation",
    "Reading": "figures.evaluation",
    "Resampling": "figures.intervals",
    "TextRules": "figures.rules",
    "Tuning": "contest.tuning",
    "compare_decoders": "contest.compare",
    "evaluate": "readings",
    "score": "figures.score",
    "tune": "contest.tuning",
    "write_report": "report.formats",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'htrkit.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"htrkit.evaluation.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
