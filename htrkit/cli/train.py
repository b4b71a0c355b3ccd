"""``htrkit train``: data in, a model folder out; its options are the settings of a run."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

from htrkit.cli import terminal
from htrkit.cli.run_options import folder_and_resume, parameter, parameters_of, takes
from htrkit.cli.train_display import TrainDisplay
from htrkit.errors import UsageError
from htrkit.training.settings import PARTS

app = typer.Typer(add_completion=False)


def train(out: Path, resume: bool, **given: Any) -> None:
    """Train a network on your own data.

    A checkpoint is made every quarter of an hour; after a kill at any moment, --resume goes on from it.

    At the end, --out is a model folder, for htrkit recognize --model.
    """
    wanted = {name: value for name, value in given.items() if value not in (None, [])}
    if not ("data" in wanted or resume):
        raise UsageError("there is no data to train on: name a file or a folder")
    loop = training_module("htrkit.training.loop")
    with resumable("train", out) as display:
        model = (loop.resume if resume else loop.begin)(out, wanted, display)
    terminal.note(f"the model is in {model.folder}\nread with it: htrkit recognize IMAGE --model {model.folder}")


def _parameters() -> Iterator[inspect.Parameter]:
    yield from folder_and_resume("The model's folder; checkpoints go into its training/.")
    for part in PARTS:
        for one in parameters_of(part, argument="data", panel=part.title):
            yield one
            if one.name == "architecture":
                more = typer.Option("--arch-option", "-a", metavar="KEY=VALUE", rich_help_panel=part.title)
                more.help = "A further option of the network; may be repeated."
                yield parameter("arch_option", list[str], more)


takes(train, *_parameters())
app.command()(train)


@contextmanager
def resumable(command: str, out: Path) -> Iterator[TrainDisplay]:
    """Shows what the block trains; if it is interrupted, says how to go on with it."""
    try:
        with TrainDisplay() as display:
            yield display
    except KeyboardInterrupt:
        if (out / "training" / "state.json").exists():
            terminal.note(f"go on with: htrkit {command} --resume --out {out}")
        raise


def training_module(name: str) -> ModuleType:
    """Load Keras and its backend, and a module that trains with them, or say how to install what is missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet_stderr():
            loop = importlib.import_module(name)
            importlib.import_module("htrkit.training.devices").load_backend()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "htrkit":
            raise
        if error.name == os.environ.get("KERAS_BACKEND"):
            raise UsageError(f"KERAS_BACKEND asks for {error.name}: pip install {error.name}") from error
        raise UsageError(f"training needs {error.name}: pip install 'htrkit[train]'") from error
    return loop


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep standard error silent, below Python too, unless the block fails.

    TensorFlow says a dozen lines about the machine when it is loaded, and no setting of its own keeps it from that.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(kept, said.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
