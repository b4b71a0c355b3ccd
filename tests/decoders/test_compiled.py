"""When kernels are compiled, and what their cache survives."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from htrkit.decoders import beams, compiled, compiling, exact_kernel
from htrkit.decoders.beam import Beam
from htrkit.decoders.notices import DecoderWarning
from htrkit.testing import sure_line

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


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that wait for 100 frames, and are compiled in this process."""
    monkeypatch.setattr(compiled, "_interpreted", 0)
    monkeypatch.setattr(compiled, "_here", True)
    monkeypatch.setattr(compiled, "PATIENCE", 100)


@pytest.mark.usefixtures("patience")
def test_patience_is_counted_in_frames() -> None:
    assert compiled.kernels_for(60) is None
    assert compiled.kernels_for(40) is None
    assert compiled.kernels_for(1) is not None


@pytest.mark.usefixtures("patience")
def test_many_frames_that_are_expected_are_compiled_with_the_first() -> None:
    compiled.expect(99)
    assert compiled.kernels_for(1) is None
    assert compiled.kernels_for(1) is not None


class Compiler:
    """Stands for a process that compiles."""

    started, waited_for = 0, False
    returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def wait(self) -> None:
        self.waited_for, self.returncode = True, 0

    def start(self, module: str, streams: int) -> Compiler:
        assert callable(import_module(module).main)
        self.started += 1
        return self


@pytest.fixture
def compiler(patience: None, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    """Kernels that nobody has compiled yet, and who will."""
    compiler = Compiler()
    monkeypatch.setattr(compiled, "_here", False)
    monkeypatch.setattr(compiled, "_compiler", None)
    monkeypatch.setattr(compiled, "_is_cached", lambda kernel: compiler.returncode is not None)
    monkeypatch.setattr(compiled, "start", compiler.start)
    return compiler


def test_while_another_process_compiles_lines_are_interpreted_and_that_is_told_once(compiler: Compiler) -> None:
    beam, lines = Beam("ab"), [sure_line("abba", "ab")] * 30
    with pytest.warns(DecoderWarning, match="compiling") as told:
        meanwhile = beam.decode_batch(lines)
    assert compiled.kernels_for(1) is None
    assert len(told) == compiler.started == 1
    compiler.returncode = 0
    assert compiled.kernels_for(1) is not None
    assert beam.decode_batch(lines) == meanwhile


def test_lines_of_a_batch_are_no_longer_interpreted_once_that_process_has_ended(
    compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    beam, lines, asked = Beam("ab"), [sure_line("abba", "ab")] * 30, []

    def poll() -> int | None:
        asked.append(0)
        compiler.returncode = 0 if len(asked) > 3 else None
        return compiler.returncode

    monkeypatch.setattr(compiler, "poll", poll)
    with pytest.warns(DecoderWarning, match="compiling"):
        assert [found[0].text for found in beam.decode_batch(lines)] == ["abba"] * 30
    assert len(asked) == 4


@pytest.mark.filterwarnings("error")
def test_that_kernels_are_compiled_costs_no_line_where_warnings_are_errors(compiler: Compiler) -> None:
    assert len(Beam("ab").decode_batch([sure_line("abba", "ab")] * 30)) == 30


def test_what_is_timed_is_compiled_before(compiler: Compiler) -> None:
    compiled.compile_ahead(100)
    assert not compiler.started
    with pytest.warns(DecoderWarning, match="compiling"):
        compiled.compile_ahead(101)
    assert compiler.waited_for
    compiled.compile_ahead(101)
    assert compiler.started == 1


@pytest.mark.usefixtures("patience")
def test_the_process_that_compiles_leaves_all_kernels_in_the_cache_and_there_are_two() -> None:
    compiling.main()
    kernels = compiled.all_kernels()
    assert [compiled._is_cached(getattr(kernels, name)) for name in kernels.__slots__] == [True, True]


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
