"""What htrkit bulk wrote goes into an index: texts, words, alternatives, places, and outputs if they were kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import duckdb
import numpy as np
import pytest
from htrkit_search import Hit, Index, Update, index_command, search_command, update
from typer.testing import CliRunner

from htrkit import Alphabet, LogProbs, Recognizer, UsageError, model, plugins
from htrkit.encoders.input import InputRule
from htrkit.model import Model
from htrkit.outputs import save_outputs

ALPHABET = Alphabet("abcd .")
TABLES = """
CREATE TABLE manifest (file VARCHAR, number BIGINT, last BOOLEAN, page VARCHAR, stem VARCHAR, content VARCHAR,
    results VARCHAR, failure VARCHAR);
CREATE TABLE lines (page VARCHAR, line VARCHAR, "order" INTEGER, polygon DOUBLE[][], text VARCHAR, confidence DOUBLE,
    words STRUCT(text VARCHAR, confidence DOUBLE, polygon DOUBLE[][],
        alternatives STRUCT(text VARCHAR, confidence DOUBLE)[])[],
    alternatives STRUCT(text VARCHAR, confidence DOUBLE, log_prob DOUBLE)[], model VARCHAR, failure VARCHAR);
"""
Outline = list[list[float]]


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def word(text: str, left: float, confidence: float = 0.9, **others: float) -> dict[str, Any]:
    """A word of letters ten pixels wide, and what else it may be, with how probable that is."""
    alternatives = [{"text": other, "confidence": sure} for other, sure in others.items()]
    place = box(left, 0, left + 10 * len(text), 30)
    return {"text": text, "confidence": confidence, "polygon": place, "alternatives": alternatives}


def line(name: str, *words: dict[str, Any], **columns: Any) -> dict[str, Any]:
    text = " ".join(one["text"] for one in words)
    known = {"line": name, "text": text, "confidence": 0.8, "words": list(words), "polygon": box(0, 0, 200, 30)}
    return known | {"alternatives": [], "model": "typed", "failure": None} | columns


def part(
    folder: Path, name: str, pages: dict[str, Sequence[dict[str, Any]]], *, results: str = "1", **lost: str
) -> None:
    """A part of an archive: pages with their lines, and pages that are lost, with the reason."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        for page, reason in [*((page, "") for page in pages), *lost.items()]:
            entry = [f"scans/{page}", 1, True, f"scans/{page}", f"scans/{page}", "content", results, reason]
            connection.execute("INSERT INTO manifest VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)
        for page, lines in pages.items():
            for order, one in enumerate(lines):
                row = {"page": f"scans/{page}", "order": order} | one
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO lines ({names}) VALUES ({marks})", list(row.values()))
        for table in ("manifest", "lines"):
            (folder / table).mkdir(parents=True, exist_ok=True)
            target = str(folder / table / name).replace("'", "''")
            connection.execute(f"COPY {table} TO '{target}' (FORMAT parquet)")


def written(text: str) -> LogProbs:
    """What a network gave for a text: a frame for each letter and one of the blank after it; "a" is "b" at times."""
    rows = np.full((2 * len(text), ALPHABET.n_labels), 1e-6)
    for at, sign in enumerate(text):
        label = ALPHABET.characters.index(sign) + 1
        rows[2 * at, label] = 0.7
        rows[2 * at, 2 if sign == "a" else 0] = 0.3
        rows[2 * at + 1, 0] = 1.0
    return np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)


class NoNetwork:
    """What was read by htrkit bulk must not be read again."""

    def encode(self, lines: Sequence[Any]) -> list[LogProbs]:
        raise AssertionError("read again")


def recognizer(alphabet: Alphabet = ALPHABET) -> Recognizer:
    model = Model(Path(), "typed", alphabet, InputRule(32, None, 0.125), "typed", (), "best-path", "", {}, {})
    decoder: Any = None
    return Recognizer(model, NoNetwork(), decoder, (), decoder_name="best-path", threads=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "what's [read]"


def indexed(folder: Path, **options: Any) -> Update:
    return update(folder, recognizer(), [str(folder)], **options)


def searched(folder: Path, query: str, **options: Any) -> list[Hit]:
    with Index.open(folder) as index:
        return index.search(query, **options)


def test_words_and_what_else_they_may_be_are_found_where_they_stand(folder: Path) -> None:
    words = word("ab", 10), word("cab.", 40, 0.6, dab=0.3, cad=0.05)
    part(folder, "part-1.parquet", {"1.png": [line("scans/1.png:1", *words)]})
    done = indexed(folder)
    assert (done.pages, done.lines, done.failures) == (1, 1, [])
    (hit,) = searched(folder, "cab")
    assert (hit.line, hit.page, hit.number, hit.text) == ("scans/1.png:1", "scans/1.png", 1, "ab cab.")
    assert str(hit.source).endswith("scans/1.png")
    assert hit.probability == pytest.approx(0.6, rel=0.05)
    assert hit.outline == tuple(map(tuple, box(0, 0, 200, 30)))
    assert hit.found[0].box == (40, 0, 72, 30)  # without the full stop
    (other,) = searched(folder, "dab")
    assert other.probability == pytest.approx(0.3, rel=0.05)
    assert other.found[0].box == (40, 0, 80, 30)
    assert searched(folder, "cad", least=0.5) == []
    assert len(searched(folder, "cad")) == len(searched(folder, '"ab cab"')) == 1
    assert len(searched(folder, "c?d", least=0.2)) == 1


def test_other_readings_of_the_line_are_found_too(folder: Path) -> None:
    others = [{"text": "ab dad", "confidence": 0.2, "log_prob": -3.0}]
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 10), word("bad", 40), alternatives=others)]})
    indexed(folder)
    (hit,) = searched(folder, "dad")
    assert (hit.probability, hit.found[0].outline) == (pytest.approx(0.2, rel=0.05), ())
    assert searched(folder, "ab")[0].probability == pytest.approx(0.9, rel=0.05)


def test_labels_may_stand_for_several_letters(folder: Path, tmp_path: Path) -> None:
    alphabet = Alphabet(["a", "b", "c", " ", "ab", "&c"])
    lines = [line("1", word("cab", 10), word("&c", 50)), line("2", word("cbb", 10)), line("3", word("cbb", 10))]
    part(folder, "part-1.parquet", {"1.png": lines})
    rows = np.full((4, alphabet.n_labels), 1e-6)
    rows[[0, 1, 2, 3], [3, 5, 4, 6]] = 1.0  # "c", "ab", " ", "&c"
    kept = folder / "log-probs" / "scans" / "1.png.npz"
    kept.parent.mkdir(parents=True)
    save_outputs(kept, alphabet, ["3"], [np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)])
    assert update(folder, recognizer(alphabet), [str(folder)]).failures == []
    for query in ("cab", "?ab", "*b", "ca*", "&c", '"cab c"', "c"):
        assert {hit.line for hit in searched(folder, query, least=0.5)} >= {"1", "3"}, query
    other = Alphabet(["a", "b", "c", " ", "ac", "&c"])
    save_outputs(kept, other, ["3"], [np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)])
    (failure,) = update(folder, recognizer(alphabet), [str(folder)]).failures
    assert "another model's alphabet" in str(failure)
    with pytest.raises(UsageError, match="made with the model"):
        update(folder, recognizer(other), [str(folder)])


def test_hits_know_what_the_pages_file_calls_the_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives of earlier versions do not say it."""
    part(folder, "part-1.parquet", {"1.png": [line("x", word("ab", 0))]})
    monkeypatch.setattr(
        sys.modules[__name__], "TABLES", TABLES.replace("line VARCHAR,", "line VARCHAR, line_id VARCHAR,")
    )
    part(folder, "part-2.parquet", {"2.png": [line("y", word("ab", 0), line_id="l7")]})
    assert indexed(folder).failures == []
    assert {hit.line: hit.line_id for hit in searched(folder, "ab")} == {"x": "", "y": "l7"}


def test_lines_without_words_are_found_by_their_text(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", words=[], text="ab cab", alternatives=None)]})
    indexed(folder)
    assert [hit.line for hit in searched(folder, "cab")] == ["1"]


def keep(folder: Path, page: str, edges: np.ndarray | None = None, **texts: str) -> None:
    path = folder / "log-probs" / "scans" / f"{page}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    further = {} if edges is None else {"edges": edges}
    save_outputs(path, ALPHABET, list(texts), list(map(written, texts.values())), **further)


def test_outputs_that_were_kept_are_searched_exactly(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("x", word("ab", 0), word("cab", 30))]})
    keep(folder, "1.png", x="ab cab")
    assert indexed(folder).failures == []
    (hit,) = searched(folder, "cbb")
    assert hit.text == "ab cab"
    assert 0.02 < hit.probability < 0.3
    left, _, right, _ = hit.found[0].box or (0, 0, 0, 0)
    assert 80 < left < 105  # twelve frames are two hundred pixels
    assert 190 < right <= 200


def test_the_networks_frames_say_where_words_stand(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("x", word("ab", 0), word("cab", 30))]})
    xs = 500.0 + 10 * np.arange(13)
    keep(folder, "1.png", np.stack([np.stack([xs, np.full(13, y)], axis=1) for y in (5.0, 35.0)], axis=1), x="ab cab")
    indexed(folder)
    left, top, right, bottom = searched(folder, "cab")[0].found[0].box or (0, 0, 0, 0)
    assert 550 < left < 560
    assert 610 < right <= 620
    assert (top, bottom) == (5, 35)


def test_of_outputs_that_cannot_be_used_the_text_is_searched(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("x", word("cab", 30))]})
    keep(folder, "1.png", x="cab")
    (folder / "log-probs" / "scans" / "1.png.npz").write_bytes(b"PK no such thing")
    (failure,) = indexed(folder).failures
    assert "only its text is searched" in str(failure)
    assert "1.png.npz" in str(failure)
    assert len(searched(folder, "cab")) == 1
    keep(folder, "1.png", x="cab")
    assert (indexed(folder).failures, indexed(folder).unchanged) == ([], 1)


def test_only_pages_that_were_read_anew_are_indexed_again(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0))], "2.png": [line("2", word("ab", 0))]})
    assert (indexed(folder).pages, indexed(folder).unchanged) == (2, 2)
    part(folder, "part-2.parquet", {"1.png": [line("1", word("cab", 0))]}, results="2")
    part(folder, "part-3.parquet", {}, **{"3.png": "no image"})
    done = indexed(folder)
    assert (done.pages, done.unchanged) == (1, 1)
    assert [hit.line for hit in searched(folder, "ab")] == ["2"]
    assert [hit.line for hit in searched(folder, "cab")] == ["1"]


def test_lines_of_a_killed_run_do_not_count(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0))]})
    part(folder, "part-2.parquet", {"2.png": [line("2", word("ab", 0))]})
    (folder / "manifest" / "part-2.parquet").unlink()
    indexed(folder)
    assert [hit.line for hit in searched(folder, "ab")] == ["1"]


def test_pages_are_found_beside_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "1.png").write_bytes(b"an image")
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0))]})
    indexed(folder)
    assert searched(folder, "ab")[0].source == tmp_path / "scans" / "1.png"


def test_pages_from_elsewhere_keep_their_address(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0))]})
    table = str(folder / "manifest" / "part-1.parquet").replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE manifest AS SELECT * FROM read_parquet(?)", [table.replace("''", "'").replace("[", "[[]")]
        )
        connection.execute("UPDATE manifest SET file = 's3://archive/' || file")
        connection.execute(f"COPY manifest TO '{table}' (FORMAT parquet)")
    indexed(folder)
    assert searched(folder, "ab")[0].source == "s3://archive/scans/1.png"


@pytest.mark.parametrize("which", ["manifest", "lines"])
@pytest.mark.parametrize("how", ["noise", "cut", "columns", "types"])
def test_tables_of_strangers_are_refused_in_one_sentence(folder: Path, which: str, how: str) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0))]})
    path = folder / which / "part-1.parquet"
    if how == "noise":
        path.write_bytes(b"PAR1 no such thing PAR1")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        columns = "1 AS x" if how == "columns" else "'x' AS number, 'x' AS polygon, 5 AS file, 5 AS page, 5 AS words"
        target = str(path).replace("'", "''")
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT {columns}) TO '{target}' (FORMAT parquet)")
    (failure,) = indexed(folder).failures
    assert "part-1.parquet" in str(failure)
    assert "\n" not in str(failure)


@pytest.mark.parametrize(
    "columns",
    [
        {"polygon": [[1.0], [float("nan"), 2.0], [float("inf"), 2.0]]},
        {"words": [None, {"text": None, "confidence": None, "polygon": None, "alternatives": None}]},
        {"confidence": float("nan"), "words": [], "text": "ab \x1b[31m zzz"},
        {"alternatives": [None, {"text": None, "confidence": None, "log_prob": None}]},
        {"words": [word("ab", 0, -3.0), word("ab", 0, float("inf")), word("zz", 0)]},
        {"polygon": None, "alternatives": None, "line": None},
    ],
)
def test_values_of_strangers_cost_nothing_else(folder: Path, columns: dict[str, Any]) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0), **columns), line("2", word("ab", 0))]})
    indexed(folder)
    hits = searched(folder, "ab", least=0.0)
    assert "2" in [hit.line for hit in hits]
    assert all(np.isfinite(point).all() for hit in hits for point in (*hit.outline, *hit.found[0].outline))


def changed(folder: Path, table: str, select: str) -> None:
    """Put what a query makes of a table's first part, ``@``, in its place."""
    path = folder / table / "part-1.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE old AS FROM read_parquet(?)", [str(path).replace("[", "[[]")])
        connection.execute(f"COPY ({select.replace('@', 'old')}) TO '{str(path).replace(chr(39), 2 * chr(39))}'")


@pytest.mark.parametrize(
    ("table", "lie"),
    [
        ("manifest", "repeat('x', 5000) AS stem"),
        ("manifest", "repeat('x', 5000) AS file"),
        ("manifest", "repeat('x', 5000) AS page"),
        ("lines", "repeat('abcd', 100000) AS text"),
        ("lines", "list_resize(alternatives, 200000) AS alternatives"),
        ("lines", "list_resize(words, 50000, words[1]) AS words"),
        ("lines", "list_resize(polygon, 100000, polygon[1]) AS polygon"),
    ],
)
def test_a_page_that_lies_is_skipped_alone(folder: Path, table: str, lie: str) -> None:
    part(folder, "part-1.parquet", {name: [line(name, word("ab", 0))] for name in ("1.png", "2.png")})
    one, other = (f"SELECT * FROM @ WHERE page {sign} 'scans/1.png'" for sign in ("=", "<>"))
    changed(folder, table, f"{one.replace('*', f'* REPLACE ({lie})')} UNION ALL {other}")
    (failure,) = indexed(folder).failures
    assert failure.id.startswith("xxx" if lie.endswith("page") else "scans/1.png")
    assert [hit.line for hit in searched(folder, "ab")] == ["2.png"]


@pytest.mark.parametrize("far", [1e308, -1e308, 1e38])
def test_points_that_lie_on_no_page_are_left_out(folder: Path, far: float) -> None:
    lines = [line("1", word("ab", 0) | {"polygon": box(0, 0, far, 9)}, polygon=box(0, 0, far, 9))]
    part(folder, "part-1.parquet", {"1.png": lines, "2.png": [line("2", word("ab", 0))]})
    keep(folder, "2.png", np.full((5, 2, 2), far), **{"2": "ab"})
    assert indexed(folder).failures == []
    assert {hit.line for hit in searched(folder, "ab")} == {"1", "2"}


def test_tables_of_endless_rows_are_refused(folder: Path) -> None:
    pages = {name: [line(name, word("ab", 0))] for name in ("1.png", "2.png")}
    part(folder, "part-1.parquet", pages)
    changed(folder, "lines", "SELECT @.* FROM @, range(10001) WHERE page = 'scans/1.png' OR range = 0")
    (failure,) = indexed(folder).failures
    assert failure.id == "scans/1.png"
    assert [hit.line for hit in searched(folder, "ab")] == ["2.png"]
    part(folder, "part-1.parquet", pages)
    changed(folder, "lines", "SELECT * REPLACE (repeat('abcdefgh', 100000) AS text) FROM @, range(2000)")
    assert len(indexed(folder).failures) == 1  # "2.png" is in the index
    changed(folder, "manifest", "SELECT @.* FROM @, range(100000)")
    (failure,) = indexed(folder).failures
    assert "more than 100,000 pages" in str(failure)


def test_what_another_model_read_is_refused(folder: Path) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("1", word("ab", 0), model="another")]})
    (failure,) = indexed(folder).failures
    assert "another" in str(failure)


def test_the_commands_take_the_folder_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part(folder, "part-1.parquet", {"1.png": [line("scans/1.png:1", word("cab", 30))]})
    asked: list[Any] = []
    monkeypatch.setattr(plugins, "names", lambda _: ["typed"])
    monkeypatch.setattr(model, "open_model", lambda _: recognizer().model)
    monkeypatch.setattr(index_command, "load_recognizer", lambda *a: asked.append(a[0]) or recognizer())  # type: ignore[func-returns-value]
    done = CliRunner().invoke(index_command.app, [str(folder)])
    assert (done.exit_code, asked) == (0, ["typed"])
    assert "1 lines on 1 pages indexed" in done.stderr
    found = CliRunner().invoke(search_command.app, [str(folder), "cab", "--json"])
    (hit,) = json.loads(found.stdout)
    assert (hit["line"], hit["words"][0]["box"]) == ("scans/1.png:1", [30, 0, 60, 30])


def test_results_do_not_say_what_network_is_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(plugins, "names", lambda _: ["typed", "alias"])
    monkeypatch.setattr(model, "open_model", lambda _: recognizer().model)
    monkeypatch.setattr(index_command, "load_recognizer", lambda *a: asked.append(a[0]) or recognizer())  # type: ignore[func-returns-value]
    for name in (str(tmp_path), "typed:folder=evil", "unknown", "alias"):
        part(tmp_path / "evil", "part-1.parquet", {"1.png": [line("1", word("ab", 0), model=name)]})
        done = CliRunner().invoke(index_command.app, [str(tmp_path / "x.duckdb"), str(tmp_path / "evil")])
        assert (done.exit_code, asked, (tmp_path / "x.duckdb").exists()) == (1, [], False)
        assert f"{tmp_path / 'evil'}: was read with {name!r}, and no such model is installed" in done.stderr
    part(folder, "part-1.parquet", {"1.png": [line("1", word("cab", 30))]})
    done = CliRunner().invoke(index_command.app, [str(folder), str(tmp_path / "evil"), str(folder)])
    assert (done.exit_code, asked) == (1, ["typed"])
    assert "1 lines on 1 pages indexed, 0 files unchanged, 1 failed" in done.stderr


def test_what_htrkit_bulk_really_writes_is_found(tmp_path: Path) -> None:
    """With Ray, which takes some ten seconds to start."""
    pytest.importorskip("ray")
    pytest.importorskip("htrkit_ray")
    image = np.full((640, 700), 225, np.uint8)
    cv2.putText(image, "the garden", (40, 74), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "page.png"), image)
    command = [
        sys.executable,
        "-m",
        "htrkit",
        "bulk",
        "page.png",
        "--out",
        "read",
        "--workers",
        "1",
        "--keep-log-probs",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    read, reads = tmp_path / "read", Recognizer.load(threads=1)
    update(read, reads, [str(read)])
    update(tmp_path / "direct.duckdb", reads, [str(tmp_path / "page.png")])
    (hit,), (direct,) = searched(read, "garden"), searched(tmp_path / "direct.duckdb", "garden")
    assert (hit.source, hit.line, hit.line_id) == (tmp_path / "page.png", "page.png:1", "line_1")
    assert f'<TextLine id="{hit.line_id}"' in (read / "pages" / "page.xml").read_text()
    assert (hit.probability, hit.found[0].box) == (direct.probability, direct.found[0].box)
    shutil.rmtree(read / "log-probs")
    update(read, reads, [str(read)])
    (hit,) = searched(read, direct.text.split()[-1], least=0.0, limit=1)
    box, expected = hit.found[0].box, direct.found[0].box
    assert box
    assert expected
    assert np.abs(np.subtract(box, expected)).max() < 30
