"""Runs the commands that the documentation shows, and compares what they print with what it says they print.

    python scripts/doc_commands.py README.md docs/*.md            # says where they differ
    python scripts/doc_commands.py --write docs/getting-started.md  # puts what they print into the page

A block after ``<!-- needs MODULE -->`` is left out where that module is not installed. A command that cannot be run
here stands in a ``sh`` block after ``<!-- not run: WHY -->``. On a page with ``<!-- with FOLDER -->`` the package in
that folder is installed too.

In a block marked ``console``, a line that begins with ``$`` is a command, and the lines up to the next one are what it
prints, standard error included. ``…`` stands for anything on a line, a line ``…`` for any lines. The commands of a page
run one after the other in one folder, which has the samples in it. tests/test_docs.py runs them too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import typer

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^(?:<!-- needs (\S+) -->\n)?```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANY = "…"
LONG, STAND_IN = re.compile(r"-?\d+\.\d{6,}(?:e-\d+)?"), "#"
CLOSE = 0.02
# what no two machines print alike
ONCE = re.compile(r"^warning: compiling what decodes: .*\n", re.MULTILINE)
SPEED = re.compile(r"\d+(\.\d+)? lines/s")
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page, with what the page says that it prints."""

    text: str
    output: str

    def __str__(self) -> str:
        return f"$ {self.text}\n{self.output}"

    def agrees(self, printed: str) -> bool:
        """Whether what it printed is what the page says; long fractions may differ by rounding."""
        pattern = re.escape(LONG.sub(STAND_IN, self.output)).replace("\\\n", "\n")  # it escapes line ends too
        pattern = re.sub(rf"^{ANY}\n", r"(?:.*\\n)*?", pattern, flags=re.MULTILINE).replace(ANY, ".*?")
        if re.fullmatch(pattern, LONG.sub(STAND_IN, printed)) is None:
            return False
        if ANY in self.output:
            return True
        pairs = zip(LONG.findall(self.output), LONG.findall(printed), strict=True)
        return all(abs(float(said) - float(found)) <= CLOSE for said, found in pairs)


def commands(block: str) -> list[Command]:
    """The commands of a block's text."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], ""))
        elif found and found[-1].text.endswith("\\"):
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line}")
        elif found:
            found[-1] = replace(found[-1], output=f"{found[-1].output}{line}\n")
    return found


def commands_of(page: Path) -> list[Command]:
    """The commands of all blocks of a page that can run here."""
    blocks = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [command for block in blocks if can_run(block) for command in commands(block[2])]


def can_run(block: re.Match[str]) -> bool:
    """Whether the module that a block needs is installed."""
    return block[1] is None or find_spec(block[1]) is not None


def as_if_installed(folder: Path, *further: Path) -> str:
    """A PYTHONPATH on which the packages of plugins/ are found, each with its entry points, laid out in ``folder``."""
    packages = [*sorted(file.parent for file in ROOT.glob("plugins/*/pyproject.toml")), *further]
    for package in packages:
        project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
        )
        points = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["htrkit"].items())
        (info / "entry_points.txt").write_text(f"[htrkit]\n{points}", encoding="utf-8")
    return os.pathsep.join(map(str, [folder, *packages]))


def run(page: Path, folder: Path) -> Iterator[tuple[Command, str]]:
    """Each command of a page and what it printed, run in ``folder``; the packages of plugins/ count as installed."""
    shutil.copytree(ROOT / "samples", folder / "samples", dirs_exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HTRKIT_", "PYTHON"))}
    environment |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    further = [ROOT / found for found in re.findall(r"<!-- with (\S+) -->", page.read_text(encoding="utf-8"))]
    environment |= {"COLUMNS": "110", "TERM": "dumb", "PYTHONPATH": as_if_installed(folder / ".installed", *further)}
    for command in commands_of(page):
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        yield command, ONCE.sub("", done.stdout)


def rewritten(page: Path, printed: list[tuple[Command, str]]) -> str:
    """The page's text with what its commands printed."""
    outcomes = iter(printed)

    def block(match: re.Match[str]) -> str:
        parts = []
        if not can_run(match):
            return match[0]
        for _ in commands(match[2]):
            command, output = next(outcomes)
            parts.append(
                str(command) if command.agrees(output) else f"$ {command.text}\n{SPEED.sub('… lines/s', output)}"
            )
        head = match[0][: match[0].index("```console")]
        return f"{head}```console\n{''.join(parts)}```"

    return BLOCK.sub(block, page.read_text(encoding="utf-8"))


def main(pages: list[Path], write: bool = False) -> None:
    """Compare, or write what the commands print into the pages."""
    differing = 0
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            printed = list(run(page, Path(folder)))
        for command, output in printed:
            if not command.agrees(output):
                differing += 1
                print(f"{page}: $ {command.text}\n--- says\n{command.output}--- prints\n{output}")
        if write:
            page.write_text(rewritten(page, printed), encoding="utf-8")
    raise typer.Exit(int(differing > 0 and not write))


if __name__ == "__main__":
    typer.run(main)
