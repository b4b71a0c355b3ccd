"""A network's outputs on many lines: computed once, kept on disk, read back one at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

from htrkit import plugins
from htrkit.errors import HtrkitError
from htrkit.evaluation.encoded.cache import ArrayCache, code_digest
from htrkit.evaluation.figures.evaluation import Speed
from htrkit.evaluation.figures.score import unread
from htrkit.files import digest
from htrkit.jobs import read_samples
from htrkit.model import Model, open_model
from htrkit.progress import SILENCE, Progress
from htrkit.recognizer import Recognizer
from htrkit.spec import Spec
from htrkit.stream import through
from htrkit.types import Encoded, Failed, Hypothesis, Line, LogProbs, Sample

FORMAT = 2
"""Part of every key."""


@dataclass(frozen=True, slots=True)
class EncodedLine:
    """A line whose text and network output are known; its pixels are not kept.

    Attributes
    ----------
    id
        As in the data; of several lines with one id, the later ones get ``(2)``, ``(3)`` …
    text, groups
        As in the data.
    key
        Of its output in the cache; empty if a step or the network failed on it.
    """

    id: str
    text: str
    groups: Mapping[str, str]
    key: str


class Outputs(Sequence[LogProbs]):
    """``log_probs`` of lines, read from the cache when they are asked for."""

    def __init__(self, cache: ArrayCache, keys: Sequence[str], n_labels: int) -> None:
        self._cache, self.keys, self._n_labels = cache, tuple(keys), n_labels

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        found = self._cache.get(self.keys[index], self._n_labels)
        if found is None:
            raise HtrkitError(f"the cache {self._cache.folder} was cleared or altered while it was in use; start again")
        return found


@dataclass(frozen=True, slots=True)
class EncodedLines:
    """Lines with their network outputs, in the order of the data; those that failed have none.

    The speed is of preprocessing and network, over the lines that were not in the cache; notes say what is odd about
    the data.
    """

    model: Model
    preprocess: tuple[str, ...]
    lines: tuple[EncodedLine, ...]
    outputs: Outputs
    speed: Speed
    notes: tuple[str, ...]


class CachedEncoder:
    """A model's network behind a cache; the network is loaded when a line is not in the cache.

    Takes what `htrkit.Recognizer.load` takes, and the folder of the cache. Raises ModelError or UsageError if there is
    no such model or step; HtrkitError if the cache cannot be used.
    """

    def __init__(
        self, model: str | Path | None, *, cache: Path, preprocess: Sequence[str] | None = None, threads: int = 0
    ) -> None:
        self.model = open_model(model)
        self.model.require_one_network("a comparison of decoders", "evaluate measures it")
        self.preprocess = tuple(self.model.preprocess if preprocess is None else preprocess)
        self.cache = ArrayCache(cache / "log-probs")
        self._named, self._steps, self._threads = model, preprocess, threads
        self._encoded, self._seconds = 0, 0.0
        self._settings = (
            FORMAT,
            sorted(self.model.checksums.items()),
            self.model.input_rule,
            _component("encoder", self.model.encoder),
            [_component("preprocessor", written) for written in self.preprocess],
        )

    @cached_property
    def _recognizer(self) -> Recognizer:
        return Recognizer.load(self._named, decoder=_NoDecoder(), preprocess=self._steps, threads=self._threads)

    def encode(self, samples: Iterable[Sample], progress: Progress = SILENCE) -> EncodedLines:
        """Encode what is not in the cache yet; the samples are read once, a few dozen at a time."""
        self._encoded, self._seconds = 0, 0.0
        lines: list[EncodedLine] = []
        seen: Counter[str] = Counter()
        lost: list[Failed] = []
        progress.begin("encoding")
        for sample, kept in read_samples(samples, partial(through, self._keep, Line), progress):
            if isinstance(kept, Failed):
                lost.append(kept)
            seen[kept.id] += 1
            name = f"{kept.id} ({seen[kept.id]})" if seen[kept.id] > 1 else kept.id
            lines.append(EncodedLine(name, sample.text, sample.groups, "" if isinstance(kept, Failed) else kept.key))
        keys = [line.key for line in lines if line.key]
        outputs = Outputs(self.cache, keys, self.model.alphabet.n_labels)
        notes = (*_same_names(seen), *unread(lost))
        speed = Speed(self._encoded, self._seconds)
        return EncodedLines(self.model, self.preprocess, tuple(lines), outputs, speed, notes)

    def _keep(self, lines: list[Line]) -> list[_Kept | Failed]:
        """Where the outputs on lines are in the cache; what is not there is computed now."""
        keys, n_labels = [digest(*self._settings, line.pixels) for line in lines], self.model.alphabet.n_labels
        missing = {key: line for key, line in zip(keys, lines, strict=True) if self.cache.get(key, n_labels) is None}
        start = time.perf_counter()
        found = dict(zip(missing, self._recognizer.encode(missing.values()), strict=True)) if missing else {}
        self._seconds += time.perf_counter() - start
        self._encoded += len(missing)
        for key, output in found.items():
            if isinstance(output, Encoded):
                self.cache.put(key, output.log_probs)
        failures = {key: output for key, output in found.items() if isinstance(output, Failed)}
        return [
            replace(failures[key], id=line.id) if key in failures else _Kept(line.id, key)
            for key, line in zip(keys, lines, strict=True)
        ]


class _Kept(NamedTuple):
    """A line whose output is in the cache, under the key."""

    id: str
    key: str


class _NoDecoder:
    """Stands where the recogniser wants a decoder, because loading a real one may take long."""

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        raise NotImplementedError  # it is only asked to encode


def _component(kind: str, written: str) -> tuple[str, str, str]:
    """A component as it is written and the version and code behind it: another version may do otherwise."""
    entry = plugins.find(kind, Spec.parse(kind, written).name)
    return written, entry.origin, code_digest(entry.component.factory.partition(":")[0])


def _same_names(seen: Counter[str]) -> list[str]:
    several = [(name, count) for name, count in seen.items() if count > 1]
    if not several:
        return []
    name, count = several[0]
    others = f", and {len(several) - 1} more such names" if len(several) > 1 else ""
    return [f"{count} lines share the name {name}{others}; each line counts, the later ones are numbered"]
