"""Data beside one's own: which of it an epoch takes, and how much."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import UsageError
from htrkit.training.example import Example

WEIGHTED = re.compile(r"(.+)=(\d+(?:\.\d*)?)")


@dataclass(frozen=True, slots=True)
class Mix:
    """Further examples, from one source or several, of which every epoch picks some anew.

    Attributes
    ----------
    sources
        The examples of each source.
    weights
        How often a source is picked from, against the others; none: as often as it has examples.
    first_share, last_share
        What the mix makes up of the first epoch and of the last; between them, the share changes evenly.
    epochs
        How many epochs there will be.
    """

    sources: Sequence[Sequence[Example]] = ()
    weights: Sequence[float] = ()
    first_share: float = 0.5
    last_share: float = 0.5
    epochs: int = 1

    @property
    def examples(self) -> list[Example]:
        """Those of all sources, one source after the other."""
        return [example for source in self.sources for example in source]

    def divide(self, n_own: int, epoch: int) -> tuple[int, int]:
        """How many of one's own lines, and how many of these, make up an epoch, counted from 0.

        All epochs are equally long: so long that each has every line of one's own at least once.
        """
        if not any(self.sources):
            return n_own, 0
        done = min(1.0, epoch / max(1, self.epochs - 1))
        share = self.first_share + (self.last_share - self.first_share) * done
        highest = max(self.first_share, self.last_share)
        total = n_own + round(n_own * highest / (1.0 - highest))
        mixed = total - n_own if share == highest else round(total * share)
        return total - mixed, mixed

    def pick(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """So many indices into `examples`, none twice before its source is used up."""
        sizes = np.array([len(source) for source in self.sources])
        if not self.weights:
            return rng.choice(sizes.sum(), count, replace=count > sizes.sum())
        weights = np.array(self.weights) * (sizes > 0)
        counts = rng.multinomial(count, weights / weights.sum())
        starts = np.cumsum(sizes) - sizes
        return np.concatenate(
            [
                start + np.resize(rng.permutation(size), n)
                for start, size, n in zip(starts, sizes, counts, strict=True)
                if n
            ]
        )


def parse_sources(sources: Sequence[str]) -> tuple[list[str], list[float]]:
    """The paths and the weights of sources that are given as ``path`` or ``path=weight``.

    Where one has a weight, those without weigh 1; where none has, there are no weights. What exists under the whole
    name is a path.

    Raises
    ------
    UsageError
        If a weight is 0.
    """
    paths, weights = [], []
    for source in sources:
        found = None if Path(source).exists() else WEIGHTED.fullmatch(source)
        paths.append(found[1] if found else source)
        weights.append(float(found[2]) if found else math.nan)
        if weights[-1] == 0.0:
            raise UsageError(f"the weight of mixed data must be positive: {source}")
    if all(map(math.isnan, weights)):
        return paths, []
    return paths, [1.0 if math.isnan(weight) else weight for weight in weights]
