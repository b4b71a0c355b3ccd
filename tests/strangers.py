"""Throw-away plugin distributions, as pip would have installed them, and the real command to try them with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent


def install(folder: Path, distribution: str, version: str = "0.3", *, source: str, name: str = "") -> Path:
    """Lay a distribution with one module and one htrkit entry point into ``folder``, which then goes on the path."""
    module = distribution.replace("-", "_")
    (folder / f"{module}.py").write_text(dedent(source), encoding="utf-8")
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[htrkit]\n{name or module} = {module}\n")
    return folder


def declaring(kind: str, name: str, factory: str = "json:JSONDecoder") -> str:
    """The source of a plugin that declares one component."""
    return f"""
        from htrkit import Component, hookimpl

        @hookimpl
        def htrkit_{kind.replace(" ", "_")}s():
            return [Component({name!r}, "what a stranger made", {factory!r})]
        """


def htrkit(*args: str, path: Path | None = None, cwd: Path | None = None, stdin: str = "", **environment: str) -> Run:
    """Run the real command in a new process, with ``path`` put before the installed packages."""
    env = {key: value for key, value in os.environ.items() if key not in ("HTRKIT_PLUGINS", "COLUMNS", "FORCE_COLOR")}
    env |= {"PYTHONPATH": str(path) if path else "", "PYTHONWARNINGS": "", "NO_COLOR": "1", **environment}
    command = [sys.executable, "-m", "htrkit", *args]
    done = subprocess.run(
        command,
        env=env,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


class Run:
    """How a command ended, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"
