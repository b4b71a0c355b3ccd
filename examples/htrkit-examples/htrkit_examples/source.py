"""A source of pages that another program saved as arrays."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from htrkit import InputError, Page


class Arrays:
    """Files of NumPy that hold an array (pages, height, width) of uint8, 0 for black to 255 for white."""

    def accepts(self, path: Path) -> bool:
        """Whether it is called like one."""
        return path.suffix == ".npy"

    def pages(self, path: Path) -> Iterator[Page]:
        """The pages, one after the other.

        Raises
        ------
        InputError
            If the file holds no such array.
        """
        try:
            pages = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{path}: {error}") from error
        if pages.ndim != 3 or pages.dtype != np.uint8 or not pages.size:
            raise InputError(f"{path}: an array {pages.shape} of {pages.dtype} holds no pages of uint8")
        for number, pixels in enumerate(pages, start=1):
            yield Page(f"{path}#{number}", path, number, np.array(pixels))
