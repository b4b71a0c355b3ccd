"""Language model files for KenLM, and those that must be refused."""

from __future__ import annotations

from pathlib import Path

import made_lines as lines
import pytest
from htrkit_kenlm import word_model

from htrkit import ModelError
from htrkit.resources import resource

pytest.importorskip("kenlm")


def test_an_arpa_file_gives_its_words(tmp_path: Path) -> None:
    model = word_model.load(lines.word_model(tmp_path))
    assert model.words == {word for sentence in lines.SENTENCES for word in sentence.split()}


def test_a_model_without_unknown_words_is_refused(tmp_path: Path) -> None:
    whole = lines.word_model(tmp_path).read_text()
    entries = [line for line in whole.splitlines() if "<unk>" not in line]
    size = int(next(line for line in entries if line.startswith("ngram 1=")).partition("=")[2])
    path = tmp_path / "no-unk.arpa"
    path.write_text("\n".join(entries).replace(f"ngram 1={size}", f"ngram 1={size - 1}") + "\n")
    with pytest.raises(ModelError, match=r"no-unk\.arpa has no <unk>"):
        word_model.load(path)


def test_a_character_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="one of characters"):
        word_model.load(lines.word_model(tmp_path, ["t h e <space> e n d", "a n <space> e n d"]))
    with pytest.raises(ModelError, match="characters"):
        word_model.load(resource("language model", "english-characters"))


def test_a_model_of_single_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="order 1, but KenLM needs 2"):
        word_model.load(lines.word_model(tmp_path, order=1))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a model", b"\\data\\\nngram 1=5\n"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.bin"):
        word_model.load(path)


@pytest.mark.parametrize("rest", [b"", b" format version 5\n\0" + bytes(200)])
def test_a_binary_that_is_cut_off_is_refused(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "cut.bin"
    path.write_bytes(word_model.BINARY + rest)
    with pytest.raises(ModelError, match=r"cut\.bin"):
        word_model.load(path)


def test_a_binary_of_a_stranger_is_tried_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KenLM may crash on a damaged one: where that happens is in another process."""
    tried = []
    monkeypatch.setattr(word_model, "try_first", lambda what, key, trial: tried.append(what))
    path = tmp_path / "words.bin"
    path.write_bytes(word_model.BINARY + b" format version 5")
    for foreign in (False, True):
        with pytest.raises(ModelError):
            word_model.load(path, foreign=foreign)
    assert tried == [f"the language model {path}"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the language model"):
        word_model.load(tmp_path / "none.arpa")
