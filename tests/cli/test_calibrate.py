"""Models calibrated through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from htrkit.model import load_model
from tests import tiny_model
from tests.drawing import save
from tests.strangers import htrkit


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model, and lines of which it reads one wrongly."""
    tiny_model.write(tmp_path / "model")
    for text in ("aab", "a", "bb"):
        save(tmp_path / f"{text}.png", tiny_model.draw(text))
    (tmp_path / "data.tsv").write_text("image\ttext\naab.png\taab\na.png\tb\nbb.png\tbb\n")
    return tmp_path


def test_a_temperature_is_found_shown_and_saved(desk: Path) -> None:
    arguments = ("calibrate", "data.tsv", "--model", "model", "--decoder", "beam")
    found = json.loads(htrkit(*arguments, "--json", cwd=desk).out)
    assert (found["decoder"], found["words"]) == ("beam", 3)
    assert found["temperature"] > 1  # of three words that it is sure of, one is wrong
    assert load_model(desk / "model").temperature == 1
    run = htrkit(*arguments, "--save", cwd=desk)
    assert run.code == 0, run
    rows = [row.split() for row in run.out.splitlines()]
    assert rows[2][3] == f"{found['temperature']:.3f}"
    assert rows[4][3] == f"{found['line_exponent']:.3f}"
    assert run.out.endswith("3 words on 3 lines, read by bars with beam\n")
    saved = f"saved the temperature {found['temperature']} and the exponent {found['line_exponent']} in model\n"
    assert saved in run.err
    assert load_model(desk / "model").temperature == found["temperature"]
