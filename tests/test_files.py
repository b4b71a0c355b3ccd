"""Files that are there whole or not at all, what is there, digests, the cache's folder."""

from __future__ import annotations

import contextlib
import os
import random
import stat
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import HtrkitError
from htrkit.evaluation.encoded.cache import remove_leftovers
from htrkit.files import (
    DAY,
    arrays_in,
    digest,
    exists,
    file_digest,
    is_file,
    is_folder,
    put_sealed,
    sealed,
    user_cache,
    whole,
)


def test_a_file_takes_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.weights.h5"
    path.write_text("old")
    with whole(path) as part:
        part.write_text("new")
        assert part.name.endswith(".weights.h5")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "x.json"
    path.write_text("old")

    def write_half() -> None:
        with whole(path) as part:
            part.write_text("ne")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="x"), whole(tmp_path / "x"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "x.txt", tmp_path / "link.txt"
    link.symlink_to(target)
    for content in ("made", "replaced"):
        with whole(link) as part:
            part.write_text(content)
        assert link.is_symlink()
        assert target.read_text() == content


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o600)
    with whole(path) as part:
        part.write_text("new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_pipes_and_devices_are_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    with whole(pipe) as part:
        part.write_text("through")
    reader.join(10)
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with whole(Path("/dev/null")) as part:
        part.write_text("away")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_folders_and_missing_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a folder; name a file"), whole(tmp_path):
        pass
    with pytest.raises(FileNotFoundError) as caught, whole(tmp_path / "none" / "x") as part:
        part.write_text("x")
    assert caught.value.filename == str(tmp_path / "none" / "x")


def test_two_writers_do_not_clash(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250 + ".txt")
    with whole(path) as one, whole(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_written_before_a_failure_can_be_kept(tmp_path: Path) -> None:
    told: list[Path] = []

    def fail(content: str) -> None:
        with whole(tmp_path / "x.txt", kept=told.append) as part:
            part.write_text(content)
            raise KeyboardInterrupt

    for content in ("half", ""):
        with pytest.raises(KeyboardInterrupt):
            fail(content)
    assert told == list(tmp_path.iterdir()) == [tmp_path / "x.txt.part"]
    assert told[0].read_text() == "half"


def test_leftovers_of_killed_runs_go_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    old, young, other = tmp_path / "a" / "part-1-x", tmp_path / "a" / "part-2-x", tmp_path / "x"
    (tmp_path / "a").mkdir()
    for path in (old, young, other):
        path.write_text("x")
    for path in (old, other):
        os.utime(path, (0, path.stat().st_mtime - 2 * DAY))
    remove_leftovers(tmp_path)
    assert not old.exists()
    assert young.exists()
    assert other.exists()


def test_arrays_that_are_packed_otherwise_are_refused_unseen(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", b"any")
    with pytest.raises(ValueError, match="packed in a way that NumPy does not know"):
        arrays_in(path, ["a"], most=100)


def test_arrays_are_read_or_refused_whatever_stands_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez_compressed(path, a=np.arange(50), b=np.array(["x", "y"]))
    assert arrays_in(path, ["b", "a"], most=10_000)["a"].tolist() == list(range(50))
    with pytest.raises(ValueError, match="c is missing; wanted are a, c"):
        arrays_in(path, ["a", "c"], most=10_000)
    with pytest.raises(ValueError, match="it unpacks to more than 0 GiB"):
        arrays_in(path, ["a"], most=100)
    content = path.read_bytes()
    rng = random.Random(3)
    for start in range(0, len(content), 2):
        path.write_bytes(content[:start] + rng.randbytes(3) + content[start + 3 :])
        with contextlib.suppress(ValueError, OSError):
            assert len(arrays_in(path, ["a", "b"], most=10_000)) == 2
    np.savez(path, a=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        arrays_in(path, ["a"], most=10_000)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"what is no array")
    with pytest.raises(ValueError, match="a is no array"):
        arrays_in(path, ["a"], most=10_000)
    for order in "<>":
        np.savez(path, a=np.array([97, 0x110000], f"{order}u4").view(f"{order}U2"))
        with pytest.raises(ValueError, match="a has what is no character"):
            arrays_in(path, ["a"], most=10_000)
        np.savez(path, a=np.array([97, 0x10FFFF], f"{order}u4").view(f"{order}U2"))
        assert arrays_in(path, ["a"], most=10_000)["a"].tolist() == ["a\U0010ffff"]
    with pytest.raises(ValueError, match="no regular file"):
        arrays_in(Path(os.devnull), ["a"], most=10_000)
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(ValueError, match="zip"):
        arrays_in(tmp_path / "x.npy", ["a"], most=10_000)


def test_what_is_sealed_comes_back_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    path, other = tmp_path / "folder" / "x", tmp_path / "folder" / "y"
    put_sealed(path, b"content")
    assert sealed(path) == b"content"
    whole_file = path.read_bytes()
    other.write_bytes(whole_file)
    for damaged in (path, b""), (path, whole_file[:-1]), (path, b"C" + whole_file[1:]), (other, whole_file):
        damaged[0].write_bytes(damaged[1])
        with pytest.raises(ValueError, match="is damaged"):
            sealed(damaged[0])
    with pytest.raises(FileNotFoundError):
        sealed(tmp_path / "nowhere")


def test_digests_tell_parts_types_and_arrays_apart(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32)
    cases: list[tuple[object, ...]] = [
        ("ab", "c"), ("a", "bc"), ("abc",), (b"abc",), (1,), ("1",), (array,), (array.reshape(2, 3),),
        (array.astype(np.float64),), (array.tobytes(),), (),
    ]  # fmt: skip
    assert len({digest(*case) for case in cases}) == len(cases)
    assert digest(array[::2]) == digest(array[::2].copy())
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert file_digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_cache_is_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "own"))
    assert user_cache() == tmp_path / "own"
    monkeypatch.delenv("HTRKIT_CACHE")
    assert user_cache().is_absolute()
    assert "htrkit" in user_cache().parts
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache() == tmp_path / "htrkit"
    # older releases of platformdirs give this where there is no home, newer ones raise a RuntimeError themselves
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~no such user/.cache"))
    with pytest.raises(HtrkitError, match="HTRKIT_CACHE"):
        user_cache()


def test_of_a_name_that_no_system_allows_nothing_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    there = [(exists(path), is_file(path), is_folder(path)) for path in (tmp_path, tmp_path / "file")]
    assert there == [(True, False, True), (True, True, False)]
    for name in ("none", "x" * 5000, "a\0b"):
        assert not any(look(path) for look in (exists, is_file, is_folder) for path in (name, tmp_path / name))
