"""Decoders that take part in a comparison: names with their own options, or objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from htrkit import plugins
from htrkit.contracts import Decoder
from htrkit.errors import HtrkitError, UsageError
from htrkit.options import REQUIRED, options_of
from htrkit.spec import Spec


@dataclass(frozen=True, slots=True)
class Contender:
    """A decoder with its options.

    Parameters
    ----------
    name
        As ``htrkit decoders`` lists it; for a decoder object, what to call it.
    options
        Other than the defaults.
    decoder
        A decoder object of the caller's own; it runs in the caller's process, without a time limit.
    """

    name: str
    options: Mapping[str, object] = field(default_factory=dict)
    decoder: Decoder | None = None

    @classmethod
    def of(cls, given: str | Contender) -> Contender:
        """A contender from ``word-beam:beam_width=50,lexicon=english``, or the one that is given, if it exists.

        Raises
        ------
        UsageError, PluginError
            If there is no such decoder or option, or a value is not of its type.
        """
        if isinstance(given, str):
            spec = Spec.parse("decoder", given)
            given = cls(spec.name, spec.options)
        if given.decoder is None:
            given.spec.checked()
        return given

    @property
    def spec(self) -> Spec:
        """The decoder as a component."""
        return Spec("decoder", self.name, self.options)

    @property
    def label(self) -> str:
        """``word-beam:beam_width=50,lexicon=english``, as ``--decoder`` takes it."""
        return str(self.spec)

    @property
    def origin(self) -> str:
        """The package and version that it comes from; empty for an object."""
        return "" if self.decoder is not None else self.spec.origin

    def varied(self, options: Mapping[str, object]) -> Contender:
        """The contender with other values of some options."""
        return replace(self, options={**self.options, **options})


def parse_contenders(given: Iterable[str | Contender]) -> tuple[list[Contender], list[tuple[str, HtrkitError]]]:
    """Contenders, and what is wrong with those that are none; a contender named twice stands once."""
    contenders: dict[str, Contender] = {}
    refused: list[tuple[str, HtrkitError]] = []
    for one in given:
        try:
            contender = Contender.of(one)
        except HtrkitError as error:
            refused.append((one if isinstance(one, str) else one.label, error))
        else:
            contenders.setdefault(contender.label, contender)
    return list(contenders.values()), refused


def every_contender() -> list[str]:
    """The decoders that can be had and need no options."""
    found = []
    for name in plugins.names("decoder"):
        try:
            options = options_of(plugins.factory("decoder", name))
        except HtrkitError:  # broken: whoever asks for it by name is told why
            continue
        if all(option.default is not REQUIRED for option in options):
            found.append(name)
    return found


def parse_sweep(text: str, contenders: Sequence[Contender]) -> tuple[str, list[list[Contender]]]:
    """The option that ``beam_width=1,5,25`` varies, and the variants of every contender that has it.

    Raises UsageError if it is no such text, no contender has the option, or a value is not of its type.
    """
    option, equals, values = text.partition("=")
    option = option.strip().replace("-", "_")
    if not equals or not values.strip():
        raise UsageError(f"{text!r} is no sweep: write it as beam_width=1,5,25")
    sweeps: list[list[Contender]] = []
    for contender in contenders:
        if contender.decoder is None and _has(contender.name, option):
            parsed = [Spec.parse("decoder", contender.name, [f"{option}={value}"]) for value in values.split(",")]
            variants = [contender.varied(one.options) for one in parsed]
            if variants not in sweeps:
                sweeps.append(variants)
    if not sweeps:
        raise UsageError(f"none of {', '.join(one.label for one in contenders)} has an option {option!r} to sweep")
    return option, sweeps


def _has(name: str, option: str) -> bool:
    return any(known.name == option for known in options_of(plugins.factory("decoder", name)))
