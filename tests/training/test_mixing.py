"""What an epoch takes of data beside one's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from htrkit.errors import UsageError
from htrkit.training.mixing import Mix, parse_sources


def picked(mix: Mix, count: int) -> list[str]:
    """What is picked, each by the letter of its source and its number there."""
    names = [f"{source}{i}" for source, size in zip("abc", mix.sizes, strict=False) for i in range(size)]
    return [names[i] for i in mix.pick(count, np.random.default_rng(0))]


def test_without_weights_every_line_is_as_likely_as_any_other() -> None:
    mix = Mix([300, 100])
    texts = picked(mix, 200)
    assert len(set(texts)) == 200
    assert 120 < sum(text.startswith("a") for text in texts) < 180


def test_weights_say_how_often_a_source_is_picked_from() -> None:
    mix = Mix([300, 50, 0], weights=(1.0, 3.0, 5.0))
    texts = picked(mix, 400)
    assert 260 < sum(text.startswith("b") for text in texts) < 340
    often = Counter(text for text in texts if text.startswith("b")).values()
    assert max(often) - min(often) <= 1  # none again before the others had their turn


def test_the_share_changes_evenly_from_the_first_epoch_to_the_last() -> None:
    mix = Mix([10], shares=(0.8, 0.2), epochs=4)
    assert [mix.divide(100, epoch) for epoch in range(4)] == [(100, 400), (200, 300), (300, 200), (400, 100)]
    assert mix.divide(100, 9) == (400, 100)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_with_one_share_every_epoch_has_each_line_once(share: float) -> None:
    mix = Mix([10], shares=(share, share), epochs=3)
    assert [mix.divide(97, epoch) for epoch in range(3)] == [(97, round(97 * share / (1 - share)))] * 3
    assert Mix().divide(97, 0) == (97, 0)


def test_sources_are_paths_or_paths_with_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lines=2").touch()
    assert parse_sources(["a.tsv", "lines=2"]) == (["a.tsv", "lines=2"], [])
    assert parse_sources(["a.tsv", "b.tsv=2.5", "c=x"]) == (["a.tsv", "b.tsv", "c=x"], [1.0, 2.5, 1.0])
    with pytest.raises(UsageError, match="must be positive: a=0"):
        parse_sources(["a=0"])
