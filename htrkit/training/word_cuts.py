"""Where the words of lines end, found by a network that is to learn from these lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.files import digest, whole
from htrkit.progress import Progress
from htrkit.training.batches import Batches
from htrkit.training.checkpoints import RunState
from htrkit.training.data import Example
from htrkit.training.recombining import Cuts, Recombiner
from htrkit.training.settings import TrainSettings
from htrkit.training.store import Stored
from htrkit.training.validation import outputs

READS_TOO_LITTLE = 0.9
"""CER. At 0.5, nineteen of twenty words were found where the taught network found them."""


def finds_words(state: RunState) -> bool:
    """Whether the model that a run started from reads enough of the validation data, if it was asked."""
    return state.start is None or state.start["valid_cer"] <= READS_TOO_LITTLE


def recombiner(
    settings: TrainSettings,
    state: RunState,
    batches: Batches,
    alphabet: Alphabet,
    network: keras.Model,
    path: Path,
    progress: Progress,
) -> Recombiner | None:
    """What puts lines together anew, if the settings want it, and the network reads lines.

    The words are where the network sees them. They are kept under a ``path``: after some epochs it sees them otherwise,
    and a run that goes on would be another.
    """
    if not settings.recombine:
        return None
    if not finds_words(state):
        progress.note(f"nothing is recombined: {settings.start_from} reads too little to find words")
        return None
    if batches.rule.width is not None or " " not in alphabet:
        progress.note("nothing is recombined: the network reads no lines of several words")
        return None
    own, space = batches.examples[: batches.n_own], int(alphabet.encode(" ")[0])
    lines = digest([(_image(one), one.text) for one in own])
    cuts = _kept(path, lines)
    if cuts is None:
        progress.begin("finding words", len(own))
        cuts = [[]] * len(own)
        for line, log_probs in outputs(network, own, batches.rule, settings.batch_size):
            cuts[line] = list(_cuts(own[line], log_probs, batches.rule, space))
            progress.done()
        with whole(path) as part:
            part.write_text(json.dumps({"lines": lines, "cuts": cuts}), encoding="utf-8")
    return Recombiner(own, cuts, space, settings.recombine)


def _kept(path: Path, lines: str) -> Cuts | None:
    """What was found in the same lines, of which ``lines`` is the digest."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        cuts: Cuts = kept["cuts"]
        return cuts if kept["lines"] == lines else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _image(example: Example) -> str:
    return digest(example.image.key if isinstance(example.image, Stored) else example.image)


def _cuts(example: Example, log_probs: NDArray[np.float32], rule: InputRule, space: int) -> Iterator[int]:
    """Half-way between each word and the next one, by the most probable alignment of the text."""
    labels, edges = example.labels, rule.frame_edges(*example.shape)
    spans = ctc.align(ctc.check(log_probs), labels)
    yield 0
    for before, after in pairwise(np.flatnonzero(labels != space).tolist()):
        if after > before + 1:
            yield round(float(edges[spans[before][1]] + edges[spans[after][0]]) / 2)
    yield example.shape[1]
