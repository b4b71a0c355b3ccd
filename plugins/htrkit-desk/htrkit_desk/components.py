"""What the person may choose from: models, decoders with their options, segmenters, formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from htrkit import HtrkitError, plugins
from htrkit.options import REQUIRED, options_of, show
from htrkit_desk.project import HIDDEN, Project

BOOKS_OF_ALL = ("table", "zip")
"""Exports of the desk's own."""
HELPS = {"language_model": "language model", "lexicon": "lexicon"}
"""Options of decoders that name a resource, and its kind: with the first that is installed a decoder reads better."""


def listing(project: Project) -> dict[str, Any]:
    """All that is installed, as the browser gets it."""
    return {
        "models": models(project),
        "decoders": decoders(),
        "segmenters": _named("segmenter"),
        "formats": [
            *_named("writer"),
            {"name": "table", "summary": "lines to train on: images and a table"},
            {"name": "zip", "summary": "everything"},
        ],
    }


def models(project: Project) -> list[dict[str, str]]:
    """The models that are installed, and those in the project, by their paths in it."""
    own = [
        path.parent
        for pattern in ("*/model.json", f"{HIDDEN}/models/*/model.json")
        for path in sorted(project.root.glob(pattern))
    ]
    return _named("model") + [
        {"name": path.relative_to(project.root).as_posix(), "summary": "of this folder"} for path in own
    ]


def decoders() -> list[dict[str, Any]]:
    """The decoders, each with a spec that reads well without anything to be chosen."""
    found = []
    for one in _named("decoder"):
        try:
            options = options_of(plugins.factory("decoder", one["name"]))
        except HtrkitError:
            continue
        given = [
            f"{option.name}={plugins.default(HELPS[option.name])}"
            for option in options
            if option.name in HELPS and option.default in (None, REQUIRED) and _has(HELPS[option.name])
        ]
        shown = [
            {
                "name": option.name,
                "type": option.type,
                "default": None if option.default is REQUIRED else show(option.default),
                "help": option.help,
            }
            for option in options
        ]
        found.append({**one, "spec": one["name"] + (":" + ",".join(given) if given else ""), "options": shown})
    return found


def _has(kind: str) -> bool:
    return bool(plugins.names(kind))


def _named(kind: str) -> list[dict[str, str]]:
    return [
        {"name": one.component.name, "summary": one.component.summary}
        for one in plugins.declared(kind)
        if not one.broken
    ]


def own_path(project: Project, name: str) -> str | Path:
    """A model's name, or the path of one in the project, for htrkit."""
    return (
        project.root / name if name in {one["name"] for one in models(project)} - set(plugins.names("model")) else name
    )
