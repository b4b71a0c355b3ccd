"""Pieces of lines that go on as one another, put in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def chains(joints: Iterable[tuple[float, int, int]], count: int) -> Iterator[list[int]]:
    """The numbers below ``count`` in rows, each number in one.

    Parameters
    ----------
    joints
        Cost, a number, and the one that may follow it: each is joined once on either side, the cheapest joints first.
    """
    after: dict[int, int] = {}
    before: dict[int, int] = {}
    for _, one, following in sorted(joints):
        if one not in after and following not in before:
            after[one], before[following] = following, one
    for first in range(count):
        if first not in before:
            chain = [first]
            while chain[-1] in after:
                chain.append(after[chain[-1]])
            yield chain
