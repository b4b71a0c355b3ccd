"""A run that is killed at random moments and resumed, beside one that is not: both have to end the same.

python -m tests.training.killed FOLDER [--kills 20] [--seed 1] [--thorough]
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from htrkit.encoders.onnx import OnnxEncoder
from htrkit.files import file_digest
from htrkit.model import TRAINABLE, load_model
from htrkit.spec import Spec
from htrkit.training import loop, watcher
from htrkit.training.batches import Batches
from htrkit.training.settings import TrainSettings
from htrkit.types import Line
from tests import tiny_model
from tests.drawing import WORDS, save_table
from tests.training.quiet import Quiet

TINY = {"height": 16, "channels": (4,), "blocks": (1,), "lstm_layers": 1, "lstm_units": 4}


def main() -> None:
    """Train twice, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--thorough", action="store_true", help="freeze a part at first, recombine, refit, and write models"
    )
    given = parser.parse_args()
    # many checkpoints in a short epoch, to be killed between and within
    Batches.stretch, watcher.SAVED_EVERY = 4, 0.0
    # so small a network reads nothing after so few epochs: which of them is best, its loss says
    watcher.chosen_by = lambda row: row.get("loss", math.inf)
    if not given.thorough:
        loop._written = lambda *_: None  # type: ignore[assignment,return-value]
    lines = [f"{one} {other}" for one, other in zip(WORDS * 3, [*WORDS[5:], *WORDS[:5]] * 3, strict=True)]
    data = str(save_table(given.folder / "data", lines if given.thorough else WORDS * 3))
    base = given.folder / "base"
    assert ended(lambda: write_base(base)) == 0

    straight = given.folder / "straight"
    started = time.monotonic()
    assert ended(lambda: go_on(straight, data, base, given.thorough)) == 0
    takes = time.monotonic() - started
    moments, kills, run = random.Random(given.seed), 0, 0
    while kills < given.kills:
        run += 1
        killed, code = given.folder / f"killed-{run}", -signal.SIGKILL
        while code:
            after = moments.uniform(0.0, takes) if kills < given.kills else None
            code = ended(partial(go_on, killed, data, base, given.thorough), after)
            assert code in (0, -signal.SIGKILL), code
            kills += code != 0
            what = f"killed after {after:.2f} of {takes:.2f} s" if code else "ended"
            print(f"run {run} {what}, {len(history(killed))} epochs done", flush=True)
        assert history(killed) == history(straight), (history(killed), history(straight))
        assert checkpoint(killed).keys() == checkpoint(straight).keys()
        for name, values in checkpoint(straight).items():
            np.testing.assert_array_equal(checkpoint(killed)[name], values, err_msg=name)
        if given.thorough:
            for one, other in zip(outputs(killed), outputs(straight), strict=True):
                np.testing.assert_array_equal(one, other)


def ended(job: Callable[[], object], kill_after: float | None = None) -> int:
    """Do a job in a process of its own, which has loaded Keras already; its exit code."""
    process = os.fork()
    if not process:
        try:
            job()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def write_base(folder: Path) -> None:
    """A model that knows nothing yet, but can be trained."""
    architecture = Spec("architecture", "crnn", TINY).create()
    folder.mkdir()
    architecture.build(3).save(folder / TRAINABLE)
    what: dict[str, Any] = {"architecture": "crnn", "architecture_options": TINY, "rule": architecture.input_rule}
    tiny_model.write(folder, checksums={TRAINABLE: file_digest(folder / TRAINABLE)}, **what)


def go_on(out: Path, data: str, base: Path, thorough: bool) -> None:
    """Begin a run, or resume it."""
    if (out / "training" / "state.json").exists():
        loop.resume(out, {}, Quiet())
        return
    network = Spec("architecture", "crnn", TINY)
    how: dict[str, Any] = {"epochs": 3, "batch_size": 2, "learning_rate": 1e-2, "architecture": network}
    further: dict[str, Any] = (
        {"freeze": "convolutions", "freeze_epochs": 1, "refit": 2, "recombine": 0.5} if thorough else {}
    )
    loop.train(TrainSettings(data=(data,), out=out, start_from=str(base), **how, **further), Quiet())


def history(out: Path) -> list[dict[str, str]]:
    """What the epochs gave, but for the time."""
    path = out / "training" / "history.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def checkpoint(out: Path) -> dict[str, Any]:
    """All that the last checkpoint holds, the optimizer's state too."""
    arrays: dict[str, Any] = {}
    with h5py.File(max((out / "training").glob("epoch-*.weights.h5"))) as file:
        file.visititems(lambda name, item: arrays.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return arrays


def outputs(out: Path) -> list[Any]:
    """What the model gives for lines of noise."""
    model = load_model(out)
    rng = np.random.default_rng(0)
    lines = [Line(str(i), rng.integers(0, 256, (16, 40 + i), dtype=np.uint8)) for i in range(4)]
    return OnnxEncoder(model, 0).encode(lines)


if __name__ == "__main__":
    sys.exit(main())
