"""Training runs: they learn, survive interruption, go on exactly, and end in a model that reads."""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import htrkit
from htrkit.errors import InputError, ModelError, UsageError
from htrkit.evaluation import calibrating
from htrkit.model import load_model
from htrkit.spec import Spec
from htrkit.training import loop, refitting
from htrkit.training.checkpoints import Checkpoints
from htrkit.training.loop import resume, train
from htrkit.training.network import ctc_model, trained_network
from htrkit.training.optimizer import compile_for, take_averages
from htrkit.training.settings import TrainSettings
from tests import tiny_model
from tests.training.operators import operators_of
from tests.training.quiet import Quiet


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """32 images of bars with their texts, as a table."""
    folder = tmp_path_factory.mktemp("bars")
    rng = np.random.default_rng(0)
    rows = ["image\ttext\twriter"]
    for i in range(32):
        text = "".join(rng.choice(["a", "b"], rng.integers(1, 4)))
        cv2.imwrite(str(folder / f"{i}.png"), tiny_model.draw(text))
        rows.append(f"{i}.png\t{text}\t{i % 4}")
    (folder / "table.tsv").write_text("\n".join(rows) + "\n")
    return str(folder / "table.tsv")


def settings(data, out, **changes):
    values = {"epochs": 2, "batch_size": 8, "preprocess": (), "augment": False, "valid_fraction": 0.25}
    return TrainSettings(data=(data,), out=out, **{**values, **changes})


@pytest.fixture(scope="module")
def straight(data, tmp_path_factory):
    """A run of two epochs without interruption: its folder and what it told."""
    out = tmp_path_factory.mktemp("runs") / "straight"
    progress = Quiet()
    train(settings(data, out), progress)
    return out, progress


def test_it_ends_in_a_model_that_loads_and_reads(straight, tmp_path):
    out, progress = straight
    model = load_model(out)
    assert (model.name, model.alphabet.characters, model.architecture) == ("straight", "ab", "simple")
    assert isinstance(htrkit.Recognizer.load(out).read(_image(tmp_path)).text, str)
    card = (out / "README.md").read_text()
    assert "3,197,603 parameters" in card
    assert "table.tsv" in card
    assert "| numbers | 8-bit integers in `encoder.onnx`, whose CER is at most 0.2% above that of the floats |" in card
    assert any(note.startswith("the network reads in integers: CER ") for note in progress.notes)
    assert "DynamicQuantizeLSTM" in operators_of(model)
    rows = list(csv.DictReader((out / "training" / "history.csv").open()))
    assert [int(row["epoch"]) for row in rows] == [1, 2]
    assert [row["epoch"] for row, _ in progress.epochs] == [1, 2]
    assert all(readings for _, readings in progress.epochs)


def test_a_finished_run_can_be_written_in_floats(straight, tmp_path):
    shutil.copytree(straight[0], tmp_path / "copy")
    model = resume(tmp_path / "copy", {"quantize": False}, Quiet())
    assert model == load_model(tmp_path / "copy")
    assert "LSTM" in operators_of(model)
    assert not set(operators_of(model)) & {"DynamicQuantizeLSTM", "QuantizeLinear"}
    assert "integers" not in (tmp_path / "copy" / "README.md").read_text()


@pytest.fixture(scope="module")
def refitted(data, straight, tmp_path_factory):
    """A run with two refits: its folder and what it told."""
    out, progress = tmp_path_factory.mktemp("refitted") / "whole", Quiet()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refitting, "ends_better", lambda state: True)
        train(settings(data, out, start_from=str(straight[0]), refit=2, valid_group="writer"), progress)
    return out, progress


def refit_losses(out):
    histories = [out / f"training/refit-{number}/history.csv" for number in (1, 2)]
    return [float(row["loss"]) for history in histories for row in csv.DictReader(history.open())]


def test_refits_learn_from_what_was_held_out_and_are_averaged(refitted, straight):
    out, progress = refitted
    assert any("24 training and 8 validation" in note for note in progress.notes)
    assert sum("32 training and 0 validation" in note for note in progress.notes) == 2
    assert sum("in integers" in note for note in progress.notes) == 1  # measured where it means something
    told = progress.epochs[2:]
    assert [row["epoch"] for row, _ in told] == [1, 2, 1, 2]
    assert not any("valid_cer" in row or readings for row, readings in told)
    assert len(set(refit_losses(out))) == 4  # each makes its own random choices
    model = load_model(out)
    assert model.temperature == load_model(straight[0]).temperature
    assert "2 x 2 anew, with the validation data too, averaged" in (out / "README.md").read_text()
    assert "DynamicQuantizeLSTM" in operators_of(model)
    weights = [weights_of(model), *(checkpoint(out / f"training/refit-{number}") for number in (1, 2))]
    for averaged, one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(averaged, (one + other) / 2, atol=1e-6)


def weights_of(model):
    return trained_network(model).get_weights()


def checkpoint(folder):
    """The averaged weights of a run's last epoch."""
    state = json.loads((folder / "state.json").read_text())
    architecture = Spec.parse("architecture", state["settings"]["architecture"]).create()
    trained = ctc_model(architecture, len(state["alphabet"]) + 1)
    compile_for(trained, TrainSettings(out=folder), 2, steps=1)
    Checkpoints(folder).load_weights(trained, 2)
    take_averages(trained)
    return trained.network.get_weights()


def test_a_refit_that_is_interrupted_goes_on_and_ends_the_same(data, straight, refitted, tmp_path, monkeypatch):
    class InSecond(Quiet):
        def begin(self, what, *more):
            super().begin(what, *more)
            if what.startswith("epoch 1/") and "anew, with the validation data too: 2 of 2" in self.notes:
                raise KeyboardInterrupt

    monkeypatch.setattr(refitting, "ends_better", lambda state: True)
    out = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        train(settings(data, out, start_from=str(straight[0]), refit=2, valid_group="writer"), InSecond())
    assert load_model(out).checksums["encoder.keras"]  # without what was held out, but a model
    resume(out, {}, Quiet())
    assert refit_losses(out) == pytest.approx(refit_losses(refitted[0]), rel=1e-4)


def test_refits_that_are_done_stay_whatever_a_resumed_run_changes(data, refitted, tmp_path, monkeypatch):
    monkeypatch.setattr(refitting, "ends_better", lambda state: True)
    out = tmp_path / "copy"
    shutil.copytree(refitted[0], out)
    for name in ("training", "training/refit-1", "training/refit-2"):
        folder = json.loads((out / name / "state.json").read_text())
        folder["settings"]["data"] = [str(tmp_path / "gone.tsv")]
        (out / name / "state.json").write_text(json.dumps(folder))
    progress = Quiet()
    model = resume(out, {"quantize": False, "patience": 5}, progress)
    assert not progress.epochs
    assert not any("not refitted" in note for note in progress.notes)
    for one, other in zip(weights_of(model), weights_of(load_model(refitted[0])), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert "LSTM" in operators_of(model)


@pytest.mark.parametrize("gone", ["better", "data", "base", "base that is no more"])
def test_what_cannot_be_refitted_stays_as_it_is_and_says_so(data, straight, tmp_path, monkeypatch, gone):
    monkeypatch.setattr(refitting, "ends_better", lambda state: gone != "better")
    base, out = tmp_path / "base", tmp_path / "run"
    shutil.copytree(straight[0], base)
    train(settings(data, out, start_from=str(base), epochs=1), Quiet())
    if gone.startswith("base"):
        shutil.rmtree(base)
    if gone == "base":
        shutil.copytree(out, base)
    saved = out / "training/state.json"
    state = json.loads(saved.read_text())
    state["settings"] |= {"refit": 1} | ({"data": ["gone.tsv"]} if gone == "data" else {})
    saved.write_text(json.dumps(state))
    progress = Quiet()
    model = resume(out, {}, progress)
    told = {"better": "reads no better", "data": "the data is gone", "base": "is another model"}.get(gone, "no model")
    assert any(note.startswith("not refitted: ") and told in note for note in progress.notes)
    assert model.file("encoder.keras") == load_model(out).file("encoder.keras")


def _image(folder):
    cv2.imwrite(str(folder / "x.png"), tiny_model.draw("ab"))
    return folder / "x.png"


def test_interrupted_in_the_second_epoch_it_goes_on_from_the_first_and_ends_the_same(data, straight, tmp_path):
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(settings(data, out), Quiet(interrupt_in_epoch=2))
    assert not (out / "model.json").exists()
    progress = Quiet()
    resume(out, {}, progress)
    assert [row["epoch"] for row, _ in progress.epochs] == [2]
    histories = [
        [
            {k: v for k, v in row.items() if k != "seconds"}
            for row in csv.DictReader((o / "training/history.csv").open())
        ]
        for o in (out, straight[0])
    ]
    assert histories[0][0] == histories[1][0]
    assert float(histories[0][1]["loss"]) == pytest.approx(float(histories[1][1]["loss"]), rel=1e-4)


def test_a_finished_run_is_not_overwritten_and_an_absent_one_not_resumed(data, straight, tmp_path):
    with pytest.raises(UsageError, match="--resume"):
        train(settings(data, straight[0]), Quiet())
    with pytest.raises(UsageError, match="no training run to resume"):
        resume(tmp_path / "nothing", {}, Quiet())
    with pytest.raises(UsageError, match="keeps its alphabet"):
        resume(straight[0], {"alphabet": "xyz"}, Quiet())


def test_a_finished_run_makes_its_model_again_without_its_data(data, straight, tmp_path):
    out = tmp_path / "kept"
    shutil.copytree(straight[0] / "training", out / "training")
    state = json.loads((out / "training/state.json").read_text())
    state["settings"]["data"] = [str(tmp_path / "gone.tsv")]
    (out / "training/state.json").write_text(json.dumps(state))
    progress = Quiet()
    assert resume(out, {}, progress).checksums["encoder.keras"]
    assert any(note.startswith("neither in integers nor calibrated") for note in progress.notes)
    in_floats, as_written = (htrkit.Recognizer.load(path).read(_image(tmp_path)) for path in (out, straight[0]))
    assert in_floats.text == as_written.text
    assert in_floats.hypotheses[0].log_prob == pytest.approx(as_written.hypotheses[0].log_prob, rel=0.1)


def test_two_processes_do_not_train_in_one_folder(data, tmp_path):
    out = tmp_path / "run"
    hold = (
        "import sys; from pathlib import Path; from htrkit.training.checkpoints import Checkpoints\n"
        "with Checkpoints(Path(sys.argv[1]) / 'training').claimed(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="another process is training in"):
            train(settings(data, out), Quiet())
        other.kill()
    train(settings(data, out, epochs=1), Quiet())


def test_it_learns_to_read(data, straight, tmp_path):
    out = tmp_path / "more"
    progress = Quiet()
    train(settings(data, out, epochs=16, batch_size=4, start_from=str(straight[0])), progress)
    assert any(note.startswith("starting from") for note in progress.notes)
    cers = [row["valid_cer"] for row, _ in progress.epochs]
    assert min(cers) < 0.5
    assert cers[0] > min(cers)


def test_it_is_never_worse_than_the_model_that_it_started_from(data, straight, tmp_path):
    progress = Quiet()
    wild = settings(data, tmp_path / "wild", epochs=1, learning_rate=50.0, start_from=str(straight[0]))
    model = train(wild, progress)
    rows = list(csv.DictReader((tmp_path / "wild/training/history.csv").open()))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert float(rows[0]["valid_cer"]) <= float(rows[1]["valid_cer"])
    assert any("no epoch reads better than" in note for note in progress.notes)
    image = _image(tmp_path)
    assert htrkit.Recognizer.load(model.folder).read(image) == htrkit.Recognizer.load(straight[0]).read(image)


def test_a_network_larger_than_the_model_s_begins_where_the_model_stands(data, straight, tmp_path):
    small = {"height": 32, "channels": (8, 16), "blocks": (1, 1), "lstm_layers": 1, "lstm_units": 16}
    base = tmp_path / "base"
    train(settings(data, base, epochs=6, batch_size=4, architecture=Spec("architecture", "crnn", small)), Quiet())
    larger = Spec("architecture", "crnn", {**small, "blocks": (1, 2), "lstm_units": 24})
    progress = Quiet()
    out = tmp_path / "larger"
    model = train(settings(data, out, epochs=1, architecture=larger, start_from=str(base)), progress)
    began = next(csv.DictReader((out / "training/history.csv").open()))
    reached = min(float(row["valid_cer"]) for row in csv.DictReader((base / "training/history.csv").open()))
    assert float(began["valid_cer"]) == pytest.approx(reached, abs=1e-5)
    assert model.architecture_options["lstm_units"] == 24

    with pytest.raises(
        ModelError, match=r"has another network \(crnn\): --arch must name the same, or one that it can"
    ):
        train(
            settings(data, tmp_path / "back", architecture=Spec("architecture", "crnn", small), start_from=str(out)),
            Quiet(),
        )
    with pytest.raises(ModelError, match="has another network"):  # one that grows nothing
        train(settings(data, tmp_path / "other", start_from=str(base)), Quiet())


def test_texts_that_cannot_be_learnt_are_left_out_with_their_reason(data, tmp_path):
    rows = ["image\ttext", f"{data}/../0.png\tab", "x.png\tabz", f"x.png\t{'ab' * 20}", f"x.png\t{'a' * 17}"]
    cv2.imwrite(str(tmp_path / "x.png"), tiny_model.draw("ab"))
    rows[1] = "x.png\tab"
    (tmp_path / "t.tsv").write_text("\n".join(rows) + "\n")
    progress = Quiet()
    few = settings(str(tmp_path / "t.tsv"), tmp_path / "few", valid=(data,), alphabet="ab", epochs=1)
    ways = "3 of 4 training samples.*--arch crnn.*--alphabet.*--may-leave-out 0.75"
    with pytest.raises(InputError, match=ways):
        train(few, Quiet())
    train(replace(few, out=tmp_path / "out", may_leave_out=0.75), progress)
    told = "\n".join(progress.notes)
    assert "1 left out: characters outside the alphabet: z" in told
    assert "2 left out: its text needs more frames than the image has" in told
    assert "1 training and 32 validation samples" in told


def test_nothing_to_learn_from_or_to_validate_on_is_said(tmp_path):
    cv2.imwrite(str(tmp_path / "x.png"), tiny_model.draw("ab"))
    for name, samples, wanted in (("one", 1, "nothing to validate on"), ("four", 4, "nothing to train on: none of 3")):
        (tmp_path / f"{name}.tsv").write_text("image\ttext\n" + "x.png\tzz\n" * samples)
        with pytest.raises(InputError, match=wanted):
            train(settings(str(tmp_path / f"{name}.tsv"), tmp_path / name, alphabet="ab"), Quiet())
        assert not (tmp_path / name).exists()


def test_a_run_that_is_refused_leaves_what_was_in_its_folder(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(InputError):
        train(settings(str(tmp_path / "no-such.tsv"), tmp_path / "out", alphabet="ab"), Quiet())
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "notes.txt"]
    (tmp_path / "out" / "training").mkdir()
    (tmp_path / "out" / "training" / "notes.txt").write_text("mine, too")
    with pytest.raises(InputError):
        train(settings(str(tmp_path / "no-such.tsv"), tmp_path / "out", alphabet="ab"), Quiet())
    assert (tmp_path / "out" / "training" / "notes.txt").read_text() == "mine, too"


def test_whole_writers_are_held_out(data, tmp_path):
    progress = Quiet()
    train(settings(data, tmp_path / "out", valid_by="writer", epochs=1), progress)
    assert "24 training and 8 validation samples" in "\n".join(progress.notes)


def test_a_base_that_no_package_declares_is_tried_first(tmp_path, monkeypatch):
    def refuse(what, *_, **__):
        raise ModelError(f"{what} hangs")

    monkeypatch.setattr(loop, "try_first", refuse)
    tiny_model.write(tmp_path / "base", architecture="crnn")
    with pytest.raises(ModelError, match=r"model .*base hangs$"):
        loop.begin(tmp_path / "out", {"data": [], "start_from": str(tmp_path / "base")}, Quiet())


def test_a_run_ends_in_a_calibrated_model(straight, tmp_path, monkeypatch):
    out = tmp_path / "again"
    shutil.copytree(straight[0], out)
    read = []

    def calibrate(recognizer, samples, *, progress):
        read.extend(sample.text for sample in samples)
        curve = calibrating.calibration([True], [0.5])
        return calibrating.Fit(1.5, 0.7, counts.pop(0), 8, curve, curve, curve, curve)

    monkeypatch.setattr(loop.calibrating, "calibrate", calibrate)
    counts = [loop.FEWEST_WORDS - 1, loop.FEWEST_WORDS]
    for temperature in (1.0, 1.5):
        model = resume(out, {}, Quiet())
        assert model.temperature == load_model(out).temperature == temperature
    assert len(read) == 16
    assert model.line_exponent == 0.7
