"""The network of lines: its shapes, its options, its ONNX twin, its second loss, and what padding does to it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("keras", reason="needs the train extra")

import keras

import htrkit
from htrkit.alphabet import Alphabet
from htrkit.encoders.keras import KerasEncoder
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import ModelError, UsageError
from htrkit.files import file_digest
from htrkit.model import NETWORK, TRAINABLE, Model, load_model
from htrkit.spec import Spec
from htrkit.training import loop
from htrkit.training.architectures.crnn import CRNN
from htrkit.training.checkpoints import Checkpoints
from htrkit.training.export import export_onnx
from htrkit.training.loop import resume, train
from htrkit.training.network import ctc_model, start_from
from htrkit.training.settings import TrainSettings
from htrkit.types import Line
from tests import tiny_model
from tests.training.operators import operators_of
from tests.training.quiet import Quiet

TINY: dict[str, Any] = {"height": 32, "channels": [8, 16], "lstm_layers": 1, "lstm_units": 16}
ARCHITECTURE = Spec("architecture", "crnn", TINY)


@pytest.fixture(scope="module")
def network() -> Any:
    return CRNN().build(80)


def test_it_takes_any_width_and_gives_a_frame_every_four_columns(network: Any) -> None:
    assert network.input_shape == (None, 64, None, 1)
    for width in (4, 32, 100, 1023):
        log_probs = network.predict_on_batch(np.zeros((2, 64, width, 1), np.float32))
        assert log_probs.shape[0::2] == (2, 80)
        assert log_probs.shape[1] in (CRNN().input_rule.frames(width), CRNN().input_rule.frames(width + 3))
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=2), 1.0, atol=1e-5)


def test_its_default_is_small_and_its_published_size_is_an_option(network: Any) -> None:
    assert 1_500_000 < network.count_params() < 3_000_000
    large = CRNN(height=128, channels=[64, 128, 256], blocks=[2, 4, 4], lstm_layers=3, lstm_units=256)
    assert 5_000_000 < large.build(80).count_params() < 10_000_000


@pytest.mark.parametrize("more", [{"blocks": [2, 3]}, {"lstm_units": 24}, {"blocks": [1, 2], "lstm_units": 17}])
def test_a_larger_network_reads_as_the_smaller_one_until_it_is_trained(more: dict[str, Any]) -> None:
    small = {**TINY, "lstm_layers": 2, "dropout": 0.0}
    smaller, larger = CRNN(**small).build(7), CRNN(**{**small, **more}).build(7)
    for layer in smaller.layers:
        layer.set_weights([np.random.default_rng(1).uniform(0.2, 0.7, each.shape) for each in layer.get_weights()])
    ink = np.random.default_rng(0).random((2, 32, 80, 1), np.float32)
    before = smaller.predict_on_batch(ink)
    assert not np.allclose(larger.predict_on_batch(ink), before, atol=1e-3)
    CRNN(**{**small, **more}).grow(larger, smaller)
    np.testing.assert_allclose(larger.predict_on_batch(ink), before, atol=1e-5)
    assert larger.count_params() > smaller.count_params()

    trained = ctc_model(CRNN(**{**small, **more}), 7)
    CRNN(**{**small, **more}).grow(trained.network, smaller)
    trained.compile("sgd")
    for _ in range(2):
        trained.train_on_batch(
            (255 * ink).astype(np.uint8), (np.array([[1, 2]] * 2), np.array([2, 2]), np.array([20, 20]))
        )
    was = [each for layer in larger.layers for each in layer.get_weights()]
    now = [each for layer in trained.network.layers for each in layer.get_weights()]
    assert all((new != old)[old == 0.0].any() for new, old in zip(now, was, strict=True) if (old == 0.0).any())


@pytest.mark.parametrize(
    "other",
    [
        {"blocks": [1, 1]},
        {"lstm_units": 8},
        {"lstm_layers": 2},
        {"channels": [8, 24]},
        {"channels": [8], "blocks": [2]},
        {"height": 48},
    ],
)
def test_nothing_but_a_larger_network_of_the_same_kind_is_grown(other: dict[str, Any], tmp_path: Any) -> None:
    small = {**TINY, "blocks": [1, 2], "lstm_units": 12}
    base = laid_out(CRNN(**small).build(80), tmp_path, **small)
    wanted = CRNN(**{**small, "lstm_units": 16, **other})
    with pytest.raises(
        ModelError, match=r"has another network \(crnn\): --arch must name the same, or one that it can"
    ):
        start_from(wanted, wanted.build(80), base.alphabet, base)


def test_impossible_options_are_refused() -> None:
    with pytest.raises(UsageError, match="as many blocks as channels"):
        CRNN(channels=[64], blocks=[1, 1])
    with pytest.raises(UsageError, match="height of at least 8"):
        CRNN(height=4)
    with pytest.raises(UsageError, match=r"takes margins of 0 to 1, not margin=1.5 word_margin=0.0"):
        CRNN(margin=1.5)


def test_a_model_keeps_the_margins_of_its_network(tmp_path: Path) -> None:
    rule = CRNN(margin=0.2, word_margin=0.1).input_rule
    model = tiny_model.write(tmp_path, rule=rule)
    assert load_model(tmp_path) == model
    assert (model.input_rule.margin, model.input_rule.word_margin) == (0.2, 0.1)


def laid_out(network: Any, folder: Any, **options: Any) -> Model:
    """A model's folder with the network, which has such options, in both forms."""
    folder.mkdir(exist_ok=True)
    export_onnx(network, folder / NETWORK)
    network.save(folder / TRAINABLE)
    checksums = {name: file_digest(folder / name) for name in (NETWORK, TRAINABLE)}
    content, alphabet = (folder / NETWORK).read_bytes(), Alphabet("".join(map(chr, range(33, 33 + 79))))
    rule = CRNN(**options).input_rule
    files = {"content": content, "checksums": checksums}
    named = {"architecture": "crnn", "architecture_options": options}
    return tiny_model.write(folder, rule=rule, alphabet=alphabet, **files, **named)


def test_its_onnx_twin_takes_any_batch_and_width_and_computes_the_same(network: Any, tmp_path: Any) -> None:
    for layer in network.layers:  # statistics as training leaves them, not those of a new network
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([np.random.default_rng(0).uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    model = laid_out(network, tmp_path)
    operators = operators_of(model)
    assert operators.count("LSTM") == 2
    assert not {"Loop", "Scan", "If"} & set(operators)
    rng = np.random.default_rng(0)
    lines = [Line(str(w), rng.integers(0, 256, (64, w), dtype=np.uint8)) for w in (32, 64, 320, 320, 320, 1600)]
    read = OnnxEncoder(model, 0).encode(lines)
    for one, other in zip(read, KerasEncoder(model, 0).encode(lines), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_what_is_read_does_not_depend_on_what_else_is_read(network: Any, tmp_path: Any) -> None:
    encoder = OnnxEncoder(laid_out(network, tmp_path), 0)
    rng = np.random.default_rng(1)
    lines = [Line(str(w), rng.integers(0, 256, (64, w), dtype=np.uint8)) for w in (97, 128, 127, 900, 30)]
    together = encoder.encode(lines)
    for line, log_probs in zip(lines, together, strict=True):
        np.testing.assert_allclose(encoder.encode([line])[0], log_probs, atol=1e-5)
        assert len(log_probs) == line.pixels.shape[1] // 4


def test_the_shortcut_adds_its_share_to_the_loss_and_leaves_the_reading_network_alone() -> None:
    keras.utils.set_random_seed(0)
    architecture = CRNN(**TINY, shortcut=0.5, dropout=0.0)
    model = ctc_model(architecture, 5)
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 64, 1), np.uint8)
    y = (np.array([[1, 2], [3, 3]]), np.array([2, 2]), np.array([16, 16]))
    main, second = model(x, training=True)
    plain = model.compute_loss(y=y, y_pred=main)
    weighted = model.compute_loss(y=y, y_pred=[main, second])
    alone = model.compute_loss(y=y, y_pred=second)
    assert float(weighted) == pytest.approx(float(plain) + 0.5 * float(alone), rel=1e-5)
    assert len(model.network.outputs) == 1
    # every layer is trained once, whichever way leads to it
    names = [variable.path for variable in model.trainable_variables]
    shortcut = [name for name in names if name.startswith("shortcut")]
    assert len(shortcut) == 2
    assert len(names) == len(set(map(id, model.trainable_variables))) == len(model.network.trainable_variables) + 2
    assert ctc_model(CRNN(**TINY, shortcut=0.0), 5).network_with_auxiliary is None


def test_padding_is_not_learnt_from() -> None:
    """The loss ends where the line ends: what stands in the padding's frames has no gradient of its own."""
    model = ctc_model(CRNN(**TINY, shortcut=0.0), 5)
    log_probs = np.log(np.random.default_rng(0).dirichlet(np.ones(5), (1, 20))).astype(np.float32)
    changed = log_probs.copy()
    changed[0, 12:] = np.log(0.2)
    y = (np.array([[1, 2, 2]]), np.array([3]), np.array([12]))
    assert float(model.compute_loss(y=y, y_pred=log_probs)) == pytest.approx(
        float(model.compute_loss(y=y, y_pred=changed)), rel=1e-6
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """48 images of bars of many widths with their texts, as a table."""
    folder = tmp_path_factory.mktemp("bars")
    rng = np.random.default_rng(0)
    rows = ["image\ttext"]
    for i in range(48):
        text = "".join(rng.choice(["a", "b"], rng.integers(1, 9)))
        cv2.imwrite(str(folder / f"{i}.png"), tiny_model.draw(text, width=16 * len(text) + 8))
        rows.append(f"{i}.png\t{text}")
    (folder / "table.tsv").write_text("\n".join(rows) + "\n")
    return str(folder / "table.tsv")


def settings(data: str, out: Any, **changes: Any) -> TrainSettings:
    values = {"epochs": 2, "batch_size": 8, "preprocess": (), "valid_fraction": 0.25, "architecture": ARCHITECTURE}
    return TrainSettings(data=(data,), out=out, **{**values, **changes})


def test_a_run_interrupted_ends_as_it_would_have_and_its_model_reads(
    data: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = []
    for name, interrupt in (("straight", None), ("interrupted", 2)):
        out = tmp_path / name
        if interrupt:
            with pytest.raises(KeyboardInterrupt):
                train(settings(data, out), Quiet(interrupt_in_epoch=interrupt))
            with monkeypatch.context() as without_export:
                without_export.setattr(loop, "_written", lambda *_: None)
                resume(out, {}, Quiet())
        else:
            train(settings(data, out), Quiet())
        with (out / "training" / "history.csv").open() as file:
            histories.append([{k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)])
    assert histories[0] == [pytest.approx(row, rel=1e-3) for row in histories[1]]
    model = load_model(tmp_path / "straight")
    assert (model.input_rule.width, model.architecture_options["lstm_units"]) == (None, 16)
    cv2.imwrite(str(tmp_path / "x.png"), tiny_model.draw("abba"))
    assert isinstance(htrkit.Recognizer.load(tmp_path / "straight").read(tmp_path / "x.png").text, str)


def test_it_learns_to_read_lines_of_any_width_from_joined_words_and_a_mix(
    data: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Quiet()
    monkeypatch.setattr(loop, "_written", lambda *_: None)
    train(
        settings(
            data,
            tmp_path / "out",
            epochs=8,
            batch_size=4,
            learning_rate=5e-3,
            augment=False,
            average=0.2,
            join=0.3,
            mix=(data, f"{data}=2"),
            mix_share=(0.6, 0.4),
        ),
        progress,
    )
    state = Checkpoints(tmp_path / "out" / "training").load()
    assert " " in state.alphabet
    assert not state.words
    assert min(row["valid_cer"] for row, _ in progress.epochs) < 0.4


@pytest.mark.parametrize(("precision", "workers"), [("bfloat16", 1), ("float16", 0)])
def test_half_precision_and_a_process_that_draws_train_and_the_model_is_of_full_precision(
    data: str, tmp_path: Any, precision: str, workers: int
) -> None:
    progress = Quiet()
    train(settings(data, tmp_path / "out", epochs=1, precision=precision, workers=workers), progress)
    assert keras.config.dtype_policy().name == "float32"
    loaded = KerasEncoder(load_model(tmp_path / "out"), 1).network
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}
