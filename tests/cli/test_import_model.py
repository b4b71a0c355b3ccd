"""``htrkit import-model`` on a network drawn for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save
from tests.encoders import foreign
from tests.strangers import htrkit


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A network with the blank last, its characters, and a line."""
    (tmp_path / "net.onnx").write_bytes(foreign.network(layout="NCHW", values="logits", blank="last"))
    (tmp_path / "chars.txt").write_text("a\nb\n")
    save(tmp_path / "line.png", tiny_model.draw("abba"))
    return tmp_path


def test_a_network_becomes_a_model(desk: Path) -> None:
    made = htrkit("import-model", "net.onnx", "--alphabet", "chars.txt", "--out", "m", "--sample", "line.png",
                  "--text", "abba", cwd=desk)  # fmt: skip
    assert (made.code, made.out) == (0, "")
    assert "the sample reads 'abba' with onnx:" in made.err
    assert "the blank is the last label" in made.err
    assert htrkit("recognize", "line.png", "--model", "m", cwd=desk).out == "abba\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "does not tell ink, paper, blank, align: give --sample and --text"),
        (["--sample", "line.png"], 2, "--sample and --text go together"),
        (["--sample", "no.png", "--text", "ab"], 1, "no.png"),
        (["-o", "layuot=NCHW"], 2, "did you mean 'layout'"),
        (["-o", "layout=NHWC"], 1, "no order of the axes"),
    ],
)
def test_what_is_open_or_wrong_is_said(desk: Path, arguments: list[str], code: int, said: str) -> None:
    run = htrkit("import-model", "net.onnx", "--alphabet", "chars.txt", "--out", "m", *arguments, cwd=desk)
    assert (run.code, run.out) == (code, "")
    assert said in run.err
    assert "Traceback" not in run.err
    assert not (desk / "m").exists()
