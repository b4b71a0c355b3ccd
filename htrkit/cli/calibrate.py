"""``htrkit calibrate``: probabilities of words and lines that can be believed."""

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
    JsonOption,
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
    save: Annotated[bool, typer.Option("--save", help="Make what is found the model's own.")] = False,
    threads: ThreadsOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Make words and lines as probable as they are right.

    That takes two numbers, the temperature of the model for its words and an exponent for its lines, which are found on
    data whose texts are known.

    Give it data that the model was not trained on. How good the probabilities are on other data, htrkit evaluate
    --details says.
    """
    from htrkit.evaluation import TextRules, calibrating
    from htrkit.readers import open_samples

    samples = open_samples(data, reader=reader)
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    if save:
        recognizer.model.require_one_network("--save", "calibrate each of its models")
    with measuring.account(samples, data), Display() as display:
        fit = calibrating.calibrate(recognizer, samples, rules=TextRules.ignoring(ignore or ()), progress=display)
    if save:
        folder = calibrating.save(fit, recognizer.model)
        terminal.note(f"saved the temperature {fit.temperature} and the exponent {fit.line_exponent} in {folder}")
    named = {"model": recognizer.model.name, "decoder": recognizer.decoder_name}
    if as_json:
        terminal.put_json(named | asdict(fit))
    else:
        now = recognizer.model
        rows = [
            (what, f"{value:.3f}", f"{one.expected_error:.3f}", f"{one.found:.1%}")
            for what, value, one in (
                ("words, temperature before", now.temperature, fit.before),
                ("words, temperature found", fit.temperature, fit.after),
                ("lines, exponent before", now.line_exponent, fit.lines_before),
                ("lines, exponent found", fit.line_exponent, fit.lines_after),
            )
        ]
        header = ("", "", "expected error", "wrong ones in the least confident tenth")
        read = f"{fit.words} words on {fit.lines} lines, read by {' with '.join(named.values())}"
        terminal.put(f"{terminal.table(header, rows)}\n{read}")
    if display.failures:
        raise typer.Exit(1)
