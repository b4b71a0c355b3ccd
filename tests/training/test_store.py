"""Cleaned lines on disk: found again, by several processes, after kills, and made anew when damaged."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.errors import HtrkitError
from htrkit.training.store import KEPT_DAYS, Store, packed

LINE = np.arange(12, dtype=np.uint8).reshape(3, 4)


def put(store: Store, **lines: np.ndarray) -> None:
    store.add([(key, pixels.shape, packed(pixels)) for key, pixels in lines.items()])


@settings(max_examples=30, deadline=None)
@given(shapes=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 300)), max_size=5), seed=st.integers(0, 99))
def test_what_is_kept_is_found(
    tmp_path_factory: pytest.TempPathFactory, shapes: list[tuple[int, int]], seed: int
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "lines.sqlite")
    rng = np.random.default_rng(seed)
    lines = {f"k{i}": rng.integers(0, 256, (w, h), np.uint8).T for i, (h, w) in enumerate(shapes)}
    put(store, **lines)
    found = store.find([*lines, "nothing"])
    assert set(found) == set(lines)
    for key, pixels in lines.items():
        assert found[key].shape == pixels.shape
        np.testing.assert_array_equal(found[key].pixels, pixels)


def test_threads_and_other_processes_read_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "lines.sqlite")
    put(store, a=LINE)
    line = store.find(["a"])["a"]
    seen: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: seen.append(line.pixels)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4
    assert all(np.array_equal(one, LINE) for one in seen)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(line)).pixels, LINE)


def test_a_killed_writer_leaves_what_it_had_kept(tmp_path: Path) -> None:
    code = """
import os, sys, numpy as np
from pathlib import Path
from htrkit.training.store import Store, packed
store = Store(Path(sys.argv[1]))
store.add([("kept", (1, 2), packed(np.zeros((1, 2), np.uint8)))])
database = store._database
database.execute("insert into lines values ('half', 1, 2, 0, x'00')")
os.kill(os.getpid(), 9)
"""
    path = tmp_path / "lines.sqlite"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    store = Store(path)
    assert set(store.find(["kept", "half"])) == {"kept"}
    put(store, half=LINE)
    np.testing.assert_array_equal(store.find(["half"])["half"].pixels, LINE)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.sqlite"
    path.write_bytes(content)
    store = Store(path)
    assert store.find(["a"]) == {}
    put(store, a=LINE)
    assert set(Store(path).find(["a"])) == {"a"}


def test_a_line_that_no_run_asked_for_in_a_month_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "lines.sqlite"
    put(Store(path), old=LINE, asked=LINE)
    with sqlite3.connect(path) as database:
        database.execute(f"update lines set used = used - {KEPT_DAYS}")
    store = Store(path)
    assert set(store.find(["asked"])) == {"asked"}
    with sqlite3.connect(path) as database:
        database.execute("update lines set used = used - 1")
    assert set(Store(path).find(["old", "asked"])) == {"asked"}


def test_where_it_cannot_be_written_another_folder_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HtrkitError, match=r"cannot keep cleaned lines in .*lines.sqlite: .*HTRKIT_CACHE"):
        Store(tmp_path / "file" / "lines.sqlite")


def test_a_line_that_is_gone_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path / "lines.sqlite")
    put(store, a=LINE)
    line = store.find(["a"])["a"]
    with sqlite3.connect(store.path) as database:
        database.execute("delete from lines")
    with pytest.raises(HtrkitError, match="has lost lines"):
        line.pixels  # noqa: B018
