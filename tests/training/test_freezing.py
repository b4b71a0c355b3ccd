"""Fine-tuning a part of a network: what is frozen stays, what is thawed learns, and a resumed run goes on alike."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import keras

from htrkit.errors import UsageError
from htrkit.files import file_digest
from htrkit.model import TRAINABLE
from htrkit.spec import Spec
from htrkit.training import loop
from htrkit.training.architectures.crnn import CRNN
from htrkit.training.architectures.simple import Simple
from htrkit.training.checkpoints import Checkpoints
from htrkit.training.loop import resume, train
from htrkit.training.network import ctc_model
from htrkit.training.optimizer import set_frozen
from htrkit.training.settings import TrainSettings
from tests import tiny_model
from tests.drawing import save
from tests.training.quiet import Quiet

TINY = {"height": 16, "channels": (4,), "blocks": (1,), "lstm_layers": 1, "lstm_units": 4}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("bars")
    rows = ["image\ttext"]
    for i, text in enumerate(("ab", "aba", "bbab", "a", "b", "abab", "ba", "aa") * 2):
        save(folder / f"{i}.png", tiny_model.draw(text, width=16 * len(text)))
        rows.append(f"{i}.png\t{text}")
    (folder / "data.tsv").write_text("\n".join(rows) + "\n")
    return str(folder / "data.tsv")


def settings(data: str, out: Path, **changes: Any) -> TrainSettings:
    values = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "preprocess": ()}
    return TrainSettings(
        data=(data,), out=out, architecture=Spec("architecture", "crnn", TINY), **{**values, **changes}
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing yet, but can be trained."""
    folder, architecture = tmp_path_factory.mktemp("base"), CRNN(**TINY)
    architecture.build(3).save(folder / TRAINABLE)
    checksums = {TRAINABLE: file_digest(folder / TRAINABLE)}
    tiny_model.write(
        folder, rule=architecture.input_rule, architecture="crnn", architecture_options=TINY, checksums=checksums
    )
    return folder


@pytest.fixture(autouse=True)
def _only_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_written", lambda *_: None)


def changed(base: Path, out: Path, epoch: int) -> dict[str, bool]:
    """Whether the weights of each kind of layer differ between the base and the checkpoint of an epoch."""
    before = keras.saving.load_model(base / TRAINABLE, compile=False)
    after = ctc_model(CRNN(**TINY), 3)
    Checkpoints(out / "training").load_weights(after, epoch)
    differ: dict[str, bool] = {}
    for old, new in zip(before.layers, after.network.layers, strict=True):
        for a, b in zip(old.get_weights(), new.get_weights(), strict=True):
            kind = type(old).__name__
            differ[kind] = differ.get(kind, False) or not np.array_equal(a, b)
    return differ


@pytest.mark.parametrize("part", ["convolutions", "body"])
def test_what_is_frozen_stays_and_the_rest_learns(data: str, base: Path, tmp_path: Path, part: str) -> None:
    train(settings(data, tmp_path / "out", start_from=str(base), freeze=part), Quiet())
    assert changed(base, tmp_path / "out", 2) == {
        "Conv2D": False,
        "BatchNormalization": False,
        "Bidirectional": part == "convolutions",
        "Dense": True,
    }


def test_after_so_many_epochs_everything_learns_and_a_resumed_run_is_the_same(
    data: str, base: Path, tmp_path: Path
) -> None:
    how = {"start_from": str(base), "freeze": "convolutions", "freeze_epochs": 1, "epochs": 3, "patience": 9}
    straight = Quiet()
    train(settings(data, tmp_path / "straight", **how), straight)
    assert "nothing is frozen from here on" in straight.notes
    assert all(changed(base, tmp_path / "straight", 3).values())
    with pytest.raises(KeyboardInterrupt):  # in the first epoch after the thaw
        train(settings(data, tmp_path / "run", **how), Quiet(interrupt_in_epoch=2))
    with pytest.raises(KeyboardInterrupt):
        resume(tmp_path / "run", {}, Quiet(interrupt_in_epoch=3))
    resume(tmp_path / "run", {}, Quiet())
    losses = [
        [
            float(row["loss"])
            for row in csv.DictReader((tmp_path / name / "training" / "history.csv").open())
            if row["loss"]
        ]
        for name in ("straight", "run")
    ]
    assert len(losses[0]) == 3
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    with pytest.raises(UsageError, match="keeps its freeze_epochs"):
        resume(tmp_path / "run", {"freeze_epochs": 2}, Quiet())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"freeze": "all", "start_from": "x"}, r"freeze must be convolutions\|body or none, not all"),
        ({"freeze": "body"}, "name a model, --from"),
        ({"freeze_epochs": 2}, "--freeze names"),
        ({"freeze": "body", "start_from": "x", "freeze_epochs": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_frozen_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        TrainSettings(data=("x",), out=Path(), **changes)


def test_convolutions_are_what_stands_before_a_recurrent_layer() -> None:
    simple = Simple().build(3)
    set_frozen(simple, "convolutions", True)
    kinds = {type(layer).__name__: layer.trainable for layer in simple.layers if layer.weights}
    assert kinds == {"Conv2D": False, "BatchNormalization": False, "Bidirectional": True, "Dense": True}
    ink = keras.Input((4, 4, 1))
    with pytest.raises(UsageError, match="--freeze body"):
        set_frozen(keras.Model(ink, keras.layers.Dense(2)(keras.layers.Conv2D(1, 1)(ink))), "convolutions", True)
