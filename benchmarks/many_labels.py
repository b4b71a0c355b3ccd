"""What each decoder takes on a line with 18,710 labels: processor seconds and peak memory, at its defaults.

python -m benchmarks.many_labels [DECODER …] [--frames 120] [--flat]

Each decoder runs in a process of its own, which decodes one line; the second time counts, compiled or not as it comes.
No decoder may take more than a second, or 500 MB beyond what the process had with the line alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from benchmarks.lines import text, words
from htrkit import Alphabet, LogProbs, decoder, plugins
from htrkit.testing import sure_line

LABELS = 18_710
SECONDS, MEGABYTES = 1.0, 500
OPTIONS = {"lexicon": {"lexicon": "english"}}
"""Of decoders that need some."""


def main() -> None:
    """A row for each decoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("decoders", nargs="*", metavar="DECODER", help="by default all that are installed")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--flat", action="store_true", help="a network that is sure of nothing")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.decoders[0], line(given.frames, flat=given.flat))))
        return
    print(f"{LABELS:,} labels, {given.frames} frames\n\n| decoder | seconds | MB |  |\n|---|---:|---:|---|")
    for name in given.decoders or plugins.names("decoder"):
        command = [sys.executable, "-m", "benchmarks.many_labels", name, "--one", f"--frames={given.frames}"]
        run = subprocess.run(command + ["--flat"] * given.flat, capture_output=True, text=True, check=False)
        if run.returncode:
            print(f"| `{name}` | | | {run.stderr.strip().splitlines()[-1]} |", flush=True)
            continue
        seconds, megabytes = json.loads(run.stdout.splitlines()[-1])
        missed = "MISSED" if seconds > SECONDS or megabytes > MEGABYTES else ""
        print(f"| `{name}` | {seconds:.2f} | {megabytes:.0f} | {missed} |", flush=True)


def alphabet() -> Alphabet:
    """ASCII, and Chinese characters for the rest."""
    ascii_ = "".join(map(chr, range(32, 127)))
    return Alphabet(ascii_ + "".join(map(chr, range(0x4E00, 0x4E00 + LABELS - 1 - len(ascii_)))))


def line(frames: int, *, flat: bool) -> LogProbs:
    """A line of English, (frames, labels), with some noise over all labels; flat, it is nothing but noise."""
    random = np.random.default_rng(0)
    clear = sure_line(text(random, words(random, 1_000), frames // 2), alphabet(), sure=0.9)[:frames]
    noisy = (0.0 if flat else clear) + random.normal(0.0, 2.0, clear.shape)
    return np.asarray(noisy - np.logaddexp.reduce(noisy, axis=1, keepdims=True), np.float32)


def measured(name: str, log_probs: LogProbs) -> tuple[float, float]:
    """Processor seconds of the second decoding, and megabytes beyond those of the line."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = decoder(name, alphabet(), **OPTIONS.get(name, {}))
    made.decode(log_probs)
    begin = time.process_time()
    made.decode(log_probs)
    seconds = time.process_time() - begin
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


if __name__ == "__main__":
    main()
