"""Decoders against each other and against other packages: same inputs, one thread, medians of interleaved rounds.

python -m benchmarks.decoders [--rounds 7] [--lines 40] [--cpu] [--smoke]

Times are of whole decoders, with n-best, exact log_prob, spans and confidence, against the bare text and score that
the others give. Inputs are brought into each one's own layout beforehand. What is not installed is left out. Best
paths are of one batch, as `htrkit.Recognizer` hands it to a decoder: with many more lines, both would mostly wait for
the memory.
"""

from __future__ import annotations

import importlib.util
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import typer

from benchmarks.lines import ALPHABET, log_probs, text, words
from htrkit import plugins
from htrkit.decoders import compiled
from htrkit.decoders.beam import Beam
from htrkit.decoders.best_path import BestPath
from htrkit.decoders.word_beam import WordBeam
from htrkit.decoding import ask
from htrkit.errors import HtrkitError
from htrkit.language_models.build import build
from htrkit.stream import LINES_AT_ONCE
from htrkit.types import Encoded

FRAMES = 100
CHARACTERS = 40
WIDTH = 25
TIMES = 10
ORDER = 3

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@dataclass(frozen=True)
class Contest:
    """What is measured against what.

    Attributes
    ----------
    name
        What the two do.
    ours, theirs
        Each decodes ``lines`` lines; texts, if it returns them, are compared.
    target
        How many times as quick ours shall be.
    """

    name: str
    lines: int
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    target: float


def main(rounds: int = 7, lines: int = 40, cpu: bool = False, smoke: bool = False) -> None:
    """Print one row for each contest: microseconds a line, the ratio, and whether it is what it should be.

    CPU time instead of that of the clock is for a machine that is busy; few lines and words to see that it runs.
    """
    rounds, lines = (1, 4) if smoke else (rounds, lines)
    compiled.expect(compiled.PATIENCE + 1)  # from here on everything is compiled
    print(f"{'':46} {'ours':>9} {'theirs':>9}   times as quick")
    for contest in _contests(lines, smoke=smoke):
        _row(contest, rounds, time.process_time if cpu else time.perf_counter)


def _row(contest: Contest, rounds: int, clock: Callable[[], float]) -> None:
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    texts = {"ours": contest.ours(), "theirs": contest.theirs()}  # and the warm-up
    for number in range(rounds):
        for side in ("ours", "theirs") if number % 2 else ("theirs", "ours"):
            run = contest.ours if side == "ours" else contest.theirs
            begin = clock()
            run()
            seconds[side].append(clock() - begin)
    ours, theirs = (statistics.median(seconds[side]) / contest.lines * 1e6 for side in ("ours", "theirs"))
    verdict = "" if theirs / ours >= contest.target else "  MISSED"
    print(f"{contest.name:46} {ours:6.1f} us {theirs:6.0f} us   {theirs / ours:6.2f} (>= {contest.target:g}){verdict}")
    if all(isinstance(found, list) and isinstance(found[0], str) for found in texts.values()):
        same = sum(one == other for one, other in zip(texts["ours"], texts["theirs"], strict=True))
        print(f"{'':4}the same text on {same} of {contest.lines} lines")


def _contests(lines: int, *, smoke: bool) -> Iterator[Contest]:
    random = np.random.default_rng(0)
    sizes = (300, 600, 1_200) if smoke else (1_000, 12_800, 400_000)
    vocabulary = words(random, sizes[-1])
    drawn = [log_probs(random, text(random, vocabulary[: sizes[0]], CHARACTERS), FRAMES) for _ in range(10 * lines)]
    few = drawn[:lines]
    beam, best_path = Beam(ALPHABET, beam_width=WIDTH), BestPath(ALPHABET)
    small, middle, large = (WordBeam(ALPHABET, lexicon=vocabulary[:size], beam_width=WIDTH) for size in sizes)

    if importlib.util.find_spec("tensorflow"):
        batch = drawn[:LINES_AT_ONCE]
        greedy, search = _again(_tensorflow(batch)), _tensorflow(few, width=WIDTH)
        yield Contest("best-path: TensorFlow's", len(batch) * TIMES, _again(_texts(best_path, batch)), greedy, 0)
        yield Contest("beam 25: TensorFlow's", lines, _texts(beam, few), search, 30)
        yield Contest(
            f"word-beam 25, {sizes[1]:,} words: TensorFlow's beam", lines, lambda: middle.decode_batch(few), search, 80
        )
    if importlib.util.find_spec("fast_ctc_decode"):
        yield Contest("beam 25: fast-ctc-decode, cut 1e-3", lines, _texts(beam, few), _fast_ctc_decode(few), 1.5)
    yield Contest(
        f"word-beam 25, {sizes[2]:,} words: {sizes[0]:,} words",
        lines,
        lambda: large.decode_batch(few),
        lambda: small.decode_batch(few),
        1 / 1.5,
    )
    sentences = [text(random, vocabulary[: sizes[0]], CHARACTERS) for _ in range(5 * sizes[0])]
    yield from _language_models(few, sentences)
    many = drawn * max(1, (8 if smoke else 1_000) // len(drawn))
    yield Contest(
        "beam 25, two threads: one",
        len(many),
        lambda: beam.decode_batch(many, threads=2),
        lambda: beam.decode_batch(many, threads=1),
        1.7 if (os.cpu_count() or 1) > 1 else 0,
    )


def _again(run: Callable[[], Any]) -> Callable[[], None]:
    """What is too quick to be timed once, one time after the other."""

    def runs() -> None:
        for _ in range(TIMES):
            run()

    return runs


def _texts(decoder: Any, lines: Sequence[Any]) -> Callable[[], list[str]]:
    encoded = [Encoded("", line) for line in lines]
    return lambda: [found[0].text for found in ask(decoder, encoded)]


def _tensorflow(lines: Sequence[Any], *, width: int = 0) -> Callable[[], Any]:
    """TensorFlow's greedy decoder, or with a ``width`` its beam; its sparse result is read only for comparing texts."""
    import tensorflow as tf

    if not tf.config.threading.get_intra_op_parallelism_threads():
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    # Frames first, blank last.
    inputs = tf.constant(np.roll(np.stack(lines, axis=1), -1, axis=2))
    lengths = tf.constant([FRAMES] * len(lines))
    if not width:
        return lambda: tf.nn.ctc_greedy_decoder(inputs, lengths)

    def run() -> list[str]:
        sparse = tf.nn.ctc_beam_search_decoder(inputs, lengths, width, 1)[0][0]
        rows = tf.sparse.to_dense(sparse, default_value=-1).numpy().tolist()
        return ["".join(ALPHABET[label] for label in row if label >= 0) for row in rows]

    return run


def _fast_ctc_decode(lines: Sequence[Any]) -> Callable[[], list[str]]:
    import fast_ctc_decode

    probabilities = [np.exp(line) for line in lines]
    symbols = "\N{EMPTY SET}" + ALPHABET
    return lambda: [fast_ctc_decode.beam_search(line, symbols, WIDTH, 1e-3)[0] for line in probabilities]


def _language_models(lines: Sequence[Any], sentences: Sequence[str]) -> Iterator[Contest]:
    """The beam with language models; pyctcdecode and its successor, if they are there, with KenLM's of that order."""
    with tempfile.TemporaryDirectory() as folder:
        characters, words = Path(folder) / "characters.npz", Path(folder) / "words.arpa"
        build(sentences, characters, ORDER, characters=True)
        build(sentences, words, ORDER)
        by_characters = Beam(ALPHABET, beam_width=WIDTH, language_model=characters)
        alike = Beam(  # with pyctcdecode's cuts
            ALPHABET,
            beam_width=WIDTH,
            language_model=characters,
            label_threshold=math.exp(-5),
            beam_threshold=math.exp(-10),
        )
        both = Beam(ALPHABET, beam_width=WIDTH, language_model=characters, word_model=words)
        yield Contest(
            f"beam 25, {ORDER}-grams of characters and words: characters",
            len(lines),
            lambda: both.decode_batch(lines),
            lambda: by_characters.decode_batch(lines),
            1 / 2,
        )
        for backend, target in (("pyctcdecode", 10), ("native", 1)):
            try:
                other = plugins.create(
                    "decoder", "beam-lm", ALPHABET, backend=backend, beam_width=WIDTH, language_model=words
                )
            except (HtrkitError, ImportError) as error:
                print(f"{backend} is left out: {error}")
                continue
            for name, ours in (("", by_characters), (", same cuts", alike)):
                yield Contest(
                    f"beam 25, {ORDER}-grams of characters: {backend}, words{name}",
                    len(lines),
                    partial(ours.decode_batch, lines),
                    partial(_one_by_one, other, lines),
                    target,
                )


def _one_by_one(decoder: Any, lines: Sequence[Any]) -> None:
    for line in lines:
        decoder.decode(line)


if __name__ == "__main__":
    typer.run(main)
