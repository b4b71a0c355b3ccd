"""``htrkit evaluate``: how well a model reads data whose text is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from htrkit.cli import terminal
from htrkit.cli.progress import bar
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ModelOption,
    PreprocessOption,
    ReaderOption,
    ThreadsOption,
    load_recognizer,
)
from htrkit.errors import InputError

if TYPE_CHECKING:
    from htrkit.evaluation.metrics import Errors
    from htrkit.types import Line

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="Files and folders that a reader understands.")],
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    reader: ReaderOption = None,
    threads: ThreadsOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; the rates are fractions.")] = False,
) -> None:
    """Measure how well a model reads data whose text is known.

    CER and WER: the edits, in characters and in words, that all lines need, as a share of what they hold.

    Case, punctuation and spaces count.
    """
    from htrkit.evaluation.metrics import count_errors
    from htrkit.readers import open_samples

    samples = open_samples(data, reader=reader)
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    truths: deque[str] = deque()

    def lines() -> Iterator[Line]:
        for sample in samples:
            truths.append(sample.text)
            yield sample.line

    with bar("reading", None) as progress:

        def pairs() -> Iterator[tuple[str, str]]:
            for result in recognizer.recognize(lines()):
                yield truths.popleft(), result.text
                progress.done()

        errors = count_errors(pairs())
    terminal.note(str(samples.report))
    if not errors.n:
        raise InputError(f"nothing to measure in {', '.join(map(str, data))}")
    if as_json:
        terminal.put_json(_json(errors) | {"model": recognizer.model.name, "decoder": recognizer.decoder_name})
    else:
        terminal.put(_report(errors))


def _json(errors: Errors) -> dict[str, object]:
    return {
        "n": errors.n,
        "cer": {"value": errors.cer},
        "wer": {"value": errors.wer},
        "exact": {"value": errors.exact},
    }


def _report(errors: Errors) -> str:
    rows = [
        ("CER", f"{errors.cer:.2%}", f"{errors.character_errors} in {errors.characters} characters"),
        ("WER", f"{errors.wer:.2%}", f"{errors.word_errors} in {errors.words} words"),
        ("exact", f"{errors.exact:.2%}", f"{errors.exact_lines} of {errors.n} lines"),
    ]
    return terminal.table(("rate", "value", "counted"), rows)
