"""The options that several commands share, and the recogniser that they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer

ModelOption = Annotated[
    str | None, typer.Option("--model", help="A model's name or folder.", show_default="htrkit's own")
]
DecoderOption = Annotated[
    str | None,
    typer.Option("--decoder", help="What turns the network's output into text.", show_default="the model's choice"),
]
DecoderOptions = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", metavar="KEY=VALUE", help="An option of the decoder; may be repeated."),
]
PreprocessOption = Annotated[
    str | None,
    typer.Option(
        "--preprocess",
        metavar="STEPS",
        help="Steps that clean the image, instead of the model's own; 'none' for no step.",
        show_default="the model's",
    ),
]
NBestOption = Annotated[int, typer.Option("--n-best", min=1, help="Hypotheses for each line.")]
FormatOption = Annotated[str, typer.Option("--format", help="The format of the results, as htrkit writers lists them.")]


def unless_standard(path: Path | None) -> Path | None:
    """A file's path; None, too, for what else standard output is called."""
    return None if path in (Path("-"), Path("/dev/stdout")) else path


OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        help="A file for the results; a folder, for a format of pages.",
        show_default="standard output",
        callback=unless_standard,
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over files that are there already.")]
ReaderOption = Annotated[
    str | None, typer.Option("--reader", help="The format of the data.", show_default="found out by looking")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0 for one a core.")]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="What the pages come from.", show_default="found out by looking")
]
SegmenterOption = Annotated[
    str | None,
    typer.Option(
        "--segmenter",
        help="What finds the lines on an image; none takes it for one line.",
        show_default="found out by looking",
    ),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-existing", help="Leave out pages whose file is in the folder already.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TextsArgument = Annotated[
    list[Path], typer.Argument(metavar="TEXT…", help="UTF-8 text files (.gz, .xz, .bz2 too), or - for standard input.")
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say of each image whether it is taken for a page or for a line.")
]


def load_recognizer(
    model: str | None,
    decoder: str | None,
    decoder_options: Sequence[str] | None,
    preprocess: str | None,
    threads: int,
) -> Recognizer:
    """The recogniser that these options ask for."""
    from htrkit.model import open_model
    from htrkit.recognizer import Recognizer
    from htrkit.spec import Spec

    values: Mapping[str, Any] = {}
    if decoder_options:
        written = decoder or Spec.parse("decoder", open_model(model).decoder).name
        values = Spec.parse("decoder", written, decoder_options).options
    steps = None if preprocess is None else split_steps(preprocess)
    return Recognizer.load(model, decoder=decoder, options=values, preprocess=steps, threads=threads)


def split_steps(text: str) -> tuple[str, ...]:
    """Preprocessing steps from ``a,b:key=value,c``; no steps from ``none``."""
    from htrkit.spec import Spec

    return tuple(map(str, Spec.parse_list("preprocessor", text)))
