"""Text files, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from htrkit.errors import InputError
from htrkit.texts import STDIN, lines, lines_of

TEXT = "first\r\nsécond\n\nlast"


@pytest.mark.parametrize(
    ("suffix", "compress"), [(".txt", bytes), (".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)]
)
def test_compressed_text_is_unpacked(tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"text{suffix}"
    path.write_bytes(compress(TEXT.encode()))
    assert list(lines(path)) == ["first", "sécond", "", "last"]
    assert list(lines_of([path, path])) == ["first", "sécond", "", "last"] * 2


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\n"))
    assert list(lines(STDIN)) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"caf\xe9", "not UTF-8"),
        ("a.gz", gzip.compress(TEXT.encode() * 99)[:-9], "is damaged"),
        ("a.gz", b"plain", "is damaged"),
        ("a.xz", b"plain", "is damaged"),
        ("a.xz", lzma.compress(TEXT.encode())[:-5], "is damaged"),
        ("a.bz2", b"plain", "cannot read"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"{name}.*{message}|{message}.*{name}"):
        list(lines(path))


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.txt"):
        list(lines(tmp_path / "none.txt"))
    with pytest.raises(InputError, match="cannot read"):
        list(lines(tmp_path))
