"""What a training run is asked to do; kept with its checkpoints, so that it can be resumed by its folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from htrkit.errors import UsageError

# What a network is made of cannot change half-way.
FIXED = (
    "architecture",
    "architecture_options",
    "alphabet",
    "preprocess",
    "start_from",
    "freeze",
    "freeze_epochs",
    "seed",
)

# What runs did that were begun before there was a setting for it.
EARLIER = {"average": 0.0, "precision": "float32", "freeze": None, "freeze_epochs": None}

PRECISIONS = ("float32", "bfloat16", "float16")
PARTS = ("convolutions", "body")


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Settings of a training run; every one of them is an option of ``htrkit train``.

    Attributes
    ----------
    data, valid
        Paths that a reader understands; without ``valid``, a share of the data is held out.
    out
        Folder for the model; its ``training/`` holds the checkpoints and ``history.csv``.
    reader
        Name of a declared reader; None lets the readers look at the data themselves.
    architecture, architecture_options
        Name of a declared architecture, and its options.
    alphabet
        Characters to recognise; None takes those of the model that the run starts from, if any, and those of the
        training texts.
    preprocess
        Steps that every image goes through, in training and ever after; ``name`` or ``name:key=value:key=value``.
    valid_fraction
        Share of the training samples held out where no validation data is given.
    valid_by
        Column of the training table whose groups (writers, pages) are held out whole.
    epochs, batch_size, learning_rate, warm_up
        The learning rate rises over ``warm_up`` epochs, then falls along a cosine to zero.
    patience
        Epochs without a better validation CER after which training stops.
    augment
        Whether each image is slanted, scaled, moved, thickened … anew every time it is seen.
    calm_epochs
        The last epochs, in which images are varied half as much: what is learnt last is nearer to what will be read.
    join
        Share of the batches of single words that are joined into lines, for a network that takes any width.
    mix
        Further training data, of which every epoch picks others; ``path=weight`` for how often it is picked from.
    mix_share, last_mix_share
        The share of the first epoch that the further data makes up, and of the last; None for the same throughout.
    average
        Epochs that the average of the weights reaches back; it is what is validated and kept. 0: the weights as they
        are.
    precision
        ``float32``, or ``bfloat16`` or ``float16`` on a device that computes faster with it; weights stay float32.
    devices
        How many devices of this machine share every batch; None for all that can. More than one: with JAX.
    tensorboard
        Folder for what TensorBoard draws; None for none.
    workers
        Processes that draw the training images; 0 for a thread.
    start_from
        Folder or name of a model whose weights to start from.
    freeze, freeze_epochs
        What keeps that model's weights: ``convolutions`` (all before the first recurrent layer) or ``body`` (all but
        the output); and in how many epochs from the first, None for all.
    resume
        Go on with the run in ``out``.
    """

    data: tuple[str, ...]
    out: Path
    valid: tuple[str, ...] = ()
    reader: str | None = None
    architecture: str = "simple"
    architecture_options: Mapping[str, object] = field(default_factory=dict)
    alphabet: str | None = None
    preprocess: tuple[str, ...] = ("invert", "contrast", "crop")
    valid_fraction: float = 0.1
    valid_by: str | None = None
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    warm_up: float = 0.5
    weight_decay: float = 1e-4
    patience: int = 10
    augment: bool = True
    calm_epochs: int = 0
    join: float = 0.0
    mix: tuple[str, ...] = ()
    mix_share: float = 0.5
    last_mix_share: float | None = None
    average: float = 1.0
    precision: str = "float32"
    devices: int | None = None
    tensorboard: str | None = None
    workers: int = 0
    start_from: str | None = None
    freeze: str | None = None
    freeze_epochs: int | None = None
    seed: int = 1
    resume: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.valid_fraction < 1.0:
            raise UsageError(f"the validation fraction must lie between 0 and 1, not {self.valid_fraction}")
        for name in ("epochs", "batch_size", "patience", "devices"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"{name} must be at least 1, not {value}")
        if self.learning_rate <= 0.0:
            raise UsageError(f"the learning rate must be positive, not {self.learning_rate}")
        if not 0.0 <= self.join <= 1.0:
            raise UsageError(f"the share of words to join must lie between 0 and 1, not {self.join}")
        for share in (self.mix_share, self.last_mix_share):
            if share is not None and not 0.0 <= share < 1.0:
                raise UsageError(f"the share of the mixed data must be at least 0 and less than 1, not {share}")
        for name in ("average", "calm_epochs", "workers"):
            if getattr(self, name) < 0:
                raise UsageError(f"{name} must not be negative, as {getattr(self, name)} is")
        if self.precision not in PRECISIONS:
            raise UsageError(f"the precision must be {' or '.join(PRECISIONS)}, not {self.precision}")
        if self.freeze is not None and self.freeze not in PARTS:
            raise UsageError(f"what can be frozen is {' or '.join(PARTS)}, not {self.freeze}")
        if self.freeze and self.start_from is None:
            raise UsageError("there is nothing to freeze in a network that begins from nothing: name a model, --from")
        if self.freeze_epochs is not None and (self.freeze is None or self.freeze_epochs < 1):
            raise UsageError(
                "--freeze-epochs says in how many epochs, at least 1, the part is frozen that --freeze names"
            )

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON can hold them; ``out`` and ``resume`` are left out, being those of one call."""
        return {key: value for key, value in asdict(self).items() if key not in ("out", "resume")}

    @classmethod
    def begun(cls, out: Path, given: Mapping[str, Any]) -> TrainSettings:
        """The settings of a new run; one that starts from a model has that model's network and steps, unless told else.

        Raises
        ------
        ModelError
            If there is no such model.
        """
        if given.get("start_from") is None:
            return cls(**given, out=out)
        # the command line imports this module, and must not load NumPy and OpenCV for an option's default
        from htrkit.model import load_model
        from htrkit.model_spec import model_spec
        from htrkit.resources import resource

        model = load_model(resource("model", given["start_from"]))
        steps = tuple(str(model_spec(model, "preprocessor", step)) for step in model.preprocess)
        brought: dict[str, Any] = {"architecture": model.architecture, "preprocess": steps}
        if given.get("architecture", model.architecture) == model.architecture:
            options = {**model.architecture_options, **given.get("architecture_options", {})}
            given = {**given, "architecture_options": options}
        return cls(**{**brought, **given}, out=out)

    @classmethod
    def resumed(cls, out: Path, saved: Mapping[str, Any], changes: Mapping[str, Any]) -> TrainSettings:
        """The settings of the run in ``out``, with what this call changes.

        Raises
        ------
        UsageError
            If a change would need another network, and so a new run.
        """
        saved = {**EARLIER, **saved}
        if "average" in changes and bool(changes["average"]) != bool(saved["average"]):
            raise UsageError("a run that averages no weights cannot begin to, nor one that does stop: start a new run")
        # in float16, the loss has a scale that checkpoints hold
        scaled = ("precision",) if "float16" in (saved["precision"], changes.get("precision")) else ()
        for name in (*FIXED, *scaled):
            if name in changes and changes[name] != saved[name]:
                raise UsageError(f"a resumed run keeps its {name} ({saved[name]!r}): start a new run in another folder")
        known = {field.name for field in fields(cls)}
        merged = {**{key: value for key, value in saved.items() if key in known}, **changes}
        for name in ("data", "valid", "preprocess", "mix"):
            merged[name] = tuple(merged.get(name, ()))
        return cls(**merged, out=out, resume=True)
