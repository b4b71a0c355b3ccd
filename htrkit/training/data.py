"""From data sets to what a network learns from: cleaned, shrunk, held out, labelled; what is left out is counted."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.alphabet import Alphabet
from htrkit.ctc import frames_needed
from htrkit.encoders.input import InputRule
from htrkit.errors import InputError
from htrkit.evaluation.encoded.cache import code_digest
from htrkit.files import digest, user_cache, whole
from htrkit.plugins import find
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.progress import Progress
from htrkit.readers import open_samples
from htrkit.readers.samples import Skipped, SkippedKind, counted
from htrkit.stream import LINES_AT_ONCE
from htrkit.training.given import as_json
from htrkit.training.mixing import parse_sources
from htrkit.training.settings import TrainSettings
from htrkit.training.store import Store, Stored, packed
from htrkit.types import Failed, Line, Pixels, Sample

# Augmentation shrinks and slants: keeping twice the network's height loses nothing that it could see.
STORED_SCALE = 2
OUTSIDE, TOO_NARROW = "characters outside the alphabet", "its text needs more frames than the image has"
SAY_WHICH = ("data", "valid", "valid_fraction", "valid_by", "reader", "mix", "preprocess", "seed")
"""The settings that say which lines there are."""
JUDGED_BY = 500
"""Validation lines that judge a finished model, at most."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A line with its text; its cleaned, shrunk image is on the disk."""

    id: str
    image: Stored
    text: str
    groups: dict[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """An image, (height, width) uint8 dark on white, in memory or on the disk, and the labels of its text."""

    image: Pixels | Stored
    labels: NDArray[np.int32]
    text: str

    @property
    def pixels(self) -> Pixels:
        """The image, in memory."""
        return self.image.pixels if isinstance(self.image, Stored) else self.image

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.image.shape
        return height, width


@dataclass(frozen=True, slots=True)
class Data:
    """What a run reads; of the mix, the lines of each source and the weights of the sources."""

    train: list[Prepared] = field(default_factory=list)
    valid: list[Prepared] = field(default_factory=list)
    mix: list[list[Prepared]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """All that is trained on."""
        return [item.text for items in (self.train, *self.mix) for item in items]

    def with_validation(self) -> Data:
        """The same, with the validation data among what is trained on."""
        return replace(self, train=[*self.train, *self.valid], valid=[])

    def judging(self) -> list[Sample]:
        """Lines of the validation data, cleaned, by which a finished model is judged; at most `JUDGED_BY`."""
        chosen = spread(self.valid, JUDGED_BY)
        return [Sample(Line(one.id, one.image.pixels), one.text, one.groups) for one in chosen]


def spread(items: Sequence[Item], at_most: int) -> Sequence[Item]:
    """So many items at most, from the first to the last."""
    return items[:: max(1, -(-len(items) // at_most))]


def read_data(settings: TrainSettings, rule: InputRule, index: Path, progress: Progress) -> Data:
    """Read and clean all data of a run, and hold out what it validates on; or take what it began with.

    ``index`` is a file that says which lines there are. Where it answers to the settings, and the data has not changed
    since, nothing is read.
    """
    store = Store(user_cache() / "lines.sqlite")
    paths, weights = parse_sources(settings.mix)
    sources = [*settings.data, *settings.valid, *paths]
    cleaner = Cleaner(settings, rule, store)
    asked = {name: value for name, value in as_json(settings).items() if name in SAY_WHICH}
    key = digest(asked, cleaner.recipe, [_changed(Path(source)) for source in sources])
    parts = _indexed(index, key, store)
    if parts is None:
        train = cleaner.read("training", settings.data, progress)
        if settings.valid:
            valid = cleaner.read("validation", settings.valid, progress)
        else:
            train, valid = hold_out(train, settings.valid_fraction, settings.valid_by, settings.seed)
        parts = [train, valid, *(cleaner.read(f"mix {path}", [path], progress) for path in paths)]
        rows = [[(item.id, item.image.key, item.text, item.groups) for item in part] for part in parts]
        with whole(index) as part:
            part.write_text(json.dumps({"key": key, "parts": rows}), encoding="utf-8")
    train, valid, *mix = parts
    return Data(train, valid, mix, weights)


class Cleaner:
    """Cleans the lines of data sets, or finds them in a store; ``recipe`` a digest of all else that they depend on."""

    def __init__(self, settings: TrainSettings, rule: InputRule, store: Store) -> None:
        self.settings, self.rule, self.store = settings, rule, store
        self.steps = build_steps([str(step) for step in settings.preprocess])
        # another version of a step may clean otherwise
        modules = [find("preprocessor", step.name).component.factory for step in settings.preprocess]
        code = [code_digest(module.partition(":")[0]) for module in modules]
        self.recipe = digest([str(step) for step in settings.preprocess], code, rule.height, rule.width, STORED_SCALE)

    def read(self, what: str, paths: Iterable[str], progress: Progress) -> list[Prepared]:
        """The lines of data sets that can be cleaned; what the others fail of is told."""
        samples = open_samples([Path(path) for path in paths], reader=self.settings.reader)
        waiting, prepared, failed = iter(samples), list[Prepared](), list[Skipped]()

        def some() -> list[Sample]:
            return list(islice(waiting, LINES_AT_ONCE))

        progress.begin(f"reading {what}")
        with ThreadPoolExecutor() as pool:
            following = pool.submit(some)
            while chunk := following.result():
                following = pool.submit(some)  # is read while these are cleaned
                keys = list(pool.map(self._key, chunk))
                found = self.store.find(keys)
                missing = {key: sample.line for key, sample in zip(keys, chunk, strict=True) if key not in found}
                made = dict(zip(missing, pool.map(self._cleaned, missing.values()), strict=True))
                self.store.add([(key, *line) for key, line in made.items() if not isinstance(line, Failed)])
                found |= self.store.find(list(made))
                for key, sample in zip(keys, chunk, strict=True):
                    if key in found:
                        prepared.append(Prepared(sample.line.id, found[key], sample.text, sample.groups))
                    elif isinstance(failure := made[key], Failed):
                        failed.append(Skipped(sample.line.id, failure.reason))
                progress.done(len(chunk))
        progress.note(f"{what}: {samples.report}")
        say_left_out(failed, progress)
        if not prepared:
            raise InputError(f"no line of the {what} data can be used")
        return prepared

    def _key(self, sample: Sample) -> str:
        return digest(sample.line.pixels, self.recipe)[:32]

    def _cleaned(self, line: Line) -> tuple[tuple[int, ...], bytes] | Failed:
        cleaned = apply_steps(self.steps, line)
        if isinstance(cleaned, Failed):
            return cleaned
        pixels = _shrunk(cleaned.pixels, self.rule)
        return pixels.shape, packed(pixels)


def examples(prepared: Iterable[Prepared], alphabet: Alphabet, rule: InputRule) -> tuple[list[Example], list[Skipped]]:
    """The examples that the network can learn from, and what is left out and why."""
    kept, left_out = list[Example](), list[Skipped]()
    for item in prepared:
        if unknown := alphabet.unknown(item.text):
            left_out.append(Skipped(item.id, f"{OUTSIDE}: {' '.join(unknown)}"))
            continue
        labels = alphabet.encode(item.text)
        if rule.frames(rule.input_width(*item.image.shape)) < frames_needed(labels):
            left_out.append(Skipped(item.id, TOO_NARROW))
        else:
            kept.append(Example(item.image, labels, item.text))
    return kept, left_out


def check_left_out(settings: TrainSettings, kept: int, left_out: Sequence[Skipped]) -> None:
    """Refuse, with an InputError that says a way out, to learn from what is left when too much cannot be learnt."""
    every = kept + len(left_out)
    if not kept or len(left_out) <= settings.may_leave_out * every:
        return
    narrow = sum(entry.reason == TOO_NARROW for entry in left_out)
    ways = []
    if narrow and settings.architecture.name != "crnn":
        ways.append("--arch crnn reads images of any width")
    if len(left_out) > narrow:
        ways.append("--alphabet with the characters named above reads those texts")
    ways.append(f"--may-leave-out {math.ceil(100 * len(left_out) / every) / 100:g} goes on without them")
    raise InputError(f"{len(left_out)} of {every} training samples cannot be learnt from: {'; '.join(ways)}")


def say_left_out(entries: Sequence[Skipped], progress: Progress) -> None:
    """Tell what was left out, by reason."""
    if entries:
        kinds: tuple[SkippedKind, ...] = counted(entries)
        progress.note("; ".join(f"{kind.count} left out: {kind.reason} (first: {kind.first})" for kind in kinds))


def hold_out(
    prepared: Sequence[Prepared], fraction: float, by: str | None, seed: int
) -> tuple[list[Prepared], list[Prepared]]:
    """Split into training and validation samples; whole groups of the column ``by`` stay together."""
    groups = [item.groups.get(by, "") for item in prepared] if by else [str(i) for i in range(len(prepared))]
    sizes = Counter(groups)
    names = sorted(sizes)
    held: set[str] = set()
    count = 0
    for i in np.random.default_rng(seed).permutation(len(names))[:-1]:
        if count >= fraction * len(prepared):
            break
        held.add(names[i])
        count += sizes[names[i]]
    train = [item for item, group in zip(prepared, groups, strict=True) if group not in held]
    valid = [item for item, group in zip(prepared, groups, strict=True) if group in held]
    return train, valid


def _indexed(index: Path, key: str, store: Store) -> list[list[Prepared]] | None:
    """The lines that an index names, if it answers to the key and they are all in the store."""
    try:
        saved = json.loads(index.read_text(encoding="utf-8"))
        if saved["key"] != key:
            return None
        found = store.find([image for part in saved["parts"] for _, image, _, _ in part])
        return [
            [Prepared(id_, found[image], text, groups) for id_, image, text, groups in part] for part in saved["parts"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _changed(path: Path) -> tuple[str, int, int]:
    """What tells whether a file is as it was."""
    if not path.exists():
        return str(path), 0, 0
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns


def _shrunk(pixels: Pixels, rule: InputRule) -> Pixels:
    height, width = pixels.shape
    scale = STORED_SCALE * rule.scale(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
