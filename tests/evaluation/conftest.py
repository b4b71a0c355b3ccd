"""Strangers' decoders in this process and in those that it starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from htrkit import host
from tests.evaluation.strangers import install_strangers


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package of `tests.evaluation.strangers`, installed."""
    monkeypatch.delenv(host.SWITCH, raising=False)
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(install_strangers(folder)))
    sys.modules.pop("acme_htr", None)
    host.plugins.cache_clear()
    yield
    sys.modules.pop("acme_htr", None)
    host.plugins.cache_clear()
