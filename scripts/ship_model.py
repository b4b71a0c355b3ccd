"""Makes one of htrkit's own models of a trained one, as a folder of `htrkit/models`.

    python scripts/ship_model.py RUN NAME --decoder beam:language_model=european-characters

Its weights are rounded to half precision and kept in single precision: nothing else has to know, and what is published,
which is compressed, is a third smaller. README.md, the card, is written by hand; `model_figures.py` brings its figures.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import typer

from htrkit.model import load_model, save_description
from htrkit.training.export import save_network
from htrkit.training.network import trained_network

MODELS = Path(__file__).resolve().parent.parent / "htrkit" / "models"


def main(run: Path, name: str, decoder: str = "best-path") -> None:
    """Write the network, and what says how to read with it."""
    model, folder = load_model(run), MODELS / name
    network = trained_network(model)
    for layer in network.layers:
        layer.set_weights([rounded(weights) for weights in layer.get_weights()])
    folder.mkdir(exist_ok=True)
    checksums = save_network(network, folder)
    save_description(replace(model, folder=folder, name=name, decoder=decoder, checksums=checksums))


def rounded(weights: np.ndarray) -> np.ndarray:
    """Kernels in half precision; biases and the figures of normalisation, of which there are few, as they are."""
    return weights.astype(np.float16).astype(weights.dtype) if weights.ndim > 1 else weights


if __name__ == "__main__":
    typer.run(main)
