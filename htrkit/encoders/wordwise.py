"""Let a network that was trained on word images read lines: cut at the gaps, read the words, join them by spaces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import BLANK, Alphabet
from htrkit.contracts import Encoder
from htrkit.errors import ModelError
from htrkit.model import Model
from htrkit.model_spec import model_spec
from htrkit.places import frame_edges
from htrkit.preprocess.crop import Crop
from htrkit.preprocess.ink import letter_rows
from htrkit.preprocess.shear import moved_rows
from htrkit.spec import unnested
from htrkit.types import Line, LogProbs, Pixels

# Against its height, an image wider than the first may be a line, one wider than the second surely is: of IAM's words
# 1 % and 0.2 % are so wide, of its lines 96 % and 95 %. Between the two, only a gap wide beyond doubt is cut at.
LINE_ASPECT, SURE_ASPECT = 6.5, 8.0
# Slants that are tried, columns a row; the one that leaves the widest gaps is taken out before the line is cut.
SLANTS = np.linspace(-0.9, 0.6, 16)
SEARCH_HEIGHT = 40
# The gap that parts words from letters lies between these, against the height of the small letters.
NARROWEST, BEYOND_DOUBT, WIDEST = 0.4, 1.1, 1.4
# How fast a gap turns from surely none into surely a space, in the same measure.
SPREAD = 0.12
# Cut where a gap may well be between words: where it is not, the decoder can still leave the space out.
CUT_AT = 0.3
IMPOSSIBLE = 1e-9


def wordwise(model: Model, threads: int, *, encoder: str = "onnx") -> WordwiseEncoder:
    """Reads a line word by word, for a network that was trained on images of words.

    Parameters
    ----------
    model
        Its alphabet must hold the space.
    threads
        CPU threads, 0 for one a core.
    encoder
        What runs the network, its options after semicolons: ``onnx;blank=last``.

    Raises
    ------
    ModelError
        If the alphabet has no space, or as that encoder raises.
    """
    if " " not in model.alphabet:
        raise ModelError(f"model {model.folder}: words cannot be joined, because its alphabet has no space")
    return WordwiseEncoder(model_spec(model, "encoder", unnested(encoder)).create(model, threads), model.alphabet)


class WordwiseEncoder:
    """Encodes a line word by word, with one frame between words that holds the probability of a space.

    Parameters
    ----------
    encoder
        Encodes images of words.
    alphabet
        Must hold the space.
    """

    def __init__(self, encoder: Encoder, alphabet: Alphabet) -> None:
        self.encoder, self.alphabet = encoder, alphabet
        self._space = int(alphabet.encode(" ")[0])
        self._crop = Crop()
        self._cut: dict[int, tuple[Line, tuple[list[Line], list[float]]]] = {}

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        """``log_probs`` of each line, in order: those of its words, one after the other."""
        cuts = [self._words(line) for line in lines]
        # for frame_edges, which is asked about the same lines next
        self._cut = {id(line): (line, cut) for line, cut in zip(lines, cuts, strict=True)}
        encoded = iter(self.encoder.encode([word for words, _ in cuts for word in words]))
        joined = []
        for _, spaces in cuts:
            parts = [next(encoded)]
            for space in spaces:
                parts += [self._between(space), next(encoded)]
            joined.append(np.concatenate(parts))
        return joined

    def frame_edges(self, line: Line) -> NDArray[np.float64] | None:
        """(frames + 1,): where each frame of a line begins and the last one ends, x in the line's pixels.

        Those of slanted writing are right at half the line's height. None if the encoder of the words says nothing.
        """
        found = []
        known, cut = self._cut.get(id(line), (None, None))
        for word in (cut if cut and known is line else self._words(line))[0]:
            edges = frame_edges(self.encoder, word)
            if edges is None:
                return None
            found.append(edges + word.to_page[0][2])
        # the frame between two words stands between the last edge of the one and the first of the next
        return np.asarray(np.clip(np.concatenate(found), 0.0, line.pixels.shape[1]), np.float64)

    def _words(self, line: Line) -> tuple[list[Line], list[float]]:
        pieces, spaces = words(Line(line.id, line.pixels))
        return (pieces if len(pieces) == 1 else list(map(self._crop, pieces))), spaces

    def _between(self, space: float) -> LogProbs:
        """One frame that is a space with the given probability, or else the blank."""
        frame = np.full((1, self.alphabet.n_labels), IMPOSSIBLE)
        frame[0, [self._space, BLANK]] = np.clip([space, 1.0 - space], IMPOSSIBLE, None)
        return np.asarray(np.log(frame / frame.sum()), np.float32)


def words(line: Line) -> tuple[list[Line], list[float]]:
    """The words of a line, upright, and for each gap between two the probability that it is a space.

    An image no wider than a word, or without ink, is one piece as it is. The maps of the pieces leave the slant out.
    """
    pixels = line.pixels
    height, width = pixels.shape
    if width < LINE_ASPECT * height or pixels.min() == pixels.max():
        return [line], []
    _, ink = cv2.threshold(pixels, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    scale = min(1.0, SEARCH_HEIGHT / height)
    small = (cv2.resize(ink * 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 96).astype(np.uint8)
    slant = max(SLANTS.tolist(), key=lambda slant: float((_widths(_gaps(moved_rows(small, slant, 0)[0])) ** 2).sum()))
    (upright, start), (ink, _) = moved_rows(pixels, slant, 255), moved_rows(ink, slant, 0)
    gaps, size = _gaps(ink), float(max(2, len(letter_rows(ink))))
    narrowest = NARROWEST if width > SURE_ASPECT * height else BEYOND_DOUBT
    limit = _between_words(_widths(gaps) / size, narrowest)
    probability = 1.0 / (1.0 + np.exp((limit - _widths(gaps) / size) / SPREAD))
    chosen = probability >= CUT_AT
    edges = [0, *(gaps[chosen].sum(axis=1) // 2).tolist(), upright.shape[1]]
    moved = start + slant * (height - 1) / 2.0
    pieces = [
        line.moved(upright[:, left:right], ((1.0, 0.0, left - moved), (0.0, 1.0, 0.0)))
        for left, right in pairwise(edges)
    ]
    return pieces, probability[chosen].tolist()


def _between_words(widths: NDArray[np.float64], narrowest: float) -> float:
    """The width that best parts a line's gaps into narrow and wide ones (two means over their square roots)."""
    roots = np.sort(np.sqrt(widths))
    if len(roots) < 2:
        return narrowest
    scatter = [roots[:i].var() * i + roots[i:].var() * (len(roots) - i) for i in range(1, len(roots))]
    i = int(np.argmin(scatter)) + 1
    return float(np.clip(((roots[i - 1] + roots[i]) / 2) ** 2, narrowest, WIDEST))


def _gaps(ink: Pixels) -> NDArray[np.int64]:
    """(gaps, 2): half-open column ranges without ink, inside the line."""
    columns = np.flatnonzero(ink.any(axis=0))
    after = np.flatnonzero(np.diff(columns) > 1)
    return np.stack([columns[after] + 1, columns[after + 1]], axis=1)


def _widths(gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    return (gaps[:, 1] - gaps[:, 0]).astype(np.float64)
