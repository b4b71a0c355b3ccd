"""Which files are meant, here and elsewhere."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_pages import draw
from htrkit_ray.inputs import find_inputs

from htrkit import InputError
from htrkit.pages.sources import Sources


def found(*given: object, dest: str = "/nowhere") -> list[str]:
    return find_inputs(list(map(str, given)), Sources(), dest)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for name in ("a.png", "box/b.png"):
        draw(tmp_path / name, "a line")
    (tmp_path / "box" / "notes.doc").write_text("no page")
    return tmp_path


def test_folders_patterns_and_files_as_everywhere(scans: Path) -> None:
    assert found(scans) == [f"{scans}/a.png", f"{scans}/box/b.png"]
    assert found(f"{scans}/**/b.*", f"{scans}/a.png", scans) == [f"{scans}/box/b.png", f"{scans}/a.png"]


def test_results_are_not_read(scans: Path) -> None:
    assert found(scans, dest=f"{scans}/box") == [f"{scans}/a.png"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".txt"])
def test_a_table_lists_paths_that_begin_in_its_folder_and_urls(scans: Path, suffix: str) -> None:
    paths = ["a.png", f"{scans}/box/b.png", "s3://bucket/c.png"]
    table = scans / f"table{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.table({"year": [1, 2, 3], "url": paths}), table)
    else:
        mark = {".csv": ",", ".tsv": "\t"}.get(suffix)
        rows = [f"{number}{mark}{path}" for number, path in enumerate(paths)] if mark else paths
        table.write_text("\n".join([f"year{mark}path", *rows] if mark else rows))
    assert found(table) == [f"{scans}/a.png", f"{scans}/box/b.png", "s3://bucket/c.png"]
    if suffix != ".parquet":
        table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n"))  # as Windows writes it
        assert found(table) == [f"{scans}/a.png", f"{scans}/box/b.png", "s3://bucket/c.png"]


def test_a_table_without_paths_is_refused(scans: Path) -> None:
    table = scans / "table.csv"
    table.write_text("year,name\n1,2\n")
    with pytest.raises(InputError, match="none of its columns is called path"):
        found(table)
    with pytest.raises(InputError, match="is no table of paths"):
        found(scans / "missing.parquet")


def test_folders_and_patterns_elsewhere() -> None:
    memory = fsspec.filesystem("memory")
    for name in ("/scans/2.png", "/scans/10/x.JPG", "/scans/notes.doc", "/scans/letters.pdf"):
        memory.pipe_file(name, b"-")
    assert found("memory://scans") == ["memory:///scans/10/x.JPG", "memory:///scans/2.png"]
    assert found("memory://scans/*.pdf", "memory://scans/2.png") == [
        "memory:///scans/letters.pdf",
        "memory://scans/2.png",
    ]
    assert found("memory://scans/missing.png") == ["memory://scans/missing.png"]
    assert found("https://example.org/a.png?size=full") == ["https://example.org/a.png?size=full"]


def test_what_cannot_be_listed_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere://scans cannot be listed: Protocol not known: nowhere"):
        found("nowhere://scans")
    (tmp_path / "table.parquet").write_bytes(b"PAR1 no table \n" * 9)
    (tmp_path / "table.csv").write_text('path,year\n"a.png\n1,2,3\n')
    (tmp_path / "table.txt").write_bytes(b"\xff\xfe\x00")
    for suffix in ("parquet", "csv", "txt"):
        with pytest.raises(InputError, match=r"is no table of paths: [^\n]+$"):
            found(tmp_path / f"table.{suffix}")
