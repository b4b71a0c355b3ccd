"""Reading whole archives, on one machine or many: the command `htrkit bulk`; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_commands() -> list[Component]:
    """The command of this package."""
    return [Component("bulk", "Read an archive, on all cores or a cluster.", "htrkit_ray.command:app")]
