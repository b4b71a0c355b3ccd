"""``htrkit`` in a process that ends with the one that started it, however that ends."""

from __future__ import annotations

import os
import runpy
import threading


def main() -> None:
    """Run the command line with this process' arguments until standard input ends."""
    threading.Thread(target=_watch, args=(os.dup(0),), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    runpy.run_module("htrkit", run_name="__main__")


def _watch(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
