"""The job ``teach``: ``htrkit train`` on the corrected lines, judged by those that were held back."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from htrkit import HtrkitError, InputError, plugins
from htrkit_desk import components
from htrkit_desk.jobs import StoppedError, Task
from htrkit_desk.project import HIDDEN, Project
from htrkit_desk.truth import split, truths, write_images, write_table

LEAST = 4
"""Corrected lines; fewer teach nothing."""
TRAIN, VALID = "train.tsv", "valid.tsv"
MOST_EPOCHS = 200
_EPOCH = re.compile(r"epoch (\d+)/(\d+)  loss \S+  CER ([\d.]+)%.*  (\d+) s$")


class Teacher:
    """Teaches a project's model."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def teach(self, task: Task) -> None:
        """Train a network, and choose it if it reads the lines that were held back better than the one before."""
        project = self._project
        base = str(components.model_of(project) or "") or None
        lines, held_back = self._tables(task)
        out = task.folder / "model"
        if not (out / "model.json").exists():
            self._train(task, base, out)
        spec = components.spec_of(project, "decoder", project.settings.decoder)
        decoder = None if spec is None else str(spec)
        task.update(note=("comparing",), keep=True)
        before = self._measured(task, base, decoder)
        after = self._measured(task, str(out), decoder)
        name = self._kept(out)
        chosen = after < before
        if chosen:
            project.choose(model=name)
        result = {"before": before, "after": after, "held_back": held_back, "lines": lines}
        task.update(keep=True, result={**result, "model": name, "chosen": chosen}, note=())
        shutil.rmtree(task.folder / "lines", ignore_errors=True)
        project.told("project", {})

    def _tables(self, task: Task) -> tuple[int, int]:
        """Write the tables, unless an earlier run has; how many lines there are, and how many of them held back."""
        train, valid = task.folder / TRAIN, task.folder / VALID
        if not valid.exists():
            task.update(note=("cutting",))
            rows: list[tuple[float, str]] = []
            for row in write_images(task.folder, truths(self._project, None, task.skip)):
                rows.append(row)
                task.update(done=0, note=("cutting", str(len(rows))))
            if len(rows) < LEAST:
                raise InputError(
                    f"{len(rows)} corrected lines are too few to learn from: correct {LEAST}, or better 50"
                )
            held = split(chance for chance, _ in rows)
            write_table(train, (row for (_, row), out in zip(rows, held, strict=True) if not out))
            write_table(valid, (row for (_, row), out in zip(rows, held, strict=True) if out))
        held_back = _rows(valid)
        return _rows(train) + held_back, held_back

    def _train(self, task: Task, base: str | None, out: Path) -> None:
        """Run ``htrkit train``, which chooses what is not asked for by how many lines there are."""
        epochs = epochs_of(task.job.asked.get("epochs"))
        task.update(keep=True, done=0, total=epochs or 0, note=("beginning",))
        if (out / "training" / "state.json").exists():
            command = ["train", "--out", str(out), "--resume"]
        else:
            shutil.rmtree(out, ignore_errors=True)
            data = [str(task.folder / TRAIN), "--valid", str(task.folder / VALID), "--out", str(out)]
            command = ["train", *data, "--from", base or plugins.default("model")]
            command += ["--epochs", str(epochs)] if epochs else []
        for said in htrkit(task, command):
            if epoch := _EPOCH.match(said):
                done, total = int(epoch[1]), int(epoch[2])
                minutes = math.ceil((total - done) * int(epoch[4]) / 60)
                task.update(done=done, total=total, note=("epoch", epoch[3], str(minutes)))

    def _measured(self, task: Task, model: str | None, decoder: str | None) -> float:
        """The CER of a model on the lines that were held back."""
        command = ["evaluate", str(task.folder / VALID), "--json", "--resamples", "100"]
        command += ["--model", model] if model else []
        command += ["--decoder", decoder] if decoder else []
        answer = "\n".join(htrkit(task, command, results=True))
        try:
            return float(json.loads(answer)["cer"]["value"])
        except (ValueError, KeyError, TypeError) as error:
            raise HtrkitError("htrkit evaluate gave no figures") from error

    def _kept(self, out: Path) -> str:
        """Move a new model to the project's others; its name there."""
        models = self._project.hidden / "models"
        models.mkdir(exist_ok=True)
        number = 1 + max((int(path.name) for path in models.iterdir() if path.name.isdecimal()), default=0)
        shutil.rmtree(out / "training", ignore_errors=True)
        out.replace(models / str(number))
        return f"{HIDDEN}/models/{number}"


def htrkit(task: Task, arguments: Sequence[str], *, results: bool = False) -> Iterator[str]:
    """Run a command of htrkit's in a process of its own; the lines that it says, or its results, as they come.

    Raises
    ------
    HtrkitError
        If it fails, with what it says of that.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as aside:
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "htrkit_desk.attached", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if results else aside,
            stderr=aside if results else subprocess.PIPE,
            env={**os.environ, "NO_COLOR": "1"},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        stream = running.stdout if results else running.stderr
        assert stream is not None
        said: deque[str] = deque(maxlen=3)
        try:
            task.ends_by(lambda: _end(running))
            for line in stream:
                said.append(line.rstrip())
                yield line.rstrip()
            code = running.wait()
        finally:
            _end(running)
            running.wait()
        if task.stopped:
            raise StoppedError
        if code:
            aside.seek(0)
            raise HtrkitError(_why([*aside.read(1 << 16).splitlines(), *said]) or f"htrkit {arguments[0]} failed")


def _why(said: Sequence[str]) -> str:
    """What a command gives as its reason."""
    errors = [line for line in said if line.startswith("error: ")]
    return (errors or list(said) or [""])[-1].removeprefix("error: ")


def _end(running: subprocess.Popen[Any]) -> None:
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()


def _rows(table: Path) -> int:
    return len(table.read_text(encoding="utf-8").splitlines()) - 1


def epochs_of(asked: object) -> int | None:
    """How many epochs are asked for, if any. Raises InputError if that is no number of them."""
    if asked is None:
        return None
    if type(asked) is not int or not 1 <= asked <= MOST_EPOCHS:
        raise InputError(f"epochs are a number from 1 to {MOST_EPOCHS}")
    return asked
