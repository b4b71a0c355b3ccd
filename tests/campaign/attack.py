"""One input: drawn, mutated, read by the command that reads its kind, and judged."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

from htrkit.cli.terminal import LONGEST_LINE
from tests.campaign import ground
from tests.campaign.kinds import ARGUMENT, STDIN, Kind, kinds
from tests.campaign.mutations import mutated

UNEXPECTED = "--debug for the traceback"
"""What the command line says of an exception that is no `HtrkitError`."""
WRONG = {
    "an exception that nobody expected": rf"{UNEXPECTED}|Traceback",
    "a component of htrkit's own raised": r"\b(?:decoder|encoder|preprocessor|reader|writer) '[\w-]+' raised |the reader \w+ failed",
    "a warning of NumPy's": r"encountered in|RuntimeWarning",
    "a control character": r"[\x00-\x08\x0b-\x1f\x7f-\x9f]",
    "a line too long to be read": rf".{{{2 * LONGEST_LINE},}}",
    "no memory": r"not enough memory|MemoryError|cannot allocate|bad_alloc",
}
"""What must not be said on standard error."""


@dataclass(frozen=True, slots=True)
class Input:
    """A bad input.

    Attributes
    ----------
    number
        It depends on that and the campaign's seed alone.
    place
        The file that it is, in the folder that `ground.draw` drew; or `ARGUMENT`, or `STDIN`.
    """

    number: int
    kind: Kind
    place: str
    content: bytes


def drawn(seed: int, number: int, folder: Path, *, good: bool = False) -> Input:
    """Input ``number``; ``folder`` is what `ground.draw` drew. Without mutations if it shall be ``good``."""
    rng = Random(f"{seed} {number}")
    every = kinds()
    kind = every[number % len(every)] if good else rng.choices(every, [one.share for one in every])[0]
    place = kind.place
    if "*" in place:
        place = str(rng.choice(sorted(folder.glob(place))).relative_to(folder))
    content = kind.draw(rng) if kind.draw else (folder / place).read_bytes()
    return Input(number, kind, place, content if good else mutated(rng, kind.forms, content))


def read(one: Input, folder: Path, scratch: Path) -> str:
    """What is wrong with how htrkit takes an input; empty if nothing is. ``scratch`` is made, and removed again."""
    shutil.copytree(folder, scratch)
    command, stdin = list(one.kind.command), b""
    if one.place == STDIN:
        stdin = one.content
    elif one.place == ARGUMENT:
        text = one.content.decode("utf-8", "surrogateescape").replace("\0", "")  # no system passes a null character
        command = [text if word == ARGUMENT else word for word in command]
    else:
        (scratch / one.place).write_bytes(one.content)
    try:
        one.kind.seal(scratch)
        with ground.inside(scratch):
            return judged(one.kind, *ground.command(command, stdin))
    finally:
        shutil.rmtree(scratch)


def judged(kind: Kind, code: int, out: str, err: str) -> str:
    """What is wrong with how a command ended; empty if nothing is."""
    for fault, pattern in WRONG.items():
        if re.search(pattern, err):
            return f"{fault}: {err}"
    if code not in (0, 1, 2):
        return f"exit code {code}: {err}"
    if code and not re.search(r"^(error: |skipped )", err, re.MULTILINE):
        return f"exit code {code} without a word of why: {err}"
    if kind.beside not in out:
        return f"a good input beside it was lost: {out}\n{err}"
    return ""


def keep(one: Input, fault: str, folder: Path) -> None:
    """Put a failed input into a folder, with the command that reads it."""
    kept = folder / f"{re.sub(r'[^a-zA-Z0-9]+', '-', one.kind.name)}-{one.number}"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / (Path(one.place).name if one.place not in (ARGUMENT, STDIN) else "text")).write_bytes(one.content)
    told = f"{one.place}: htrkit {' '.join(one.kind.command)}\n{fault}\n"
    (kept / "fault.txt").write_text(told, encoding="utf-8", errors="surrogateescape")
