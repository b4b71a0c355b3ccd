"""Fixtures that every test may use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from htrkit import host
from tests.strangers import install

DATA = "HTRKIT_DATA"


def pytest_sessionstart() -> None:
    """Compile the kernels, so that no command of a test has to, and says so."""
    subprocess.run([sys.executable, "-c", "from htrkit.decoders.compiling import main; main()"], check=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real handwriting, for checks that drawn images cannot make; the test is skipped without it."""
    folder = os.environ.get(DATA)
    if not folder:
        pytest.skip(f"{DATA} is not set: it names the folder of real handwriting that this test reads")
    if not Path(folder).is_dir():
        pytest.fail(f"{DATA} is {folder!r}, which is no folder")
    return Path(folder)


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a throw-away distribution into this process."""
    monkeypatch.delenv(host.SWITCH, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(host, "_WARNED", {})
    host.plugins.cache_clear()
    modules = set()

    def put(distribution: str, source: str, version: str = "0.3") -> None:
        install(tmp_path, distribution, version, source=source)
        modules.add(module := distribution.replace("-", "_"))
        sys.modules.pop(module, None)
        host.plugins.cache_clear()

    yield put
    for module in modules:
        sys.modules.pop(module, None)  # it would hide what a later test has under that name
    host.plugins.cache_clear()
