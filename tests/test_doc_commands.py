"""What a page may leave open of what a command prints, and what it may not."""

from __future__ import annotations

import pytest
from doc_commands import Command, commands


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("a\n", "a\n"),
        ("", ""),
        ("a (b) [c] | *\n", "a (b) [c] | *\n"),
        ("p 0.12345678 b\n", "p 0.12345999 b\n"),
        ("a\n…\n", "a\nb\nc\n"),
        ("…\n", ""),
        ("…\nlast\n", "1\n2\nlast\n"),
        ("a … lines/s; … x\nb\n", "a 5 lines/s; 12 x\nb\n"),
    ],
)
def test_what_agrees(said: str, printed: str) -> None:
    assert Command("x", said).agrees(printed)


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("a\n", "b\n"),
        ("", "a\n"),
        ("a\n", ""),
        ("p 0.12345678 b\n", "p 0.22345678 b\n"),
        ("…\nlast\n", "1\nlast one\n"),
        ("a … lines/s\n", "a\n5 lines/s\n"),
        ("1.5 s\n", "1.6 s\n"),
    ],
)
def test_what_does_not(said: str, printed: str) -> None:
    assert not Command("x", said).agrees(printed)


def test_commands_of_a_block_with_what_they_print() -> None:
    block = "$ one\nprinted\n$ two \\\n  more\n$ three\n"
    assert commands(block) == [Command("one", "printed\n"), Command("two \\\n  more", ""), Command("three", "")]
