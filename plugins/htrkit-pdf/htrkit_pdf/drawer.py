"""Where pages are drawn: a process of its own, what it is asked, and what becomes of it."""

from __future__ import annotations

import base64
import weakref
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from htrkit import InputError, Pixels
from htrkit.processes import LostError, Process

MAX_RESOLUTION = 1200
"""Dots per inch; scans of handwriting are not finer, and a picture in a corner may claim anything."""
SECONDS = 60.0
"""That a page may take to be drawn."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A question: how many pages a file has."""

    path: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question: a page of the file that was opened last, counted from 0, as a picture.

    The resolution is in dots per inch; 0 stands for that of the page's scan.
    """

    index: int
    resolution: int


class Drawer:
    """The process that draws, started when it is needed, and anew when a page was its end."""

    def __init__(self) -> None:
        self._lock = RLock()  # files may be read side by side
        self._process: Process | None = None
        self._end: weakref.finalize[Any, Any] | None = None
        self._opened: Path | None = None

    def count(self, path: Path) -> int:
        """How many pages a file has, which is opened anew.

        Raises
        ------
        InputError
            If it cannot be read, with the reason alone.
        """
        with self._lock:
            self._opened = None
            count = int(self._ask(Opened(str(path.absolute())))["pages"])
            self._opened = path
            return count

    def draw(self, path: Path, index: int, resolution: int) -> Pixels:
        """A page, counted from 0, (height, width) uint8, grey; `Drawn` says what the resolution is.

        Raises
        ------
        InputError
            If it cannot be drawn, with the reason alone.
        """
        with self._lock:
            if self._opened != path:
                self.count(path)
            answer = self._ask(Drawn(index, resolution))
        pixels = np.frombuffer(bytearray(base64.b64decode(answer["pixels"])), np.uint8)
        return pixels.reshape(answer["height"], answer["width"])

    def _ask(self, question: Opened | Drawn) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._started().ask(question, SECONDS)
        except LostError as error:
            self._lose()
            raise InputError(f"the process that draws it {error}") from error
        if "error" in answer:
            raise InputError(answer["error"])
        return answer

    def _started(self) -> Process:
        if not self._process:
            try:
                self._process = Process("htrkit_pdf.drawing")
            except OSError as error:
                raise InputError(f"no process to draw it can be started: {error.strerror or error}") from error
            self._end = weakref.finalize(self, self._process.end)
        return self._process

    def _lose(self) -> None:
        if self._end:
            self._end()
        self._process = self._end = self._opened = None
