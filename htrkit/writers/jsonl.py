"""Results as JSON Lines: one object an image."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from htrkit.geometry import Outline
from htrkit.quoting import safe_json
from htrkit.types import Hypothesis, Place, Result, Run, Word


class Jsonl:
    """Objects with ``image``, ``text``, ``confidence``, ``model``, ``decoder`` and, with n-best, ``hypotheses``.

    ``confidence`` is how probable the text is as a whole. Each hypothesis has ``text``, ``score``, ``log_prob`` and
    ``confidence``. Each of the ``words`` has ``text``, ``confidence``, ``alternatives`` with the same two, and
    ``polygon``; one that hardly any ink supports also has ``has_ink``, which is false. ``unread`` has the polygons of
    ink of which nothing was read. A line of a page also has its number, ``line``, its ``region``, ``polygon`` and
    ``baseline``. What is not known, or not finite, is null. A path that is not UTF-8 comes with Python's surrogate
    escapes, so that `os.fsencode` gives its bytes.

    Parameters
    ----------
    spans
        Also write ``spans``: the half-open range of network frames of each character.
    """

    def __init__(self, run: Run, *, spans: bool = False) -> None:
        self.run = run
        self.spans = spans

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        """One line with the object of each result."""
        for result in results:
            text = json.dumps(self._object(result), ensure_ascii=False, allow_nan=False)
            yield safe_json(text) + "\n"

    def _object(self, result: Result) -> dict[str, Any]:
        best = result.hypotheses[0]
        written: dict[str, Any] = {
            "image": result.place.page if result.place else result.id,
            "text": best.text,
            "confidence": _number(best.confidence),
            "model": self.run.model,
            "decoder": self.run.decoder,
        }
        if result.place:
            written |= _where(result.place)
        if result.place or best.words:
            written["words"] = list(map(_word, best.words))
            written["unread"] = list(map(_polygon, result.unread))
        if self.spans:
            written["spans"] = _spans(best)
        if self.run.n_best > 1:
            written["hypotheses"] = [self._hypothesis(h) for h in result.hypotheses[: self.run.n_best]]
        return written

    def _hypothesis(self, hypothesis: Hypothesis) -> dict[str, Any]:
        written: dict[str, Any] = {
            "text": hypothesis.text,
            "score": _number(hypothesis.score),
            "log_prob": _number(hypothesis.log_prob),
            "confidence": _number(hypothesis.confidence),
        }
        return written | {"spans": _spans(hypothesis)} if self.spans else written


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "confidence": _number(word.confidence),
        "alternatives": [{"text": one.text, "confidence": _number(one.confidence)} for one in word.alternatives],
        "polygon": _polygon(word.outline) or None,
    } | ({} if word.has_ink else {"has_ink": False})


def _polygon(outline: Outline) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in outline]


def _where(place: Place) -> dict[str, Any]:
    return {
        "line": place.order + 1,
        "region": place.region or None,
        "polygon": place.polygon,
        "baseline": place.baseline,
    }


def _number(value: float | None) -> float | None:
    """A float that JSON can write: decoders may give NumPy's floats, and minus infinity."""
    return float(value) if value is not None and math.isfinite(value) else None


def _spans(hypothesis: Hypothesis) -> list[list[int]]:
    return [[int(start), int(stop)] for start, stop in hypothesis.spans]
