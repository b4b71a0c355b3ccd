"""The process that a decoder runs in, so that one which hangs or crashes takes nothing else down.

It is started as ``python -m htrkit.evaluation.worker`` and talks in pickles: requests on standard input, answers on
standard output. Whatever the decoder prints goes to standard error.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time

from htrkit import plugins
from htrkit.errors import HtrkitError
from htrkit.evaluation.decoding import Decoded, Make, Refusal, decode
from htrkit.quoting import reason
from htrkit.types import Decoder


def main() -> None:
    """Answer requests until standard input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    # Ctrl-C reaches the whole group; the parent decides what becomes of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    decoder: Decoder | None = None
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        answer: Decoded | Refusal | None = None
        try:
            if isinstance(request, Make):
                decoder = plugins.create("decoder", request.name, request.alphabet, **request.options)
            elif decoder is not None:
                answer = decode(decoder, request)
        except HtrkitError as error:
            answer = Refusal(str(error))
        except (Exception, SystemExit) as error:  # a stranger's decoder may raise anything
            answer = Refusal(f"raised {reason(error)}")
        pickle.dump(answer, answers)
        answers.flush()


def _end_with_parent() -> None:
    """End when the parent is gone: a decoder that hangs would otherwise hang for ever."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
