"""What the person may choose from: models, decoders with their options, segmenters, formats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from htrkit import HtrkitError, InputError, ModelError, plugins
from htrkit.files import exists, is_folder
from htrkit.model import Model, open_model
from htrkit.model_spec import model_spec
from htrkit.options import REQUIRED, options_of, show
from htrkit.spec import Spec
from htrkit_desk.found import inside
from htrkit_desk.project import HIDDEN, Project

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
            if option.name in HELPS and option.default in (None, REQUIRED) and plugins.names(HELPS[option.name])
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


def _named(kind: str) -> list[dict[str, str]]:
    return [
        {"name": one.component.name, "summary": one.component.summary}
        for one in plugins.declared(kind)
        if not one.broken
    ]


def model_of(project: Project, name: str | None = None) -> str | Path | None:
    """The chosen model, or the one of a name, as htrkit takes it; None for htrkit's own choice."""
    name = project.settings.model if name is None else name
    own = {one["name"] for one in models(project)} - set(plugins.names("model"))
    return project.root / name if name in own else name


def loaded(project: Project) -> Model:
    """The description of the chosen model. Raises HtrkitError if it cannot be had."""
    return open_model(model_of(project))


def spec_of(project: Project, kind: str, written: str | None) -> Spec | None:
    """A component as the browser or ``htrkit.json`` names it, which opens no files but those of the project.

    Raises
    ------
    HtrkitError
        If there is no such component or option, or it names another file.
    """
    if written is None:
        return None
    try:
        spec = model_spec(replace(loaded(project), folder=project.root), kind, written)
        return replace(spec, options={name: _own(project, value) for name, value in spec.options.items()}).checked()
    except ModelError as error:
        raise InputError(f"{kind} {written[:200]}: it may name files of the project's folder only") from error


def _own(project: Project, value: object) -> object:
    """An option's value, with a folder in it led to the project's. Raises ModelError if it is elsewhere."""
    if isinstance(value, list | tuple):
        return type(value)(_own(project, item) for item in value)
    if not isinstance(value, str | Path) or any(str(value) in plugins.names(kind) for kind in HELPS.values()):
        return value
    if is_folder(project.root / value) and inside(project.root, project.root / value):
        return type(value)(project.root / value)
    if exists(value) and not inside(project.root, Path(value)):
        raise ModelError("it is elsewhere")
    return value


def check(project: Project, name: str, value: str | None) -> None:
    """Refuse a setting that cannot be used. Raises HtrkitError."""
    if value is None:
        return
    if name == "model":
        if value not in {one["name"] for one in models(project)}:
            raise InputError(f"there is no model {value[:200]!r}")
        open_model(model_of(project, value))
    else:
        spec_of(project, name, value)
