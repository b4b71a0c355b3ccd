"""Where on the page frames of a line stand: what writers need for boxes around words and characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import PluginError
from htrkit.geometry import Outline, mapped
from htrkit.types import Encoder, Line


def frame_edges(encoder: Encoder, line: Line) -> NDArray[np.float64] | None:
    """Where each frame of a preprocessed line begins and the last one ends, as the encoder says; None if it does not.

    Raises PluginError if what the encoder says is no such array.

    Returns
    -------
    (frames + 1,) x in the line's pixels, none to the left of the one before.
    """
    say = getattr(encoder, "frame_edges", None)
    edges = None if say is None else say(line)
    if edges is None:
        return None
    edges = np.asarray(edges)
    if edges.ndim != 1 or edges.dtype.kind != "f" or not (np.isfinite(edges).all() and (np.diff(edges) >= 0.0).all()):
        raise PluginError("gave no edges of frames, rising from left to right")
    return edges.astype(np.float64)


def outline(span: tuple[int, int], edges: NDArray[np.float64], line: Line) -> Outline:
    """The corners of some frames of a preprocessed line on the page, from its top to its bottom, clockwise.

    Parameters
    ----------
    span
        Half-open range of frames; from the first frame of a word's first character to the last of its last for a word.
    edges
        As `frame_edges` gives them.
    """
    left, right = float(edges[span[0]]), float(edges[span[1]])
    height = float(line.pixels.shape[0])
    return mapped(line.to_page, ((left, 0.0), (right, 0.0), (right, height), (left, height)))
