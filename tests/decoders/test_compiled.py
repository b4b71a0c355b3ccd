"""When kernels are compiled, and what their cache survives."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from htrkit.decoders import beams, compiled, exact_kernel

READ = """
import sys
import numpy as np
import htrkit.decoders.compiled as compiled
from htrkit.decoders.beam import Beam
from htrkit.testing import sure_line
for line in range(int(sys.argv[1])):
    Beam("ab").decode(sure_line("abba", "ab"))
print("numba" in sys.modules)
"""


def run(lines: int, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", READ, str(lines)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_handful_of_lines_imports_no_compiler() -> None:
    assert run(20) == "False"


def test_many_lines_are_compiled_though_they_come_one_by_one() -> None:
    assert run(compiled.PATIENCE // 9 + 2) == "True"


def test_patience_is_counted_in_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_interpreted", 0)
    monkeypatch.setattr(compiled, "PATIENCE", 100)
    assert compiled.kernels_for(60) is None
    assert compiled.kernels_for(40) is None
    assert compiled.kernels_for(1) is not None


def test_many_frames_that_are_expected_are_compiled_with_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_interpreted", 0)
    monkeypatch.setattr(compiled, "PATIENCE", 100)
    compiled.expect(99)
    assert compiled.kernels_for(1) is None
    assert compiled.kernels_for(1) is not None


def test_processes_that_compile_at_once_do_not_spoil_each_others_cache(tmp_path: Path) -> None:
    """numba numbers the versions of a function in its cache without a lock: there must be one version only."""
    compile_forward = """
import numpy as np
from htrkit.decoders import compiled, exact_kernel
forward = compiled.compile_kernel(exact_kernel.forward)
print(forward(np.full((2, 2), 0.5), 0, 2, np.array([1]), 0, 1, np.zeros(5)))
"""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", compile_forward]
    for _ in range(2):
        processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        assert [process.communicate()[0].strip() for process in processes] == ["0.75"] * 3
    versions = [path.name for path in tmp_path.rglob("*.nbc")]
    assert len(versions) == 1


def test_without_any_folder_for_the_cache_they_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core import caching

    monkeypatch.setattr(caching.FunctionCache._impl_class, "_locator_classes", [])
    spell = compiled.compile_kernel(beams.spell)
    labels = np.zeros(3, np.int64)
    assert spell(np.array([-1, 0, 1]), np.array([0, 5, 7]), 2, labels, 3) == 1
    assert labels.tolist() == [0, 5, 7]


def test_an_altered_kernel_is_not_taken_for_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled.compile_kernel(beams.spell)
    assert before.__qualname__ == compiled.compile_kernel(beams.spell).__qualname__
    monkeypatch.setattr(beams, "A_CONSTANT", 3, raising=False)
    assert before.__qualname__ != compiled.compile_kernel(beams.spell).__qualname__


@pytest.fixture
def own_numba_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import numba

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "numba"))
    return tmp_path / "numba"


def sum_of_paths() -> float:
    """What a kernel computes that is compiled, or loaded, anew."""
    forward = compiled.compile_kernel(exact_kernel.forward)
    return float(forward(np.full((2, 2), 0.5), 0, 2, np.array([1]), 0, 1, np.zeros(5)))


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "a bit in the middle": lambda content: (
        content[: (half := len(content) // 2)] + bytes([content[half] ^ 1]) + content[half + 1 :]
    ),
    "no pickle of ours": lambda content: pickle.dumps(["something", "else"]),
}


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_mended(own_numba_cache: Path, suffix: str, damage: str) -> None:
    assert sum_of_paths() == 0.75
    (file,) = own_numba_cache.rglob(f"*.{suffix}")
    whole = file.read_bytes()
    file.write_bytes(DAMAGES[damage](whole))
    assert sum_of_paths() == 0.75
    assert file.read_bytes() != DAMAGES[damage](whole)


def test_a_full_disk_costs_the_cache_only(own_numba_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core import caching

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "_save_data", full)
    assert sum_of_paths() == 0.75
    assert not list(own_numba_cache.rglob("*.nbc"))
