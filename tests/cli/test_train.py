"""Data in, a model folder out, through the real command."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from htrkit.cli import app as cli
from htrkit.cli.train import _quiet_stderr
from htrkit.cli.train_display import TrainDisplay
from tests import tiny_model
from tests.drawing import save
from tests.strangers import htrkit

TEXTS = ("aab", "abab", "bb", "a", "ab", "ba", "b", "abb") * 3


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cleaned lines go to a folder of the tests."""
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of bars, the last row of which has no image."""
    folder = tmp_path_factory.mktemp("bars")
    rows = ["image\ttext"]
    for i, text in enumerate(TEXTS):
        save(folder / f"{i}.png", tiny_model.draw(text))
        rows.append(f"{i}.png\t{text}")
    (folder / "data.tsv").write_text("\n".join([*rows, "nope.png\ta"]) + "\n")
    return folder / "data.tsv"


def test_a_killed_run_is_resumed_and_ends_in_a_model_that_reads(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    out = tmp_path / "model"
    arguments = ["train", str(data), "--out", str(out), "--batch-size", "8", "--preprocess", "none", "--no-augment"]
    command = [sys.executable, "-m", "htrkit", *arguments, "--epochs", "999"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"NO_COLOR": "1"}) as process:
        assert process.stderr
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("epoch 1/999  loss "):
                process.kill()
    assert any(line.startswith("training: 24 read, 1 skipped: missing image (1, first: ") for line in said), said
    assert any(line.startswith("epoch 1/999  loss ") for line in said), said

    assert cli.run(["train", "--resume", "--out", str(out), "--epochs", "2"]) == 0
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "epoch 2/2  loss " in shown.err
    assert f"htrkit recognize IMAGE --model {out}" in shown.err
    assert cli.run(["recognize", str(data.parent / "0.png"), "--model", str(out)]) == 0
    assert cli.run(arguments) == 2
    assert "holds a training run already: go on with --resume" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "missing option '--out'"),
        (["--out", "x"], "there is no data to train on"),
        (["data.tsv", "--out", "x", "--epochs", "many"], "invalid value for '--epochs'"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_loaded(tmp_path: Path, arguments: list[str], said: str) -> None:
    run = htrkit("train", *arguments, cwd=tmp_path)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"error: {said}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--arch", "simpel"], "no architecture named 'simpel'; did you mean 'simple'?"),
        (["-a", "dropout=0", "-a", "dropout=1"], "option 'dropout' of architecture 'simple' is given twice"),
        (["-a", "droop=1"], "architecture 'simple' has no option 'droop'; did you mean 'dropout'"),
        (["--preprocess", "crob"], "no preprocessor named 'crob'; did you mean 'crop'?"),
        (["--epochs", "0"], "epochs must be at least 1, not 0"),
        (["--resume"], "x has no training run to resume"),
    ],
)
def test_what_does_not_exist_is_refused(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    capfd.readouterr()  # what TensorFlow says, if this loaded it
    monkeypatch.chdir(tmp_path)
    assert cli.run(["train", str(data), "--out", "x", *arguments]) == 2
    assert capfd.readouterr().err.startswith(f"error: {said}")
    assert not list(tmp_path.iterdir())


def test_data_and_places_that_will_not_do_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    monkeypatch.chdir(tmp_path)
    Path("lost.tsv").write_text("image\ttext\nnowhere.png\tx\n")
    for base in ([], ["--from", "latin-script"]):
        assert cli.run(["train", "lost.tsv", "--out", "x", *base]) == 1
        said = capfd.readouterr().err
        assert "training: 0 read, 1 skipped: missing image" in said
        assert said.endswith("error: no line of the training data can be used\n")
    assert cli.run(["train", "lost.tsv", "--out", "lost.tsv"]) == 2
    assert capfd.readouterr().err == "error: lost.tsv is a file: name a folder\n"


def test_without_keras_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("raise ModuleNotFoundError('No module named keras', name='keras')")
    run = htrkit("train", "x", "--out", "y", path=tmp_path, cwd=tmp_path)
    assert (run.code, run.out) == (2, "")
    assert run.err.endswith("error: training needs keras: pip install 'htrkit[train]'\n")
    assert "Traceback" not in run.err


def test_what_libraries_say_while_they_load_is_shown_only_if_that_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with _quiet_stderr():
        os.write(2, b"oneDNN custom operations are on\n")
    assert capfd.readouterr().err == ""

    def fail() -> None:
        with _quiet_stderr():
            os.write(2, b"no such processor\n")
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == "no such processor\n"
    print("after", file=sys.stderr)
    assert capfd.readouterr().err == "after\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


ROW = {"epoch": 2, "loss": 1.5, "valid_cer": 0.125, "valid_wer": 0.5, "valid_exact": 0.25, "seconds": 61.2}
LINE = "epoch 2/9  loss 1.500  CER 12.50%  WER 50.00%  exact 25.00%  61 s\n    cat  ≠  cart\n    a       a\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_an_epoch_ends_with_its_figures_and_what_the_network_reads(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    with TrainDisplay() as display:
        display.begin("reading training")
        display.done(10)
        display.begin("epoch 2/9", 3, "steps")
        display.done(1, "loss 4.000")
        display.done(1, "loss 3.000")
        display.begin("validating", 2)
        display.done(2)
        display.epoch_ended("epoch 2/9", ROW, [("cat", "cart"), ("a", "a")])
    if terminal:
        assert "loss 3.000" in err.getvalue()
        for line in LINE.splitlines():
            assert line in err.getvalue()
    else:
        assert err.getvalue() == LINE


def test_an_epoch_without_validation_ends_with_its_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    with TrainDisplay() as display:
        display.epoch_ended("epoch 2/9", {"epoch": 2, "loss": 3.25, "seconds": 7.0}, [])
    assert err.getvalue() == "epoch 2/9  loss 3.250  7 s\n"


def test_a_log_file_tells_how_far_an_epoch_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("htrkit.cli.bars.time.monotonic", lambda: clock[0])
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    with TrainDisplay() as display:
        display.begin("reading training")
        for _ in range(119):
            clock[0] += 1.0
            display.done()
        display.begin("epoch 1/2", 100, "steps", 40)
        for _ in range(60):  # ten seconds a step
            clock[0] += 10.0
            display.done(1, "loss 3.000")
    assert err.getvalue().splitlines() == [
        "reading training: 60 · 1.0 lines/s",
        "epoch 1/2: 46/100 · loss 3.000 · 0.1 steps/s · 9:00 left",
        "epoch 1/2: 52/100 · loss 3.000 · 0.1 steps/s · 8:00 left",
        "epoch 1/2: 58/100 · loss 3.000 · 0.1 steps/s · 7:00 left",
        "epoch 1/2: 64/100 · loss 3.000 · 0.1 steps/s · 6:00 left",
        "epoch 1/2: 70/100 · loss 3.000 · 0.1 steps/s · 5:00 left",
        "epoch 1/2: 76/100 · loss 3.000 · 0.1 steps/s · 4:00 left",
        "epoch 1/2: 82/100 · loss 3.000 · 0.1 steps/s · 3:00 left",
        "epoch 1/2: 88/100 · loss 3.000 · 0.1 steps/s · 2:00 left",
        "epoch 1/2: 94/100 · loss 3.000 · 0.1 steps/s · 1:00 left",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="limits a file's size as a full disk would")
def test_a_disk_that_fills_loses_no_whole_epoch(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("keras", reason="training needs htrkit[train]")
    import resource

    out = tmp_path / "model"
    arguments = ["--out", str(out), "--batch-size", "24", "--preprocess", "none", "--no-augment"]
    assert cli.run(["train", str(data), *arguments, "--epochs", "1"]) == 0
    capfd.readouterr()

    def only_small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))

    full = subprocess.run(
        [sys.executable, "-m", "htrkit", "train", "--resume", "--out", str(out), "--epochs", "2"],
        preexec_fn=only_small_files,
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
        check=False,
    )
    assert full.returncode == 1
    assert "error: cannot write the checkpoint of epoch 2" in full.stderr
    assert "epoch 1 is kept" in full.stderr
    assert "Traceback" not in full.stderr
    assert sorted(path.name for path in (out / "training").iterdir() if path.name != "lock") == [
        "epoch-0001.weights.h5",
        "history.csv",
        "lines.json",
        "state.json",
    ]
    assert cli.run(["train", "--resume", "--out", str(out), "--epochs", "2"]) == 0
    assert "epoch 2/2  loss " in capfd.readouterr().err
