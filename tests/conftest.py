"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = "HTRKIT_DATA"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real handwriting, for checks that drawn images cannot make; the test is skipped without it."""
    folder = os.environ.get(DATA)
    if not folder:
        pytest.skip(f"{DATA} is not set: it names the folder of real handwriting that this test reads")
    if not Path(folder).is_dir():
        pytest.fail(f"{DATA} is {folder!r}, which is no folder")
    return Path(folder)
