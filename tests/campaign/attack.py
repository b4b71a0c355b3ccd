"""One input: drawn, mutated, read by the command that reads its kind, and judged."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

from htrkit.cli.terminal import LONGEST_LINE
from tests.campaign import ground
from tests.campaign.kinds import ARGUMENT, STDIN, Kind, kinds
from tests.campaign.mutations import mutated

WRONG = {
    "an exception that nobody expected": r"--debug for the traceback|Traceback",
    "a component of htrkit's own raised": r"'[\w-]+' raised (?!ShapeError)|the reader \w+ failed",
    "a warning of NumPy's": r"encountered in|RuntimeWarning",
    "a control character": r"[\x00-\x08\x0b-\x1f\x7f-\x9f]",
    "a line too long to be read": rf".{{{2 * LONGEST_LINE},}}",
    "no memory": r"not enough memory|MemoryError|bad_alloc",
}
"""What must not be said on standard error."""


@dataclass(frozen=True, slots=True)
class Input:
    """A bad input.

    Attributes
    ----------
    number
        It depends on that and on the campaign's seed alone.
    place
        The file that it is, in the folder that `ground.draw` drew; or `ARGUMENT`, or `STDIN`.
    """

    number: int
    kind: Kind
    place: str
    content: bytes


class Attack:
    """The inputs of one seed.

    Parameters
    ----------
    folder
        What `ground.draw` drew; each input is read in a copy beside it.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder

    def draw(self, number: int, *, good: bool = False) -> Input:
        """Input ``number``; a ``good`` one is of the kind with that number, and not mutated."""
        rng, every = Random(f"{self.seed} {number}"), kinds()
        kind = every[number] if good else rng.choices(every, [one.share for one in every])[0]
        place = kind.place
        if "*" in place:
            place = str(rng.choice(sorted(self.folder.glob(place))).relative_to(self.folder))
        content = kind.draw(rng) if kind.draw else (self.folder / place).read_bytes()
        return Input(number, kind, place, content if good else mutated(rng, kind.forms, content))

    def warm_up(self) -> None:
        """Read a good input of each kind: what is loaded and compiled once costs no bad input its time.

        Raises
        ------
        RuntimeError
            If one is not read.
        """
        for number in range(len(kinds())):
            one = self.draw(number, good=True)
            if fault := self.read(one):
                raise RuntimeError(f"a good input is not read ({one.kind.name}): {fault}")

    def read(self, one: Input) -> str:
        """What is wrong with how htrkit takes an input; empty if nothing is."""
        scratch = self.folder.with_name(f"scratch-{os.getpid()}")
        ground.restore(scratch, self.folder)
        command, stdin = list(one.kind.command), b""
        if one.place == STDIN:
            stdin = re.sub(rb"(^|[\0\r\n])[\s/]+", rb"\1", one.content)  # not the whole disk, here as in an argument
        elif one.place == ARGUMENT:
            text = one.content.decode("utf-8", "surrogateescape").replace("\0", "")  # no system passes a null character
            text = text.lstrip("/") if "*" in text else text  # to search the whole disk takes as long as it takes
            command = [text if word == ARGUMENT else word for word in command]
        else:
            (scratch / one.place).write_bytes(one.content)
        one.kind.seal(scratch)
        with ground.inside(scratch), ground.beside_plugin() if one.kind.plugin else nullcontext():
            return judged(one.kind, *ground.command(command, stdin))

    def keep(self, one: Input, fault: str, folder: Path) -> None:
        """Put an input that failed into a folder, with the command that reads it, and how to try it again."""
        kept = folder / f"{re.sub('[^a-zA-Z0-9]+', '-', one.kind.name)}-{one.number}"
        kept.mkdir(parents=True, exist_ok=True)
        (kept / (Path(one.place).name if one.place not in (ARGUMENT, STDIN) else "text")).write_bytes(one.content)
        again = f"python scripts/campaign.py --seed {self.seed} --first {one.number} --inputs 1 --kills 0"
        told = f"{one.place}: htrkit {' '.join(one.kind.command)}\n{again}\n{fault}\n"
        (kept / "fault.txt").write_text(told, encoding="utf-8", errors="surrogateescape")


def judged(kind: Kind, code: int, out: str, err: str) -> str:
    """What is wrong with how a command ended; empty if nothing is."""
    for fault, pattern in WRONG.items():
        if re.search(pattern, err):
            return f"{fault}: {err}"
    if code not in (0, 1, 2):
        return f"exit code {code}: {err}"
    if code and not re.search(r"^(error: |skipped |note: .* failed on )", err, re.MULTILINE):
        return f"exit code {code} without a word of why: {err}"
    if kind.beside not in out:
        return f"a good input beside it was lost: {out}\n{err}"
    return ""
