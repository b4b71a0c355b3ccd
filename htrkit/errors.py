"""HtrkitError and its few children, each with the exit code that the command line gives for it."""

from __future__ import annotations


class HtrkitError(Exception):
    """Anything htrkit refuses, said in one sentence: what is wrong, with which file or option, what to do next."""

    exit_code = 1


class InputError(HtrkitError):
    """An image, table or other input file cannot be read."""


class ModelError(HtrkitError):
    """A model folder is incomplete, altered, of another version, or does not fit its alphabet."""


class UsageError(HtrkitError):
    """A name, option or argument that does not exist or does not fit."""

    exit_code = 2


class PluginError(UsageError):
    """A component cannot be had: its plugin is broken, or two plugins declare the same name."""


class ShapeError(HtrkitError, ValueError):
    """An array's shape, type or values do not fit the contract."""
