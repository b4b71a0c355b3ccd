"""Parts that a stranger wrote: they lead nowhere outside, and cost no more than reading their pages again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_pages import draw
from htrkit_ray.archive import read_archive
from htrkit_ray.inputs import find_inputs
from htrkit_ray.parts import LINE, LINES, MANIFEST, PAGE, Parts
from htrkit_ray.plan import Entry, Options, Plan
from htrkit_ray.run import Machines
from htrkit_ray.store import Store

from htrkit import HtrkitError
from htrkit.pages.sources import Sources

OUTSIDE = ("../../stolen", "/stolen", "box/../../../stolen", "a\0b", "")
NAMES = [f"{number}.png" for number in range(3)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """With a part of three pages."""
    store = Store(str(tmp_path / "out"))
    parts = Parts(store)
    for name in NAMES:
        line = dict.fromkeys(LINE.names) | {"page": name, "text": "the garden", "words": [], "polygon": [[0.0, 1.0]]}
        parts.add(Entry(name, 1, True, name, name.removesuffix(".png"), output=f"{name}.xml"), [line])
    parts.flush()
    assert len(Parts(store).entries()) == 3
    return store


def change(folder: Path, changed: Callable[[pa.Table], pa.Table]) -> None:
    """Write another table where a part's is."""
    (file,) = folder.iterdir()
    pq.write_table(changed(pq.read_table(file)), file, compression="zstd")


def with_column(name: str, values: list[Any]) -> Callable[[pa.Table], pa.Table]:
    """As a stranger's program would write it, of which Arrow finds the type."""
    return lambda table: table.set_column(table.column_names.index(name), name, pa.array(values))


def assert_damaged(store: Store) -> None:
    parts = Parts(store)
    with pytest.warns(UserWarning, match=r"part-\S+ or its lines are damaged: its pages are read again"):
        assert parts.entries() == {}
    assert parts.entries() == {}
    assert store.names(MANIFEST) == store.names(LINES) == []
    parts.tidy({})


@pytest.mark.parametrize("column", ["stem", "output"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_outside_are_damage(store: Store, tmp_path: Path, column: str, name: str) -> None:
    change(tmp_path / "out" / MANIFEST, with_column(column, [name, "1", "2"]))
    assert_damaged(store)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("column", ["stem", "output"])
def test_nothing_is_written_outside(tmp_path: Path, column: str) -> None:
    """The page is read again, and has a name that is safe."""
    draw(tmp_path / "scans" / "a.png", "the garden")
    out = tmp_path / "deep" / "er" / "out"

    def read() -> dict[str, int]:
        plan = Plan.of(Options(keep_log_probs=True), str(out))
        files = find_inputs([str(tmp_path / "scans")], Sources(None), str(out))
        return read_archive(lambda: plan, str(out), files, Machines()).how

    assert read()["read"] == 1
    change(out / MANIFEST, with_column(column, ["../../../stolen"]))
    change(out / MANIFEST, with_column("results", ["of another picture"]))
    with pytest.warns(UserWarning, match="damaged"):
        assert read()["decoded"] == 1  # from the outputs that lie under the name that is safe
    assert read()["before"] == 1
    assert not list(tmp_path.rglob("*stolen*"))
    assert (out / "pages" / "a.xml").exists()


@pytest.mark.parametrize("name", [*OUTSIDE, "pages/../../stolen"])
def test_a_store_has_nothing_outside(tmp_path: Path, name: str) -> None:
    store = Store(str(tmp_path / "deep" / "out"))
    for use in (store.get, store.has, store.remove, lambda name: store.put(name, b"content")):
        with pytest.raises(HtrkitError, match="is no file's name in"):
            use(name)
    assert not list(tmp_path.iterdir())
    store.put("pages/a..b/..c.xml", b"content")
    assert store.get("pages/a..b/..c.xml") == b"content"
    assert store.get("pages/a..b/..c.xml", last=3) == b"ent"
    assert store.get("pages/a..b/..c.xml", last=99) == b"content"


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("number", ["1", "2", "3"]),
        ("number", [1, None, 1]),
        ("number", [1.5, 1.5, 1.5]),
        ("results", ["", None, ""]),
        ("content", [b"x", b"x", b"x"]),
        ("file", [1, 2, 3]),
        ("file", ["/", "1.png", "2.png"]),
        ("page", [None, None, None]),
    ],
)
def test_odd_types_in_a_manifest_are_damage(store: Store, tmp_path: Path, column: str, values: list[Any]) -> None:
    change(tmp_path / "out" / MANIFEST, with_column(column, values))
    assert_damaged(store)


@pytest.mark.parametrize("folder", [MANIFEST, LINES])
@pytest.mark.parametrize(
    "changed",
    [
        lambda table: pa.table({"x": [1]}),
        lambda table: table.append_column("x", pa.array([1, 2, 3])),
        lambda table: table.append_column("page", table["page"]),
        lambda table: table.drop_columns(["page"]),
        with_column("page", [1, 2, 3]),
        with_column("seconds", ["1", "2", "3"]),
    ],
)
def test_other_columns_are_damage(
    store: Store, tmp_path: Path, folder: str, changed: Callable[[pa.Table], pa.Table]
) -> None:
    change(tmp_path / "out" / folder, changed)
    assert_damaged(store)


def test_lines_of_a_version_that_knew_fewer_columns_stay(store: Store, tmp_path: Path) -> None:
    change(tmp_path / "out" / LINES, lambda table: table.drop_columns(["line_id"]))
    parts = Parts(store)
    parts.add(Entry("3.png", 1, True, "3.png", "3", output="3.xml"), [])
    parts.flush()
    parts.tidy({})
    for _ in range(2):
        assert len(Parts(store).entries()) == 4
        Parts(store).tidy({})
    assert len(store.names(LINES)) == 1


@pytest.mark.parametrize("damage", [lambda content: content[:300], lambda content: b"", None])
def test_lines_that_are_not_whole_are_noticed_at_once(
    store: Store, tmp_path: Path, damage: Callable[[bytes], bytes] | None
) -> None:
    (file,) = (tmp_path / "out" / LINES).iterdir()
    if damage:
        file.write_bytes(damage(file.read_bytes()))
    else:
        file.unlink()
    assert_damaged(store)


@pytest.mark.parametrize(
    ("rows", "stems"),
    [
        (1 << 20, ["a"] * (1 << 20)),
        (100, [str(number) + "a" * (1 << 20) for number in range(100)]),
        (500, ["a" * (1 << 20)] * 500),  # which stands in the file but once
    ],
)
def test_what_would_fill_the_memory_is_damage(store: Store, tmp_path: Path, rows: int, stems: list[str]) -> None:
    columns = {one.name: pa.nulls(rows, one.type).fill_null(pa.scalar(1).cast(one.type)) for one in PAGE}
    change(tmp_path / "out" / MANIFEST, lambda table: pa.table(columns | {"stem": stems}, PAGE))
    (file,) = (tmp_path / "out" / MANIFEST).iterdir()
    assert file.stat().st_size < 1 << 20
    before = pa.total_allocated_bytes()
    assert_damaged(store)
    assert pa.total_allocated_bytes() - before < 1 << 20


def test_text_that_is_none_is_damage(store: Store, tmp_path: Path) -> None:
    wrong = pa.array([b"\xff", b"1", b"2"]).view(pa.string())
    change(tmp_path / "out" / MANIFEST, lambda table: table.set_column(PAGE.names.index("key"), "key", wrong))
    assert_damaged(store)


def test_a_folder_that_is_called_as_a_part_is_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out" / MANIFEST / "part-000009-01234567.parquet").mkdir()
    assert len(Parts(store).entries()) == 3
