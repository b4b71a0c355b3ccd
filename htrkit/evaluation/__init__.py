"""Evaluation: how well lines were read, which decoder reads them best, and with which options."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htrkit.evaluation.compare import compare_decoders
    from htrkit.evaluation.comparison import Comparison
    from htrkit.evaluation.contenders import Contender
    from htrkit.evaluation.figures import Evaluation, Reading, score
    from htrkit.evaluation.intervals import Figure, Resampling
    from htrkit.evaluation.reading import evaluate
    from htrkit.evaluation.report.files import write_report
    from htrkit.evaluation.rules import TextRules
    from htrkit.evaluation.tuning import Tuning, tune
    from htrkit.evaluation.watch import Limits

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
    "compare_decoders": "compare",
    "Comparison": "comparison",
    "Contender": "contenders",
    "Limits": "watch",
    "evaluate": "reading",
    "write_report": "report.files",
    "TextRules": "rules",
    **dict.fromkeys(("Evaluation", "Reading", "score"), "figures"),
    **dict.fromkeys(("Figure", "Resampling"), "intervals"),
    **dict.fromkeys(("Tuning", "tune"), "tuning"),
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'htrkit.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"htrkit.evaluation.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
