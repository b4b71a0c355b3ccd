"""Network outputs in a file: kept by ``recognize --save-log-probs``, decoded by ``decode``, whatever the network."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.errors import HtrkitError, InputError, ShapeError
from htrkit.files import arrays_in, whole
from htrkit.types import LogProbs

# Unpacked; a million frames of a hundred labels are 0.4 GB.
LARGEST = 4 << 30
ARRAYS = ("alphabet", "ids", "offsets", "log_probs")
EVEN, SOME = 0.05, 1_000
"""How far the probabilities of a frame may sum to something else than one, on average over so many frames."""
BLANK, FEWEST = 0.25, 16
"""The share of frames in which the blank is the best label at least, and the frames that tell something."""


@dataclass(frozen=True, slots=True)
class SavedOutputs:
    """What a network gave for some lines.

    Attributes
    ----------
    alphabet
        Of labels 1, 2 …; label 0 is the blank.
    ids
        What each line is called.
    log_probs
        One (frames, labels) array a line.
    """

    alphabet: Alphabet
    ids: tuple[str, ...]
    log_probs: tuple[LogProbs, ...]


def save_outputs(
    path: Path, alphabet: Alphabet, ids: Sequence[str], log_probs: Sequence[LogProbs], **further: Any
) -> None:
    """Write an ``.npz`` file, under a temporary name first.

    It holds ``alphabet`` (one text, or one for each label where some have several characters), ``ids`` (lines,) texts,
    ``log_probs`` (all frames, labels) float32, the lines one after the other, and ``offsets`` (lines + 1,): line i has
    the frames ``offsets[i]`` to ``offsets[i + 1] - 1``.
    ``further`` arrays are left to who knows them.

    Raises
    ------
    HtrkitError
        If it cannot be written.
    """
    frames = np.concatenate([np.zeros((0, alphabet.n_labels), np.float32), *log_probs])
    content = io.BytesIO()  # where the disk is full, zipfile prints a traceback
    np.savez_compressed(
        content,
        alphabet=np.array(list(alphabet.labels) if alphabet.has_longer else alphabet.characters),
        ids=np.array(ids, dtype=np.str_),
        offsets=np.cumsum([0, *map(len, log_probs)], dtype=np.int64),
        log_probs=frames.astype(np.float32),
        **further,
    )
    try:
        with whole(path) as part:
            part.write_bytes(content.getbuffer())
    except OSError as error:
        raise HtrkitError(f"cannot write {path}: {error.strerror or error}") from error


def load_outputs(path: Path) -> SavedOutputs:
    """Read and check what `save_outputs`, or any other program, wrote.

    Raises
    ------
    InputError
        If it is no such file, or its arrays do not fit together. Where the blank seems to be the last label, it warns.
    """
    try:
        alphabet, ids, offsets, frames = arrays_in(path, ARRAYS, most=LARGEST).values()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no .npz file of network outputs: {error}") from error
    try:
        saved = _checked(alphabet, ids, offsets, frames)
    except ShapeError as error:
        raise InputError(f"{path}: {error}") from error
    best = frames.argmax(axis=1)
    first, last = (float(np.mean(best == label)) if len(best) >= FEWEST else 0.0 for label in (0, frames.shape[1] - 1))
    if last > max(BLANK, 3.0 * first):
        said = f"{path}: the last label is the best in {last:.0%} of the frames, the first in {first:.0%}"
        warnings.warn(f"{said}: if the last is the blank, turn the labels so that it is the first", stacklevel=2)
    return saved


def _foreign(frames: LogProbs, alphabet: Alphabet) -> str:
    """What looks wrong with outputs of another program, in words for people; empty for nothing."""
    if frames.ndim != 2 or frames.dtype.kind != "f" or not frames.size or np.isnan(frames).any():
        return ""
    (rows, columns), wanted = frames.shape, alphabet.n_labels
    if columns != wanted == rows:
        return f"log_probs has shape {frames.shape}, and {wanted} labels are wanted: turn its axes, frames come first"
    if columns == wanted + 1:
        return f"log_probs has {columns} columns, a blank and {columns - 1} characters; the alphabet is one too short"
    if columns == wanted - 1:
        return f"log_probs has {columns} columns, but {wanted} are wanted: does the alphabet list the blank too?"
    sums = frames.sum(axis=1)
    if frames.min() >= 0 and np.abs(sums - 1).max() <= ctc.ROUNDING:
        return "log_probs holds probabilities, not natural logarithms: take their logarithm before they are saved"
    if frames.max() > ctc.ROUNDING:
        return f"log_probs holds {frames.max():g}: raw scores need a log-softmax before they are saved"
    some = frames[:: max(1, rows // SOME)].astype(np.float64)
    if abs(np.exp(some).sum(axis=1).mean() - 1) > EVEN:
        return "the probabilities of the frames in log_probs do not sum to one: a log-softmax is due"
    return ""


def _checked(
    alphabet: NDArray[np.str_], ids: NDArray[np.str_], offsets: NDArray[np.int64], frames: LogProbs
) -> SavedOutputs:
    if alphabet.dtype.kind != "U" or alphabet.ndim > 1:
        raise ShapeError("alphabet is neither one text nor one for each label")
    characters = Alphabet(alphabet.tolist())
    if ids.dtype.kind != "U" or ids.ndim != 1:
        raise ShapeError("ids is not a list of texts")
    if said := _foreign(frames, characters):
        raise ShapeError(said)
    log_probs = ctc.check(frames, characters.n_labels)
    if offsets.dtype.kind not in "iu" or offsets.shape != (len(ids) + 1,):
        raise ShapeError(f"offsets must be {len(ids) + 1} whole numbers, one more than there are ids")
    if offsets[0] != 0 or offsets[-1] != len(log_probs) or (np.diff(offsets.astype(np.int64)) < 0).any():
        raise ShapeError(f"offsets must rise from 0 to the number of frames, {len(log_probs)}")
    lines = np.split(log_probs.astype(np.float32, copy=False), offsets[1:-1])
    return SavedOutputs(characters, tuple(map(str, ids)), tuple(lines[: len(ids)]))
