"""From a finished run to the segmenter's folder: the network as ONNX, checked against Keras, and a card."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np

from htrkit.errors import HtrkitError
from htrkit.files import whole
from htrkit.pages.lines.line_network import CARD, NETWORK, LineNetwork, save_description
from htrkit.pages.lines.maps import LONG_SIDE, network_input
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.export import save_as_onnx
from htrkit.training.optimizer import optimizer, take_averages
from htrkit.training.pages.finder import LineFinder
from htrkit.training.pages.line_architecture import build, reading
from htrkit.training.pages.segmenter_settings import SegmenterSettings

# Probabilities of the exported network may differ from Keras' own by rounding, not by more.
LARGEST_DIFFERENCE = 1e-3
TRAINED = "lines.keras"


def export(settings: SegmenterSettings, state: RunState, run: Checkpoints) -> Path:
    """Write the best epoch's network into ``settings.out``, and give that folder.

    Raises
    ------
    HtrkitError
        If the exported network does not compute what the trained one does.
    """
    model = LineFinder(build())
    model.compile(optimizer=optimizer(settings, settings.epochs, 1))
    model.optimizer.build(model.trainable_variables)
    run.load_weights(model, state.best_epoch)
    take_averages(model)
    return write_network(reading(model.network), settings.out, run.folder / TRAINED, card(settings, state, model))


def write_network(network: keras.Model, out: Path, trained: Path, text: str) -> Path:
    """Write a network, its card and its description; ``trained`` is where Keras' own file goes."""
    with whole(trained) as part:
        network.save(part)
    save_as_onnx(network, trained, out / NETWORK)
    with whole(out / CARD) as part:
        part.write_text(text, encoding="utf-8")
    save_description(out, out.resolve().name, LONG_SIDE)
    page = np.random.default_rng(0).integers(0, 256, (LONG_SIDE // 4, LONG_SIDE // 8), dtype=np.uint8)
    given, _ = network_input(page)
    ours = LineNetwork(out).maps(page)
    theirs = keras.ops.convert_to_numpy(network(given))[0]
    difference = float(np.abs(np.stack([ours.baseline, ours.start, ours.end], -1) - theirs[..., :3]).max())
    if difference > LARGEST_DIFFERENCE:
        raise HtrkitError(f"the ONNX export differs from the trained network by {difference:.2g} in probability")
    return out


def card(settings: SegmenterSettings, state: RunState, model: keras.Model) -> str:
    """The card as Markdown; the terms of the data are left for the author."""
    best = state.history[state.best_epoch - 1]
    return f"""# {settings.out.resolve().name}

A network that finds lines of handwriting on pages, for htrkit's segmenter `lines`.
Trained with `htrkit train-segmenter`.

| | |
|---|---|
| network | {model.network.count_params():,} parameters; pages with a longer side of {LONG_SIDE} pixels, grey |
| training data | {", ".join(settings.pages)} |
| mixed in | {", ".join(settings.mix) or "nothing"} |
| validation data | {", ".join(settings.valid) or "every tenth page of the training data"} |
| epochs | {state.epoch}, the best of them {state.best_epoch}, with a loss of {best["valid_loss"]:.4f} |
| time | {state.seconds / 3600:.1f} hours |
| backend | Keras {keras.__version__} on {keras.config.backend()} |
| date | {datetime.now(UTC).date().isoformat()} |

## Terms

Those of the training data: the author of this network has to name them here before passing it on.
"""
