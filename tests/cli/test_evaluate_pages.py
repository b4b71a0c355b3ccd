"""``htrkit evaluate PAGES --segmenter NAME``: pages are cut and read anew, and measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from htrkit.cli import app as cli
from tests import tiny_model
from tests.drawing import save
from tests.pages.sheets import letter
from tests.strangers import Run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Runs commands in a folder with a model, two letters and their PAGE files."""
    tiny_model.write(tmp_path / "model")
    for name, lines in (("a", 12), ("b", 9)):
        save(tmp_path / "box" / f"{name}.png", letter(lines).pixels)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Run:
        code = cli.run(list(arguments))
        return Run(code, *capsys.readouterr())

    assert run("segment", "box", "--output", "box").code == 0
    return run


MEASURE = ("evaluate", "box", "--model", "model", "--segmenter", "ridges")


def test_what_was_found_ordered_and_read_is_counted(here: Callable[..., Run]) -> None:
    run = here(*MEASURE, "--json")
    assert (run.code, run.err) == (0, "")
    figures = json.loads(run.out)
    assert {name: figures[name] for name in ("pages", "lines", "output", "found", "one", "merged", "false")} == {
        "pages": 2, "lines": 21, "output": 21, "found": 21, "one": 21, "merged": 0, "false": 0,
    }  # fmt: skip
    assert figures["order"] == 1.0
    assert set(figures["by_page"]) == {"box/a.xml", "box/b.xml"}
    run = here(*MEASURE)
    assert run.out.startswith("2 pages       value    counted\nlines found   100.00%  21 of 21 lines\n")
    assert "12 of 12" in run.out


def test_a_page_that_cannot_be_read_is_named_and_the_others_are_measured(here: Callable[..., Run]) -> None:
    Path("box/b.png").unlink()
    run = here(*MEASURE, "--json")
    assert run.code == 1
    assert run.err.startswith("skipped box/b.xml: ")
    assert json.loads(run.out)["pages"] == 1


def test_what_cannot_be_measured_is_said(here: Callable[..., Run]) -> None:
    save(Path("other") / "c.png", letter().pixels)
    run = here("evaluate", "other", "--model", "model", "--segmenter", "ridges")
    assert (run.code, run.out) == (1, "")
    assert run.err == "error: no page with known lines in other: PAGE or ALTO files are wanted\n"
    run = here(*MEASURE, "--by", "writer")
    assert run.code == 2
    assert "--by has no effect with --segmenter" in run.err
    assert here("evaluate", "box", "--model", "model", "--segmenter", "lost").err.startswith("error: no segmenter")
