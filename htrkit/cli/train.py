"""``htrkit train``: data in, a model folder out."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from htrkit.cli import terminal
from htrkit.cli.reading import ReaderOption, split_steps
from htrkit.cli.train_display import TrainDisplay
from htrkit.errors import UsageError
from htrkit.training.settings import TrainSettings

DEFAULTS = TrainSettings(data=(), out=Path())  # options that are not given stay None, for --resume to tell

app = typer.Typer(add_completion=False)


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="The model's folder; checkpoints go into its training/.")],
    data: Annotated[
        list[str] | None,
        typer.Argument(metavar="DATA", help="Files and folders that a reader understands.", show_default=False),
    ] = None,
    valid: Annotated[
        list[str] | None, typer.Option(metavar="DATA", help="Data to validate on; may be repeated.")
    ] = None,
    valid_fraction: Annotated[
        float | None,
        typer.Option(
            help="Share of DATA held out where there is no --valid.", show_default=str(DEFAULTS.valid_fraction)
        ),
    ] = None,
    valid_by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Hold out whole groups of this column: writer, page.")
    ] = None,
    reader: ReaderOption = None,
    arch: Annotated[str | None, typer.Option(help="The network to build.", show_default=DEFAULTS.architecture)] = None,
    arch_option: Annotated[
        list[str] | None,
        typer.Option("--arch-option", "-a", metavar="KEY=VALUE", help="An option of the network; may be repeated."),
    ] = None,
    start_from: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="Start from the weights of this model.")
    ] = None,
    freeze: Annotated[
        str | None,
        typer.Option(
            metavar="PART",
            help="What keeps the weights of --from: 'convolutions', or 'body', all but the output.",
            show_default="nothing",
        ),
    ] = None,
    freeze_epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="Epochs from the first in which --freeze freezes.", show_default="all"),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    alphabet: Annotated[
        str | None,
        typer.Option(
            metavar="CHARS",
            help="The characters to read, or a file of them.",
            show_default="those of DATA, and of --from",
        ),
    ] = None,
    preprocess: Annotated[
        str | None,
        typer.Option(
            metavar="STEPS",
            help="Steps that clean every image; 'none' for no step.",
            show_default=",".join(DEFAULTS.preprocess),
        ),
    ] = None,
    augment: Annotated[
        bool | None,
        typer.Option("--augment/--no-augment", help="Vary each image each time it is seen.", show_default="augment"),
    ] = None,
    calm_epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="The last epochs, in which images are varied half as much.",
            show_default=str(DEFAULTS.calm_epochs),
        ),
    ] = None,
    join: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the images of words that are joined into lines, for a network of any width.",
            show_default=str(DEFAULTS.join),
        ),
    ] = None,
    mix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATA[=WEIGHT]", help="Data of which each epoch takes some, such as synth's; may be repeated."
        ),
    ] = None,
    mix_share: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE[:LAST]",
            help="Share of an epoch that the --mix makes up, or of the first epoch and of the last.",
            show_default=str(DEFAULTS.mix_share),
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Times to go through the data, at most.", show_default=str(DEFAULTS.epochs))
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without a better CER after which to stop.", show_default=str(DEFAULTS.patience)),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Images in a step.", show_default=str(DEFAULTS.batch_size))
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="The highest of the schedule.", show_default=str(DEFAULTS.learning_rate))
    ] = None,
    average: Annotated[
        float | None,
        typer.Option(
            help="Epochs that the average of the weights reaches back; 0 for no average.",
            show_default=str(DEFAULTS.average),
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="float32, or bfloat16 or float16 on a device that has it.", show_default=DEFAULTS.precision),
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(help="GPUs of this machine that share every batch (with JAX).", show_default="all"),
    ] = None,
    tensorboard: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write logs for TensorBoard into this folder.", show_default="none"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that draw the images; 0 for a thread.", show_default=str(DEFAULTS.workers)),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="For the same random choices again.", show_default=str(DEFAULTS.seed))
    ] = None,
) -> None:
    """Train a network on your own data.

    Every epoch ends with a checkpoint; after a kill at any moment, --resume goes on from it.

    At the end, --out is a model folder, for htrkit recognize --model.
    """
    first_share, last_share = _shares(mix_share) if mix_share else (None, None)
    given = {
        "data": tuple(data or ()) or None,
        "valid": tuple(valid or ()) or None,
        "valid_fraction": valid_fraction,
        "valid_by": valid_by,
        "reader": reader,
        "architecture": arch,
        "start_from": start_from,
        "freeze": freeze,
        "freeze_epochs": freeze_epochs,
        "alphabet": None if alphabet is None else _alphabet(alphabet),
        "preprocess": None if preprocess is None else split_steps(preprocess),
        "augment": augment,
        "calm_epochs": calm_epochs,
        "join": join,
        "mix": tuple(mix or ()) or None,
        "mix_share": first_share,
        "last_mix_share": last_share,
        "epochs": epochs,
        "patience": patience,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "average": average,
        "precision": precision,
        "devices": devices,
        "tensorboard": str(tensorboard) if tensorboard else None,
        "workers": workers,
        "seed": seed,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not (data or resume):
        raise UsageError("there is no data to train on: name a file or a folder")
    _prepare_keras()
    from htrkit.training.loop import train

    try:
        with TrainDisplay() as display:
            model = train(_settings(out, changes, arch_option or (), resume), display)
    except KeyboardInterrupt:
        terminal.note(f"go on with: htrkit train --resume --out {out}")
        raise
    terminal.note(f"the model is in {model.folder}\nread with it: htrkit recognize IMAGE --model {model.folder}")


def _settings(out: Path, changes: dict[str, Any], arch_options: Sequence[str], resume: bool) -> TrainSettings:
    from htrkit import options, plugins
    from htrkit.training.loop import resume_settings

    begin = partial(resume_settings if resume else TrainSettings.begun, out)
    settings = begin(changes)
    if arch_options:
        name = settings.architecture
        parsed = options.parse("architecture", name, plugins.factory("architecture", name), arch_options)
        settings = begin({**changes, "architecture_options": {**settings.architecture_options, **parsed}})
    return settings


def _shares(text: str) -> tuple[float, float]:
    """The first and the last share of ``first:last``; of a single number, the same twice."""
    first, _, last = text.partition(":")
    try:
        return float(first), float(last or first)
    except ValueError:
        raise UsageError(f"--mix-share takes a share such as 0.3, or two such as 0.8:0.2, not {text}") from None


def _alphabet(text: str) -> str:
    """The characters themselves, or those of a file, each once and without line ends."""
    path = Path(text)
    try:
        characters = path.read_text(encoding="utf-8") if path.is_file() else text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the alphabet in {path} cannot be read as UTF-8 text: {error}") from None
    return "".join(dict.fromkeys(characters.replace("\r", "").replace("\n", "")))


def _prepare_keras() -> None:
    """Load Keras and its backend, or say how to install what is missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet_stderr():
            import htrkit.training.loop  # noqa: F401 - only to see whether it can be
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "htrkit":
            raise
        if error.name == os.environ.get("KERAS_BACKEND"):
            raise UsageError(f"KERAS_BACKEND asks for {error.name}: pip install {error.name}") from error
        raise UsageError(f"training needs {error.name}: pip install 'htrkit[train]'") from error


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
