"""What tuning may try: ranges and choices for a decoder's options, from texts such as ``alpha=0:2``."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from htrkit import plugins
from htrkit.errors import UsageError
from htrkit.evaluation.contest.contenders import Contender
from htrkit.option_types import fits
from htrkit.options import REQUIRED, Option, options_of
from htrkit.spec import Spec

HOW = "write it as alpha=0:2, beam_width=1:100:log or mode=words,ngrams"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What one option may be: a range, both ends included, or choices; and what it is when nothing is said."""

    option: str
    values: FloatDistribution | IntDistribution | CategoricalDistribution
    default: object = None

    def __contains__(self, value: object) -> bool:
        if isinstance(self.values, CategoricalDistribution):
            return value in self.values.choices
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.values.low <= value <= self.values.high


def parse_space(contender: Contender, texts: list[str]) -> list[Dimension]:
    """The search space of a decoder.

    Raises UsageError if there is no text, or one is no range or choice, names no option of the decoder or one twice, or
    a value is not of the option's type.
    """
    if not texts:
        raise UsageError(f"name at least one option to tune: {HOW}")
    options = {option.name: option for option in options_of(plugins.factory("decoder", contender.name))}
    found: dict[str, Dimension] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not values.strip():
            raise UsageError(f"{text!r} says nothing to try: {HOW}")
        if name in found or name in contender.options:
            raise UsageError(f"the option {name!r} is given twice; choices are written with commas: mode=words,ngrams")
        if name not in options:
            Spec.parse("decoder", contender.name, [f"{name}={values}"])  # raises, and says which options there are
        found[name] = _dimension(contender.name, options[name], values.strip())
    return list(found.values())


def _dimension(decoder: str, option: Option, values: str) -> Dimension:
    default = None if option.default is REQUIRED else option.default
    parts = [part.strip() for part in values.split(":")]
    numeric = len(parts) in (2, 3) and all(map(_is_number, parts[:2])) and parts[2:] in ([], ["log"])
    if not numeric:
        choices = [Spec.parse("decoder", decoder, [f"{option.name}={one}"]).options for one in values.split(",")]
        # what an option parses to has the type that its annotation says, which mypy cannot know
        distribution = CategoricalDistribution([one[option.name] for one in choices])  # type: ignore[misc]
        return Dimension(option.name, distribution, default)
    low, high, log = float(parts[0]), float(parts[1]), len(parts) == 3
    whole = low.is_integer() and high.is_integer() and not fits(0.5, option.annotation)
    if not fits(int(low) if whole else low, option.annotation):
        raise UsageError(f"option {option.name!r} of decoder {decoder!r} is {option.type}, no number to range over")
    if low >= high or (log and low <= 0):
        raise UsageError(f"{option.name}={values} is no range: from a lower to a higher number, above 0 with log")
    if whole:
        return Dimension(option.name, IntDistribution(int(low), int(high), log=log), default)
    return Dimension(option.name, FloatDistribution(low, high, log=log), default)


def _is_number(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return math.isfinite(value)
