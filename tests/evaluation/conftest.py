"""Strangers' decoders in this process and in those that it starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.evaluation.strangers import SOURCE


@pytest.fixture
def strangers(stranger: Callable[..., None]) -> None:
    """The package of `tests.evaluation.strangers`, installed."""
    stranger("acme-htr", SOURCE)
