"""What a stranger made is tried in a process of its own, once, within limits."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from htrkit import foreign
from htrkit.errors import InputError, ModelError
from htrkit.foreign import try_first


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("HTRKIT_CACHE", str(folder))
    return folder


def refuse(sentence: str) -> None:
    raise InputError(sentence)


def write(path: Path) -> None:
    """Leave a byte for each time that it is called."""
    with path.open("a") as file:
        file.write("x")


def test_what_has_passed_is_not_tried_again(tmp_path: Path) -> None:
    for _ in range(2):
        try_first("it", "this", partial(write, tmp_path / "tried"))
    assert (tmp_path / "tried").read_text() == "x"
    try_first("it", "that", partial(write, tmp_path / "tried"))
    assert (tmp_path / "tried").read_text() == "xx"


def test_a_trial_may_refuse() -> None:
    for _ in range(2):
        with pytest.raises(InputError, match=r"^it is broken$"):
            try_first("it", "this", partial(refuse, "it is broken"))


def test_a_crash_costs_a_sentence() -> None:
    with pytest.raises(ModelError, match=r"^it was tried in a process of its own, which crashed \(SIGSEGV\)"):
        try_first("it", "this", partial(signal.raise_signal, signal.SIGSEGV))
    with pytest.raises(ModelError, match=r"which ended its process \(exit code 7\)$"):
        try_first("it", "this", partial(os._exit, 7))


def test_a_trial_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "SECONDS", 0.5)
    with pytest.raises(ModelError, match=r"which took longer than 0\.5 s, and was stopped$"):
        try_first("it", "this", partial(time.sleep, 600))


def test_a_trial_has_so_much_memory() -> None:
    pytest.importorskip("resource", reason="the system has no limit of memory")
    with pytest.raises(ModelError, match=r"which needed too much memory$"):
        try_first("it", "this", partial(bytearray, 5 * 10**9))


def test_loading_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "SECONDS", 0.5)
    try_first("it", "this", partial(len, ()), loading=partial(time.sleep, 1.0))


def test_a_cache_that_cannot_be_written_is_done_without(cache: Path, tmp_path: Path) -> None:
    cache.write_text("no folder")
    for _ in range(2):
        try_first("it", "this", partial(write, tmp_path / "tried"))
    assert (tmp_path / "tried").read_text() == "xx"


def test_not_all_is_remembered(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "KEPT", 2)
    for key in "abc":
        try_first("it", key, partial(len, ()))
    assert len(list((cache / "tried").iterdir())) == 2
