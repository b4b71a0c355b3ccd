"""The cache of tries: used when it fits, done without when it is damaged or cannot be written."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit.alphabet import Alphabet
from htrkit.decoders import trie_cache
from htrkit.decoders.notices import DecoderWarning
from htrkit.decoders.trie import Trie
from htrkit.decoders.trie_cache import load_trie
from htrkit.errors import InputError, UsageError

ALPHABET = Alphabet("abcdefghij")


@pytest.fixture
def lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trie_cache, "WORTHWHILE", 10)
    path = tmp_path / "words.txt"
    random = np.random.default_rng(0)
    words = ("".join(random.choice(list("abcdefghij"), size=6)) for _ in range(200))
    path.write_text("\n".join(words), encoding="utf-8")
    return path


def same(one: Trie, other: Trie) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Trie.__slots__)


def test_the_second_time_it_is_loaded(lexicon: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_trie(lexicon, ALPHABET, "abcdefghij")
    assert len(list(own_cache.iterdir())) == 1
    monkeypatch.setattr("htrkit.decoders.trie.Trie.of", lambda *_: pytest.fail("built again"))
    assert same(load_trie(lexicon, ALPHABET, "abcdefghij"), first)


def test_other_words_characters_or_alphabets_are_other_tries(lexicon: Path, own_cache: Path) -> None:
    load_trie(lexicon, ALPHABET, "abcdefghij")
    load_trie(lexicon, ALPHABET, "abcdefghij", capitals=True)
    load_trie(lexicon, ALPHABET, "abcdefgh")
    load_trie(lexicon, Alphabet("jihgfedcba"), "jihgfedcba")
    lexicon.write_text(lexicon.read_text(encoding="utf-8") + "\nabc", encoding="utf-8")
    load_trie(lexicon, ALPHABET, "abcdefghij")
    assert len(list(own_cache.iterdir())) == 5


@pytest.mark.filterwarnings("ignore:.*is damaged")
@pytest.mark.parametrize("damage", ["cut", "garbage", "other arrays", "a number", "empty", "another trie"])
def test_a_damaged_file_is_built_again(lexicon: Path, own_cache: Path, damage: str) -> None:
    first = load_trie(lexicon, ALPHABET, "abcdefghij")
    (file,) = own_cache.iterdir()
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[:-100])
    elif damage == "garbage":
        file.write_bytes(bytes(len(content)))
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "other arrays":
        np.savez(file, first_child=np.zeros(3))
    elif damage == "a number":
        np.savez(file, **dict(np.load(file)) | {"labels": np.array(5)})
    else:
        arrays = dict(np.load(file))
        arrays["first_child"][:] = 10**6
        np.savez(file, **arrays)
    assert same(load_trie(lexicon, ALPHABET, "abcdefghij"), first)
    assert same(load_trie(lexicon, ALPHABET, "abcdefghij"), first)


@pytest.mark.parametrize("error", [NotImplementedError, RecursionError, MemoryError, struct.error])
def test_whatever_a_damaged_file_raises_it_is_built_again(
    lexicon: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    first = load_trie(lexicon, ALPHABET, "abcdefghij")

    def load(*_: Any, **__: Any) -> None:
        raise error("that compression method is not supported")

    monkeypatch.setattr(np, "load", load)
    with pytest.warns(DecoderWarning, match=r"\.npz is damaged: its lexicon is read again"):
        assert same(load_trie(lexicon, ALPHABET, "abcdefghij"), first)


def test_what_is_left_out_is_said_every_time(lexicon: Path) -> None:
    for _ in range(2):
        with pytest.warns(DecoderWarning, match="of 200 entries are left out: the network does not read 'j'"):
            load_trie(lexicon, Alphabet("abcdefghi"), "abcdefghi")


@pytest.mark.filterwarnings("ignore:.*is damaged")
def test_a_pickle_in_the_cache_is_not_run(lexicon: Path, own_cache: Path) -> None:
    first = load_trie(lexicon, ALPHABET, "abcdefghij")
    (file,) = own_cache.iterdir()
    arrays = dict(np.load(file))
    arrays["labels"] = np.array([print, None], dtype=object)
    np.savez(file, **arrays)
    assert same(load_trie(lexicon, ALPHABET, "abcdefghij"), first)


def test_a_cache_that_cannot_be_written_is_done_without(
    lexicon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "file"))
    assert len(load_trie(lexicon, ALPHABET, "abcdefghij")) > 0


def test_the_cache_does_not_grow_for_ever(lexicon: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trie_cache, "KEPT", 3)
    for n in range(6):
        lexicon.write_text(f"abc\ndef\nghi\n{'j' * (n + 1)}\n", encoding="utf-8")
        load_trie(lexicon, ALPHABET, "abcdefghij")
    assert len(list(own_cache.iterdir())) == 3


def test_lexicons_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_trie(tmp_path, ALPHABET, "abc")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(InputError, match="UTF-8"):
        load_trie(tmp_path / "latin.txt", ALPHABET, "abc")
    monkeypatch.setattr(trie_cache, "LARGEST_LEXICON", 1000)
    with pytest.raises(InputError, match="larger than"):
        load_trie(Path("/dev/zero"), ALPHABET, "abc")
    (tmp_path / "foreign.txt").write_text("xyz\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no word"):
        load_trie(tmp_path / "foreign.txt", ALPHABET, "abc")


def test_a_large_lexicon_loads_quickly_from_the_cache(tmp_path: Path) -> None:
    """400,000 words in 0.3 s on an idle machine; here with room for a busy one, and against building it."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghij"))
    words = ["".join(row) for row in letters[random.integers(10, size=(400_000, 7))]]
    path = tmp_path / "large.txt"
    path.write_text("\n".join(words), encoding="utf-8")
    begin = time.perf_counter()
    load_trie(path, ALPHABET, "abcdefghij")
    built = time.perf_counter() - begin
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        load_trie(path, ALPHABET, "abcdefghij")
        times.append(time.perf_counter() - begin)
    assert min(times) < max(0.3, built / 5)
