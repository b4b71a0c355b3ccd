"""Data beside one's own: which of it an epoch takes, and how much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError

WEIGHTED = re.compile(r"(.+)=(\d+(?:\.\d*)?)")


@dataclass(frozen=True, slots=True)
class Mix:
    """Further examples, from one source or several, of which every epoch picks some anew.

    Attributes
    ----------
    sizes
        How many examples each source has.
    weights
        How often a source is picked from, against the others; none: as often as it has examples.
    shares
        What the mix makes up of the first epoch and of the last; between them, the share changes evenly.
    epochs
        How many epochs there will be.
    """

    sizes: Sequence[int] = ()
    weights: Sequence[float] = ()
    shares: tuple[float, float] = (0.5, 0.5)
    epochs: int = 1

    def divide(self, n_own: int, epoch: int) -> tuple[int, int]:
        """How many of one's own lines, and how many of these, make up an epoch, counted from 0.

        All epochs are equally long: so long that each has every line of one's own at least once.
        """
        if not any(self.sizes):
            return n_own, 0
        first, last = self.shares
        share = first + (last - first) * min(1.0, epoch / max(1, self.epochs - 1))
        highest = max(self.shares)
        total = n_own + round(n_own * highest / (1.0 - highest))
        mixed = total - n_own if share == highest else round(total * share)
        return total - mixed, mixed

    def pick(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """So many indices into the examples, source after source; none twice before its source is used up."""
        sizes = np.array(self.sizes)
        if not self.weights:
            return rng.choice(sizes.sum(), count, replace=count > sizes.sum())
        weights = np.array(self.weights) * (sizes > 0)
        counts = rng.multinomial(count, weights / weights.sum())
        starts = np.cumsum(sizes) - sizes
        picked = zip(starts, sizes, counts, strict=True)
        return np.concatenate([start + np.resize(rng.permutation(size), n) for start, size, n in picked if n])


NO_MIX = Mix()


def parse_sources(sources: Sequence[str]) -> tuple[list[str], list[float]]:
    """The paths and the weights of sources that are given as ``path`` or ``path=weight``.

    Where one has a weight, those without weigh 1; where none has, there are no weights. What exists under the whole
    name is a path.

    Raises UsageError if a weight is 0.
    """
    found = [None if Path(source).exists() else WEIGHTED.fullmatch(source) for source in sources]
    weights = [float(match[2]) if match else 1.0 for match in found] if any(found) else []
    if 0.0 in weights:
        raise UsageError(f"the weight of mixed data must be positive: {sources[weights.index(0.0)]}")
    return [match[1] if match else source for match, source in zip(found, sources, strict=True)], weights
