"""``htrkit train``: data in, a model folder out; its options are the settings of a run."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from htrkit.cli import terminal
from htrkit.cli.train_display import TrainDisplay
from htrkit.errors import UsageError
from htrkit.options import show
from htrkit.training.settings import PARTS, described

app = typer.Typer(add_completion=False)
# What the command line reads itself; all else is text, until Keras has been loaded.
READ_AS = {tuple[str, ...]: list[str], bool: bool, int: int, int | None: int, float: float}


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
    """What the command takes; a setting is None unless it is given, for --resume to tell."""
    folder = typer.Option("--out", help="The model's folder; checkpoints go into its training/.")
    yield inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Path, folder])
    go_on = typer.Option("--resume", help="Go on with the run in --out.")
    yield _parameter("resume", bool, go_on, False)
    for part in PARTS:
        for one in fields(part):
            setting = described()[one.name]
            default = setting.shown or (False if one.default in (None, ()) else show(one.default))
            look: dict[str, Any] = {"help": setting.help, "metavar": setting.metavar, "show_default": default}
            kind = READ_AS.get(setting.annotation, str)
            if one.name == "data":
                yield _parameter(one.name, kind, typer.Argument(**look))
                continue
            name = setting.option or f"--{one.name.replace('_', '-')}"
            written = f"{name}/--no-{one.name}" if kind is bool else name
            yield _parameter(one.name, kind, typer.Option(written, rich_help_panel=part.title, **look))
            if one.name == "architecture":
                more = typer.Option("--arch-option", "-a", metavar="KEY=VALUE", rich_help_panel=part.title)
                more.help = "A further option of the network; may be repeated."
                yield _parameter("arch_option", list[str], more)


def _parameter(name: str, kind: Any, described_as: Any, default: Any = None) -> inspect.Parameter:
    taken = kind if default is not None else kind | None
    annotation = Annotated.__class_getitem__((taken, described_as))  # type: ignore[attr-defined]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


setattr(train, "__signature__", inspect.Signature(list(_parameters())))  # noqa: B010 - a function has no such attribute
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
