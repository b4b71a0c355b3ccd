"""A reader of folders in which one file says what stands on each image."""

from collections.abc import Iterator
from pathlib import Path

from htrkit import InputError, Sample
from htrkit.pages.images import read_images
from htrkit.readers import Skipped

LIST = "texts.txt"


class Listed:
    """Folders with a file ``texts.txt``; each of its lines is an image's name, a space, and what stands on it."""

    def accepts(self, path: Path) -> bool:
        """Whether there is such a file."""
        return (path / LIST).is_file()

    def read(self, path: Path) -> Iterator[Sample | Skipped]:
        """The sample of each row, or why it is left out.

        Raises
        ------
        InputError
            If the list cannot be read.
        """
        try:
            rows = (path / LIST).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise InputError(f"{path / LIST}: {error}") from error
        for number, row in enumerate(rows, start=1):
            name, _, text = row.partition(" ")
            try:
                (line,) = read_images(path / name)
            except (InputError, ValueError):
                yield Skipped(f"{path / LIST}:{number}", "no image of one line")
            else:
                yield Sample(line, text)
