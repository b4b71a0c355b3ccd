"""The cells of docs/measuring-in-python.md run one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save

PAGE = Path(__file__).parent.parent / "docs" / "measuring-in-python.md"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_model.write(tmp_path / "model")
    rows = ["image\ttext\twriter"]
    for i, text in enumerate(("aab", "a", "bb", "ab", "ba", "bba")):
        save(tmp_path / f"{text}.png", tiny_model.draw(text))
        rows.append(f"{text}.png\t{text if i % 3 else text + 'b'}\t{i % 2}")
    (tmp_path / "data.tsv").write_text("\n".join(rows) + "\n")
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_every_cell_runs(desk: None, capsys: pytest.CaptureFixture[str]) -> None:
    for needed in ("pandas", "jinja2", "matplotlib", "optuna"):
        pytest.importorskip(needed)
    cells = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(cells) >= 9
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert said.startswith("6 lines, CER ")
    assert "silent reads" in said
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
