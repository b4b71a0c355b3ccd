"""A folder of drawn lines: read by the table reader, resumable, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fontTools", reason="the tests build their own font with fonttools")

import htrkit.synth.make as making
from htrkit.errors import InputError, UsageError
from htrkit.files import whole
from htrkit.readers import open_samples
from htrkit.synth.make import Drawer, SynthSettings, make
from htrkit.synth.phrases import LONGEST, Phrases
from tests.strangers import htrkit
from tests.synth.written import write_font, write_strokes


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "text.txt").write_text("every line of this text\n\nmay be written by hand\n")
    return {
        "fonts": (str(write_font(folder / "blocks.ttf")),),
        "texts": (str(folder / "text.txt"),),
        "strokes": (str(write_strokes(folder / "s.npz", {"f1-1": "first line", "f2-1": "second line"})),),
    }


def read(table: Path) -> dict[str, tuple[str, str]]:
    samples = open_samples([table])
    found = {Path(s.line.id).name: (s.text, s.groups["source"]) for s in samples}
    assert not samples.report.skipped
    return found


def test_every_line_is_an_image_of_its_text_from_one_of_the_sources(
    sources: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    ticks: list[int] = []
    table = make(SynthSettings(count=24, height=48, **sources), tmp_path / "out", ticks.append)
    lines = read(table)
    assert len(lines) == 24
    assert ticks == list(range(25))
    assert {source.partition(" ")[0] for _, source in lines.values()} == {"font", "strokes"}
    texts = "every line of this text|may be written by hand|first line|second line"
    assert all(text in texts for text, _ in lines.values())
    for sample in open_samples([table]):
        assert sample.line.pixels.shape[0] == 48
        assert np.ptp(sample.line.pixels) > 40  # something is written on it
        assert np.median(sample.line.pixels) > 90  # dark on light


def test_a_line_depends_on_the_seed_and_its_number_alone(sources: dict[str, tuple[str, ...]]) -> None:
    one, same, other = (Drawer(SynthSettings(count=9, seed=seed, **sources)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.draw(5).pixels, same.draw(5).pixels)
    assert not np.array_equal(one.draw(5).pixels, other.draw(5).pixels)


def test_interrupted_it_goes_on_and_ends_as_it_would_have(
    sources: dict[str, tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "STEP", 4)
    settings = SynthSettings(count=10, height=32, **sources)
    straight = read(make(settings, tmp_path / "straight", lambda done: None))

    def interrupt(done: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(settings, tmp_path / "out", interrupt)
    assert len(read(tmp_path / "out" / "table.tsv")) == 4
    ticks: list[int] = []
    assert read(make(settings, tmp_path / "out", ticks.append)) == straight
    assert ticks[0] == 4
    more = SynthSettings(count=12, height=32, **sources)
    assert len(read(make(more, tmp_path / "out", lambda done: None))) == 12
    images = [p.read_bytes() for folder in ("straight", "out") for p in [tmp_path / folder / "0000" / "0000005.png"]]
    assert images[0] == images[1]


@pytest.mark.parametrize("done", ["", "{", '{"count": 1}\n'])
def test_a_run_that_is_killed_before_its_settings_are_whole_goes_on(
    sources: dict[str, tuple[str, ...]], tmp_path: Path, done: str
) -> None:
    killed = whole(tmp_path / "synth.json")
    killed.__enter__().write_text(done)
    assert len(read(make(SynthSettings(count=1, height=32, **sources), tmp_path, lambda done: None))) == 1


def test_folders_with_anything_else_are_left_alone(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    settings = SynthSettings(count=1, **sources)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not from htrkit synth"):
        make(settings, tmp_path, lambda done: None)
    make(settings, tmp_path / "out", lambda done: None)
    with pytest.raises(UsageError, match="another seed"):
        make(SynthSettings(count=1, seed=7, **sources), tmp_path / "out", lambda done: None)


def test_settings_that_cannot_be_met_are_refused(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--font and --text"):
        SynthSettings(count=1, fonts=sources["fonts"])
    with pytest.raises(UsageError, match="nothing to draw with"):
        SynthSettings(count=1)
    (tmp_path / "upper.txt").write_text("LOUD")
    with pytest.raises(InputError, match=r"upper\.txt can be drawn: .* no font has their characters: 1 \(D L O U\)"):
        Drawer(SynthSettings(count=1, fonts=sources["fonts"], texts=(str(tmp_path / "upper.txt"),)))
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(InputError, match=r"empty\.txt can be drawn: there is no word"):
        Drawer(SynthSettings(count=1, fonts=sources["fonts"], texts=(str(tmp_path / "empty.txt"),)))


def test_fonts_that_never_cover_a_text_together_are_refused(tmp_path: Path) -> None:
    fonts = (str(write_font(tmp_path / "a.ttf", "a")), str(write_font(tmp_path / "b.ttf", "b")))
    (tmp_path / "text.txt").write_text("ab")
    with pytest.raises(InputError, match="cannot write: ab"):
        Drawer(SynthSettings(count=1, fonts=fonts, texts=(str(tmp_path / "text.txt"),))).draw(0)


def test_lines_that_cannot_be_drawn_are_left_out_and_said(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a few words\nan ω here\n中文 and 中\nשלום\nعلم a\nx\u0303a\n", encoding="utf-8")
    settings = SynthSettings(count=6, height=32, fonts=sources["fonts"], texts=(str(text),))
    with pytest.warns(UserWarning, match="left out because") as said:
        table = make(settings, tmp_path / "out", lambda done: None)
    message = str(said[0].message)
    assert "no font has their characters: 2 (ω 中 文)" in message
    assert "they run from right to left: 2 (" in message
    assert "their marks must be fitted to letters: 1 (" in message
    assert {text for text, _ in read(table).values()} <= {"a", "few", "words", "a few", "few words", "a few words"}


def test_phrases_are_words_in_a_row_of_a_lines_length() -> None:
    texts = Phrases(["one two  three", "", "x" * 200, " ".join(["word"] * 80)], has=lambda character: True)
    assert len(texts) == 3
    drawn = [texts.draw(np.random.default_rng(seed)) for seed in range(2000)]
    assert all(0 < len(text) <= LONGEST for text in drawn)
    assert {"one", "one two three", "two three"} <= set(drawn)


def test_the_command_draws_and_says_where(sources: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    (tmp_path / "without").write_text("f1\n")
    done = htrkit(
        "synth", "--out", str(tmp_path / "out"), "--strokes", sources["strokes"][0], "--count", "3",
        "--without", str(tmp_path / "without"),
    )  # fmt: skip
    assert done.code == 0
    assert done.out.strip() == str(tmp_path / "out" / "table.tsv")
    assert "3 lines" in done.err
    assert {text for text, _ in read(tmp_path / "out" / "table.tsv").values()} == {"second line"}
    refused = htrkit("synth", "--out", str(tmp_path / "none"))
    assert refused.code == 2
    assert "--strokes" in refused.err
