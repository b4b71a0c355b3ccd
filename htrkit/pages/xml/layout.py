"""What a page's file says, whatever its format: blocks of lines in reading order, in the file's own coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from htrkit.geometry import Outline
from htrkit.types import Hypothesis, Word

NO_BLOCK = "eSc_dummyblock_"
"""What files call the block of lines that belong to none; eScriptorium knows it under this name."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line.

    Attributes
    ----------
    id
        In the file; empty if it has none there.
    polygon, baseline
        As `htrkit.types.Place` has them; empty if the file does not say.
    hypotheses
        Its texts, best first; none if the file has no text for it.
    """

    id: str
    polygon: Outline
    baseline: Outline
    hypotheses: tuple[Hypothesis, ...] = ()

    def words(self) -> list[tuple[str, Word]]:
        """The words of the best text with ids of their own; none unless it is known where each of them stands."""
        words = self.hypotheses[0].words if self.hypotheses else ()
        if not all(word.outline for word in words):
            return []
        return [(f"{self.id}.w{number}", word) for number, word in enumerate(words, start=1)]


@dataclass(frozen=True, slots=True)
class Block:
    """A region with its lines in reading order; `NO_BLOCK` for lines that belong to none."""

    id: str
    kind: str
    polygon: Outline
    lines: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A page.

    Attributes
    ----------
    image
        The name of the file with its picture.
    number
        Of the page in that file, from 1; 0 if the file does not say.
    width, height
        Of the picture, as stated; 0 if the file does not say.
    blocks
        In reading order.
    """

    image: str
    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]

    def free_id(self, wanted: str) -> str:
        """An id that no block or line has."""
        taken = {block.id for block in self.blocks} | {line.id for block in self.blocks for line in block.lines}
        return unclaimed(wanted, wanted, taken)


def unclaimed(wanted: str, instead: str, taken: set[str]) -> str:
    """An id that is not taken, and then is: the wanted one, if it can be had."""
    id_ = instead if wanted in taken else wanted
    while id_ in taken:
        id_ += "_"
    taken.add(id_)
    return id_
