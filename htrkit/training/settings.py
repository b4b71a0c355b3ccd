"""The settings of a training run, part by part: each stands here once, with its default, its help and its values."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_type_hints

from htrkit.errors import UsageError
from htrkit.option_types import describe, fits
from htrkit.options import show
from htrkit.spec import Spec

BOUNDS = {"[": "at least", "(": "more than", "]": "at most", ")": "less than"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting is, and which values it takes.

    Attributes
    ----------
    help
        For ``htrkit train --help``.
    metavar, shown
        What the help shows for a value, and for the default where that alone says too little.
    within
        The interval that a number must lie in: ``[0, 1)`` has 0 and not 1.
    option
        The option of the command line, where it is not called as the setting is.
    parse
        Makes the value from the option's text.
    fixed
        A resumed run cannot change it: the network is made of it, or chosen by it.
    annotation
        The type of its value.
    """

    help: str
    metavar: str | None = None
    shown: str | None = None
    within: str = "(-inf, inf)"
    option: str | None = None
    parse: Callable[[str], object] | None = None
    fixed: bool = False
    annotation: Any = None

    def check(self, name: str, value: object) -> None:
        """Refuse, with a UsageError, a value of another type or out of bounds."""
        if not fits(value, self.annotation):
            raise UsageError(f"{name} must be {describe(self.annotation)}, not {show(value)}")
        opens, low, high, closes = self.within[0], *map(float, self.within[1:-1].split(",")), self.within[-1]
        asked = [f"{BOUNDS[sign]} {end:g}" for sign, end in ((opens, low), (closes, high)) if math.isfinite(end)]
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and (
                not low <= number <= high or (number == low and opens == "(") or (number == high and closes == ")")
            ):
                raise UsageError(f"{name} must be {' and '.join(asked)}, not {number:g}")


def setting(default: object, help: str, metavar: str | None = None, /, **more: Any) -> Any:
    """A field of settings; ``more`` are further attributes of `Setting`."""
    return field(default=default, metadata={"setting": Setting(help, metavar, **more)})


def _shares(text: str) -> tuple[float, float]:
    """The first and the last share of ``first:last``; of a single number, the same twice."""
    first, _, last = text.partition(":")
    try:
        return float(first), float(last or first)
    except ValueError:
        raise UsageError(f"--mix-share takes a share such as 0.3, or two such as 0.8:0.2, not {text}") from None


def _characters(text: str) -> str:
    """The characters themselves, or those of a file, each once, composed (NFC) and without line ends."""
    from htrkit.texts import lines

    rows = lines(Path(text)) if Path(text).is_file() else [text]
    return "".join(dict.fromkeys("".join(unicodedata.normalize("NFC", row) for row in rows)))


def _steps(text: str) -> tuple[Spec, ...]:
    return tuple(step.checked() for step in Spec.parse_list("preprocessor", text))


_SIMPLE = Spec("architecture", "simple")
_STEPS = tuple(Spec("preprocessor", name) for name in ("border", "invert", "contrast", "crop"))
_POSITIVE, _COUNT, _ONE_OR_MORE = "(0, inf)", "[0, inf)", "[1, inf)"


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is learnt from, and what says how well."""

    title: ClassVar = "Data"
    data: tuple[str, ...] = setting((), "Files and folders that a reader understands.", "DATA")
    valid: tuple[str, ...] = setting((), "Data to validate on; may be repeated.", "DATA")
    valid_fraction: float = setting(
        0.1, "Share of DATA held out where there is no --valid.", shown="0.1, more of few samples", within="(0, 1)"
    )
    valid_by: str | None = setting(None, "Hold out whole groups of this column: writer, page.", "COLUMN")
    valid_group: str | None = setting(
        None, "Tell the CER of each group of this column; keep the epoch with their lowest mean.", "COLUMN", fixed=True
    )
    refit: int = setting(
        0,
        "Train anew at the end, so many times, with the validation data too; the networks are averaged.",
        "TIMES",
        shown="3 or 1 for few samples and --from",
        within=_COUNT,
    )
    reader: str | None = setting(None, "The format of the data.", shown="found out by looking")
    mix: tuple[str, ...] = setting(
        (), "Data of which each epoch takes some, such as synth's; may be repeated.", "DATA[=WEIGHT]"
    )
    mix_share: tuple[float, float] = setting(
        (0.5, 0.5),
        "Share of an epoch that the --mix makes up, or of the first epoch and of the last.",
        "SHARE[:LAST]",
        shown="0.5",
        within="[0, 1)",
        parse=_shares,
    )
    may_leave_out: float = setting(
        0.2,
        "Share of the samples that may be left out because the network cannot learn them.",
        "SHARE",
        within="[0, 1]",
    )
    join: float = setting(
        0.0,
        "Share of the images of words that are joined into lines, for a network of any width.",
        "SHARE",
        within="[0, 1]",
    )


@dataclass(frozen=True, kw_only=True)
class Network:
    """What is trained."""

    title: ClassVar = "Network"
    architecture: Spec = setting(  # noqa: RUF009 - a Spec does not change
        _SIMPLE,
        "The network to build: crnn, crnn:dropout=0.1.",
        option="--arch",
        shown="crnn for lines, simple for words",
        fixed=True,
    )
    start_from: str | None = setting(
        None, "Start from the weights of this model.", "MODEL", option="--from", fixed=True
    )
    freeze: Literal["convolutions", "body"] | None = setting(
        None,
        "What keeps the weights of --from: 'convolutions', or 'body', all but the output.",
        "PART",
        shown="nothing",
        fixed=True,
    )
    freeze_epochs: int | None = setting(
        None, "Epochs from the first in which --freeze freezes.", "N", shown="all", within=_ONE_OR_MORE, fixed=True
    )
    quantize: bool = setting(True, "Read in 8-bit integers, which is faster, if they read as well.", shown="quantize")
    alphabet: str | None = setting(
        None,
        "The characters to read, or a file of them.",
        "CHARS",
        shown="those of DATA, and of --from",
        parse=_characters,
        fixed=True,
    )


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the images look like."""

    title: ClassVar = "Look of the images"
    preprocess: tuple[Spec, ...] = setting(
        _STEPS, "Steps that clean every image; 'none' for no step.", "STEPS", parse=_steps, fixed=True
    )
    augment: bool = setting(True, "Vary each image each time it is seen.", shown="augment")
    recombine: float = setting(
        0.0,
        "Share of the lines that are put together anew, of words that --from finds in others, each time they are seen.",
        "SHARE",
        shown="for few lines and --from",
        within="[0, 1]",
        fixed=True,
    )
    calm_epochs: int = setting(0, "The last epochs, in which images are varied half as much.", "N", within=_COUNT)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long is trained, and how fast."""

    title: ClassVar = "Schedule"
    epochs: int = setting(30, "Times to go through the data, at most.", within=_ONE_OR_MORE)
    patience: int = setting(10, "Epochs without a better CER after which to stop.", within=_ONE_OR_MORE)
    batch_size: int = setting(64, "Images in a step.", within=_ONE_OR_MORE)
    learning_rate: float = setting(1e-3, "The highest of the schedule.", within=_POSITIVE)
    warm_up: float = setting(0.5, "Epochs in which the learning rate rises; then it falls slowly.", within=_COUNT)
    weight_decay: float = setting(1e-4, "How strongly weights are drawn towards 0.", within=_COUNT)
    average: float = setting(
        1.0, "Epochs that the average of the weights reaches back; 0 for no average.", within=_COUNT
    )
    seed: int = setting(1, "For the same random choices again.", within=_COUNT, fixed=True)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What computes, and what it tells."""

    title: ClassVar = "Machine"
    precision: Literal["float32", "bfloat16", "float16"] = setting(
        "float32", "float32, or bfloat16 or float16 on a device that has it."
    )
    devices: int | None = setting(
        None, "GPUs of this machine that share every batch (with JAX).", shown="all", within=_ONE_OR_MORE
    )
    workers: int = setting(0, "Processes that draw the images; 0 for a thread.", within=_COUNT)
    tensorboard: str | None = setting(None, "Write logs for TensorBoard into this folder.", "DIR", shown="none")


PARTS = (Data, Network, Look, Schedule, Machine)


@dataclass(frozen=True, kw_only=True)
class TrainSettings(Data, Network, Look, Schedule, Machine):
    """Settings of a training run; kept with its checkpoints, so that its folder, ``out``, is enough to resume it."""

    out: Path
    resume: bool = False

    def __post_init__(self) -> None:
        check(self)
        if self.freeze and self.start_from is None:
            raise UsageError("there is nothing to freeze in a network that begins from nothing: name a model, --from")
        if self.recombine and self.start_from is None:
            raise UsageError("--recombine cuts words out where a model finds them: name one, --from")
        if self.refit and self.start_from is None:
            raise UsageError("--refit averages networks that began as the same model: name one, --from")
        if self.freeze_epochs is not None and self.freeze is None:
            raise UsageError("--freeze-epochs says in how many epochs the part is frozen that --freeze names")


def described(settings: type[Any]) -> Mapping[str, Setting]:
    """Every setting of a class by its name."""
    hints = get_type_hints(settings)
    return {
        one.name: replace(one.metadata["setting"], annotation=hints[one.name])
        for one in fields(settings)
        if "setting" in one.metadata
    }


def check(settings: Any) -> None:
    """Refuse, with a UsageError, settings of another type or out of bounds."""
    for name, one in described(type(settings)).items():
        one.check(name, getattr(settings, name))
