"""Pages in, a folder for the segmenter ``lines`` out, through the real commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from htrkit.cli import app as cli
from tests.training.pages.barred_pages import write_pages


def test_a_run_ends_in_a_network_and_says_how_to_use_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    pages, out = write_pages(tmp_path / "pages", 2), tmp_path / "lines"
    sizes = ["--valid", str(pages), "--epochs", "1", "--crops", "1", "--batch-size", "1", "--size", "64"]
    assert cli.run(["train-segmenter", str(pages), "--out", str(out), *sizes]) == 0
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "epoch 1/1  loss " in shown.err
    assert f"--segmenter lines:model={out}" in shown.err
    assert (out / "lines.json").exists()


def test_a_resumed_run_takes_no_pages(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["train-segmenter", "pages", "--resume", "--out", str(tmp_path)]) == 2
    assert "--resume takes nothing but --out" in capfd.readouterr().err
