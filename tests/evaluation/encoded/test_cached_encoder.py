"""Network outputs kept on disk: by content, whole or not there, the network skipped when they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from htrkit import Line, Sample
from htrkit.errors import HtrkitError, InputError
from htrkit.evaluation.encoded.cache import ArrayCache
from htrkit.evaluation.encoded.cached_encoder import CachedEncoder
from htrkit.model import NETWORK
from tests import tiny_model

TEXTS = ("aab", "a", "bb", "ba", "b", "ab")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.write(tmp_path_factory.mktemp("model")).folder


def samples(texts: tuple[str, ...] = TEXTS) -> list[Sample]:
    return [Sample(Line(f"{i}.png", tiny_model.draw(text)), text, {"writer": str(i)}) for i, text in enumerate(texts)]


def test_the_second_time_the_network_is_not_even_loaded(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    tiny_model.write(copy)
    first = CachedEncoder(copy, cache=tmp_path / "cache").encode(samples())
    assert first.speed.lines == 6
    (copy / NETWORK).unlink()
    second = CachedEncoder(copy, cache=tmp_path / "cache").encode(samples())
    assert (second.speed.lines, second.speed.lines_per_second) == (0, 0.0)
    assert second.lines == first.lines
    assert all(np.array_equal(a, b) for a, b in zip(first.outputs, second.outputs, strict=True))


def test_outputs_are_what_the_network_gives(model: Path, tmp_path: Path) -> None:
    from htrkit import Recognizer

    encoded = CachedEncoder(model, cache=tmp_path).encode(samples())
    direct = [one.log_probs for one in Recognizer.load(model).encode(sample.line for sample in samples())]
    assert [line.text for line in encoded.lines] == list(TEXTS)
    assert encoded.lines[1].groups == {"writer": "1"}
    assert all(np.array_equal(a, b) for a, b in zip(encoded.outputs, direct, strict=True))
    assert len(encoded.outputs[1:3]) == 2


def test_a_killed_run_goes_on_where_it_was(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htrkit.stream.LINES_AT_ONCE", 2)

    def killed() -> Iterator[Sample]:
        yield from samples()[:5]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(model, cache=tmp_path).encode(killed())
    resumed = CachedEncoder(model, cache=tmp_path).encode(samples())
    assert resumed.speed.lines == 2
    whole = CachedEncoder(model, cache=tmp_path / "other").encode(samples())
    assert all(np.array_equal(a, b) for a, b in zip(resumed.outputs, whole.outputs, strict=True))


def test_other_pixels_steps_or_networks_are_other_keys(model: Path, tmp_path: Path) -> None:
    def keys(encoder: CachedEncoder, line: Sample) -> str:
        return encoder.encode([line]).lines[0].key

    line = samples()[0]
    plain = keys(CachedEncoder(model, cache=tmp_path), line)
    pixels = line.line.pixels.copy()
    pixels[0, 0] -= 1
    renamed = tiny_model.network().replace(b"bars", b"rods")
    other = tiny_model.write(tmp_path / "other", content=renamed).folder
    assert plain == keys(CachedEncoder(model, cache=tmp_path), Sample(Line("another", line.line.pixels), "other text"))
    assert plain != keys(CachedEncoder(model, cache=tmp_path), Sample(Line("0.png", pixels), "aab"))
    assert plain != keys(CachedEncoder(model, cache=tmp_path, preprocess=["invert"]), line)
    assert plain != keys(CachedEncoder(other, cache=tmp_path), line)


def as_file(array: object, save: Callable[..., None] = np.save) -> Callable[[bytes], bytes]:
    def content(old: bytes) -> bytes:
        file = BytesIO()
        save(file, array)
        return file.getvalue()

    return content


LYING = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 3), }"


@pytest.mark.parametrize(
    "damaged",
    [
        lambda old: b"",
        lambda old: b"\x93NUMPY\x01\x00",
        lambda old: b"nonsense" * 20,
        lambda old: old[:-1],
        lambda old: old[:200] + bytes([old[200] ^ 1]) + old[201:],
        lambda old: b"\x93NUMPY\x01\x00" + bytes([118, 0]) + LYING.ljust(117) + b"\n" + old[128:],
        as_file(np.full((32, 3), np.nan, np.float32)),
        as_file(np.full((32, 3), -1.0, np.float32)),
        as_file(np.zeros((0, 3), np.float32)),
        as_file(np.zeros((32, 3), np.float32), np.savez),
    ],
)
def test_damaged_and_foreign_files_are_computed_again(
    model: Path, tmp_path: Path, damaged: Callable[[bytes], bytes]
) -> None:
    first = CachedEncoder(model, cache=tmp_path).encode(samples())
    whole = list(first.outputs)
    for file in tmp_path.glob("log-probs/*/*.npy"):
        file.write_bytes(damaged(file.read_bytes()))
    again = CachedEncoder(model, cache=tmp_path).encode(samples())
    assert again.speed.lines == 6
    assert all(np.array_equal(a, b) for a, b in zip(whole, again.outputs, strict=True))


def test_a_file_under_another_ones_name_is_not_taken_for_it(model: Path, tmp_path: Path) -> None:
    CachedEncoder(model, cache=tmp_path).encode(samples())
    one, other, *_ = sorted(tmp_path.glob("log-probs/*/*.npy"))
    other.write_bytes(one.read_bytes())
    assert CachedEncoder(model, cache=tmp_path).encode(samples()).speed.lines == 1


def test_two_lines_of_one_name_both_count(model: Path, tmp_path: Path) -> None:
    twins = [Sample(Line("x.png", tiny_model.draw("a")), "a"), Sample(Line("x.png", tiny_model.draw("b")), "b")]
    encoded = CachedEncoder(model, cache=tmp_path).encode(twins)
    assert [line.id for line in encoded.lines] == ["x.png", "x.png (2)"]
    assert encoded.notes == ("2 lines share the name x.png; each line counts, the later ones are numbered",)


def test_a_cache_that_is_cleared_meanwhile(model: Path, tmp_path: Path) -> None:
    encoded = CachedEncoder(model, cache=tmp_path).encode(samples())
    for file in tmp_path.glob("log-probs/*/*.npy"):
        file.unlink()
    with pytest.raises(HtrkitError, match="was cleared or altered while it was in use"):
        encoded.outputs[0]


def test_a_cache_that_cannot_be_made(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HtrkitError, match="choose another folder with --cache or HTRKIT_CACHE"):
        CachedEncoder(model, cache=tmp_path / "file")


def test_leftovers_of_killed_runs_are_removed_when_they_are_old(tmp_path: Path) -> None:
    old, young = tmp_path / "ab" / "part-1-x.npy", tmp_path / "ab" / "part-2-y.npy"
    old.parent.mkdir()
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    yesterday = time.time() - 2 * 86_400
    os.utime(old, (yesterday, yesterday))
    ArrayCache(tmp_path)
    assert not old.exists()
    assert young.exists()


def test_reading_errors_of_the_data_come_through(model: Path, tmp_path: Path) -> None:
    def broken() -> Iterator[Sample]:
        raise InputError("data.tsv: not UTF-8")
        yield

    with pytest.raises(InputError, match="not UTF-8"):
        CachedEncoder(model, cache=tmp_path).encode(broken())
