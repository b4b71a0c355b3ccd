"""Model folders that are damaged, and training texts that cannot be learnt, through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from htrkit.alphabet import Alphabet
from tests import tiny_model
from tests.drawing import save
from tests.encoders import foreign
from tests.strangers import htrkit


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model that reads bars, and an image of bars."""
    tiny_model.write(tmp_path / "model")
    save(tmp_path / "ab.png", tiny_model.draw("ab"))
    return tmp_path


def refused(desk: Path, said: str) -> None:
    run = htrkit("recognize", "ab.png", "--model", "model", cwd=desk)
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("error: ")
    assert said in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize("name", ["model.json", "encoder.onnx"])
def test_a_missing_file_is_named(desk: Path, name: str) -> None:
    (desk / "model" / name).unlink()
    refused(desk, name)


def test_an_altered_file_is_named(desk: Path) -> None:
    with (desk / "model" / "encoder.onnx").open("ab") as file:
        file.write(b"\0")
    refused(desk, "altered")


def test_a_newer_format_says_what_to_do(desk: Path) -> None:
    path = desk / "model" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3}))
    refused(desk, "get a newer htrkit")


def test_an_alphabet_that_does_not_fit_the_network_is_refused(desk: Path) -> None:
    tiny_model.write(desk / "model", alphabet=Alphabet("abc"))
    refused(desk, "3 labels, the alphabet needs 4")


def test_a_network_without_end_is_not_waited_for(desk: Path) -> None:
    tiny_model.write(desk / "model", content=foreign.with_loop(above=0.0))
    refused(desk, ", and was stopped")


def test_a_network_of_eight_gigabytes_is_refused(desk: Path) -> None:
    tiny_model.write(desk / "model", content=foreign.with_constant(2 << 30))
    refused(desk, "model model: the network fails on a line: needed too much memory")


def test_a_file_that_no_network_needs_is_not_read(desk: Path) -> None:
    weights = desk / "model" / "weights.bin"
    with weights.open("wb") as file:
        file.truncate(8 << 30)
    path = desk / "model" / "model.json"
    described = json.loads(path.read_text())
    described["sha256"]["weights.bin"] = "0" * 64
    path.write_text(json.dumps(described))
    refused(desk, "weights.bin is larger than 2 GiB")


def test_texts_that_cannot_be_learnt_are_left_out_and_counted(desk: Path) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    rows = ["image\ttext", *["ab.png\tab"] * 4, f"ab.png\t{'ab' * 20}", "ab.png\tabz", "ab.png\t"]
    (desk / "data.tsv").write_text("\n".join(rows) + "\n")
    arguments = ["--valid", "data.tsv", "--out", "new", "--epochs", "1", "--alphabet", "ab", "--preprocess", "none"]
    run = htrkit("train", "data.tsv", *arguments, cwd=desk)
    assert run.code == 1
    assert "training: 6 read, 1 skipped: " in run.err
    assert "2 of 6 training samples cannot be learnt from: " in run.err
    run = htrkit("train", "data.tsv", *arguments, "--may-leave-out", "0.34", cwd=desk)
    assert run.code == 0, run.err
    assert "1 left out: its text needs more frames than the image has (first: " in run.err
    assert "1 left out: characters outside the alphabet: z (first: " in run.err
    assert "4 training and 6 validation samples" in run.err
    assert htrkit("recognize", "ab.png", "--model", "new", cwd=desk).code == 0
