"""What is read on a page as rows of a table, and the table's columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from htrkit import Failed, Hypothesis, Outline, Page, Result, Word
from htrkit_ray.plan import Plan

Record = dict[str, Any]


def records(page: Page, lines: Sequence[Result | Failed], plan: Plan, seconds: float) -> list[Record]:
    """A row for each line of a page, in reading order; JSON can hold it.

    Parameters
    ----------
    lines
        One for each line of the page.
    seconds
        That the page took.
    """
    made = {"model": plan.run.model, "decoder": plan.run.decoder, "versions": plan.versions, "seconds": seconds}
    rows = []
    for order, ((place, _), line) in enumerate(zip(page.lines, lines, strict=True)):
        place = (line.place if isinstance(line, Result) else None) or place
        best = line.hypotheses[0] if isinstance(line, Result) else None
        rows.append(
            {
                "page": page.id,
                "region": place.region if place else "",
                "line": line.id,
                "line_id": place.id if place and place.id else f"line_{order + 1}",  # as the page's file calls it
                "order": order,
                "polygon": _points(place.polygon) if place else [],
                "baseline": _points(place.baseline) if place else [],
                "text": best.text if best else None,
                "confidence": _number(best.confidence) if best else None,
                "words": [_word(word) for word in best.words] if best else [],
                "alternatives": [_alternative(one) for one in line.hypotheses[1:]] if isinstance(line, Result) else [],
                **made,
                "failure": line.reason if isinstance(line, Failed) else None,
            }
        )
    return rows


def _word(word: Word) -> Record:
    others = [{"text": one.text, "confidence": _number(one.confidence)} for one in word.alternatives]
    known = {"text": word.text, "confidence": _number(word.confidence), "polygon": _points(word.outline)}
    return {**known, "alternatives": others}


def _alternative(one: Hypothesis) -> Record:
    return {"text": one.text, "confidence": _number(one.confidence), "log_prob": _number(one.log_prob)}


def _points(outline: Outline) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in outline]


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
