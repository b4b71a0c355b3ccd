"""Building a word list through the real command."""

from __future__ import annotations

from pathlib import Path

from tests.strangers import htrkit


def test_words_go_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear Sir, the plants\nthe 3 plants don't\n")
    run = htrkit("lexicon", "build", "letters.txt", cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert run.out.split() == ["Dear", "Sir", "don't", "plants", "the"]


def test_words_go_to_a_file_with_their_counts(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear Sir, the plants\nthe 3 plants don't\n")
    options = ["--min-count", "2", "--counts", "--out", "words.txt"]
    run = htrkit("lexicon", "build", "letters.txt", *options, cwd=tmp_path)
    assert (run.code, run.out) == (0, "")
    assert run.err.startswith(
        "2 words; read with them: htrkit recognize IMAGE --decoder word-beam -o lexicon=words.txt"
    )
    assert (tmp_path / "words.txt").read_text() == "plants\t2\nthe\t2\n"


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("1 2 3\n")
    run = htrkit("lexicon", "build", "numbers.txt", "--out", "words.txt", cwd=tmp_path)
    assert (run.code, run.err) == (1, "error: numbers.txt holds no word that occurs 1 times or more\n")
    assert not (tmp_path / "words.txt").exists()
    run = htrkit("lexicon", "build", "none.txt", cwd=tmp_path)
    assert (run.code, run.err) == (1, "error: cannot read none.txt: No such file or directory\n")
    assert htrkit("lexicon", "build", cwd=tmp_path).code == 2


def test_nothing_is_written_over_unless_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear Sir\n")
    command = ("lexicon", "build", "letters.txt", "--out", "letters.txt")
    run = htrkit(*command, cwd=tmp_path)
    assert run.code == 2
    assert "letters.txt is there already" in run.err
    assert (tmp_path / "letters.txt").read_text() == "Dear Sir\n"
    assert htrkit(*command, "--force", cwd=tmp_path).code == 0
    assert (tmp_path / "letters.txt").read_text() == "Dear\nSir\n"
