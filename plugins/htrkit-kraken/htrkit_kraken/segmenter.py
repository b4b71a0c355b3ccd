"""The segmenter `kraken`: regions, base lines and outlines by kraken's trainable layout analysis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from PIL import Image

from htrkit import InputError, Outline, Page, Place, Region


class Kraken:
    """Lines by kraken's base line detector (BLLA), in kraken's reading order.

    Parameters
    ----------
    model
        A segmentation model of kraken's, ``.mlmodel`` or ``.safetensors``; by default the one that comes with kraken.
    threads
        CPU threads.

    Raises
    ------
    InputError
        If the model cannot be read, or is none for segmentation.
    ValueError
        If there are no threads.

    Notes
    -----
    Source: B. Kiessling, "A Modular Region and Text Line Layout Analysis System", ICFHR 2020.
    """

    def __init__(self, *, model: str = "", threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"threads is {threads}; it must be at least 1")
        if model and not Path(model).is_file():
            raise InputError(f"{model}: no such file")
        import torch
        from kraken.configs import SegmentationInferenceConfig
        from kraken.tasks import SegmentationTaskModel

        self._one_by_one = Lock()  # kraken does not say that a task may be shared
        self._config = SegmentationInferenceConfig(num_threads=threads, accelerator="cpu")
        torch.set_num_threads(threads)  # kraken's commands heed that number, its tasks do not
        try:
            self._task = SegmentationTaskModel.load_model(model or None)
        except Exception as error:  # a file of a stranger's: kraken raises what its parts do
            raise InputError(f"{model}: kraken cannot read it as a segmentation model: {error}") from error

    def segment(self, page: Page) -> Page:
        """The page with its regions, and its lines in reading order."""
        with self._one_by_one:
            found = self._task.predict(Image.fromarray(page.pixels), self._config)
        size = (page.pixels.shape[1], page.pixels.shape[0])
        names: dict[str, str] = {}
        regions = []
        for kind, blocks in found.regions.items():
            for block in blocks:
                if outline := _outline(block.boundary or (), size):
                    names[block.id] = f"r{len(names) + 1}"
                    regions.append(Region(names[block.id], kind, outline))
        lines: list[tuple[Place, None]] = []
        for line in found.lines:
            if polygon := _outline(line.boundary or (), size):
                within = [names[one] for one in line.regions or () if one in names]
                baseline = _outline(line.baseline or (), size, least=2)
                lines.append((Place(page.id, len(lines), polygon, baseline, within[0] if within else ""), None))
        return replace(page, regions=tuple(regions), lines=tuple(lines))


def _outline(points: Iterable[tuple[float, float]], size: tuple[int, int], least: int = 3) -> Outline:
    """Points on the page, without any that repeats the one before; none if fewer than ``least`` are left."""
    width, height = size
    inside = [(float(min(max(x, 0), width)), float(min(max(y, 0), height))) for x, y in points]
    kept = tuple(point for before, point in zip([None, *inside], inside, strict=False) if point != before)
    return kept if len(kept) >= least else ()
