"""``htrkit train-segmenter``: pages with their lines in, a network for the segmenter ``lines`` out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import terminal
from htrkit.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command()
def train_segmenter(
    out: Annotated[Path, typer.Option(help="The network's folder; checkpoints go into its training/.")],
    pages: Annotated[
        list[str] | None, typer.Argument(metavar="PAGES", help="PAGE or ALTO files beside their images, or folders.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    valid: Annotated[
        list[str] | None, typer.Option(metavar="PAGES", help="Pages to validate on.", show_default="every tenth page")
    ] = None,
    mix: Annotated[
        list[str] | None, typer.Option(metavar="PAGES", help="Pages on which nothing is left out, such as synth's.")
    ] = None,
    mix_share: Annotated[float, typer.Option(metavar="SHARE", help="Share of the crops that they make up.")] = 0.3,
    epochs: Annotated[int, typer.Option(help="How many.")] = 40,
    crops: Annotated[int | None, typer.Option(help="Crops in an epoch.", show_default="three of every page")] = None,
    size: Annotated[int, typer.Option(help="Of a crop, in pixels.")] = 512,
    batch_size: Annotated[int, typer.Option(help="Crops in a step.")] = 4,
    learning_rate: Annotated[float, typer.Option(help="The highest of the schedule.")] = 2e-3,
    precision: Annotated[str, typer.Option(help="float32, or bfloat16 where the processor has it.")] = "float32",
    seed: Annotated[int, typer.Option(help="For the same random choices again.")] = 1,
) -> None:
    """Train a network that finds lines on your own pages.

    Of these pages, PAGE or ALTO files with their images say where the lines are.

    A checkpoint is made after every epoch; after a kill at any moment, --resume goes on from it.

    At the end, --out is a folder for htrkit recognize --segmenter lines:model=FOLDER.
    """
    from htrkit.cli.train import resumable, training_module

    if resume and (pages or valid or mix):
        raise UsageError("a resumed run keeps its pages: --resume takes nothing but --out")
    loop = training_module("htrkit.training.pages.segmenter_training")
    with resumable("train-segmenter", out) as display:
        if resume:
            folder = loop.resume(out, display)
        else:
            settings = loop.SegmenterSettings(
                out=out,
                pages=tuple(pages or ()),
                valid=tuple(valid or ()),
                mix=tuple(mix or ()),
                mix_share=mix_share,
                epochs=epochs,
                crops=crops,
                size=size,
                batch_size=batch_size,
                learning_rate=learning_rate,
                precision=precision,
                seed=seed,
            )
            folder = loop.begin(settings, display)
    terminal.note(f"the network is in {folder}\nread with it: htrkit recognize PAGES --segmenter lines:model={folder}")
