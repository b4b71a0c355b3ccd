"""Where a line's time goes, and lines a second the whole way; with --against, beside another checkout of htrkit.

python -m benchmarks.reading [--data TABLE] [--model NAME] [--lines 128] [--threads N] [--rounds 5]
                             [--against CHECKOUT] [--against-model NAME] [--smoke]

Stages are told in milliseconds of CPU time a line, on one thread; the whole way, from files to text, in lines a second
of the clock, and in CPU time, which is to be trusted on a busy machine. Words are not weighed, as `htrkit recognize`
does not where text is all that is asked for. Both checkouts read the same files, round by round in turn. Without a
table, the lines are drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from inspect import signature
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htrkit.recognizer import Recognizer

HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Round:
    """What a checkout took to read all lines once.

    Attributes
    ----------
    stages
        CPU seconds of each stage, by name.
    whole, work
        From files to text: seconds of the clock, and of the CPUs together.
    texts
        What was read.
    """

    stages: dict[str, float]
    whole: float
    work: float
    texts: list[str]


def main() -> None:
    """A process for each checkout; they take turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a table of lines, as `htrkit evaluate` reads it")
    parser.add_argument("--model", default="latin-script")
    parser.add_argument("--lines", type=int, default=128)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path, help="the root of another checkout")
    parser.add_argument("--against-model", help="what that reads with, where it is another model")
    parser.add_argument("--smoke", action="store_true", help="a few lines, one round: does it run?")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        serve(given.model, given.threads)
        return
    if given.against and not (given.against / "htrkit").is_dir():
        parser.error(f"{given.against} is no checkout of htrkit")
    count, rounds = (4, 1) if given.smoke else (given.lines, given.rounds)
    checkouts = [HERE, *([given.against.resolve()] if given.against else [])]
    with tempfile.TemporaryDirectory() as folder:
        paths = list(from_table(given.data, count, Path(folder)) if given.data else drawn(count, Path(folder)))
        models = [given.model, given.against_model or given.model]
        workers = [start(checkout, model, given.threads) for checkout, model in zip(checkouts, models, strict=False)]
        for worker in workers:
            ask(worker, paths)  # the warm-up
        taken = [[ask(worker, paths) for worker in workers] for _ in range(rounds)]
        for worker in workers:
            worker.communicate()
    named = " against ".join(dict.fromkeys(models[: len(checkouts)]))
    print(f"{len(paths)} lines, model {named}, {given.threads} threads for the whole way")
    report([checkout.name for checkout in checkouts], list(zip(*taken, strict=True)), len(paths))


def report(names: list[str], taken: list[tuple[Round, ...]], lines: int) -> None:
    """Medians of each stage and of the whole way; of two checkouts their ratio and how many texts differ."""
    medians = [
        {stage: statistics.median(found.stages[stage] for found in rounds) for stage in rounds[0].stages}
        for rounds in taken
    ]
    whole = [statistics.median(found.whole for found in rounds) for rounds in taken]
    print(f"{'':20}" + "".join(f"{name:>14.14}" for name in names))
    for stage in dict.fromkeys(stage for one in medians for stage in one):
        row = [f"{one[stage] / lines * 1e3:11.2f} ms" if stage in one else f"{'':14}" for one in medians]
        print(f"{stage:20}" + "".join(row))
    print(f"{'all stages':20}" + "".join(f"{sum(one.values()) / lines * 1e3:11.2f} ms" for one in medians))
    work = [statistics.median(found.work for found in rounds) for rounds in taken]
    print(f"{'the whole way, work':20}" + "".join(f"{seconds / lines * 1e3:11.2f} ms" for seconds in work))
    print(f"{'the whole way':20}" + "".join(f"{lines / seconds:6.1f} lines/s" for seconds in whole))
    if len(names) == 2:
        pairs = list(zip(*taken, strict=True))
        for what, ratios in (
            ("reads {} x as many lines a second", [theirs.whole / ours.whole for ours, theirs in pairs]),
            ("does {} x as many with the same work", [theirs.work / ours.work for ours, theirs in pairs]),
        ):
            said = what.format(f"{statistics.median(ratios):.2f}")
            print(f"{names[0]} {said} as {names[1]} ({min(ratios):.2f} to {max(ratios):.2f} by round)")
        texts = [rounds[0].texts for rounds in taken]
        print(f"{sum(one != other for one, other in zip(*texts, strict=True))} lines are read otherwise")


def start(checkout: Path, model: str, threads: int) -> subprocess.Popen[str]:
    """A process that reads lines with the htrkit of a checkout."""
    # -P: neither the working directory nor this folder comes before that checkout
    command = [sys.executable, "-P", __file__, "--worker", "--model", model, "--threads", str(threads)]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(worker: subprocess.Popen[str], paths: list[str]) -> Round:
    """One round of a worker."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    print(json.dumps(paths), file=worker.stdin, flush=True)
    answer = worker.stdout.readline()
    if not answer:
        sys.exit(f"{' '.join(map(str, worker.args))} ended")  # type: ignore[arg-type]  # it was started with a list
    return Round(**json.loads(answer))


def serve(model: str, threads: int) -> None:
    """Answer each list of paths on standard input with a `Round`."""
    from htrkit.pages.images import read_images
    from htrkit.recognizer import Recognizer

    alone, together = (Recognizer.load(model, threads=count) for count in (1, threads))
    # earlier checkouts weigh no words, and have no such argument
    as_text = {"words": False} if "words" in signature(together.recognize).parameters else {}
    for request in sys.stdin:
        paths = json.loads(request)
        stages = stage_seconds(alone, paths)
        begin, worked = time.perf_counter(), time.process_time()
        found = list(together.recognize((line for path in paths for line in read_images(path)), **as_text))
        whole, work = time.perf_counter() - begin, time.process_time() - worked
        print(json.dumps(asdict(Round(stages, whole, work, [getattr(one, "text", "") for one in found]))), flush=True)


def stage_seconds(recognizer: Recognizer, paths: list[str]) -> dict[str, float]:
    """CPU seconds of each stage over all lines, one stage after the other."""
    from htrkit.pages.images import read_images
    from htrkit.pages.page_or_line import is_page

    seconds: dict[str, float] = {}

    def timed(stage: str, work: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
        begin = time.process_time()
        done = [work(argument) for argument in arguments]
        seconds[stage] = seconds.get(stage, 0.0) + time.process_time() - begin
        return done

    lines = [line for page in timed("image decoding", read_images, paths) for line in page]
    timed("page or line?", is_page, [line.pixels for line in lines])
    for step in recognizer.steps:
        lines = timed(step.name, step, lines)
    (outputs,) = timed("network", recognizer.encoder.encode, [lines])
    timed("decoder", recognizer.decoder.decode, outputs)
    return seconds


def drawn(count: int, folder: Path) -> Iterable[str]:
    """Image files of lines that the benchmark draws."""
    import cv2
    import numpy as np

    from benchmarks.lines import picture, text, words

    rng = np.random.default_rng(0)
    vocabulary = words(rng, 1_000)
    for number in range(count):
        path = str(folder / f"{number}.png")
        cv2.imwrite(path, picture(rng, text(rng, vocabulary, int(rng.integers(20, 60)))))
        yield path


def from_table(table: Path, count: int, folder: Path) -> Iterable[str]:
    """The image files of a table's first lines; saved as PNG where a line is only part of its file."""
    import cv2

    from htrkit.readers import open_samples

    for number, sample in enumerate(islice(open_samples([table]), count)):
        path = Path(sample.line.id)
        if not path.is_file():
            path = folder / f"{number}.png"
            cv2.imwrite(str(path), sample.line.pixels)
        yield str(path)


if __name__ == "__main__":
    main()
