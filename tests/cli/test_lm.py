"""Building a language model through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from htrkit.language_models import arpa, character_file
from tests.strangers import htrkit

TEXT = "the rain falls on the sea\nthe sea falls on the shore\non the shore the rain is the sea\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "verse.txt").write_text(TEXT)
    return tmp_path


def test_a_word_model(desk: Path) -> None:
    run = htrkit("lm", "build", "verse.txt", "--order", "2", cwd=desk)
    assert (run.code, run.out) == (0, "lm.arpa\n")
    assert "read with it: htrkit recognize IMAGE --decoder beam-lm -o language_model=lm.arpa" in run.err
    assert len(arpa.read(desk / "lm.arpa").rows[0]) == 10
    assert "<unk>" in arpa.vocabulary(desk / "lm.arpa")


def test_a_character_model_reads_an_image(desk: Path) -> None:
    options = ["--characters", "--out", "verse.npz", "--prune", "0,0,1", "--json"]
    run = htrkit("lm", "build", "verse.txt", *options, cwd=desk)
    assert run.code == 0
    built = json.loads(run.out)
    assert (built["path"], len(built["ngrams"])) == ("verse.npz", 6)
    assert character_file.load(desk / "verse.npz").trie.order == 6


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.txt"], 1, "cannot read none.txt"),
        (["verse.txt", "--out", "verse.bin"], 2, "a word model is written as .arpa"),
        (["verse.txt", "--prune", "1"], 2, "prune=1 does not fit order 3"),
        (["verse.txt", "--prune", "some"], 2, "'some' is not counts"),
        (["verse.txt", "--order", "0"], 2, "order"),
        (["verse.txt", "--order", "100000"], 2, "order"),
        (["verse.txt", "--out", "verse.txt"], 2, "verse.txt is there already"),
        (["empty.txt"], 1, "no token"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Path, arguments: list[str], code: int, message: str) -> None:
    (desk / "empty.txt").write_text("\n")
    run = htrkit("lm", "build", *arguments, cwd=desk)
    assert run.code == code
    assert message in run.err
    assert "Traceback" not in run.err
    assert {path.name for path in desk.iterdir()} == {"verse.txt", "empty.txt"}
