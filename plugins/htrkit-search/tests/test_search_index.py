"""Pages go into an index, words come out of it with their places; what fails or is damaged takes nothing with it."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from htrkit_search import Hit, Index, Update, index_command, pictures_of, search_command, update
from htrkit_search.store import Store, original, storable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from htrkit import (
    Alphabet,
    Failed,
    HtrkitError,
    Hypothesis,
    InputError,
    Line,
    LogProbs,
    Page,
    Pixels,
    Recognizer,
    Result,
    UsageError,
)
from htrkit.encoders.input import InputRule
from htrkit.model import Model
from htrkit.outputs import save_outputs

ALPHABET = Alphabet("abcdéE ")
BLOCK, HEIGHT = 8, 32
"""Pixels of a letter and of the gap after it, each."""


def typed(*lines: str) -> Pixels:
    """An image of lines, forty pixels apart, that `Typed` reads."""
    width = 2 * BLOCK * max(map(len, lines)) + 2 * BLOCK
    pixels = np.full((8 + 40 * (len(lines) - 1) + HEIGHT, width), 255, np.uint8)
    for row, line in enumerate(lines):
        for at, character in enumerate(line):
            left, top = BLOCK + 2 * BLOCK * at, 4 + 40 * row
            pixels[top : top + HEIGHT, left : left + BLOCK] = 20 * ALPHABET.characters.index(character)
    return pixels


class Typed:
    """An encoder that reads grey blocks; it takes each letter for the next one in one case of five."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        self.read += [line.id for line in lines]
        return [self._one(line) for line in lines]

    def _one(self, line: Line) -> LogProbs:
        rows = np.full((line.pixels.shape[1] // BLOCK, ALPHABET.n_labels), 1e-6)
        for at, row in enumerate(rows):
            middle = int(line.pixels[HEIGHT // 2, BLOCK * at + BLOCK // 2])
            if middle == 240:
                raise ValueError("a blot")
            label = middle // 20 + 1 if middle < 200 else 0
            row[label] = 0.8
            row[label % len(ALPHABET.characters) + 1 if label else 0] = 0.2
        return np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)

    def frame_edges(self, line: Line) -> np.ndarray:
        return BLOCK * np.arange(line.pixels.shape[1] // BLOCK + 1, dtype=np.float64)


class BestPath:
    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Any]:
        from htrkit import Hypothesis
        from htrkit.ctc import collapse

        labels = collapse(log_probs.argmax(axis=1)) if len(log_probs) else []
        return [Hypothesis("".join(ALPHABET.characters[label - 1] for label in labels), 0.0)]


def recognizer(name: str = "typed", alphabet: Alphabet = ALPHABET) -> Recognizer:
    model = Model(Path(), name, alphabet, InputRule(HEIGHT, None, 0.125), "typed", (), "best-path", "", {}, {})
    return Recognizer(model, Typed(), BestPath(), (), decoder_name="best-path", threads=1)


def save(path: Path, *lines: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(typed(*lines)).save(path)
    return str(path)


def page_xml(path: Path, *lines: str) -> str:
    """A page's image, and beside it the file that says where its lines stand."""
    save(path.with_suffix(".png"), *lines)
    height, width = typed(*lines).shape
    boxes = [f"0,{40 * n} {width},{40 * n} {width},{40 * n + 40} 0,{40 * n + 40}" for n in range(len(lines))]
    found = "".join(f'<TextLine id="l{n}"><Coords points="{box}"/></TextLine>' for n, box in enumerate(boxes))
    path.write_text(
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">'
        f'<Page imageFilename="{path.stem}.png" imageWidth="{width}" imageHeight="{height}"><TextRegion id="r">'
        f'<Coords points="0,0 {width},0 {width},{height} 0,{height}"/>{found}</TextRegion></Page></PcGts>'
    )
    return str(path)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive.duckdb"


def searched(archive: Path, query: str, **options: Any) -> list[Hit]:
    with Index.open(archive) as index:
        return index.search(query, **options)


def names(hits: Sequence[Hit]) -> list[str]:
    return [hit.line.rpartition("/")[2] for hit in hits]


def read_anew(archive: Path, files: Sequence[str], **options: Any) -> tuple[Update, list[str]]:
    """An update, and what was read for it."""
    reads = recognizer()
    return update(archive, reads, files, **options), reads.encoder.read  # type: ignore[attr-defined]


def test_a_word_is_found_though_another_was_read(archive: Path, tmp_path: Path) -> None:
    files = [save(tmp_path / "1.png", "ab cab"), save(tmp_path / "2.png", "dd aab"), save(tmp_path / "3.png", "ad bab")]
    done = update(archive, recognizer(), files)
    assert (done.lines, done.pages, done.failures) == (3, 3, [])
    best, second = searched(archive, "bab", least=0.1)
    assert names([best, second]) == ["3.png", "2.png"]
    assert best.text == "ad bab"
    assert second.text == "dd aab"
    assert best.probability > 0.2 > second.probability > 0.001
    assert best.confidence == pytest.approx(best.probability ** (1 / 3))


def test_a_hit_has_its_place_on_the_page(archive: Path, tmp_path: Path) -> None:
    update(archive, recognizer(), [page_xml(tmp_path / "letter.xml", "dd cc", "ad bab cc")])
    (hit,) = searched(archive, "bab")
    assert (hit.page, hit.line) == (str(tmp_path / "letter.xml"), f"{tmp_path / 'letter.xml'}:2")
    assert (hit.source, hit.number) == (tmp_path / "letter.xml", 1)
    xs, ys = zip(*hit.found[0].outline, strict=True)
    left, right = BLOCK + 2 * BLOCK * 3, BLOCK + 2 * BLOCK * 5 + BLOCK
    assert left - 2 * BLOCK < min(xs) < left
    assert right < max(xs) <= right + 2 * BLOCK
    assert (min(ys), max(ys)) == (40, typed("a", "b").shape[0])
    assert min(x for x, _ in hit.outline) == 0


def test_only_what_is_new_or_changed_is_read(archive: Path, tmp_path: Path) -> None:
    files = [save(tmp_path / f"{n}.png", "ab cab") for n in range(3)] + [page_xml(tmp_path / "letter.xml", "cc", "dd")]
    assert len(read_anew(archive, files)[1]) == 5
    done, read = read_anew(archive, files)
    assert (done.unchanged, read) == (4, [])
    save(tmp_path / "1.png", "dd aab")
    save(tmp_path / "letter.png", "cc", "ca")
    done, read = read_anew(archive, files)
    assert [one.rpartition("/")[2] for one in read] == ["1.png", "letter.xml:1", "letter.xml:2"]
    assert names(searched(archive, "aab", least=0.5)) == ["1.png"]
    assert names(searched(archive, "ca", least=0.5)) == ["letter.xml:2"]
    assert searched(archive, "dd", least=0.5)[0].line.endswith("1.png")


def test_a_run_that_was_interrupted_goes_on_where_it_was(archive: Path, tmp_path: Path) -> None:
    files = [save(tmp_path / f"{n}.png", "ab cab") for n in range(100)]

    def interrupt(done: int, expected: int) -> None:
        if done == 70:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update(archive, recognizer(), files, progress=interrupt)
    done, _ = read_anew(archive, files)
    assert 30 <= done.lines < 100
    with Index.open(archive) as index:
        assert len(index) == 100


def test_an_image_that_changes_after_an_interrupted_run_is_noticed(archive: Path, tmp_path: Path) -> None:
    file = page_xml(tmp_path / "letter.xml", "ab", "cc")
    update(archive, recognizer(), [file])
    damage(archive, "DELETE FROM files")  # killed after the page, before the file was done
    update(archive, recognizer(), [file])
    save(tmp_path / "letter.png", "ab", "dd")
    update(archive, recognizer(), [file])
    assert names(searched(archive, "dd", least=0.5)) == ["letter.xml:2"]


def test_a_failure_costs_its_page_and_is_tried_again(archive: Path, tmp_path: Path) -> None:
    blot = typed("ab cab")
    blot[:, BLOCK : 2 * BLOCK] = 240
    files = [str(tmp_path / f"{number}.png") for number in range(1, 5)]
    save(tmp_path / "1.png", "ab cab")
    save(tmp_path / "3.png", "ab")
    Image.fromarray(blot).save(files[1])
    Path(files[3]).write_bytes(b"no image")
    told: list[Failed] = []
    done, _ = read_anew(archive, files, failed=told.append)
    assert [one.id for one in told] == [files[1], files[3]]
    assert done.lines == 2
    assert sorted(names(searched(archive, "ab"))) == ["1.png", "3.png"]
    save(tmp_path / "2.png", "ab ab")
    done, read = read_anew(archive, files)
    assert read == [files[1]]
    assert [one.id for one in done.failures] == [files[3]]


def test_files_that_are_gone_are_taken_out_if_that_is_asked_for(archive: Path, tmp_path: Path) -> None:
    files = [save(tmp_path / "1.png", "ab cab"), save(tmp_path / "2.png", "ab dd")]
    update(archive, recognizer(), files)
    Path(files[0]).unlink()
    assert update(archive, recognizer(), files[1:]).removed == 0
    assert len(searched(archive, "ab")) == 2
    assert update(archive, recognizer(), files[1:], prune=True).removed == 1
    assert names(searched(archive, "ab")) == ["2.png"]


def test_an_index_is_of_one_model(archive: Path, tmp_path: Path) -> None:
    file = save(tmp_path / "1.png", "ab cab")
    update(archive, recognizer(), [file])
    with pytest.raises(UsageError, match="made with the model 'typed'"):
        update(archive, recognizer("another"), [file])


def test_an_ensemble_is_refused_before_anything_is_made(archive: Path, tmp_path: Path) -> None:
    several = recognizer()
    several.model = replace(several.model, readers=(("iam", 0.5), ("open", 0.5)))
    with pytest.raises(UsageError, match="an index takes one network"):
        update(archive, several, [save(tmp_path / "1.png", "ab cab")])
    assert not archive.exists()


def test_kept_outputs_are_searched_too(archive: Path, tmp_path: Path) -> None:
    outputs = Typed().encode([Line("x", typed("ab cab")[4:]), Line("y", typed("dd dd")[4:])])
    save_outputs(tmp_path / "kept.npz", ALPHABET, ["x", "y"], outputs)
    update(archive, recognizer(), [str(tmp_path / "kept.npz")])
    (hit,) = searched(archive, "cab")
    assert (hit.line, hit.text, hit.outline, hit.found[0].outline) == ("x", "ab cab", (), ())
    assert update(archive, recognizer(), [str(tmp_path / "kept.npz")]).unchanged == 1
    save_outputs(tmp_path / "other.npz", Alphabet("ab"), [], [])
    assert "another model" in str(update(archive, recognizer(), [str(tmp_path / "other.npz")]).failures[0])


def test_several_words_stand_near_each_other(archive: Path, tmp_path: Path) -> None:
    files = [
        page_xml(tmp_path / "1.xml", "ab cc", "dd dd", "da da", "dcd"),
        page_xml(tmp_path / "2.xml", "dcd", "dd dd"),
    ]
    update(archive, recognizer(), files)
    assert names(searched(archive, "ab dcd", least=0.5)) == []
    assert names(searched(archive, "ab dcd", within=3, least=0.5)) == ["1.xml:4"]
    (hit,) = searched(archive, "ab dcd", within=3, least=0.5)
    assert [(found.term, found.line[-2:]) for found in hit.found] == [("ab", ":1"), ("dcd", ":4")]
    assert names(searched(archive, "ab dcd", within=10**12, least=0.5)) == ["1.xml:4"]
    assert names(searched(archive, "ab cc", within=0, least=0.5)) == ["1.xml:1"]
    assert names(searched(archive, '"ab cc"', least=0.5)) == ["1.xml:1"]
    assert names(searched(archive, '"cc ab"', least=0.5)) == []


def test_an_index_moves_with_the_pages_beside_it(archive: Path, tmp_path: Path) -> None:
    archive = tmp_path / "box" / "archive.duckdb"
    update(archive, recognizer(), [save(tmp_path / "box" / "scans" / "1.png", "ab cab")])
    shutil.move(tmp_path / "box", tmp_path / "moved")
    (hit,) = searched(tmp_path / "moved" / "archive.duckdb", "cab")
    assert hit.source == tmp_path / "moved" / "scans" / "1.png"
    ((_, picture),) = pictures_of([hit])
    assert isinstance(picture, np.ndarray)


def test_pictures_show_the_line_with_the_word_framed(archive: Path, tmp_path: Path) -> None:
    update(archive, recognizer(), [page_xml(tmp_path / "letter.xml", "dd cc", "ad bab cc")])
    hits = searched(archive, "bab")
    ((_, picture),) = pictures_of(hits)
    assert isinstance(picture, np.ndarray)
    page = typed("dd cc", "ad bab cc")
    assert picture.shape[1] == page.shape[1]
    assert 40 <= picture.shape[0] < page.shape[0]
    (tmp_path / "letter.png").unlink()
    ((_, lost),) = pictures_of(hits)
    assert isinstance(lost, Failed)


class Book:
    """Sources of which every file has three pages; the second is lost."""

    def pages(self, files: Sequence[str]) -> Iterator[Page | Failed]:
        for file in files:
            for number, text in enumerate(("ab", "dd", "cab"), start=1):
                name = f"{file}#{number}"
                yield Failed(name, "torn") if number == 2 else Page(name, Path(file), number, typed(text), (), ())


def test_a_page_that_is_lost_costs_those_behind_it_neither_hits_nor_pictures(archive: Path, tmp_path: Path) -> None:
    book: Any = Book()
    (tmp_path / "book.pdf").write_bytes(b"three pages")
    done = update(archive, recognizer(), [str(tmp_path / "book.pdf")], sources=book)
    assert [str(failure) for failure in done.failures] == [f"{tmp_path / 'book.pdf'}#2: torn"]
    (hit,) = searched(archive, "cab")
    assert hit.number == 3
    ((_, picture),) = pictures_of([hit], book)
    assert isinstance(picture, np.ndarray)
    ((_, lost),) = pictures_of([replace(hit, number=2)], book)
    assert "torn" in str(lost)
    done = update(archive, recognizer(), [str(tmp_path / "book.pdf")], sources=book)
    assert (done.lines, len(done.failures)) == (0, 1)


def save_pages(path: Path, *texts: str) -> str:
    first, *others = [Image.fromarray(typed(text)) for text in texts]
    first.save(path, save_all=True, append_images=others)
    return str(path)


def test_pages_that_a_file_has_no_more_leave_the_index(archive: Path, tmp_path: Path) -> None:
    other = save_pages(tmp_path / "other.tif", "ab", "ab")
    file = save_pages(tmp_path / "a.tif", "ab cab", "dd cab", "cab")
    update(archive, recognizer(), [file, other])
    save_pages(tmp_path / "a.tif", "ab")
    update(archive, recognizer(), [file, other])
    assert searched(archive, "cab", least=0.5) == []
    assert sorted(names(searched(archive, "ab", least=0.5))) == ["a.tif", "other.tif#1", "other.tif#2"]
    save_pages(tmp_path / "a.tif", "cab", "cab")
    update(archive, recognizer(), [file])
    assert sorted(names(searched(archive, "cab", least=0.5))) == ["a.tif#1", "a.tif#2"]
    Path(file).write_bytes(b"no image")  # perhaps still being copied
    update(archive, recognizer(), [file])
    assert sorted(names(searched(archive, "cab", least=0.5))) == ["a.tif#1", "a.tif#2"]


def test_pages_that_an_older_version_left_behind_leave_the_index(archive: Path, tmp_path: Path) -> None:
    file = save_pages(tmp_path / "a.tif", "ab", "cab")
    update(archive, recognizer(), [file])
    damage(
        archive,
        "INSERT INTO lines SELECT 9, * EXCLUDE page FROM lines WHERE page = 2",
        "INSERT INTO pages SELECT 9, source, 3, name, image, 'old', archive FROM pages WHERE page = 2",
    )
    assert len(searched(archive, "cab", least=0.5)) == 2
    done, read = read_anew(archive, [file])
    assert (done.unchanged, read) == (0, [])
    assert names(searched(archive, "cab", least=0.5)) == ["a.tif#2"]
    assert read_anew(archive, [file])[0].unchanged == 1


def test_a_page_that_is_lost_stays_and_those_behind_the_last_one_go(archive: Path, tmp_path: Path) -> None:
    file = save_pages(tmp_path / "book.pdf.tif", "ab", "dd", "cab", "dd")
    update(archive, recognizer(), [file])
    Path(file).write_bytes(b"three pages, one of them lost")
    update(archive, recognizer(), [file], sources=Book())  # type: ignore[arg-type]
    assert sorted(names(searched(archive, "dd", least=0.5))) == ["book.pdf.tif#2"]


def test_a_hit_says_what_the_pages_file_calls_the_line(archive: Path, tmp_path: Path) -> None:
    update(archive, recognizer(), [page_xml(tmp_path / "letter.xml", "dd cc", "ad bab cc")])
    (hit,) = searched(archive, "bab")
    assert (hit.source, hit.line_id, hit.found[0].box) == (tmp_path / "letter.xml", "l1", hit.json()["words"][0]["box"])
    json.dumps(hit.json())


@pytest.mark.parametrize("options", [{"limit": 0}, {"least": 2.0}, {"within": -1}, {"tolerance": 3}])
def test_options_that_make_no_sense_are_refused(archive: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    with pytest.raises(UsageError):
        searched(archive, "cab", **options)


def damage(archive: Path, *statements: str) -> None:
    with duckdb.connect(str(archive)) as connection:
        for statement in statements:
            connection.execute(statement)


ENDLESS = "CREATE VIEW about AS SELECT 'format' AS name, 'x' AS value FROM range(1000000000000) WHERE range < 0"


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE lines SET outputs = 'xyz'::BLOB"],
        ["UPDATE lines SET outputs = NULL"],
        ["UPDATE lines SET page = NULL"],
        ["UPDATE about SET value = 'aa' WHERE name = 'alphabet'"],
        ["INSERT INTO about VALUES ('labels', '[[1], 2]')"],
        ["INSERT INTO about VALUES ('labels', '[\"a')"],
        ["UPDATE about SET value = 'htrkit-search 99' WHERE name = 'format'"],
        ["DROP TABLE lines"],
        ["DROP TABLE pages"],
        ["ALTER TABLE lines DROP outputs", "ALTER TABLE lines ADD outputs INTEGER[]"],
        ["DROP TABLE about", "CREATE VIEW about AS SELECT * FROM read_csv('/etc/passwd')"],
        ["ALTER TABLE lines RENAME TO x", "CREATE VIEW lines AS SELECT x.* FROM x, range(1000000000000)"],
        ["ALTER TABLE lines DROP corners", "ALTER TABLE lines ADD corners VARCHAR[]", "UPDATE lines SET corners=['x']"],
        ["ALTER TABLE lines DROP frames", "ALTER TABLE lines ADD frames VARCHAR", "UPDATE lines SET frames='x'"],
        ["CREATE SCHEMA s", "CREATE TABLE s.about (name VARCHAR, value VARCHAR)", "DROP TABLE about", ENDLESS],
        ["CREATE MACRO duckdb_tables() AS TABLE SELECT 'about' AS table_name", "DROP TABLE about", ENDLESS],
        ["CREATE MACRO strlen(x) AS (SELECT count(*) FROM range(1000000000000) WHERE range < x)"],
        [
            "DROP TABLE about",
            "CREATE TABLE about (n INTEGER, name VARCHAR AS ('format'), value VARCHAR AS ('htrkit-search 2'))",
            "INSERT INTO about VALUES (1)",
        ],
        ["UPDATE about SET name = repeat('a', 1000), value = 'x' FROM range(5)"],
        ["UPDATE about SET value = repeat(value, 1000000) WHERE name = 'alphabet'"],
        ["UPDATE lines SET text = repeat('a', 100000)"],
    ],
)
def test_an_index_of_strangers_is_refused_in_one_sentence(archive: Path, tmp_path: Path, statements: list[str]) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    damage(archive, *statements)
    with pytest.raises(HtrkitError) as refused:
        searched(archive, "cab")
    assert archive.name in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lines SET corners = ['nan'::FLOAT, 1, 2, 3, 4, 5, 6, 7]",
        "UPDATE lines SET corners = [1], frames = [0, 0], outline = [NULL]",
        "UPDATE lines SET frames = [5], text = NULL, name = NULL",
        "UPDATE pages SET number = NULL, source = NULL",
    ],
)
def test_places_that_are_none_are_left_out(archive: Path, tmp_path: Path, statement: str) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    damage(archive, statement)
    (hit,) = searched(archive, "cab")
    assert all(np.isfinite(point).all() for point in (*hit.outline, *hit.found[0].outline))


def test_an_index_may_name_what_is_no_file_of_a_page(archive: Path, tmp_path: Path) -> None:
    file = save(tmp_path / "1.png", "ab cab")
    os.mkfifo(tmp_path / "pipe")
    for image in ("/dev/zero", "pipe", "a' || chr(0) || 'b"):
        update(archive, recognizer(), [file])
        damage(archive, f"UPDATE files SET image = '{image}'")
        assert update(archive, recognizer(), [file]).failures == []
    damage(archive, "UPDATE pages SET source = 'pipe'")
    ((_, lost),) = pictures_of(searched(archive, "cab"))
    assert isinstance(lost, Failed)
    damage(archive, "UPDATE pages SET source = NULL")
    assert update(archive, recognizer(), [], prune=True).removed == 0
    for source in ("repeat('a', 5000)", "'a' || chr(0)"):
        update(archive, recognizer(), [file])
        damage(archive, f"UPDATE pages SET source = {source}", "DELETE FROM files")
        assert update(archive, recognizer(), [], prune=True).removed == 1


def test_lines_that_are_many_times_as_large_as_the_file_are_refused(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    monkeypatch.setattr("htrkit_search.index.UNPACKED", 1e-5)
    with pytest.raises(InputError, match="times as large as the file"):
        searched(archive, "cab")


def test_an_index_of_another_version_says_what_to_do(archive: Path, tmp_path: Path) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    damage(archive, "UPDATE about SET value = 'htrkit-search 1' WHERE name = 'format'")
    for use in (lambda: searched(archive, "cab"), lambda: update(archive, recognizer(), [])):
        with pytest.raises(InputError, match="another version of htrkit-search: remove it, and index anew"):
            use()


@pytest.mark.parametrize("name", ["nowhere/x.duckdb", 300 * "x", f"{300 * 'x'}/x.duckdb"])
def test_an_index_that_can_never_be_is_refused_as_that(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such index"):
        searched(tmp_path / name, "cab")
    with pytest.raises(InputError, match=r"cannot write .*: (there is no folder|its name is too long)"):
        update(tmp_path / name, recognizer(), [])


@pytest.mark.parametrize("content", [b"", b"no database at all", b"\0" * 20_000])
def test_what_is_no_index_is_refused(archive: Path, content: bytes) -> None:
    archive.write_bytes(content)
    with pytest.raises(InputError, match=r"archive\.duckdb"):
        searched(archive, "cab")
    archive.unlink()
    with pytest.raises(InputError, match="no such index"):
        searched(archive, "cab")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('Could not write file "{}": No space left on device', "No space left on device"),
        ('Failed to commit: Could not write file "{}.wal": No space left on device', "No space left on device"),
        ('Cannot open file "{}": Permission denied', "Permission denied"),
        ('Cannot open file "{}": Read-only file system', "Read-only file system"),
    ],
)
def test_a_disk_that_refuses_is_not_said_to_be_a_damaged_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    archive = tmp_path / "locked.duckdb"
    update(archive, recognizer(), [])

    def refuse(path: str, **_: object) -> None:
        raise duckdb.IOException(f"IO Error: {said.format(path)}")

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(InputError, match=f"^cannot write {archive}: {told}$"):
        update(archive, recognizer(), [])
    with pytest.raises(InputError, match=f"^cannot read {archive}: {told}$"):
        searched(archive, "cab")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_refused_as_that(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match=r"^cannot write .*x\.duckdb: Permission denied$"):
        update(tmp_path / "x.duckdb", recognizer(), [])


QUERIES = [
    "x" * 10_000,
    "ab " * 3_000,
    '"' * 10_000,
    "*a" * 40,
    "*a" + "?" * 90,
    "(a|b)[c-d]+\\w{2}$^.",
    "a\x00b\x1b[31m\u202e",
    "\ud800ab",
    "O'Neill; DROP TABLE lines; --",
    "مكتوب كَتَبَ",
    "\ufdfa" * 100,
    "ß" * 100,
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("options", [{}, {"tolerance": 2}, {"case": True, "accents": True}])
def test_queries_of_strangers_are_answered_or_refused(
    archive: Path, tmp_path: Path, query: str, options: dict[str, Any]
) -> None:
    update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    with contextlib.suppress(UsageError):
        searched(archive, query, **options)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=30) | st.text('ab c?*"', max_size=20), tolerance=st.integers(0, 2))
def test_whatever_is_asked_is_answered_or_refused(tmp_path: Path, query: str, tolerance: int) -> None:
    archive = tmp_path / "archive.duckdb"
    if not archive.exists():
        update(archive, recognizer(), [save(tmp_path / "1.png", "ab cab")])
    with contextlib.suppress(UsageError):
        assert all(0 < hit.probability <= 1 for hit in searched(archive, query, tolerance=tolerance, least=0.0))


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "here"; --[*]'
    archive = folder / "in'dex.duckdb"
    update(archive, recognizer(), [save(folder / "o'ne [1].png", "ab cab")])
    (hit,) = searched(archive, "cab")
    assert hit.source == folder / "o'ne [1].png"


def test_file_names_that_are_not_utf8_are_indexed_found_and_taken_out(archive: Path, tmp_path: Path) -> None:
    odd = [os.fsdecode(b"Stra\xdfe.png"), "Stra\\udcdfe.png", "\\u005cudcdf.png"]
    files = [save(tmp_path / name, "ab cab") for name in ("1.png", *odd)]
    files.append(page_xml(tmp_path / os.fsdecode(b"\xdf") / "letter.xml", "dd cab"))
    assert update(archive, recognizer(), files).failures == []
    hits = searched(archive, "cab")
    assert {str(hit.source) for hit in hits} == set(files)
    assert {hit.page for hit in hits} == set(files)
    assert all(isinstance(picture, np.ndarray) for _, picture in pictures_of(hits))
    assert read_anew(archive, files)[0].unchanged == len(files)
    Path(files[1]).unlink()
    assert update(archive, recognizer(), [], prune=True).removed == 1
    assert {hit.page for hit in searched(archive, "cab")} == {files[0], *files[2:]}


def test_an_index_whose_own_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its name is not UTF-8"):
        update(tmp_path / os.fsdecode(b"\xdf.duckdb"), recognizer(), [])


@given(st.text(st.sampled_from("\\\\u0159cd\udcdf")) | st.text(st.characters()))
def test_any_name_can_be_stored_and_is_given_back(name: str) -> None:
    stored = storable(name)
    assert original(stored.encode().decode()) == name


def _killed_on_the_way(archive: Path, files: Sequence[str], after: int) -> None:
    calls = itertools.count()
    add = Store.add

    def add_or_die(self: Store, *args: Any) -> None:
        add(self, *args)
        if next(calls) == after:
            os.kill(os.getpid(), signal.SIGKILL)

    Store.add = add_or_die  # type: ignore[method-assign]
    update(archive, recognizer(), files)


@pytest.mark.parametrize("after", [0, 1, 60])
def test_a_run_that_was_killed_leaves_whole_pages(archive: Path, tmp_path: Path, after: int) -> None:
    files = [page_xml(tmp_path / f"{n}.xml", "ab cab", "dd") for n in range(40)]
    killed = multiprocessing.get_context("spawn").Process(target=_killed_on_the_way, args=(archive, files, after))
    killed.start()
    killed.join(120)
    assert killed.exitcode == -signal.SIGKILL
    with Index.open(archive) as index:
        done = len(index)
    assert done % 2 == 0
    done_now, _ = read_anew(archive, files)
    assert done_now.lines == 80 - done
    assert len(searched(archive, "cab", limit=100)) == 40


def test_an_index_in_use_is_not_said_to_be_damaged(archive: Path, tmp_path: Path) -> None:
    files = [save(tmp_path / "1.png", "ab cab")]
    update(archive, recognizer(), files)
    with Index.open(archive) as index, Index.open(archive) as other:
        assert len(index.search("cab")) == len(other.search("cab")) == 1
        with pytest.raises(InputError, match="open here for something else: close that first"):
            update(archive, recognizer(), files)
        assert len(index.search("cab")) == 1
    code = "import duckdb, sys; _ = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(archive)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        with pytest.raises(InputError, match="in use by another program: wait until it has ended"):
            searched(archive, "cab")
        writer.communicate(timeout=30)
    assert len(searched(archive, "cab")) == 1


def test_marks_of_arabic_make_no_difference(archive: Path) -> None:
    alphabet = Alphabet("كتبم\u064e ")
    rows = np.full((16, alphabet.n_labels), 1e-6)
    for at, sign in enumerate("م كَتَبَ"):
        rows[2 * at, alphabet.characters.index(sign) + 1] = rows[2 * at + 1, 0] = 1.0
    outputs = np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    kept = archive.with_name("kept.npz")
    save_outputs(kept, alphabet, ["x"], [outputs])
    reads = recognizer(alphabet=alphabet)
    reads.decode = lambda encoded, **_: [Result("x", (Hypothesis("م كتب", 0.0),))]  # type: ignore[method-assign,assignment]
    store = update(archive, reads, [str(kept)])
    assert store.failures == []
    assert [hit.line for hit in searched(archive, "كتب")] == ["x"]
    assert [hit.line for hit in searched(archive, "كَتَبَ", accents=True)] == ["x"]
    assert searched(archive, "كتب", accents=True) == []


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a command of this package."""
    monkeypatch.setattr(index_command, "load_recognizer", lambda *_: recognizer())

    def run(app: Any, *words: object) -> Any:
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


def test_the_commands_index_and_find(command: Callable[..., Any], archive: Path, tmp_path: Path) -> None:
    page_xml(tmp_path / "scans" / "letter.xml", "dd cc", "ad bab cc")
    (tmp_path / "scans" / "blot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = command(index_command.app, archive, tmp_path / "scans")
    assert done.exit_code == 1
    assert "2 lines on 1 pages indexed, 0 files unchanged, 1 failed" in done.stderr
    assert "blot.png" in done.stderr
    found = command(search_command.app, archive, "bab", "--json", "--pictures", tmp_path / "pictures")
    (hit,) = json.loads(found.stdout)
    assert hit["line"].endswith("letter.xml:2")
    assert hit["words"][0]["box"][1::2] == [40, 80]
    assert Path(hit["picture"]).read_bytes().startswith(b"\x89PNG")
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    path = Path(hit["picture"])
    for leads_to in (None, kept, tmp_path / "nowhere"):
        if leads_to:
            path.unlink()
            path.symlink_to(leads_to)
        refused = command(search_command.app, archive, "bab", "--pictures", path.parent)
        assert "is there already: --force writes over it" in str(refused.exception)
        done = command(search_command.app, archive, "bab", "--pictures", path.parent, "--force")
        assert (done.exit_code, path.is_symlink(), kept.read_text()) == (0, False, "mine")
        assert not (tmp_path / "nowhere").exists()
    (tmp_path / "scans" / "letter.png").unlink()
    lost = command(search_command.app, archive, "bab", "--pictures", tmp_path / "none")
    assert (lost.exit_code, "skipped" in lost.stderr, "ad bab cc" in lost.stdout) == (1, True, True)
    assert "ad bab cc" in command(search_command.app, archive, "bab").stdout
    nothing = command(search_command.app, archive, "cccc")
    assert (nothing.stdout, "nothing found" in nothing.stderr) == ("", True)
