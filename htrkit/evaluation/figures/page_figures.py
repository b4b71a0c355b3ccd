"""How well the lines of pages were found, ordered and read, against pages that people made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from htrkit.evaluation.figures.rules import AS_WRITTEN, TextRules
from htrkit.types import Place

Points = NDArray[np.float64]
TextLine = tuple[Place, str]
"""A line and its text."""

POINTS = 60
"""Places along a line's middle that are looked at."""
FOUND, TOUCHED, NOTHING, BESIDE = 0.75, 0.3, 0.1, 0.3
"""Shares of a line's middle: it is found; a line that covers so much of two merges them; one that covers less of every
line is false; lines that share so much of their width stand above each other."""


@dataclass(frozen=True, slots=True)
class PageFigures:
    """Counts over pages.

    Attributes
    ----------
    pages, lines, output
        Pages, lines in the truth, and lines that were found.
    found
        Lines whose middle, halfway between the upper and the lower edge, lies to 75 % on lines that merge no two lines.
    one
        The same on a single one of these.
    merged
        Output lines on 30 % of the middles of two lines that stand above each other.
    false
        Output lines on no line; maybe writing that the truth leaves out.
    pairs, concordant
        Pairs of lines that were found, and those whose order is right.
    errors, characters
        Characters read wrong, each line against what lies on it, and characters of the truth.
    page_errors, page_characters
        The same of whole pages, with the lines in their order, so that order and segmentation count.
    """

    pages: int = 0
    lines: int = 0
    output: int = 0
    found: int = 0
    one: int = 0
    merged: int = 0
    false: int = 0
    pairs: int = 0
    concordant: int = 0
    errors: int = 0
    characters: int = 0
    page_errors: int = 0
    page_characters: int = 0

    def __add__(self, other: PageFigures) -> PageFigures:
        return PageFigures(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def order(self) -> float:
        """Kendall's tau of the reading order: 1 if all pairs are right, -1 if none is."""
        return (2 * self.concordant - self.pairs) / max(1, self.pairs)

    @property
    def cer(self) -> float:
        """Character error rate of lines, a fraction."""
        return self.errors / max(1, self.characters)

    @property
    def page_cer(self) -> float:
        """Character error rate of pages, a fraction."""
        return self.page_errors / max(1, self.page_characters)


def page_figures(truth: Sequence[TextLine], output: Sequence[TextLine], rules: TextRules = AS_WRITTEN) -> PageFigures:
    """The figures of one page.

    Parameters
    ----------
    truth, output
        Lines in reading order, on one page; those of the truth that have no outline are left out.
    rules
        What counts as a difference between texts.
    """
    truth = [line for line in truth if len(line[0].polygon) >= 3]
    output = [line for line in output if len(line[0].polygon) >= 3]
    middles = [_middle(np.array(place.polygon, np.float64)) for place, _ in truth]
    outlines = [np.array(place.polygon, np.float32) for place, _ in output]
    covered = np.zeros((len(truth), len(output), POINTS), bool)
    for i, middle in enumerate(middles):
        for j, outline in enumerate(outlines):
            covered[i, j, : len(middle)] = _inside(middle, outline)
    lengths = np.array([max(1, len(middle)) for middle in middles])
    shares = covered.sum(axis=2) / lengths[:, None]
    merging = np.array([_merges(middles, np.flatnonzero(share >= TOUCHED)) for share in shares.T], bool)
    whole = covered[:, ~merging].any(axis=1).sum(axis=1) / lengths
    single = shares[:, ~merging].max(axis=1, initial=0.0)
    best = shares.max(axis=0, initial=0.0)
    errors, pairs, concordant = _read(truth, output, shares, rules)
    true_page, read_page = (rules.characters("\n".join(text for _, text in lines)) for lines in (truth, output))
    return PageFigures(
        pages=1,
        lines=len(truth),
        output=len(output),
        found=int((whole >= FOUND).sum()),
        one=int((single >= FOUND).sum()),
        merged=int(merging.sum()),
        false=int((best < NOTHING).sum()),
        pairs=pairs,
        concordant=concordant,
        errors=errors,
        characters=sum(len(rules.characters(text)) for _, text in truth),
        page_errors=Levenshtein.distance(true_page, read_page),
        page_characters=len(true_page),
    )


def total(pages: Iterable[PageFigures]) -> PageFigures:
    """The sum over pages."""
    return sum(pages, PageFigures())


def _middle(polygon: Points) -> Points:
    """(points, 2): places along a line halfway between its edges, at equal steps along the longer side of its box."""
    corner = polygon.min(axis=0)
    width, height = (np.ptp(polygon, axis=0).astype(int) + 3).tolist()
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon - corner + 1.0).astype(np.int32)], 1)
    upright = width < height
    mask = mask.T if upright else mask
    at = (np.linspace(0.02, 0.98, POINTS) * (mask.shape[1] - 1)).astype(int)
    at = at[mask[:, at].any(axis=0)]
    first, last = mask[:, at].argmax(axis=0), len(mask) - 1 - mask[::-1, at].argmax(axis=0)
    points = np.stack([at, (first + last) / 2.0], axis=1)
    return np.asarray((points[:, ::-1] if upright else points) + corner - 1.0, np.float64)


def _inside(points: Points, outline: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(points,): which of them lie in an outline or on its edge."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    inside: NDArray[np.bool_] = ((points >= low) & (points <= high)).all(axis=1)
    for i in np.flatnonzero(inside):
        inside[i] = cv2.pointPolygonTest(outline, (float(points[i, 0]), float(points[i, 1])), False) >= 0
    return inside


def _merges(middles: Sequence[Points], on: NDArray[np.intp]) -> bool:
    """Whether two of the lines that one output line lies on stand above each other."""
    for a, b in combinations(on.tolist(), 2):
        one, other = middles[a][:, 0], middles[b][:, 0]
        shared = min(one.max(), other.max()) - max(one.min(), other.min())
        if shared > BESIDE * min(np.ptp(one), np.ptp(other)):
            return True
    return False


def _read(
    truth: Sequence[TextLine], output: Sequence[TextLine], shares: NDArray[np.float64], rules: TextRules
) -> tuple[int, int, int]:
    """Characters read wrong, line by line; pairs of lines that something lies on, and those in the right order."""
    owners: dict[int, list[int]] = {}
    for j in range(len(output)):
        if len(truth) and shares[:, j].max() >= NOTHING:
            owners.setdefault(int(shares[:, j].argmax()), []).append(j)
    errors, ranks = 0, []
    for i, (_, text) in enumerate(truth):
        lying = sorted(owners.get(i, ()), key=lambda j: min(x for x, _ in output[j][0].polygon))
        if lying:
            ranks.append(min(lying))
        read = " ".join(output[j][1] for j in lying)
        errors += Levenshtein.distance(rules.characters(text), rules.characters(read))
    pairs = list(combinations(ranks, 2))
    return errors, len(pairs), sum(a < b for a, b in pairs)
