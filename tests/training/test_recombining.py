"""Lines made of words that stand in others: what is read in them is what they are said to hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("keras", reason="needs the train extra")

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import UsageError
from htrkit.training.batches import Batches
from htrkit.training.checkpoints import RunState
from htrkit.training.data import Example
from htrkit.training.recombining import Recombiner, words_of
from htrkit.training.settings import TrainSettings
from htrkit.training.word_cuts import recombiner
from htrkit.types import Pixels
from tests.training.quiet import Quiet

ALPHABET = Alphabet(" ab")
RULE = InputRule(height=32, width=None, frames_per_pixel=0.25)
WIDTH, GAP = 24, 20


class Network:
    """Reads black blocks as an a, grey ones as a b, and what is between two as a space or nothing."""

    def predict_on_batch(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        ink = batch[:, 8:24, :, 0].mean(axis=1)
        frames = ink[:, : ink.shape[1] // 4 * 4].reshape(len(batch), -1, 4).mean(axis=2)
        shares = np.stack([frames < 0.2, frames < 0.2, frames > 0.7, (frames >= 0.2) & (frames <= 0.7)], axis=2)
        made = shares + 0.01
        return np.asarray(np.log(made / made.sum(axis=2, keepdims=True)), np.float32)


def drawn(text: str) -> Example:
    """A line of blocks that fill frames of the network, with less between those of one word."""
    pixels: list[Pixels] = []
    for character in text:
        part = np.full((32, GAP if character == " " else WIDTH), 255, np.uint8)
        if character != " ":
            part[4:28, 4:-4] = 0 if character == "a" else 128
        pixels.append(part)
    return Example(np.concatenate(pixels, axis=1), ALPHABET.encode(text), text)


def read(pixels: Pixels) -> str:
    """The blocks of a line, without spaces."""
    levels = np.median(pixels[len(pixels) // 2 - 4 : len(pixels) // 2 + 4], axis=0)
    inside = np.flatnonzero(np.diff(np.append(False, levels < 200).astype(int)) == 1)
    return "".join("a" if levels[begin + 6] < 64 else "b" for begin in inside)


@pytest.fixture
def lines() -> list[Example]:
    rng = np.random.default_rng(3)
    return [
        drawn(" ".join("".join(rng.choice(["a", "b"], rng.integers(1, 4))) for _ in range(words)))
        for words in (1, 2, 3, 5, 8)
    ]


@pytest.fixture
def make(lines: list[Example], tmp_path: Path) -> Callable[..., Any]:
    def made(network: Any, share: float = 1.0) -> Recombiner | None:
        settings = TrainSettings(data=("x",), out=tmp_path, start_from="open", recombine=share)
        batches = Batches(lines, RULE, batch_size=2, seed=1)
        return recombiner(settings, RunState({}), batches, ALPHABET, network, tmp_path / "words.json", Quiet())

    return made


def test_lines_made_anew_hold_what_they_say_and_as_many_words(
    make: Callable[..., Recombiner], lines: list[Example]
) -> None:
    made, rng = make(Network()), np.random.default_rng(0)
    words = {word for line in lines for word in line.text.split()}
    texts = set()
    for _ in range(40):
        for number, line in enumerate(lines):
            found = made.draw(number, RULE, rng)
            assert read(found.pixels) == found.text.replace(" ", "")
            assert ALPHABET.decode(found.labels.tolist()) == found.text
            assert set(found.text.split()) <= words
            assert len(found.text.split()) <= len(line.text.split())
            assert len(found.labels) <= max(len(one.labels) for one in lines)
            texts.add(found.text)
    assert len(texts) > 60
    assert made.draw(0, RULE, rng) is lines[0]  # a single word stays


def test_so_many_lines_are_made_anew_as_are_wanted(make: Callable[..., Recombiner], lines: list[Example]) -> None:
    made, rng = make(Network(), 0.25), np.random.default_rng(0)
    anew = [made.draw(3, RULE, rng) is not lines[3] for _ in range(400)]
    assert 0.18 < np.mean(anew) < 0.32


def test_words_are_kept_where_they_were_found_first(make: Callable[..., Recombiner], tmp_path: Path) -> None:
    def draws(made: Recombiner) -> list[str]:
        return [made.draw(4, RULE, np.random.default_rng(i)).text for i in range(9)]

    first = draws(make(Network()))
    assert draws(make(None)) == first  # no network is asked
    for damage in ("", "[[0]]", "[1, 2]", '{"a": 1}', '{"lines": "of others", "cuts": [[0, 9]]}'):
        (tmp_path / "words.json").write_text(damage)
        assert draws(make(Network())) == first


def test_without_lines_of_words_or_a_model_there_is_nothing_to_do(tmp_path: Path) -> None:
    settings = TrainSettings(data=("x",), out=tmp_path, start_from="open", recombine=0.5)
    narrow = InputRule(height=32, width=128, frames_per_pixel=0.25)
    reads_nothing = RunState({}, start={"valid_cer": 0.95})
    for rule, alphabet, state in (
        (narrow, ALPHABET, RunState({})),
        (RULE, Alphabet("ab"), RunState({})),
        (RULE, ALPHABET, reads_nothing),
    ):
        batches = Batches([drawn("ab")] * 4, rule, batch_size=2, seed=1)
        progress: Any = Quiet()
        assert recombiner(settings, state, batches, alphabet, Network(), tmp_path / "words.json", progress) is None
        assert progress.notes[0].startswith("nothing is recombined: ")
    with pytest.raises(UsageError, match=r"--recombine .*: name one, --from"):
        TrainSettings(data=("x",), out=tmp_path, recombine=0.5)


def test_batches_hold_lines_made_anew_of_ones_own_data_alone(lines: list[Example]) -> None:
    cuts = [
        [0, *(round(i * line.shape[1] / n) for i in range(1, n + 1))] for line in lines if (n := len(line.text.split()))
    ]
    batches = Batches(lines, RULE, batch_size=5, seed=1)
    as_they_are = {one.text for one in lines}
    assert {one.text for i in range(len(batches)) for one in batches._drawn(i)[1]} == as_they_are
    batches.recombiner = Recombiner(lines, cuts, 1, 1.0)
    assert not {one.text for i in range(len(batches)) for one in batches._drawn(i)[1]} <= as_they_are


def test_words_are_split_at_spaces_wherever_they_are() -> None:
    assert [word.tolist() for word in words_of(np.array([1, 2, 1, 1, 3, 3, 1], np.int32), 1)] == [[2], [3, 3]]
    assert words_of(np.array([1, 1], np.int32), 1) == []
