"""A decoder in a process of its own, which is killed when it takes too long."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from htrkit.alphabet import Alphabet
from htrkit.errors import HtrkitError
from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.decoding import Decode, Decoded, Make, Refusal
from htrkit.quoting import one_line
from htrkit.types import LogProbs


class DecoderError(HtrkitError):
    """A decoder could not be made, raised, crashed or gave no hypotheses."""


class DecoderTimeoutError(DecoderError):
    """A decoder took too long, and was killed."""


class NoDecoderError(DecoderError):
    """A decoder cannot even be made: nothing will come of trying again."""


class IsolatedDecoder:
    """A decoder that answers from another process, which is started anew after a failure.

    Parameters
    ----------
    contender
        The decoder by name, with its options.
    alphabet
        The network's characters.
    start_limit
        Seconds for loading it.
    """

    def __init__(self, contender: Contender, alphabet: Alphabet, *, start_limit: float) -> None:
        self._make = Make(contender.name, alphabet.characters, contender.options)
        self._start_limit = start_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._asking, self._closed = threading.Lock(), False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> IsolatedDecoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Another thread may be waiting for an answer: the end of the process is the end of its waiting.
        self._closed = True
        if process := self._process:
            process.kill()
        with self._asking:
            self._stop()
            self._said.close()

    def decode(self, log_probs: Sequence[LogProbs], n_best: int, limit: float) -> Decoded:
        """Decode lines within ``limit`` seconds for all of them.

        Raises
        ------
        NoDecoderError
            If it cannot be made.
        DecoderTimeoutError
            If it takes longer.
        DecoderError
            If it fails otherwise.
        """
        with self._asking:
            if self._closed:
                raise NoDecoderError("was stopped")
            if self._process is None:
                self._start()
            answer = self._ask(Decode(log_probs, n_best), limit)
        if not isinstance(answer, Decoded):
            raise DecoderError(answer.reason if isinstance(answer, Refusal) else "gave no answer")
        return answer

    def _start(self) -> None:
        # -P: a file that happens to lie in the current folder must not stand in for a module
        command = [sys.executable, "-P", "-m", "htrkit.evaluation.worker"]
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100 - "" is the current folder
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=os.environ | {"PYTHONPATH": path},
        )
        try:
            answer = self._ask(self._make, self._start_limit)
        except DecoderError as error:
            raise NoDecoderError(f"cannot be made: {error}") from error
        if isinstance(answer, Refusal):
            self._stop()
            raise NoDecoderError(answer.reason)

    def _ask(self, request: Make | Decode, limit: float) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit, give_up)
        timer.start()
        try:
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            timer.cancel()
            code = process.wait()
            self._stop()
            if late.is_set():
                raise DecoderTimeoutError(f"took longer than {limit:g} s, and was stopped") from None
            raise DecoderError(self._epitaph(code)) from None
        except BaseException:  # an interruption in the middle of an answer: the next one would be misread
            self._stop()
            raise
        finally:
            timer.cancel()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _epitaph(self, code: int) -> str:
        """How the process ended, and the last thing that it said."""
        how = f"crashed ({signal.Signals(-code).name})" if code < 0 else f"ended its process (exit code {code})"
        self._said.seek(0)
        words = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f"{how}: {one_line(words[-1])}" if words else how
