"""Journals: what is done is kept, whatever ends a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.errors import HtrkitError
from htrkit.journal import Journal


def _pair(values: object) -> tuple[int, str]:
    number, text = values  # type: ignore[misc]
    return int(number), str(text)


def _open(path: Path) -> Journal[tuple[int, str]]:
    return Journal(path, _pair, list)


ROWS = [(1, "one"), (2, "zwölf\n"), (3, "\ud800")]


def test_a_journal_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "x.jsonl"
    for i, row in enumerate(ROWS):
        journal = _open(path)
        assert journal.rows == ROWS[:i]
        journal.add(row)
        journal.close()
    journal = _open(path)
    assert journal.rows == ROWS
    journal.remove()
    assert not path.exists()


@pytest.mark.filterwarnings("ignore:.* is damaged")
@given(
    cut=st.integers(0, 200), junk=st.binary(max_size=40) | st.sampled_from([b"[" * 5000, b"\0" * 9, b"3", b'["x", 1]'])
)
def test_whatever_stands_in_a_journal_its_whole_rows_are_kept(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "x.jsonl"
    journal = _open(path)
    for row in ROWS:
        journal.add(row)
    journal.close()
    content = path.read_bytes()[:cut]
    path.write_bytes(content + junk + b"\n")
    journal = _open(path)
    whole_rows = content.count(b"\n")
    assert journal.rows[:whole_rows] == ROWS[:whole_rows]
    before = list(journal.rows)
    journal.add((4, "four"))
    journal.close()
    journal = _open(path)
    assert journal.rows == [*before, (4, "four")]
    journal.close()


def test_damage_in_a_journal_is_said_and_half_a_row_is_not(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'[1, "a"]\n[2, "b')
    journal = _open(path)
    assert journal.rows == [(1, "a")]
    assert not recwarn.list
    journal.close()
    path.write_bytes(b'[1, "a"]\n\0\0\n[2, "b"]\n')
    with pytest.warns(UserWarning, match="x.jsonl is damaged after 1 rows"):
        journal = _open(path)
    assert journal.rows == [(1, "a")]
    journal.close()


def test_a_journal_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "x.jsonl"):
        with pytest.raises(HtrkitError, match=f"cannot keep what is done in {path}"):
            _open(path)


FULL_DISK = """
import resource, signal, sys
from contextlib import closing
from pathlib import Path
from htrkit.errors import HtrkitError
from htrkit.journal import Journal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    with closing(Journal(Path(sys.argv[1]), str, str)) as journal:
        for _ in range(100):
            journal.add("x" * 30)
except HtrkitError as error:
    print(error)
"""


def test_a_full_disk_is_said_in_one_sentence_and_whole_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    run = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"cannot keep what is done in {path}: File too large")
    assert Journal(path, str, str).rows == ["x" * 30] * 3
