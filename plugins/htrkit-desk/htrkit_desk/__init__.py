"""The desk: a command that opens a folder of scans in the browser; imports nothing that it declares."""

from __future__ import annotations

from htrkit import Component, hookimpl


@hookimpl
def htrkit_commands() -> list[Component]:
    """The command of this package."""
    return [Component("serve", "Read, correct and teach in the browser, on this machine.", "htrkit_desk.command:app")]
