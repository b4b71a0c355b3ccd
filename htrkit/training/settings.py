"""What a training run is asked to do; kept with its checkpoints, so that it can be resumed by its folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from htrkit.errors import UsageError

# What a network is made of cannot change half-way.
FIXED = ("architecture", "architecture_options", "alphabet", "preprocess", "start_from", "seed")


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
        Characters to recognise; None takes those of the training texts.
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
    start_from
        Folder or name of a model whose weights to start from.
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
    start_from: str | None = None
    seed: int = 1
    resume: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.valid_fraction < 1.0:
            raise UsageError(f"the validation fraction must lie between 0 and 1, not {self.valid_fraction}")
        for name in ("epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.learning_rate <= 0.0:
            raise UsageError(f"the learning rate must be positive, not {self.learning_rate}")

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON can hold them; ``out`` and ``resume`` are left out, being those of one call."""
        return {key: value for key, value in asdict(self).items() if key not in ("out", "resume")}

    @classmethod
    def resumed(cls, out: Path, saved: Mapping[str, Any], changes: Mapping[str, Any]) -> TrainSettings:
        """The settings of the run in ``out``, with what this call changes.

        Raises
        ------
        UsageError
            If a change would need another network, and so a new run.
        """
        for name in FIXED:
            if name in changes and changes[name] != saved[name]:
                raise UsageError(f"a resumed run keeps its {name} ({saved[name]!r}): start a new run in another folder")
        known = {field.name for field in fields(cls)}
        merged = {**{key: value for key, value in saved.items() if key in known}, **changes}
        for name in ("data", "valid", "preprocess"):
            merged[name] = tuple(merged[name])
        return cls(**merged, out=out, resume=True)
