"""Samples from folders in which ``x.gt.txt`` holds the text of ``x.png``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from htrkit.errors import InputError
from htrkit.files import is_file, is_folder
from htrkit.pages.images import Images
from htrkit.pages.sources import files_in
from htrkit.readers.samples import Skipped, line_in
from htrkit.texts import lines
from htrkit.types import Sample

TRUTH = ".gt.txt"
# What OCRopus, kraken and Calamari add to an image's name once it is normalised, binarised or straightened.
MARKS = ("nrm", "bin", "dew")


class Folder:
    """Images with their text beside them: ``x.png`` (or any other kind of image) and ``x.gt.txt``, in UTF-8.

    The image may be called ``x.nrm.png``, ``x.bin.png`` or ``x.dew.png``; of several images of one text one is read,
    without such a mark if there is one. Folders below are read too. The samples come sorted by path.
    """

    def accepts(self, path: Path) -> bool:
        """Whether it is a folder with a file ending in .gt.txt in it or below."""
        return path.is_dir() and any(name.endswith(TRUTH) for name in files_in(path, _is_truth))

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The samples, image by image, then what is wrong with texts that have no image.

        Raises
        ------
        InputError
            If it is no folder.
        """
        if not path.is_dir():
            raise InputError(f"{path}: not a folder; give the folder in which images and {TRUTH} files lie")
        images: dict[Path, list[Path]] = {}
        for image in map(Path, files_in(path, Images().accepts)):
            images.setdefault(_truth(image), []).append(image)
        for truth, same in images.items():
            if is_folder(same[0]):
                yield Skipped(str(same[0]), "folder that cannot be opened")
            elif not is_file(truth):
                yield from (Skipped(str(image), f"image without a {TRUTH} file beside it") for image in same)
            else:
                first, *others = sorted(same, key=lambda image: ("", *MARKS).index(_mark(image)))
                yield _sample(first, truth)
                yield from (Skipped(str(image), "another image of the same text") for image in others)
        for truth in map(Path, files_in(path, _is_truth)):
            if truth not in images and not is_folder(truth):
                yield Skipped(str(truth), "text without an image beside it")


def _is_truth(file: Path) -> bool:
    return file.name.endswith(TRUTH)


def _mark(image: Path) -> str:
    mark = image.stem.rpartition(".")[2]
    return mark if mark in MARKS and image.stem != mark else ""


def _truth(image: Path) -> Path:
    """The text beside an image: that of its full name, if it is there, goes before that of its name without a mark."""
    exact = image.with_name(image.stem + TRUTH)
    mark = _mark(image)
    return image.with_name(image.stem.removesuffix(f".{mark}") + TRUTH) if mark and not is_file(exact) else exact


def _sample(image: Path, truth: Path) -> Sample | Skipped:
    try:
        text = "\n".join(lines(truth))
    except InputError as error:
        return Skipped(str(error), "unreadable text")
    line = line_in(image)
    return line if isinstance(line, Skipped) else Sample(line, text)
