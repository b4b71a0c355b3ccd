"""``htrkit train-segmenter``: pages with their lines in, a network for the segmenter ``lines`` out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from htrkit.cli import terminal
from htrkit.cli.run_options import folder_and_resume, parameters_of, takes
from htrkit.errors import UsageError
from htrkit.training.pages.segmenter_settings import SegmenterSettings, settings_of

app = typer.Typer(add_completion=False)
SETTINGS = (
    *("pages", "valid", "mix", "mix_share", "epochs", "crops", "size"),
    *("batch_size", "learning_rate", "precision", "seed"),
)
"""Those that are options; the others are only for who writes Python."""


def train_segmenter(out: Path, resume: bool, **given: Any) -> None:
    """Train a network that finds lines on your own pages.

    Of these pages, PAGE or ALTO files with their images say where the lines are.

    A checkpoint is made after every epoch; after a kill at any moment, --resume goes on from it.

    At the end, --out is a folder for htrkit recognize --segmenter lines:model=FOLDER.
    """
    from htrkit.cli.train import resumable, training_module

    wanted = {name: value for name, value in given.items() if value not in (None, [])}
    if resume and wanted:
        raise UsageError("a resumed run keeps its pages and settings: --resume takes nothing but --out")
    loop = training_module("htrkit.training.pages.segmenter_training")
    with resumable("train-segmenter", out) as display:
        folder = loop.resume(out, display) if resume else loop.begin(settings_of(out, wanted), display)
    terminal.note(f"the network is in {folder}\nread with it: htrkit recognize PAGES --segmenter lines:model={folder}")


takes(
    train_segmenter,
    *folder_and_resume("The network's folder; checkpoints go into its training/."),
    *parameters_of(SegmenterSettings, SETTINGS, argument="pages"),
)
app.command()(train_segmenter)
