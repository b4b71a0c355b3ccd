"""Training a network that finds lines: pages in, epochs with checkpoints, a folder for the segmenter out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

from htrkit.errors import HtrkitError
from htrkit.progress import Progress
from htrkit.training.checkpoints import Checkpoints, RunState
from htrkit.training.devices import computing
from htrkit.training.optimizer import averaged, optimizer
from htrkit.training.pages.crops import Grey
from htrkit.training.pages.finder import LineFinder
from htrkit.training.pages.line_architecture import build
from htrkit.training.pages.network_file import export
from htrkit.training.pages.page_data import PageData, draw_batch, read_pages, valid_batches
from htrkit.training.pages.segmenter_settings import SegmenterSettings, resumed
from htrkit.training.pages.targets import Maps
from htrkit.training.torch_kernels import take_torch_kernels

CROPS_OF_A_PAGE = 3


def begin(settings: SegmenterSettings, progress: Progress) -> Path:
    """Train a new run; give the folder of the network.

    Raises
    ------
    UsageError
        If the folder holds a run already, or another process trains in it.
    InputError
        If there is nothing to train or validate on.
    HtrkitError
        If a checkpoint cannot be written, or the loss is no longer a number.
    """
    run = Checkpoints.of_run(settings.out, resumed=False)
    return _train(settings, run, RunState(settings.as_json()), progress)


def resume(out: Path, progress: Progress) -> Path:
    """Go on with the run in ``out`` after its last whole epoch, and end as it would have ended; raises as `begin`."""
    run = Checkpoints.of_run(out, resumed=True)
    state = run.load()
    return _train(resumed(out, state.settings), run, state, progress)


def _train(settings: SegmenterSettings, run: Checkpoints, state: RunState, progress: Progress) -> Path:
    with run.claimed():
        run.save_state(state)
        if state.epoch < settings.epochs:
            data = read_pages(settings, progress)
            progress.note(
                f"{len(data.own)} pages to train on, {len(data.mixed)} mixed in, {len(data.valid)} to validate"
            )
            keras.utils.set_random_seed(settings.seed)
            with computing(settings.precision):
                _epochs(settings, run, state, data, progress)
        progress.begin("writing the network")
        return export(settings, state, run)


def _epochs(settings: SegmenterSettings, run: Checkpoints, state: RunState, data: PageData, progress: Progress) -> None:
    steps = -(-(settings.crops or CROPS_OF_A_PAGE * len(data.own)) // settings.batch_size)
    model = compiled(settings, steps)
    if state.epoch:
        run.load_weights(model, state.epoch)
    valid = valid_batches(data, settings)
    with ThreadPoolExecutor(1) as drawing:
        for epoch in range(state.epoch + 1, settings.epochs + 1):
            started = time.monotonic()
            progress.begin(f"epoch {epoch}/{settings.epochs}", steps, "steps")
            loss = 0.0
            batch = drawing.submit(draw_batch, data, settings, epoch, 0)
            for step in range(steps):
                ink, targets = batch.result()
                if step + 1 < steps:
                    batch = drawing.submit(draw_batch, data, settings, epoch, step + 1)
                loss += (float(model.train_on_batch(ink, targets)) - loss) / (step + 1)
                model.reset_metrics()
                if not np.isfinite(loss):
                    raise HtrkitError(f"the loss became {loss} in epoch {epoch}: begin with a lower --learning-rate")
                progress.done(1, f"loss {loss:.3f}")
            with averaged(model):
                valid_loss = sum(float(model.test_on_batch(*crops)) * len(crops[0]) for crops in valid)
            row = {"epoch": epoch, "loss": round(loss, 5), "valid_loss": round(valid_loss / _count(valid), 5)}
            state.history.append(row | {"seconds": round(time.monotonic() - started, 1)})
            state.best_epoch = 1 + int(np.argmin([row["valid_loss"] for row in state.history]))
            run.save(model, state)
            progress.note(f"epoch {epoch}/{settings.epochs}  loss {row['loss']:.4f}  valid {row['valid_loss']:.4f}")


def compiled(settings: SegmenterSettings, steps: int) -> LineFinder:
    """The network, ready to be trained or to be given a checkpoint's weights."""
    network = build()
    take_torch_kernels(network)
    model = LineFinder(network)
    model.compile(optimizer=optimizer(settings, settings.epochs, steps), jit_compile=keras.config.backend() == "jax")
    model.optimizer.build(model.trainable_variables)
    return model


def _count(batches: list[tuple[Grey, Maps]]) -> int:
    return sum(len(ink) for ink, _ in batches)
