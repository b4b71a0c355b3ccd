"""``htrkit calibrate``: probabilities of words that can be believed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from htrkit.cli import measuring, terminal
from htrkit.cli.bars import Display
from htrkit.cli.reading import (
    DecoderOption,
    DecoderOptions,
    ModelOption,
    PreprocessOption,
    ReaderOption,
    ThreadsOption,
    load_recognizer,
)

app = typer.Typer(add_completion=False)


@app.command()
def calibrate(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="A validation set; files and folders.")],
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    reader: ReaderOption = None,
    ignore: measuring.IgnoreOption = None,
    save: Annotated[bool, typer.Option("--save", help="Make the temperature the model's own.")] = False,
    threads: ThreadsOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make words as probable as they are right.

    That takes one number, the temperature of the model, which is found on data whose texts are known.

    Give it data that the model was not trained on. How good the probabilities are on other data, htrkit evaluate
    --details says.
    """
    from htrkit.evaluation import TextRules, calibrating
    from htrkit.readers import open_samples

    samples = open_samples(data, reader=reader)
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    with measuring.account(samples, data), Display() as display:
        fit = calibrating.calibrate(recognizer, samples, rules=TextRules.ignoring(ignore or ()), progress=display)
    if save:
        terminal.note(f"saved the temperature {fit.temperature} in {calibrating.save(fit, recognizer.model)}")
    named = {"model": recognizer.model.name, "decoder": recognizer.decoder_name}
    if as_json:
        terminal.put_json(named | asdict(fit))
    else:
        rows = [
            (f"{temperature:.3f}", f"{one.expected_error:.3f}", f"{one.found:.1%}")
            for temperature, one in ((recognizer.model.temperature, fit.before), (fit.temperature, fit.after))
        ]
        header = ("temperature", "expected error", "wrong words in the least confident tenth")
        terminal.put(f"{terminal.table(header, rows)}\n{fit.words} words, read by {' with '.join(named.values())}")
    if display.failures:
        raise typer.Exit(1)
