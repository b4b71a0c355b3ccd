"""A comparison with every part that a report can have, and texts that try to break out of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from htrkit import Hypothesis, Line, Sample
from htrkit.evaluation.contest.compare import compare_decoders
from htrkit.evaluation.contest.comparison import Comparison, LeftOut
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.types import LogProbs
from tests import tiny_model

HOSTILE = '</script><script>document.title="owned"</script>'
ATTRIBUTE = '" onmouseover="document.title=\'owned\'" x="'
TEXTS = ["aab", "ab", "ba", "b", "aaaa", "bb", "a b"]
TRUTHS = ["aab", HOSTILE, ATTRIBUTE, "{{ 7 * 7 }} & <b>", "\u202eaaaa $x^{$ \\frac", "bb", "needle in hay"]


class Says:
    """Answers with the texts that it is given, one after the other."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts * 20

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        return [Hypothesis(self.texts.pop(0), 0.0, confidence=0.5)]


def samples() -> list[Sample]:
    texts = [text.replace(" ", "") for text in TEXTS]
    return [
        Sample(Line(f"{i} {HOSTILE if i == 1 else ''}", tiny_model.draw(text)), truth, {"writer": f"<w{i % 3}>"})
        for i, (text, truth) in enumerate(zip(texts, TRUTHS, strict=True))
    ]


def comparison(folder: Path) -> Comparison:
    """Three decoders on seven lines; the cache is ``folder / "cache"``."""
    model = tiny_model.write(folder / "model").folder
    hostile = [f"{HOSTILE}!", *TRUTHS[1:]]
    found = compare_decoders(
        samples(),
        [
            "best-path",
            Contender(f"says {HOSTILE} $\\frac", decoder=Says(hostile)),
            "beam: beam_width=2",
        ],
        model=model,
        cache=folder / "cache",
        sweep="beam_width=1,2,50",
        resampling=Resampling(200),
        data=[f"data {HOSTILE}"],
    )
    return replace(found, left_out=(LeftOut(f"bad {HOSTILE}", f"raised {HOSTILE}\nand more"),))
