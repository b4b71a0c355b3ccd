"""Where on the page frames of a line stand: what writers need for boxes around words and characters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from htrkit.contracts import Encoder
from htrkit.errors import PluginError
from htrkit.geometry import Outline
from htrkit.types import Encoded, Line

TIE = 1e-9
"""Of a line: a distance that tells frames without any width apart."""


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


def edges_on_page(edges: NDArray[np.float64], line: Line) -> NDArray[np.float64]:
    """(frames + 1, 2, 2): the upper and the lower end of each edge, x and y on the page.

    Parameters
    ----------
    edges
        As `frame_edges` gives them.
    line
        The preprocessed line that they are of.
    """
    across, down = np.array(line.to_page)[:, :2].T
    upper = edges[:, None] * across + np.array(line.to_page)[:, 2]
    return np.stack([upper, upper + line.pixels.shape[0] * down], axis=1)


def outline(span: tuple[int, int], edges: NDArray[np.float64]) -> Outline:
    """The corners of some frames on the page, from the line's top to its bottom, clockwise.

    Parameters
    ----------
    span
        Half-open range of frames; from the first frame of a word's first character to the last of its last for a word.
    edges
        As `edges_on_page` gives them.
    """
    (upper_left, lower_left), (upper_right, lower_right) = edges[list(span)].tolist()
    return tuple(map(tuple, (upper_left, upper_right, lower_right, lower_left)))


def along(line: Encoded) -> NDArray[np.float64]:
    """(frames + 1,): how far from the first edge between frames each one stands, on the page.

    Where the encoder does not say where frames stand, each is as wide as 1.
    """
    if line.edges is None:
        return np.arange(len(line.log_probs) + 1, dtype=np.float64)
    middles = line.edges.mean(axis=1)
    return np.asarray(np.linalg.norm(middles - middles[0], axis=1), np.float64)


def edges_beside(line: Encoded, other: Encoded) -> NDArray[np.int64]:
    """(frames + 1,): which edge between another network's frames is nearest to each edge of a line's.

    Where an encoder does not say where its frames stand, they are taken to be equally wide.
    """
    here, there = (np.arange(len(one.log_probs) + 1) / max(1, len(one.log_probs)) for one in (line, other))
    if line.edges is not None and other.edges is not None:
        begin, end = line.edges[[0, -1]].mean(axis=1)
        here, there = ((one.mean(axis=1) - begin) @ (end - begin) for one in (line.edges, other.edges))
        here, there = (_apart(one, TIE * (end - begin) @ (end - begin)) for one in (here, there))
    return np.asarray(np.interp(here, there, np.arange(len(there))).round(), np.int64)


def _apart(edges: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """The edges; those of frames on paper beside the line, which all stand at its edge, apart by at least so much.

    The first ones are counted from the first, the last ones from the last: those of two networks then stand beside each
    other from the outside in, however many each has.
    """
    counted = np.arange(len(edges))
    first, last = edges < edges[0] + least, edges > edges[-1] - least
    beside = np.where(last, counted - counted[-1], np.where(first, counted, 0))
    return np.asarray(edges + least * beside, np.float64)
