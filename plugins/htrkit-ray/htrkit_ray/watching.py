"""The command in a child process: Ray, a program in C++, may abort it, which costs no more than a new start."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import typer

from htrkit import HtrkitError
from htrkit.cli import terminal

STARTS = 5
CRASHES = tuple(
    getattr(signal, name)
    for name in ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")
    if hasattr(signal, name)  # Windows does not know all
)
ASKING = (signal.SIGINT, signal.SIGTERM)
ASKED_AGAIN_AFTER = 5
"""Seconds, if the child does not end: an interrupt in the middle of an import may be swallowed there."""


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
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)  # until child and parent know what to do with them
        child = os.fork()
        if not child:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)
            os.close(ours)
            os.setsid()  # Ctrl-C comes once, from the parent, and not to what Ray starts
            Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
            with _telling(tell):
                yield
            return
        os.close(alive)
        os.close(tell)
        code = _end_of(child, told)
        os.close(ours)
        # Python ends a module by SIGINT, whatever it made of the interrupt, if that came while a string was executed
        if -code in (*CRASHES, signal.SIGINT) and (work := os.read(told, 1)):
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
    except (SystemExit, typer.Exit, HtrkitError) as error:
        given = getattr(error, "exit_code", getattr(error, "code", 1)) or 0
        code = given if isinstance(given, int) and 0 <= given < 256 else 1
        raise
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
        raise
    finally:
        os.write(tell, bytes([code]))


def _end_of(child: int, told: int) -> int:
    """The exit code of a child, which is told of signals that ask this process to end; negative for a signal."""
    asked = signal.SIGINT

    def ask(number: int, _: object) -> None:
        nonlocal asked
        asked = signal.Signals(number)
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(child, asked)
            signal.alarm(ASKED_AGAIN_AFTER)

    def ask_again(_: int, frame: object) -> None:
        if not select.select([told], [], [], 0)[0]:  # else it is ending
            ask(asked, frame)

    handlers = {**dict.fromkeys(ASKING, ask), signal.SIGALRM: ask_again}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)  # returns when nobody can write any more
    os._exit(1)
