"""A network's outputs on many lines: computed once, kept on disk, read back one at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from htrkit import plugins
from htrkit.errors import HtrkitError
from htrkit.evaluation.encoded.cache import ArrayCache, code_digest
from htrkit.evaluation.figures.evaluation import Speed
from htrkit.evaluation.figures.score import unread
from htrkit.evaluation.stages import Stage, quiet
from htrkit.files import digest
from htrkit.model import Model, load_model
from htrkit.recognizer import Recognizer
from htrkit.resources import resource
from htrkit.spec import Spec
from htrkit.stream import LINES_AT_ONCE
from htrkit.types import Failed, Hypothesis, LogProbs, Sample

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
    """Lines with their network outputs.

    Attributes
    ----------
    model
        Whose network.
    preprocess
        The steps before it, as ``--preprocess`` takes them.
    lines, outputs
        In the order of the data; those that failed have no output.
    speed
        Of preprocessing and network, over the lines that were not in the cache.
    notes
        What is odd about the data.
    """

    model: Model
    preprocess: tuple[str, ...]
    lines: tuple[EncodedLine, ...]
    outputs: Outputs
    speed: Speed
    notes: tuple[str, ...]


class CachedEncoder:
    """A model's network behind a cache; the network is loaded when a line is not in the cache.

    Parameters
    ----------
    model
        A folder, a name, or None for the model that comes with htrkit.
    preprocess
        Steps instead of the model's own.
    cache
        The folder to keep outputs in.
    threads
        CPU threads, 0 for one a core.

    Raises
    ------
    ModelError, UsageError
        If there is no such model or step.
    HtrkitError
        If the cache cannot be used.
    """

    def __init__(
        self, model: str | Path | None, *, cache: Path, preprocess: Sequence[str] | None = None, threads: int = 0
    ) -> None:
        self.model = load_model(resource("model", model))
        self.preprocess = tuple(self.model.preprocess if preprocess is None else preprocess)
        self.cache = ArrayCache(cache / "log-probs")
        self._named, self._steps, self._threads = model, preprocess, threads
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

    def encode(
        self, samples: Iterable[Sample], stage: Stage = quiet, failed: Callable[[Failed], None] = lambda line: None
    ) -> EncodedLines:
        """Encode what is not in the cache yet; the samples are read once, a few dozen at a time.

        ``failed`` is called with each line that a step or the network failed on.
        """
        lines: list[EncodedLine] = []
        seen: Counter[str] = Counter()
        lost: list[Failed] = []
        encoded, seconds = 0, 0.0
        n_labels, waiting = self.model.alphabet.n_labels, iter(samples)
        with stage("encoding", None) as progress:
            while chunk := list(islice(waiting, LINES_AT_ONCE)):
                keys = [digest(*self._settings, sample.line.pixels) for sample in chunk]
                known = {key for key in keys if self.cache.get(key, n_labels) is not None}
                missing = {key: sample.line for key, sample in zip(keys, chunk, strict=True) if key not in known}
                start = time.perf_counter()
                found = list(self._recognizer.encode(missing.values())) if missing else []
                seconds += time.perf_counter() - start
                for key, output in zip(missing, found, strict=True):
                    if isinstance(output, Failed):
                        lost.append(output)
                        failed(output)
                    else:
                        self.cache.put(key, output.log_probs)
                        known.add(key)
                encoded += len(missing)
                for key, sample in zip(keys, chunk, strict=True):
                    seen[sample.line.id] += 1
                    count = seen[sample.line.id]
                    name = f"{sample.line.id} ({count})" if count > 1 else sample.line.id
                    lines.append(EncodedLine(name, sample.text, sample.groups, key if key in known else ""))
                progress(len(chunk))
        outputs = Outputs(self.cache, [line.key for line in lines if line.key], n_labels)
        notes = (*_same_names(seen), *unread(lost))
        return EncodedLines(self.model, self.preprocess, tuple(lines), outputs, Speed(encoded, seconds), notes)


class _NoDecoder:
    """Stands where the recogniser wants a decoder, because loading a real one may take long."""

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        raise NotImplementedError


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
