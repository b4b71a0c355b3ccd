"""Search the decoders' weights on validation lines, from network outputs that are kept in a file.

htrkit recognize iam-lines/valid --save-log-probs valid.npz > /dev/null
python scripts/tune_decoders.py valid.npz iam-lines/valid.tsv [--by writer] [--corpus FILE] [--trials 40] [--every 1]

Prints how each decoder reads with its defaults and with the best weights found; the defaults in the code are set by
hand after it. An interrupted run goes on where it was when it is started again.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from htrkit.cli.terminal import table
from htrkit.errors import HtrkitError, InputError
from htrkit.evaluation.cache import ArrayCache, default_folder, digest
from htrkit.evaluation.contenders import parse_contender
from htrkit.evaluation.figures import Speed
from htrkit.evaluation.intervals import Resampling
from htrkit.evaluation.outputs import Encoded, EncodedLine, Outputs
from htrkit.evaluation.report.tables import p_text, points
from htrkit.evaluation.rules import AS_WRITTEN
from htrkit.evaluation.tuning import Tuning, tune_encoded
from htrkit.evaluation.watch import Limits
from htrkit.model import Model, load_model
from htrkit.outputs import load_outputs
from htrkit.resources import resource

SPACES: Mapping[str, Sequence[str]] = {
    "beam: language_model=english-characters": ("language_model_weight=0:1.5",),
    "word-beam": ("mode=words,ngrams,forecast", "smoothing=0.0001:10:log"),
    "beam-lm": ("alpha=0:2", "beta=-1:4", "unknown_score=-20:0"),
}
"""What is tried of each decoder, around its defaults."""


def main() -> None:
    """Tune each decoder, and print one row for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outputs", type=Path, help="what htrkit recognize --save-log-probs wrote")
    parser.add_argument("texts", type=Path, help="the table of the same lines: image, text and groups, by tabs")
    parser.add_argument("--model", help="the model that the outputs are of; htrkit's own without it")
    parser.add_argument("--corpus", type=Path, help="a training text, for decoders that weigh pairs of words")
    parser.add_argument("--by", help="resample groups of lines, such as writer")
    parser.add_argument("--trials", type=int, default=40, help="sets of options to try of each decoder")
    parser.add_argument("--every", type=int, default=1, help="take every so many-th line only")
    given = parser.parse_args()
    try:
        with TemporaryDirectory() as folder:
            model = load_model(resource("model", given.model))
            encoded = joined(given.outputs, given.texts, model, ArrayCache(Path(folder)), given.every)
            rows = [
                row(tuned(encoded, decoder, space, given.trials, given.by))
                for decoder, space in spaces(given.corpus).items()
            ]
    except HtrkitError as error:
        sys.exit(f"error: {error}")
    print(f"{len(encoded.lines)} lines, {given.trials} trials of each decoder")
    print(table(("best found", "CER, defaults", "tuned", "difference, points", "p"), rows))


def spaces(corpus: Path | None) -> dict[str, Sequence[str]]:
    """The search space of each decoder; with a ``corpus``, also of those that count pairs of words."""
    if corpus is None:
        return dict(SPACES)
    pairs = {f"word-beam: lexicon=english, corpus={corpus}": SPACES["word-beam"]}
    return {**SPACES, **pairs, "token-passing: lexicon=english": (f"corpus=none,{corpus}",)}


def joined(outputs: Path, texts: Path, model: Model, cache: ArrayCache, every: int) -> Encoded:
    """Saved outputs with the texts of their lines, which are found by the names of the image files.

    Raises
    ------
    InputError
        If they do not fit together.
    """
    saved = load_outputs(outputs)
    if saved.alphabet != model.alphabet:
        raise InputError(f"{outputs} is of another alphabet than model {model.name}: name its model with --model")
    with texts.open(encoding="utf-8", newline="") as file:
        cells = {Path(one["image"]).name: one for one in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    lines = []
    for line_id, log_probs in list(zip(saved.ids, saved.log_probs, strict=True))[::every]:
        known = cells.get(Path(line_id).name)
        if known is None:
            raise InputError(f"{texts} has no text for {line_id}")
        groups = {name: cell for name, cell in known.items() if name not in ("image", "text")}
        key = digest(log_probs)
        cache.put(key, log_probs)
        lines.append(EncodedLine(line_id, known["text"], groups, key))
    kept = Outputs(cache, [line.key for line in lines], model.alphabet.n_labels)
    return Encoded(model, model.preprocess, tuple(lines), kept, Speed(0, 0.0), ())


def tuned(encoded: Encoded, decoder: str, space: Sequence[str], trials: int, by: str | None) -> Tuning:
    """The outcome of tuning one decoder for the character error rate."""
    return tune_encoded(
        encoded,
        parse_contender(decoder),
        space,
        trials=trials,
        minimise="cer",
        rules=AS_WRITTEN,
        resampling=Resampling(by=by),
        limits=Limits(),
        cache=default_folder(),
        threads=0,
        stage=say,
        told=lambda trial, number: None,
    )


def row(found: Tuning) -> tuple[str, ...]:
    """One row of the table."""
    before, after = found.before.evaluation.cer, found.after.evaluation.cer
    if found.pair is None:
        return found.decoder, f"{before}", "no better one", "", ""
    return found.decoder, f"{before}", f"{after}", points(found.pair.cer), p_text(found.pair.cer.p_value)


@contextmanager
def say(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Name each stage as it begins."""
    print(what, file=sys.stderr, flush=True)
    yield lambda count: None


if __name__ == "__main__":
    main()
