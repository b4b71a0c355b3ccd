"""Rows of a run's history: one an epoch, with the figures of its validation, of all and of each group."""

from __future__ import annotations

from collections.abc import Mapping

MEAN, GROUP = "mean_cer", "cer "
"""Columns: the mean over the groups, and the beginning of the name of a group's own."""


def chosen_by(row: Mapping[str, float]) -> float:
    """What an epoch is chosen by, the lower the better."""
    return row.get(MEAN, row["valid_cer"])


def groups_of(row: Mapping[str, float]) -> dict[str, float]:
    """The CER of each group."""
    return {name.removeprefix(GROUP): rate for name, rate in row.items() if name.startswith(GROUP)}


def by_group(row: Mapping[str, float]) -> str:
    """The CER of each group, in words; empty if there are none."""
    return ", ".join(f"{group or 'none'} {rate:.2%}" for group, rate in groups_of(row).items())
