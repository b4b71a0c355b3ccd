"""The settings of a training run for a network that finds lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from htrkit.errors import InputError, UsageError
from htrkit.training.settings import Schedule, check, setting

_MORE_THAN_NONE, _ONE_OR_MORE = "(0, inf)", "[1, inf)"


@dataclass(frozen=True, kw_only=True)
class SegmenterSettings(Schedule):
    """Kept with the checkpoints, so that a run can be resumed by its folder alone, ``out``."""

    out: Path
    pages: tuple[str, ...] = setting((), "PAGE or ALTO files beside their images, or folders.", "PAGES")
    valid: tuple[str, ...] = setting((), "Pages to validate on.", "PAGES", shown="every tenth page")
    mix: tuple[str, ...] = setting((), "Pages on which nothing is left out, such as synth's.", "PAGES")
    mix_share: float = setting(0.3, "Share of the crops that they make up.", "SHARE", within="[0, 1)")
    crops: int | None = setting(None, "Crops in an epoch.", shown="three of every page", within=_ONE_OR_MORE)
    size: int = setting(512, "Of a crop, in pixels.", within=_ONE_OR_MORE)
    precision: Literal["float32", "bfloat16"] = setting("float32", "float32, or bfloat16 where the processor has it.")
    epochs: int = setting(40, "How many.", within=_ONE_OR_MORE)
    batch_size: int = setting(4, "Crops in a step.", within=_ONE_OR_MORE)
    learning_rate: float = setting(2e-3, "The highest of the schedule.", within=_MORE_THAN_NONE)
    weight_decay: float = 1e-3
    warm_up: float = 1.0

    def __post_init__(self) -> None:
        from htrkit.pages.lines.maps import MULTIPLE  # with all of OpenCV, for which no help should wait

        check(self)
        if not self.pages:
            raise UsageError("there are no pages to train on: name a file or a folder")
        if self.size < 4 * MULTIPLE or self.size % MULTIPLE:
            raise UsageError(f"the size of a crop must be a multiple of {MULTIPLE}, at least {4 * MULTIPLE}")

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON can hold them, without ``out``."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if name != "out"}


def settings_of(out: Path, values: Mapping[str, Any]) -> SegmenterSettings:
    """The settings of the run in ``out``, from values by name, in which tuples may be lists."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return SegmenterSettings(**given, out=out)


def resumed(out: Path, saved: Mapping[str, Any]) -> SegmenterSettings:
    """The settings that `SegmenterSettings.as_json` gave.

    Raises
    ------
    InputError
        If they are damaged.
    """
    try:
        return settings_of(out, saved)
    except TypeError as error:
        raise InputError(f"cannot resume from {out}: {error}") from error
