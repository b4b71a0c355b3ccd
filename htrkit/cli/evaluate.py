"""``htrkit evaluate``: how well a model reads data whose text is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from htrkit.errors import UsageError

if TYPE_CHECKING:
    from htrkit.evaluation.figures.breakdown import Calibration, Slice
    from htrkit.evaluation.figures.confusions import Confusion
    from htrkit.evaluation.figures.evaluation import Evaluation

app = typer.Typer(add_completion=False)

CONFUSIONS_SHOWN = 10


@app.command()
def evaluate(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="Files and folders that a reader understands.")],
    model: ModelOption = None,
    decoder: DecoderOption = None,
    option: DecoderOptions = None,
    preprocess: PreprocessOption = None,
    reader: ReaderOption = None,
    segmenter: Annotated[
        str | None,
        typer.Option(help="Cut pages anew, and measure how well lines are found too.", show_default="lines as given"),
    ] = None,
    ignore: measuring.IgnoreOption = None,
    by: measuring.ByOption = None,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst lines to list.")] = 10,
    details: Annotated[
        bool, typer.Option("--details", help="Also show errors by length and by confidence, and the calibration.")
    ] = False,
    seed: measuring.SeedOption = 0,
    resamples: measuring.ResamplesOption = 10_000,
    threads: ThreadsOption = 0,
    as_json: measuring.JsonOption = False,
) -> None:
    """Measure how well a model reads data whose text is known.

    CER and WER: the edits, in characters and in words, that all lines need, as a share of what they hold.
    Each rate comes with a 95 % bootstrap interval.

    With --segmenter, DATA are PAGE or ALTO files beside their images: their lines are found anew, and compared.

    Case, punctuation and spaces count unless --ignore says otherwise.
    """
    from htrkit.evaluation import Resampling, TextRules
    from htrkit.evaluation import evaluate as measure
    from htrkit.evaluation.report.as_json import evaluation_json
    from htrkit.readers import open_samples

    rules, resampling = TextRules.ignoring(ignore or ()), Resampling(resamples, seed, by)
    if segmenter is not None:
        from htrkit.cli.evaluate_pages import evaluate_pages

        for name, given in (("--reader", reader), ("--by", by), ("--details", details)):
            if given:
                raise UsageError(f"{name} has no effect with --segmenter, which measures whole pages")
        recognizer = load_recognizer(model, decoder, option, preprocess, threads)
        evaluate_pages(recognizer, data, segmenter, rules, worst, as_json=as_json)
        return
    samples = open_samples(data, reader=reader)
    recognizer = load_recognizer(model, decoder, option, preprocess, threads)
    with measuring.account(samples, data), Display() as display:
        result = measure(recognizer, samples, rules=rules, resampling=resampling, progress=display)
    if as_json:
        named = {"model": recognizer.model.name, "decoder": recognizer.decoder_name}
        terminal.put_json(evaluation_json(result, worst=worst) | named)
    else:
        terminal.put(_report(result, worst, details))
        for note in result.notes:
            terminal.note(f"note: {note}")
    if display.failures:
        raise typer.Exit(1)


def _report(result: Evaluation, worst: int, details: bool) -> str:
    parts = [_rates(result), _mistakes(result)]
    if details:
        parts += _details(result)
    parts += [_speeds(result), _worst(result, worst)]
    return "\n\n".join(part for part in parts if part)


def _rates(result: Evaluation) -> str:
    errors = result.errors
    counted = {
        "CER": (result.cer, f"{sum(e.character_errors for e in errors)} in {result.characters} characters"),
        "WER": (result.wer, f"{sum(e.word_errors for e in errors)} in {result.words} words"),
        "exact": (result.exact, f"{sum(e.exact for e in errors)} of {result.n} lines"),
        "exact words": (result.exact_words, f"{sum(e.words_right for e in errors)} of {result.words} words"),
    }
    rows = [(name, f"{figure.value:.2%}", measuring.interval(figure), text) for name, (figure, text) in counted.items()]
    table = terminal.table(("rate", "value", "95 % interval", "counted"), rows)
    return f"{table}\n{result.rules}; intervals resample {result.resampling.drawn(result.units)}"


def _details(result: Evaluation) -> list[str]:
    """Errors by length and by confidence, and whether the confidence can be believed."""
    parts = [_slices("characters", result.by_length, "{:.0f}")]
    if result.calibration:
        parts.append(_slices("confidence", result.by_confidence, "{:.2f}"))
        parts.append(_calibration("calibration", result.calibration, "exact", "lines"))
    if result.word_calibration:
        parts.append(_calibration("calibration of words", result.word_calibration, "right", "words"))
    return parts


def _calibration(title: str, calibration: Calibration, right: str, unit: str) -> str:
    rows = [(f"{sure:.2f}", f"{share:.2f}", str(count)) for sure, share, count in calibration.bins]
    table = terminal.table(("confidence", right, unit), rows)
    found = f"the least confident tenth of the {unit} has {calibration.found:.1%} of the wrong ones"
    return f"{title}, expected error {calibration.expected_error:.3f}\n{table}\n{found}"


def _slices(what: str, slices: Sequence[Slice], pattern: str) -> str:
    rows = []
    for one in slices:
        high = "" if one.high is None else pattern.format(one.high)
        errors = one.errors
        between = f"{pattern.format(one.low)} to {high}" if high else f"from {pattern.format(one.low)}"
        rows.append((between, str(errors.n), f"{errors.cer:.2%}", f"{errors.wer:.2%}", f"{errors.exact:.2%}"))
    return terminal.table((what, "lines", "CER", "WER", "exact"), rows)


def _mistakes(result: Evaluation) -> str:
    found = result.confusions
    rows = [
        (title, "  ".join(_confusion(one) for one in kind[:CONFUSIONS_SHOWN]))
        for title, kind in (
            ("for", found.substitutions),
            ("missed", found.deletions),
            ("made up", found.insertions),
        )
        if kind
    ]
    return terminal.table(("mistakes", "the most frequent, and how often"), rows) if rows else ""


def _confusion(one: Confusion) -> str:
    shown = [character.replace(" ", "␣") for character in (one.truth, one.reading) if character]
    return f"{'→'.join(shown)} {one.count}"


def _speeds(result: Evaluation) -> str:
    speeds = {"encoder": result.encoder, "decoder": result.decoder}
    return "; ".join(
        f"{name} {speed.lines_per_second:.{0 if speed.lines_per_second >= 10 else 1}f} lines/s"
        for name, speed in speeds.items()
        if speed
    )


def _worst(result: Evaluation, count: int) -> str:
    rows = [
        (str(errors.character_errors), reading.truth, reading.text, reading.id)
        for reading, errors in result.worst(count)
    ]
    return terminal.table(("errors", "truth", "read", "line"), rows) if rows else ""
