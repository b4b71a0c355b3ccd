"""The source of PDF files: each page as the picture that people see."""

from __future__ import annotations

import base64
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from htrkit import Failed, InputError, Page, Pixels
from htrkit.files import is_file
from htrkit.processes import LostError, Process
from htrkit_pdf.drawing import MAX_RESOLUTION, Drawn, Opened

SECONDS = 60.0
"""That a page may take to be drawn."""


class Pdf:
    """PDF files. The text that a page may hold already is not used, only what is to be seen on it.

    Pages are drawn in a process of their own, within limits: a file that is made to take all memory, or to crash what
    draws it, costs its page.

    Parameters
    ----------
    resolution
        Dots per inch; 0 for that of the scan that fills a page, and 300 where none does.

    Raises
    ------
    ValueError
        If the resolution is negative, or above 1200.
    """

    def __init__(self, *, resolution: int = 0) -> None:
        if not 0 <= resolution <= MAX_RESOLUTION:
            raise ValueError(f"resolution is {resolution}; it must be 0 to {MAX_RESOLUTION}")
        self._resolution = resolution
        self._drawer = Drawer()

    def accepts(self, path: Path) -> bool:
        """Whether it begins like a PDF, or is called like one: what is wrong with it, reading it will say."""
        if not is_file(path):
            return False
        if path.suffix.lower() == ".pdf":
            return True
        try:
            with path.open("rb") as file:
                return file.read(5) == b"%PDF-"
        except (OSError, ValueError):
            return False

    def pages(self, path: Path) -> Iterator[Page | Failed]:
        """The pages, one in memory at a time, called ``path#1``, ``path#2`` and so on; ``path`` if there is only one.

        Raises
        ------
        InputError
            If the file is no PDF, damaged, protected by a password, or without pages.
        """
        return self.pages_from(path, 1)

    def pages_from(self, path: Path, number: int) -> Iterator[Page | Failed]:
        """As `pages`, from the page of a number on; those before it are not drawn."""
        try:
            count = self._drawer.count(path)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        if not count:
            raise InputError(f"{path}: has no pages")
        for at in range(number, count + 1):
            name = f"{path}#{at}" if count > 1 else str(path)
            try:
                yield Page(name, path, at, self._drawer.draw(path, at - 1, self._resolution))
            except (InputError, MemoryError) as error:
                yield Failed(name, f"the page cannot be drawn: {error or 'too little memory'}", error)


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
