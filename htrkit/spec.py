"""A component with its options as people write them, ``beam:beam_width=50,lexicon=english``: the one grammar for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from htrkit import options, plugins
from htrkit.options import show

# A comma separates options where key= follows it, and belongs to the value elsewhere. Models of format 1 have colons.
_NEXT_OPTION = re.compile(r"\s*[,:]\s*(?=[\w-]+\s*=)")
# In a list of components, a comma where no key= follows begins the next one.
_NEXT_COMPONENT = re.compile(r"\s*,\s*(?![\w-]+\s*=)")


def split_list(text: str) -> list[str]:
    """The components of a list as they are written, ``a``, ``b:key=value,key=value``."""
    return [part for part in _NEXT_COMPONENT.split(text.strip()) if part]


def unnested(text: str) -> str:
    """A component that another one's option names, ``name;key=value;key=value``, as `Spec.parse` reads it."""
    name, *written = text.split(";")
    return f"{name}:{','.join(written)}" if written else name


@dataclass(frozen=True, slots=True)
class Spec:
    """A component by kind and name, with its options.

    Attributes
    ----------
    kind
        One of `htrkit.hookspecs.KINDS`.
    name
        As the listing of the kind shows it.
    options
        Other than the defaults; values as Python has them.
    """

    kind: str
    name: str
    options: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def parse(cls, kind: str, text: str, further: Iterable[str] = ()) -> Spec:
        """The component that ``name`` or ``name:key=value,key=value`` means, with further ``key=value`` texts.

        Raises UsageError if there is no such component or option, an option is given twice, or a value is not of its
        type; PluginError if the component cannot be had.
        """
        name, *written = _NEXT_OPTION.split(text.strip())
        written = [*written, *further]
        values = options.parse(kind, name, plugins.factory(kind, name), written) if written else {}
        return cls(kind, name, values)

    @classmethod
    def parse_list(cls, kind: str, text: str) -> tuple[Spec, ...]:
        """The components that ``a,b:key=value,c`` means, in order; none of them for ``none`` or an empty text.

        Raises UsageError or PluginError as `parse`.
        """
        return tuple(cls.parse(kind, part) for part in split_list(text) if part != "none")

    def __str__(self) -> str:
        written = ",".join(f"{key}={show(value)}" for key, value in self.options.items())
        return f"{self.name}:{written}" if written else self.name

    @property
    def origin(self) -> str:
        """The package and version that declare it."""
        return plugins.find(self.kind, self.name).origin

    def checked(self) -> Spec:
        """The spec itself, if the component has such options.

        Raises UsageError or PluginError if it does not, or there is no such component.
        """
        options.check(self.kind, self.name, plugins.factory(self.kind, self.name), self.options)
        return self

    def create(self, *args: object) -> Any:
        """The component, made from these options and positional arguments.

        Raises
        ------
        UsageError, PluginError
            As `plugins.create`.
        """
        return plugins.create(self.kind, self.name, *args, **self.options)
