"""From text to a model file."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.language_models import arpa, character_file, kneser_ney
from htrkit.language_models.build import build
from tests.language_models.texts import VERSE, table


def test_a_word_model(tmp_path: Path) -> None:
    built = build(VERSE, tmp_path / "verse.arpa", 3, estimator="own")
    assert (built.estimator, built.ngrams) == ("own", (11, 22, 26))
    assert arpa.sizes(built.path) == built.ngrams


def test_a_character_model(tmp_path: Path) -> None:
    built = build(VERSE, tmp_path / "verse.npz", 5, characters=True, prune=(0, 0, 1), estimator="own")
    model = character_file.load(built.path)
    assert (model.order, model.characters[:4]) == (5, "the ")
    assert len(model.symbols) == 1 + sum(built.ngrams)


def test_white_space_is_one_space_in_a_character_model(tmp_path: Path) -> None:
    first = build(["a  b\tc", "   "], tmp_path / "first.npz", 3, characters=True, estimator="own")
    second = build(["a b c"], tmp_path / "second.npz", 3, characters=True, estimator="own")
    assert character_file.load(first.path).log_prob("a b c") == character_file.load(second.path).log_prob("a b c")


def test_files_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a word model is written as \.arpa, not as model\.npz"):
        build(VERSE, tmp_path / "model.npz", 3)
    with pytest.raises(UsageError, match=r"a character model is written as \.npz or \.arpa"):
        build(VERSE, tmp_path / "model.bin", 3, characters=True)


def test_nothing_is_left_behind_where_it_fails(tmp_path: Path) -> None:
    (tmp_path / "model.arpa").write_text("old")
    with pytest.raises(InputError, match="no token"):
        build(["", " "], tmp_path / "model.arpa", 3, estimator="own")
    assert [path.name for path in tmp_path.iterdir()] == ["model.arpa"]
    assert (tmp_path / "model.arpa").read_text() == "old"
    with pytest.raises(InputError, match="cannot write"):
        build(VERSE, tmp_path / "no" / "model.arpa", 3, estimator="own")


def stand_in(folder: Path, script: str) -> None:
    """A program named lmplz."""
    program = folder / "lmplz"
    program.write_text(f"#!{sys.executable}\n{script}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_lmplz_is_used_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    model = kneser_ney.estimate([line.split() for line in VERSE], 2)
    arpa.write(model, tmp_path / "expected.arpa")
    stand_in(
        bin_folder,
        f"""
import sys, pathlib
here = pathlib.Path({str(tmp_path)!r})
(here / "arguments").write_text(" ".join(sys.argv[1:]))
(here / "text").write_text(sys.stdin.read())
print((here / "expected.arpa").read_text())
""",
    )
    monkeypatch.setenv("PATH", str(bin_folder))
    built = build(VERSE, tmp_path / "verse.arpa", 2, prune=(0, 1))
    assert built.estimator == "lmplz"
    assert table(arpa.read(built.path)).keys() == table(model).keys()
    assert (tmp_path / "text").read_text().splitlines() == VERSE
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith("-o 2 ")
    assert arguments.endswith("--discount_fallback --prune 0 1")


def test_what_lmplz_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    stand_in(bin_folder, "import sys; sys.stderr.write('first\\nout of disk\\n'); sys.exit(3)")
    monkeypatch.setenv("PATH", str(bin_folder))
    with pytest.raises(HtrkitError, match="lmplz failed: out of disk"):
        build(VERSE * 5000, tmp_path / "verse.arpa", 2)
    assert not (tmp_path / "verse.arpa").exists()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="lmplz is not on the PATH"):
        build(VERSE, tmp_path / "verse.arpa", 2, estimator="lmplz")
