from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import InputError
from htrkit.readers import open_samples
from htrkit.readers.iam import Iam
from tests.drawing import save, writing

WORDS = """\
#--- words.txt ---#
#
# format: id status grey x y w h tag text
a01-000u-00-00 ok 154 408 768 27 51 AT A
a01-000u-00-01 ok 154 507 766 213 48 NN MOVE
a01-000u-00-02 err 154 796 764 70 50 TO to
a01-000u-00-03 ok 154 800 764 70 50 NN none
p03-185-08-00 ok 160 1 2 3 4 NP New York
bad row
"""
LINES = """\
# lines
a01-000u-00 ok 154 19 408 746 1661 89 A|MOVE|to|stop|Mr.|Gaitskell
a01-000u-01 err 156 19 395 932 1850 105 nominating|any
"""
FORMS = """\
# forms
a01-000u 000 2 prt 7 5 52 36
"""


def image(folder: Path, name: str, text: str) -> None:
    parts = name.split("-")
    save(folder / parts[0] / "-".join(parts[:2]) / f"{name}.png", writing(text))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An IAM folder as it is distributed, with lists of words, lines and forms."""
    for name, text in (("a01-000u-00-00", "A"), ("a01-000u-00-01", "MOVE"), ("p03-185-08-00", "New York")):
        image(tmp_path / "words", name, text)
    image(tmp_path / "lines", "a01-000u-00", "A MOVE to stop")
    (tmp_path / "ascii").mkdir()
    for name, content in (("words", WORDS), ("lines", LINES), ("forms", FORMS)):
        (tmp_path / "ascii" / f"{name}.txt").write_text(content)
    return tmp_path


def test_words_are_read_with_form_and_writer_and_every_other_entry_is_accounted_for(database: Path) -> None:
    samples = open_samples([database])
    found = list(samples)
    assert [(s.line.id.removeprefix(f"{database}/"), s.text, s.groups) for s in found] == [
        ("words/a01/a01-000u/a01-000u-00-00.png", "A", {"form": "a01-000u", "writer": "000"}),
        ("words/a01/a01-000u/a01-000u-00-01.png", "MOVE", {"form": "a01-000u", "writer": "000"}),
        ("words/p03/p03-185/p03-185-08-00.png", "New York", {"form": "p03-185"}),
    ]
    np.testing.assert_array_equal(found[1].line.pixels, writing("MOVE"))
    listed = database / "ascii/words.txt"
    assert str(samples.report) == (
        f"3 read, 3 skipped: marked err by the database (1, first: {listed}:6: a01-000u-00-02); "
        f"missing image (1, first: {listed}:7: {database}/words/a01/a01-000u/a01-000u-00-03.png); "
        f"row with too few fields (1, first: {listed}:9)"
    )


def test_lines_are_read_when_asked_for_with_spaces_between_their_words(database: Path) -> None:
    samples = open_samples([database], reader="iam:level=lines")
    assert [s.text for s in samples] == ["A MOVE to stop Mr. Gaitskell"]
    assert str(samples.report).startswith("1 read, 1 skipped: marked err by the database (1, first: ")


def test_whichever_list_is_there_is_read(database: Path) -> None:
    (database / "ascii/words.txt").unlink()
    assert [s.text for s in open_samples([database])] == ["A MOVE to stop Mr. Gaitskell"]
    with pytest.raises(InputError, match=r"no words\.txt in it, nor in its folders ascii and gt"):
        list(open_samples([database], reader="iam:level=words"))


@pytest.mark.parametrize(("lists", "images"), [("", "words"), ("gt", "img")])
def test_other_layouts_of_the_same_files_are_read(tmp_path: Path, lists: str, images: str) -> None:
    (tmp_path / lists).mkdir(exist_ok=True)
    (tmp_path / lists / "words.txt").write_text("a01-000u-00-00 ok 154 408 768 27 51 AT A\n")
    image(tmp_path / images, "a01-000u-00-00", "A")
    (sample,) = open_samples([tmp_path])
    assert (sample.text, sample.groups) == ("A", {"form": "a01-000u"})


def test_an_unreadable_image_is_skipped(database: Path) -> None:
    (database / "words/a01/a01-000u/a01-000u-00-01.png").write_bytes(b"")
    samples = open_samples([database])
    assert [s.text for s in samples] == ["A", "New York"]
    assert "unreadable image (1, first: " in str(samples.report)


def test_it_accepts_folders_with_the_lists(database: Path) -> None:
    assert Iam().accepts(database)
    assert Iam(level="lines").accepts(database)
    assert not Iam().accepts(database / "words")
    assert not Iam().accepts(database / "ascii/none")
