"""From a finished run to a model folder: the network as ONNX, checked against Keras, and a model card."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import keras
import numpy as np

from htrkit import plugins
from htrkit.alphabet import Alphabet
from htrkit.encoders.keras import KerasEncoder
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import HtrkitError
from htrkit.files import file_digest, whole
from htrkit.model import CARD, NETWORK, TRAINABLE, Model, encoder_of, save_description
from htrkit.progress import Progress
from htrkit.training.card import card
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.data import Data, spread
from htrkit.training.network import ctc_model
from htrkit.training.optimizer import compile_for, set_frozen, take_averages
from htrkit.training.quantizing import MEASURED_ON, quantized
from htrkit.training.settings import TrainSettings
from htrkit.types import Line

# Probabilities of the exported network may differ from Keras' own by rounding, not by more.
LARGEST_DIFFERENCE = 1e-4


def export(
    settings: TrainSettings,
    runs: Sequence[tuple[Checkpoints, RunState]],
    progress: Progress,
    data: Data | None,
    *,
    judged: RunState | None = None,
) -> Model:
    """Write the best epoch's network of a run, or the average of those of several, as a model into ``settings.out``; in
    integers, if the settings want them and some of the ``data``, of which there may be none any more, is read as well
    with them.

    ``judged`` is the state of the run whose figures are the model's, if another.

    Raises HtrkitError if the exported network does not compute what the trained one does.
    """
    folder, (_, state) = settings.out, runs[0]
    alphabet = Alphabet(state.alphabet)
    architecture = settings.architecture.create()
    rule = architecture.input_rule
    trained = ctc_model(architecture, alphabet.n_labels)
    network = trained.network
    found = []
    for run, of_run in runs:
        compile_for(trained, settings, max(1, of_run.best_epoch), steps=1)
        run.load_weights(trained, of_run.best_epoch)
        take_averages(trained)
        found.append(network.get_weights())
    network.set_weights([np.mean(same, axis=0) for same in zip(*found, strict=True)])
    set_frozen(network, settings.freeze, False)  # whoever trains it further decides anew

    checksums = save_network(network, folder)
    model = Model(
        folder=folder,
        name=folder.resolve().name,
        alphabet=alphabet,
        input_rule=rule,
        encoder=encoder_of(alphabet, words=state.words),
        preprocess=tuple(map(str, settings.preprocess)),
        decoder=(state.base or {}).get("decoder", plugins.default("decoder")),
        architecture=settings.architecture.name,
        architecture_options=settings.architecture.options,
        checksums=checksums,
    )
    lines = _test_lines(rule.height, rule.width or 8 * rule.height)
    difference = max(
        float(np.abs(np.exp(a) - np.exp(b)).max())
        for a, b in zip(OnnxEncoder(model, 0).encode(lines), KerasEncoder(model, 0).encode(lines), strict=True)
    )
    if difference > LARGEST_DIFFERENCE:
        raise HtrkitError(f"the ONNX export differs from the trained network by {difference:.2g} in probability")
    in_floats = model
    if settings.quantize and data:
        some = spread([*data.train, *chain.from_iterable(data.mix)], MEASURED_ON)
        learnt_from = (one.image.pixels for one in some)
        model = quantized(model, learnt_from, data.judging(), progress, by=settings.valid_group)
    with whole(folder / CARD) as part:
        refits = [of_run for _, of_run in runs] if judged else []
        figures = (judged or state, network.count_params())
        text = card(model, settings, *figures, in_integers=model != in_floats, refits=refits)
        part.write_text(text, encoding="utf-8")
    save_description(model)
    return model


def save_network(network: keras.Model, folder: Path) -> dict[str, str]:
    """Write the files of a model's network, to be trained further and to be read with; their digests by name.

    Raises HtrkitError as `save_as_onnx`.
    """
    with whole(folder / TRAINABLE) as part:
        network.save(part)
    save_as_onnx(network, folder / TRAINABLE, folder / NETWORK)
    return {name: file_digest(folder / name) for name in (NETWORK, TRAINABLE)}


def save_as_onnx(network: keras.Model, trained: Path, path: Path) -> None:
    """Write a network, which is in the file ``trained`` too, as ONNX, with any batch size.

    Raises
    ------
    HtrkitError
        If Keras' backend is not TensorFlow, and there is none beside it.
    """
    with whole(path) as part:
        if keras.config.backend() == "tensorflow":
            export_onnx(network, part)
        else:
            _export_with_tensorflow(trained, part)


def export_onnx(network: keras.Model, path: Path) -> None:
    """Write a network as ONNX, with any batch size; Keras' backend must be TensorFlow."""
    rule = network.input_shape
    network(np.zeros((1, *(size or 64 for size in rule[1:])), np.float32))
    # the exporter talks to whoever listens; what goes wrong is raised
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        network.export(path, format="onnx", verbose=False)


def _export_with_tensorflow(trained: Path, path: Path) -> None:
    """The ONNX exporter reads TensorFlow graphs only: load the saved network there, in a process of its own."""
    code = (
        "import sys, pathlib, keras, htrkit.training.pages.line_architecture; "
        "from htrkit.training.export import export_onnx; "
        "export_onnx(keras.saving.load_model(sys.argv[1], compile=False), pathlib.Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(trained), str(path)],
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "ORT_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise HtrkitError(f"the ONNX export needs TensorFlow beside the {keras.config.backend()} backend: {reason}")


def _test_lines(height: int, width: int) -> list[Line]:
    rng = np.random.default_rng(0)
    return [Line(str(i), rng.integers(0, 256, (height, width), dtype=np.uint8)) for i in range(4)]
