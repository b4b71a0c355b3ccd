"""From text to a model file."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.errors import InputError, UsageError
from htrkit.language_models import arpa, character_file
from htrkit.language_models.build import build
from tests.language_models.texts import VERSE, log_prob


def test_a_word_model(tmp_path: Path) -> None:
    assert build(VERSE, tmp_path / "verse.arpa", 3) == (11, 22, 26)
    model = arpa.read(tmp_path / "verse.arpa")
    assert tuple(map(len, model.rows)) == (11, 22, 26)


def test_a_character_model(tmp_path: Path) -> None:
    ngrams = build(VERSE, tmp_path / "verse.npz", 5, characters=True, prune=(0, 0, 1))
    model = character_file.load(tmp_path / "verse.npz")
    assert (model.trie.order, model.characters[:4]) == (5, "the ")
    assert len(model.trie.symbols) == 1 + sum(ngrams)


def test_white_space_is_one_space_in_a_character_model(tmp_path: Path) -> None:
    build(["a  b\tc", "   "], tmp_path / "first.npz", 3, characters=True)
    build(["a b c"], tmp_path / "second.npz", 3, characters=True)
    first, second = (character_file.load(tmp_path / f"{name}.npz") for name in ("first", "second"))
    assert log_prob(first, "a b c") == log_prob(second, "a b c")


def test_files_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a word model is written as \.arpa, not as model\.npz"):
        build(VERSE, tmp_path / "model.npz", 3)
    with pytest.raises(UsageError, match=r"a character model is written as \.npz or \.arpa"):
        build(VERSE, tmp_path / "model.bin", 3, characters=True)


def test_nothing_is_left_behind_where_it_fails(tmp_path: Path) -> None:
    (tmp_path / "model.arpa").write_text("old")
    with pytest.raises(InputError, match="no token"):
        build(["", " "], tmp_path / "model.arpa", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["model.arpa"]
    assert (tmp_path / "model.arpa").read_text() == "old"
    with pytest.raises(InputError, match="cannot write"):
        build(VERSE, tmp_path / "no" / "model.arpa", 3)


def test_a_word_model_of_single_words_is_refused_because_kenlm_loads_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a word model's order is at least 2, not 1: KenLM"):
        build(VERSE, tmp_path / "verse.arpa", 1)
    assert build(VERSE, tmp_path / "verse.npz", 1, characters=True)


def test_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.arpa").mkdir()
    with pytest.raises(InputError, match=r"cannot write .*folder\.arpa: it is a folder"):
        build(VERSE, tmp_path / "folder.arpa", 2)


def test_a_line_of_millions_of_letters_is_counted(tmp_path: Path) -> None:
    assert build(["x" * 3_000_000], tmp_path / "x.arpa", 2) == (4, 2)
