"""Fixtures of the training's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Cleaned lines go to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTRKIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
