"""The pictures of files with several pages, such as PDFs: drawn once into the hidden folder, to be had one by one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from htrkit import InputError
from htrkit.files import whole
from htrkit.pages.images import SUFFIXES
from htrkit_desk.found import Stat, stat_of
from htrkit_desk.pictures import Size

DONE = "pages.json"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of a file.

    Attributes
    ----------
    reasons
        Why a page could not be drawn, None where it was; of all pages so far.
    whole
        Whether there are no more.
    """

    reasons: tuple[str | None, ...] = ()
    whole: bool = False

    @property
    def count(self) -> int:
        """How many pages are shown: while it is not known that there are several, one that stands for the file."""
        return len(self.reasons) if self.whole or len(self.reasons) > 1 else 1

    def has(self, number: int) -> bool:
        """Whether it is known what a page is."""
        return number <= len(self.reasons) and (self.whole or len(self.reasons) > 1)


class Unpacked:
    """The drawn pages of a project's files.

    Parameters
    ----------
    hidden, root
        The project's hidden folder, and its folder.
    """

    def __init__(self, hidden: Path, root: Path) -> None:
        self._store, self._root = hidden / "unpacked", root
        self._known: dict[Path, tuple[Stat, Drawn]] = {}

    def folder(self, file: Path) -> Path:
        """Where the pictures of a file are, as it is now."""
        key = repr((file.relative_to(self._root).as_posix(), stat_of(file)))
        return self._store / hashlib.sha256(key.encode()).hexdigest()[:24]

    def of(self, file: Path) -> Drawn:
        """What is drawn of a file."""
        path = self.folder(file) / DONE
        stat = stat_of(path)
        if stat is None:
            return Drawn()
        known = self._known.get(path)
        if known is None or known[0] != stat:
            known = self._known[path] = (stat, _read(path))
        return known[1]

    def keep(self, file: Path, drawn: Drawn) -> None:
        """Note what is drawn of a file."""
        folder = self.folder(file)
        folder.mkdir(parents=True, exist_ok=True)
        with whole(folder / DONE, sync=drawn.whole) as part:
            part.write_text(json.dumps({"reasons": drawn.reasons, "whole": drawn.whole}), encoding="utf-8")

    def picture(self, file: Path, number: int) -> Path:
        """The picture of a page.

        Raises
        ------
        InputError
            If there is none, or not yet.
        """
        drawn = self.of(file)
        if not drawn.has(number):
            raise InputError(f"the pages of {file.name} are not drawn yet")
        if why := drawn.reasons[number - 1]:
            raise InputError(why)
        return picture_in(self.folder(file), number)

    def size(self) -> int:
        """Bytes that the pictures take on the disk."""
        return sum(path.stat().st_size for path in self._store.glob("*/*.png"))

    def keep_only(self, files: Iterable[Path]) -> None:
        """Throw away the pictures of files that have gone or changed."""
        wanted = {self.folder(file).name for file in files}
        for folder in [*self._store.iterdir()] if self._store.is_dir() else ():
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def picture_in(folder: Path, number: int) -> Path:
    """The picture of a page in the folder of its file."""
    return folder / f"{number:05}.png"


def _read(path: Path) -> Drawn:
    try:
        found = json.loads(path.read_text("utf-8"))
        return Drawn(tuple(None if why is None else str(why) for why in found["reasons"]), found["whole"] is True)
    except (OSError, ValueError, TypeError, KeyError):
        return Drawn()


def is_image(path: Path) -> bool:
    """Whether a file is called like an image."""
    return path.suffix.lower() in SUFFIXES


def is_image_alone(size: Size | str, path: Path) -> bool:
    """Whether a file is an image that cannot be read, rather than something with pages to be drawn."""
    return isinstance(size, str) and is_image(path)
