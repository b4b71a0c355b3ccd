"""The settings of a training run for a network that finds lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from htrkit.errors import InputError, UsageError
from htrkit.pages.lines.maps import MULTIPLE
from htrkit.training.settings import Schedule


@dataclass(frozen=True, kw_only=True)
class SegmenterSettings(Schedule):
    """Kept with the checkpoints, so that a run can be resumed by its folder alone.

    Attributes
    ----------
    out
        Folder for the network; its ``training/`` holds the checkpoints and ``history.csv``.
    pages, valid
        Files and folders of pages with their lines, to train and to validate on; without ``valid``, every tenth page.
    mix
        Pages on which nothing is left out, such as drawn ones, and the share of the crops that they make up.
    crops
        In an epoch; None for three of every page.
    size
        Of a crop, in pixels.
    """

    out: Path
    pages: tuple[str, ...]
    valid: tuple[str, ...] = ()
    mix: tuple[str, ...] = ()
    mix_share: float = 0.3
    crops: int | None = None
    size: int = 512
    precision: Literal["float32", "bfloat16"] = "float32"
    epochs: int = 40
    batch_size: int = 4
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    warm_up: float = 1.0

    def __post_init__(self) -> None:
        if not self.pages:
            raise UsageError("there are no pages to train on: name a file or a folder")
        if self.size < 4 * MULTIPLE or self.size % MULTIPLE:
            raise UsageError(f"the size of a crop must be a multiple of {MULTIPLE}, at least {4 * MULTIPLE}")
        if min(self.epochs, self.batch_size, 1 if self.crops is None else self.crops) < 1 or self.learning_rate <= 0.0:
            raise UsageError("epochs, crops, batch size and learning rate must be more than 0")
        if not 0.0 <= self.mix_share < 1.0:
            raise UsageError(f"the share of the mix must lie between 0 and 1, not {self.mix_share}")
        if self.precision not in ("float32", "bfloat16"):
            raise UsageError(f"the precision must be float32 or bfloat16, not {self.precision}")

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON can hold them, without ``out``."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if name != "out"}


def resumed(out: Path, saved: dict[str, Any]) -> SegmenterSettings:
    """The settings that `SegmenterSettings.as_json` gave.

    Raises
    ------
    InputError
        If they are damaged.
    """
    try:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()
        }
        return SegmenterSettings(**values, out=out)
    except TypeError as error:
        raise InputError(f"cannot resume from {out}: {error}") from error
