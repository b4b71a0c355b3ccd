"""Other processes that answer requests within limits of time and memory: one that hangs or dies takes nothing down.

Requests come pickled on standard input; each answer is a line of JSON on standard output. Whatever is printed there
goes to standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import IO, Any, Literal

from htrkit.quoting import failure, one_line

GOODBYE = 2.0
"""Seconds that a process may take to end by itself."""
FOREIGN = 4.0
"""Gigabytes that what a stranger made may take."""
TOO_MUCH_MEMORY = "needed too much memory"


class LostError(Exception):
    """A process raised, ended or took too long instead of answering."""

    def __init__(self, reason: str, *, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


def start(module: str, streams: int) -> subprocess.Popen[bytes]:
    """A process that runs the ``main`` of a module, with what `subprocess` takes for its standard streams."""
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100 - "" is the current folder
    return subprocess.Popen(
        # -P: a file that happens to lie in the current folder must not stand in for a module
        [sys.executable, "-P", "-c", f"from {module} import main; main()"],
        stdin=streams,
        stdout=streams,
        stderr=streams,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=True,  # what Ctrl-C means for it, and for what it starts itself, is decided here
    )


class Process:
    """A process that answers requests, and the last of what it says.

    Parameters
    ----------
    module
        Whose ``main`` calls `serve`.

    Raises
    ------
    OSError
        If none can be started.
    """

    def __init__(self, module: str) -> None:
        self._process = start(module, subprocess.PIPE)
        self._said: deque[bytes] = deque(maxlen=2)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.ended = False

    def ask(self, request: object, limit: float) -> Any:
        """The answer.

        Raises
        ------
        LostError
            If there is none in ``limit`` seconds; what it waits for a core of a busy machine does not count, where the
            system tells. The process is ended then. Also if it has ended by itself, or raised.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answered, late = Event(), Event()
        watch = Thread(target=self._watch, args=(limit, answered, late), daemon=True)
        watch.start()
        try:
            pickle.dump(request, self._process.stdin)
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            answer = None
        finally:
            answered.set()
            watch.join()
        if late.is_set():
            self.end()
            raise LostError(f"took longer than {limit:g} s, and was stopped", late=True)
        if answer is None:
            raise LostError(self._epitaph())
        if "refused" in answer:
            raise LostError(answer["refused"])
        return answer

    def end(self) -> None:
        """Kill it."""
        self.ended = True
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()

    def _watch(self, limit: float, answered: Event, late: Event) -> None:
        """Kill it when it has taken too long."""
        start, waited, left = time.monotonic(), waited_for_a_core(self._process.pid), limit
        while left > 0:
            if answered.wait(max(left, 0.05)):
                return
            left = limit - (time.monotonic() - start) + waited_for_a_core(self._process.pid) - waited
        late.set()
        self._kill()

    def _kill(self) -> None:
        """Kill it, and what it has started itself."""
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def _listen(self) -> None:
        """Keep the last of what it says, which may be gigabytes."""
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._said.append(chunk)

    def _epitaph(self) -> str:
        """How it ended, and the last thing that it said."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GOODBYE)
        self.end()
        self._listener.join(GOODBYE)
        code = self._process.returncode
        signals = {-one: one.name for one in signal.Signals}
        how = f"crashed ({signals.get(code, code)})" if code < 0 else f"ended its process (exit code {code})"
        words = b"".join(self._said).decode("utf-8", "replace").strip().splitlines()
        return f"{how}: {one_line(words[-1])}" if words else how


def serve(answer: Callable[[Any], Mapping[str, object]]) -> None:
    """Answer the requests of the process that started this one, until that ends; the main function of its module.

    Parameters
    ----------
    answer
        To a request; whatever it raises is told instead.
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    inbox: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(requests, inbox), daemon=True).start()
    while True:
        try:
            said = answer(inbox.get())
        except BaseException as error:  # a stranger's code may raise anything
            said = {"refused": what_failed(error)}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _receive(requests: IO[bytes], inbox: SimpleQueue[Any]) -> None:
    """Hand on what is asked; the end of the caller is the end of this process, even of a component that hangs."""
    try:
        while True:
            inbox.put(pickle.load(requests))
    finally:
        os._exit(1)


def limit_memory(gigabytes: float | None = None) -> None:
    """Let the system refuse memory to this process that nobody else could then have: by default half of the machine's.

    Only private, writable memory counts: files that a language model maps are shared, and can be dropped.
    """
    try:
        from resource import RLIM_INFINITY, RLIMIT_DATA, getrlimit, setrlimit
    except ImportError:  # Windows has no such limit
        return
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    wanted = machine // 2 if gigabytes is None else int(gigabytes * 1e9)
    _, hard = getrlimit(RLIMIT_DATA)
    limit = wanted if hard == RLIM_INFINITY else min(wanted, hard)
    setrlimit(RLIMIT_DATA, (limit, limit))


def limit_foreign_memory() -> None:
    """As `limit_memory`, for what a stranger made: `FOREIGN` gigabytes, or half of the machine's if that is less."""
    limit_memory()
    limit_memory(FOREIGN)


def what_failed(error: BaseException | None) -> str:
    """What a component did, in one line."""
    if isinstance(error, MemoryError) or (error and isinstance(error.__cause__, MemoryError)):
        return TOO_MUCH_MEMORY
    return failure(error) if error else "failed"


def waited_for_a_core(whose: int | Literal["thread-self"] = "thread-self") -> float:
    """Seconds that a thread, or a process' first one, was ready to run and did not.

    0 where the system does not tell (Linux does).
    """
    try:
        return int(Path(f"/proc/{whose}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
