"""Text files, compressed or not."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import random
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
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    assert list(lines(STDIN)) == ["one", "two"]


def test_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        list(lines(STDIN))


def test_byte_order_marks_and_lone_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "joined.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\xef\xbb\xbftwo\rthree")
    assert list(lines(path)) == ["one", "two", "three"]


def test_any_damage_to_a_compressed_file_is_one_error(tmp_path: Path) -> None:
    """Whatever byte is overwritten, the file is read or refused; zlib, gzip, lzma and bz2 have errors of their own."""
    rng = random.Random(5)
    for suffix, compress in ((".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress)):
        content = compress("\n".join(str(rng.random()) for _ in range(50)).encode())
        for start in range(0, len(content), 3):
            path = tmp_path / f"x{suffix}"
            path.write_bytes(content[:start] + rng.randbytes(9) + content[start + 9 :])
            with contextlib.suppress(InputError):
                list(lines(path))


def test_a_line_of_millions_of_letters_is_read_and_one_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"a\n" + b"x" * 3_000_000, 1))
    assert [len(line) for line in lines(path)] == [1, 3_000_000]
    monkeypatch.setattr("htrkit.texts.LONGEST_LINE", 1 << 20)
    with pytest.raises(InputError, match="line 2 has more than 1 MB"):
        list(lines(path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"caf\xe9", "not UTF-8"),
        ("a.gz", gzip.compress(TEXT.encode() * 99, mtime=0)[:-9], "is damaged"),
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
