"""Options tuned through the real command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from htrkit.model import load_model
from tests import tiny_model
from tests.drawing import save
from tests.evaluation.strangers import SOURCE
from tests.strangers import htrkit, install

pytest.importorskip("optuna")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model, and lines on which it always misses the last character."""
    tiny_model.write(tmp_path / "model")
    for text in ("aab", "a", "bb"):
        save(tmp_path / f"{text}.png", tiny_model.draw(text))
    (tmp_path / "data.tsv").write_text("image\ttext\naab.png\taabb\na.png\tab\nbb.png\tbbb\n")
    return tmp_path


def test_tuned_saved_and_from_then_on_used(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    site = install(tmp_path / "site", "acme-htr", source=SOURCE)
    common = ("data.tsv", "--model", "model", "--resamples", "200")
    arguments = ("tune", *common, "--cache", "cache", "--trials", "8", "--decoder", "good: width=2", "-o", "suffix=x,b")
    run = htrkit(*arguments, "--save", cwd=desk, path=site)
    assert run.code == 0, run
    assert run.out.startswith("best: good:width=2,suffix=b\n")
    assert "CER: -33.33 (-50.00 to -25.00) points" in run.out
    assert "trial 8: suffix=" in run.err
    assert "saved good:width=2,suffix=b as the decoder of model\n" in run.err
    assert load_model(desk / "model").decoder == "good:width=2,suffix=b"
    measured = json.loads(htrkit("evaluate", *common, "--json", cwd=desk, path=site).out)
    assert (measured["decoder"], measured["cer"]["value"]) == ("good", 0.0)
    values = json.loads(htrkit(*arguments, "--json", cwd=desk, path=site).out)
    assert values["after"]["options"] == {"width": 2, "suffix": "b"}
    assert (values["before"]["cer"]["value"], values["after"]["cer"]["value"]) == (pytest.approx(1 / 3), 0.0)
    assert len(values["trials"]) == 8


def test_the_help_has_ranges_and_no_pictures() -> None:
    run = htrkit("tune", "--help", COLUMNS="200")
    assert run.code == 0
    assert re.search(r"beam_width=\d+:\d+:log", run.out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--decoder", "beem", "-o", "beam_width=1:9"], "no decoder named 'beem'"),
        (["--decoder", "beam"], "name at least one option to tune"),
        (["--decoder", "beam", "-o", "width=1:9"], "decoder 'beam' has no option 'width'"),
    ],
)
def test_wrong_usage(desk: Path, arguments: list[str], message: str) -> None:
    run = htrkit("tune", "data.tsv", "--model", "model", "--cache", "cache", *arguments, cwd=desk)
    assert (run.code, run.out) == (2, ""), run
    assert message in run.err
    assert "Traceback" not in run.err
