"""Samples from folders in which ``x.gt.txt`` holds the text of ``x.png``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from htrkit.errors import InputError
from htrkit.readers.images import images_in, read_images
from htrkit.readers.samples import Skipped
from htrkit.texts import lines
from htrkit.types import Line, Sample

TRUTH = ".gt.txt"


class Folder:
    """Images with their text beside them: ``x.png`` (or any other kind of image) and ``x.gt.txt``, in UTF-8.

    Folders below are read too. The samples come sorted by path.
    """

    def accepts(self, path: Path) -> bool:
        """Whether it is a folder with a file ending in .gt.txt in it or below."""
        return any(name.endswith(TRUTH) for _, _, names in os.walk(path) for name in names)

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The samples, image by image, then what is wrong with texts that have no image.

        Raises
        ------
        InputError
            If it is no folder.
        """
        if not path.is_dir():
            raise InputError(f"{path}: not a folder; give the folder in which images and {TRUTH} files lie")
        used = set()
        for image in map(Path, images_in(path)):
            truth = image.with_name(image.stem + TRUTH)
            used.add(truth)
            yield _sample(image, truth)
        for truth in sorted(path.rglob(f"*{TRUTH}")):
            if truth not in used:
                yield Skipped(str(truth), "text without an image beside it")


def _sample(image: Path, truth: Path) -> Sample | Skipped:
    if not truth.exists():
        return Skipped(str(image), f"image without a {TRUTH} file beside it")
    try:
        text = "\n".join(lines(truth))
    except InputError as error:
        return Skipped(str(error), "unreadable text")
    try:
        pages = read_images(image)
    except InputError as error:
        return Skipped(str(error), "unreadable image")
    if len(pages) > 1:
        return Skipped(str(image), "image with several pages")
    if len(text.strip().splitlines()) > 1:
        return Skipped(str(truth), "text of several lines")
    return Sample(Line(str(image), pages[0].pixels), text)
