"""Makes pictures of the terminal by running the commands and drawing what they print.

    python scripts/terminal_pictures.py docs/pictures

The commands run on a pseudo-terminal, in a folder that has the samples in it, so they print what a person would see.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path
from typing import Annotated

import typer
from doc_commands import as_if_installed
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 124

PICTURES = {
    "recognize": (
        "htrkit recognize samples/word.png",
        "htrkit recognize samples/word.png samples/joined.png samples/bleed.png",
        "htrkit recognize samples/number.png --decoder allowed -o characters=0123456789",
    ),
    "decoders": ("htrkit decoders", "htrkit decoders beam"),
    "errors": (
        "htrkit recognize samples/word.png --decoder beem",
        "htrkit recognize samples/word.png --decoder beam -o width=50",
        "htrkit recognize samples/word.png missing.png",
    ),
}


def shown(command: str, folder: Path, python_path: str) -> str:
    """What a command prints on a terminal, with its colours as ANSI escapes."""
    reading, writing = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PYTHONPATH": python_path}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=writing, stdout=writing, stderr=writing
    )
    os.close(writing)
    printed = b""
    with contextlib.suppress(OSError):  # how Linux says that nobody writes any more
        while chunk := os.read(reading, 65536):
            printed += chunk
    os.close(reading)
    process.wait()
    return printed.decode("utf-8").replace("\r\n", "\n")


def texts(svg: str) -> list[str]:
    """The texts in a picture, in order."""
    return [unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", svg)]


def draw(name: str, folder: Path, python_path: str) -> str:
    """An SVG of a terminal in which a picture's commands were typed one after the other."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for command in PICTURES[name]:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(shown(command, folder, python_path).rstrip("\n")))
    console.print()  # or the last line's descenders are cut off
    svg = console.export_svg(title="", theme=DEFAULT_TERMINAL_THEME, unique_id=f"htrkit-{name}")
    # Nothing is fetched when the picture is shown: the reader's own monospaced font will do.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace")


def main(out: Path, names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Draw every picture into a folder, or those that are named."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "samples", Path(folder) / "samples")
        python_path = as_if_installed(Path(folder) / ".installed")
        for name in names or PICTURES:
            svg = draw(name, Path(folder), python_path)
            (out / f"terminal-{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
