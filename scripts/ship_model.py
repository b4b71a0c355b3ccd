"""Makes one of htrkit's own models of a trained one, as a folder of `htrkit/models`.

    python scripts/ship_model.py RUN NAME LINES… --decoder beam:language_model=european-characters

Its weights are rounded to half precision and kept in single precision: nothing else has to know, and the file, which is
compressed, is half as large. The network that reads is in integers, whose ranges are measured on a few lines
of each of LINES. README.md, the card, is written by hand; `model_figures.py` brings its figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import typer

from htrkit.files import file_digest, whole
from htrkit.model import NETWORK, TRAINABLE, Model, load_model, save_description
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.readers import open_samples
from htrkit.training.data import spread
from htrkit.training.export import save_network
from htrkit.training.network import trained_network
from htrkit.training.quantizing import MEASURED_ON, quantize
from htrkit.types import Line, Pixels

MODELS = Path(__file__).resolve().parent.parent / "htrkit" / "models"


def main(run: Path, name: str, lines: list[Path], decoder: str = "best-path") -> None:
    """Write the network, and what says how to read with it."""
    model, folder = load_model(run), MODELS / name
    network = trained_network(model)
    for layer in network.layers:
        layer.set_weights([rounded(weights) for weights in layer.get_weights()])
    folder.mkdir(exist_ok=True)
    shipped = replace(model, folder=folder, name=name, decoder=decoder, checksums=save_network(network, folder))
    quantize(shipped, cleaned(model, lines), folder / NETWORK)
    compress(folder / TRAINABLE)
    save_description(replace(shipped, checksums={file: file_digest(folder / file) for file in (NETWORK, TRAINABLE)}))


def cleaned(model: Model, tables: list[Path]) -> Iterator[Pixels]:
    """Lines after the model's steps, from the beginning of each table to its end."""
    steps = build_steps(model.preprocess)
    for table in tables:
        for sample in spread(list(open_samples([table])), MEASURED_ON // len(tables)):
            line = apply_steps(steps, sample.line)
            if isinstance(line, Line):
                yield line.pixels


def compress(file: Path) -> None:
    """Write a ZIP file anew, smaller, and the same at any time."""
    with ZipFile(file) as given, whole(file) as part, ZipFile(part, "w", ZIP_DEFLATED, compresslevel=9) as smaller:
        for name in given.namelist():
            smaller.writestr(ZipInfo(name), given.read(name), ZIP_DEFLATED)


def rounded(weights: np.ndarray) -> np.ndarray:
    """Kernels in half precision; biases and the figures of normalisation, of which there are few, as they are."""
    return weights.astype(np.float16).astype(weights.dtype) if weights.ndim > 1 else weights


if __name__ == "__main__":
    typer.run(main)
