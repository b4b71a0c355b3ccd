"""The process that a decoder runs in, so that one which hangs, crashes or eats memory takes nothing else down.

Requests come pickled on standard input, the first of them a `Make`, the others lines to decode; each answer is a line
of JSON on standard output. Whatever the decoder prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from htrkit.alphabet import Alphabet
from htrkit.decoders.compiled import expect
from htrkit.evaluation.contest.group import decode_group, what_failed
from htrkit.spec import Spec
from htrkit.types import Decoder, LogProbs


@dataclass(frozen=True, slots=True)
class Make:
    """Make a decoder, for about so many frames, with so many gigabytes; None for half of what the machine has."""

    spec: Spec
    alphabet: Alphabet
    frames: int
    memory: float | None

    def decoder(self) -> Decoder:
        """The decoder, in this process."""
        _limit_memory(self.memory)
        expect(self.frames)
        decoder: Decoder = self.spec.create(self.alphabet)
        return decoder


Request = Make | tuple[Sequence[LogProbs], int]
"""Make a decoder; or decode lines with it, and give so many hypotheses."""


def main() -> None:
    """Answer requests until standard input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    inbox: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(requests, inbox), daemon=True).start()
    decoder: Any = None
    while True:
        try:
            request = inbox.get()
            if isinstance(request, Make):
                decoder, answer = request.decoder(), {}
            else:
                answer = decode_group(decoder, request[0], n_best=request[1]).to_json()
        except BaseException as error:  # a stranger's decoder may raise anything
            answer = {"refused": what_failed(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _receive(requests: IO[bytes], inbox: SimpleQueue[Any]) -> None:
    """Hand on what is asked; the end of the caller is the end of this process, even of a decoder that hangs."""
    try:
        while True:
            inbox.put(pickle.load(requests))
    finally:
        os._exit(1)


def _limit_memory(gigabytes: float | None) -> None:
    """Let the system refuse memory that nobody else could then have.

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
