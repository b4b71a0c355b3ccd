"""Runs htrkit, and kills it when it has begun so many changes to the disk: ``dying.py 7 0.01 decode …``.

The first number says how many changes, 0 for no end, the second how many seconds later the end comes. Without an end
the last line on standard error is the number of changes.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link")


def main() -> None:
    """Run the command."""
    at, delay = int(sys.argv[1]), float(sys.argv[2])
    begun = 0

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal begun
        if event == "open":
            path, _, flags = arguments
            if not flags & (os.O_WRONLY | os.O_RDWR) or str(path).startswith("/dev/") or "__pycache__" in str(path):
                return
        elif event not in CHANGES:
            return
        begun += 1
        if begun == at and delay:
            signal.setitimer(signal.ITIMER_REAL, delay)  # SIGALRM, which nobody handles, ends it as SIGKILL does
        elif begun == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)
    from htrkit.cli.app import run

    code = run(sys.argv[3:])
    print(f"\n{begun}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
