"""What every run of htrkit does anew is done once for all inputs: commands are built, and processes load their code."""

from __future__ import annotations

import functools
import importlib
import multiprocessing
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import IO, Any, cast

import typer

from htrkit import options, processes

BYTES = 1_500_000_000
"""That reading an input may take, in any process, beyond what the process has once it is warm."""
_context = multiprocessing.get_context("forkserver")
_built = functools.cache(typer.main.get_command)
_started = processes.start


def once() -> None:
    """Run htrkit so in this process, from now on."""
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100 - "" is the current folder
    os.environ["PYTHONPATH"] = path  # along which the next module is found
    _context.set_forkserver_preload(["tests.campaign.loaded"])
    sys.modules["__main__"] = ModuleType("__main__")  # what is forked would load it anew
    typer.main.get_command = _command
    processes.start = _start
    options.options_of = functools.cache(options.options_of)


def limit_memory() -> None:
    """Let this process have `BYTES` more than it has."""
    limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _command(made: typer.Typer) -> Any:
    command = _built(made)
    vars(command).pop("running", None)  # that was of another input
    return command


def _start(module: str, streams: int) -> subprocess.Popen[bytes]:
    if streams != subprocess.PIPE:
        return _started(module, streams)
    return cast(subprocess.Popen[bytes], Forked(module))


class Forked:
    """A process that is forked from one that has loaded what it needs; it has what htrkit uses of a `Popen`."""

    def __init__(self, module: str) -> None:
        pipes = [_context.Pipe(duplex=False) for _ in range(4)]
        (given, ours), *heard = pipes
        theirs = [given, *(writer for _, writer in heard)]
        self._process = _context.Process(target=_run, args=(module, theirs, Path.cwd(), dict(os.environ)), daemon=True)
        self._process.start()
        for connection in theirs:
            connection.close()
        self.stdin, (self.stdout, self.stderr, born) = _file(ours, "wb"), (_file(reader, "rb") for reader, _ in heard)
        with born:  # its group can be killed once this is at its end
            born.read()
        assert self._process.pid
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self.returncode


def _file(connection: Connection[Any, Any], mode: str) -> IO[bytes]:
    with connection:
        return cast(IO[bytes], os.fdopen(os.dup(connection.fileno()), mode))


def _run(module: str, streams: Sequence[Connection[Any, Any]], folder: Path, environment: Mapping[str, str]) -> None:
    """Run the main function of a module, as `htrkit.processes.start` has it run."""
    os.setsid()
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream.fileno(), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    limit_memory()
    streams[3].close()
    importlib.import_module(module).main()
