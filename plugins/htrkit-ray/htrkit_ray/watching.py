"""The command in a child process: Ray, a program in C++, may abort it, which costs no more than a new start."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import typer

from htrkit import HtrkitError
from htrkit.cli import terminal

STARTS = 5
CRASHES = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


@contextmanager
def in_child() -> Iterator[None]:
    """Run the block in a child process, and in another one if that crashes; this one ends as its child does.

    A child that crashes behind the block, as Ray does now and then when a process ends, has done its work. This process
    must not have threads yet. A system without `os.fork` goes on without a child.

    Raises
    ------
    HtrkitError
        If it crashes again and again.
    """
    for _ in range(STARTS if hasattr(os, "fork") else 0):
        (alive, ours), (told, tell) = os.pipe(), os.pipe()
        child = os.fork()
        if not child:
            os.close(ours)
            os.setsid()  # Ctrl-C comes once, from the parent, and not to what Ray starts
            Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
            with _telling(tell):
                yield
            return
        os.close(alive)
        os.close(tell)
        code = _end_of(child)
        os.close(ours)
        if -code in CRASHES and (work := os.read(told, 1)):
            code = work[0]
        os.close(told)
        if code >= 0:
            sys.exit(code)  # which the child has explained
        name = signal.Signals(-code).name
        if -code not in CRASHES:
            raise HtrkitError(f"ended by {name}; what is done is kept, and the same command goes on from here")
        terminal.note(f"Ray crashed ({name}), and is started again")
    if hasattr(os, "fork"):
        raise HtrkitError(f"Ray crashed {STARTS} times; what is done is kept, and the same command goes on from here")
    yield


@contextmanager
def _telling(tell: int) -> Iterator[None]:
    """Tell the parent the exit code of the block."""
    code = 1
    try:
        yield
        code = 0
    except (SystemExit, typer.Exit) as error:
        code = getattr(error, "exit_code", getattr(error, "code", 1)) or 0
        raise
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
        raise
    finally:
        os.write(tell, bytes([code]))


def _end_of(child: int) -> int:
    """The exit code of a child, which is told of signals that ask this process to end; negative for a signal."""
    before = {
        one: signal.signal(one, lambda number, _: os.kill(child, number)) for one in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)  # returns when nobody can write any more
    os._exit(1)
