"""What each decoder makes of one line, and what the network saw on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import Failed, HtrkitError, Hypothesis, InputError, Line, Recognizer, ctc
from htrkit.evaluation.contest.isolation import IsolatedDecoder, Limits
from htrkit.evaluation.contest.worker import Make
from htrkit.processes import LostError
from htrkit.quoting import reason
from htrkit.spec import Spec
from htrkit.types import Encoded
from htrkit_desk import components
from htrkit_desk.cuts import Cutter
from htrkit_desk.found import Entry, stat_of
from htrkit_desk.line_words import FileWord, words_of
from htrkit_desk.project import Project

LIMITS = Limits(line=10.0, start=60.0)
"""Seconds that a decoder may take for a line, and, the first time, for what it does once."""
AT_ONCE = 2
BEST = 4
"""Labels of a frame that are shown."""
KEPT = 6
"""Decoders whose processes are kept for the next line."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line with what the network gave for it."""

    line: Line
    encoded: Encoded
    recognizer: Recognizer


class Trials:
    """Asks decoders, each in a process of its own that is ended if it takes too long."""

    def __init__(self, project: Project, cutter: Cutter) -> None:
        self._project, self._cutter, self._lock = project, cutter, threading.RLock()
        self._network: tuple[object, Recognizer] | None = None
        self._seen: tuple[object, Seen] | None = None
        self._decoders: dict[str, IsolatedDecoder] = {}

    def decode(self, entry: Entry, id_: str, wanted: Sequence[str] | None) -> Iterator[dict[str, Any]]:
        """What decoders make of a line, one after the other; one that fails says so.

        Raises
        ------
        HtrkitError
            If there is no such line, or the network cannot read it.
        """
        seen = self.seen(entry, id_)
        specs = [one["spec"] for one in components.decoders()] if wanted is None else wanted
        return self._asked_together(seen, specs)

    def _asked_together(self, seen: Seen, specs: Sequence[str]) -> Iterator[dict[str, Any]]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = [pool.submit(self._asked, seen, written) for written in specs]
            try:
                for answer in as_completed(answers):
                    yield answer.result()
            finally:
                for answer in answers:
                    answer.cancel()

    def _asked(self, seen: Seen, written: str) -> dict[str, Any]:
        nothing: dict[str, Any] = {"decoder": written, "text": "", "confidence": None, "seconds": None, "words": []}
        try:
            spec = components.spec_of(self._project, "decoder", written)
            assert spec is not None
            with self._taken(spec, seen) as decoder:
                group = decoder.decode([seen.encoded.log_probs])
        except (HtrkitError, LostError, OSError) as error:
            return {**nothing, "error": reason(error) if isinstance(error, HtrkitError) else str(error)}
        found = group.lines[0]
        if isinstance(found, str):
            return {**nothing, "error": found}
        best = found[0]
        words = _words(best, [one.text for one in found[1:]], seen)
        said = {"decoder": written, "text": best.text, "confidence": best.confidence, "seconds": group.seconds}
        return {**said, "words": words, "others": [one.text for one in found[1:]]}

    @contextmanager
    def _taken(self, spec: Spec, seen: Seen) -> Iterator[IsolatedDecoder]:
        """A decoder that nobody else asks meanwhile; its process is kept, for the next line, unless it fails."""
        key = f"{seen.recognizer.model.folder} {spec}"
        with self._lock:
            decoder = self._decoders.pop(key, None)
        if decoder is None:
            alphabet, log_probs = seen.recognizer.model.alphabet, seen.encoded.log_probs
            decoder = IsolatedDecoder(Make(spec, alphabet, len(log_probs), None), BEST, LIMITS, [log_probs])
        try:
            yield decoder
        except BaseException:
            decoder.close()
            raise
        with self._lock:
            others = [self._decoders.pop(key, None)]
            self._decoders[key] = decoder  # the last one asked comes last
            while len(self._decoders) > KEPT:
                others.append(self._decoders.pop(next(iter(self._decoders))))
        for other in others:
            if other is not None:
                other.close()

    def network(self, entry: Entry, id_: str) -> dict[str, Any]:
        """The likeliest labels of each frame of a line, and where on the line's image the frame is."""
        seen = self.seen(entry, id_)
        log_probs, alphabet = seen.encoded.log_probs, seen.recognizer.model.alphabet
        best = np.argsort(-log_probs, axis=1, kind="stable")[:, :BEST]
        labels = ["", *alphabet.labels]
        columns = [
            [[labels[i], round(float(np.exp(row[i])), 4)] for i in likeliest]
            for row, likeliest in zip(log_probs, best.tolist(), strict=True)
        ]
        return {"frames": len(log_probs), "columns": columns, "spans": _spans(seen), "width": seen.line.pixels.shape[1]}

    def seen(self, entry: Entry, id_: str) -> Seen:
        """A line with the network's output, which is kept for the next question about it."""
        with self._lock:
            found, line = self._cutter.line(entry, id_)
            model = components.model_of(self._project)
            key = (entry.id, stat_of(entry.file), found.polygon, found.baseline, str(model))
            if self._seen is not None and self._seen[0] == key:
                return self._seen[1]
            recognizer = self._recognizer(model)
            encoded = next(recognizer.encode([line]))
            if isinstance(encoded, Failed):
                raise InputError(str(encoded))
            assert isinstance(encoded, Encoded)
            self._seen = (key, Seen(line, encoded, recognizer))
            return self._seen[1]

    def _recognizer(self, model: str | Path | None) -> Recognizer:
        changed = stat_of(Path(model) / "model.json") if isinstance(model, Path) else None
        if self._network is None or self._network[0] != (model, changed):
            self._network = None
            self._network = ((model, changed), Recognizer.load(model, decoder="best-path"))
        return self._network[1]

    def close(self) -> None:
        """End all processes."""
        for decoder in self._decoders.values():
            decoder.close()


def _words(best: Hypothesis, others: Sequence[str], seen: Seen) -> list[dict[str, Any]]:
    """The words of a hypothesis, placed by an alignment of its text, as decoders in other processes give no spans."""
    alphabet, log_probs = seen.recognizer.model.alphabet, seen.encoded.log_probs
    placed: list[FileWord] = []
    if not alphabet.unknown(best.text):
        try:
            spans = tuple(ctc.align(log_probs, alphabet.encode(best.text)))
        except ValueError:  # more characters than frames
            spans = ()
        ((weighed,),) = seen.recognizer.weigher()([seen.encoded], [(replace(best, spans=spans),)])
        placed = [FileWord(word.text, word.outline, word.confidence, ()) for word in weighed.words]
    return [word.json() for word in words_of(best.text, placed, others, best.confidence)]


def _spans(seen: Seen) -> list[list[float]]:
    """From where to where each frame reaches across the line's image."""
    edges = seen.encoded.edges
    if edges is None:
        step = seen.line.pixels.shape[1] / max(1, len(seen.encoded.log_probs))
        return [[i * step, (i + 1) * step] for i in range(len(seen.encoded.log_probs))]
    (a, b, c), (d, e, f) = seen.line.to_page
    back = np.linalg.inv(np.array([[a, b, c], [d, e, f], [0.0, 0.0, 1.0]]))
    middles = edges.mean(axis=1)
    across = _shared(middles @ back[0, :2] + back[0, 2])
    return [[round(float(x), 2), round(float(y), 2)] for x, y in pairwise(across)]


def _shared(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The edges; frames without any width, on paper beside the line, share that of the next: each is seen."""
    shared = edges.copy()
    for way in (shared, shared[::-1]):
        wide = np.flatnonzero(np.diff(way))
        if len(wide) and wide[0]:
            stop = min(2 * int(wide[0]) + 1, len(way) - 1)
            way[: stop + 1] = np.linspace(way[0], way[stop], stop + 1)
    return shared
