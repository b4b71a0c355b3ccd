"""Settings from what the command line gives, and from the state of an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from htrkit.errors import InputError, ModelError, UsageError
from htrkit.model import Model
from htrkit.model_spec import model_spec
from htrkit.options import show
from htrkit.spec import Spec
from htrkit.training.settings import TrainSettings, described

# What runs did that were begun before there was a setting for it.
EARLIER = {
    "average": 0.0,
    "precision": "float32",
    "freeze": None,
    "freeze_epochs": None,
    "quantize": False,
    "refit": 0,
    "recombine": 0.0,
}


def begin(out: Path, given: Mapping[str, Any], base: Model | None = None) -> TrainSettings:
    """The settings of a new run; network and steps are those of the model that it starts from, unless told else.

    Parameters
    ----------
    given
        Values by name; those of settings that have `Setting.parse` may be texts, ``architecture`` is one, and
        ``arch_option`` holds further ``key=value`` texts.
    """
    own: dict[str, Any] = {"architecture": TrainSettings.architecture}
    if base:
        steps = tuple(model_spec(base, "preprocessor", written) for written in base.preprocess)
        own = {"architecture": architecture_of(base), "preprocess": steps}
    return TrainSettings(**{**own, **_parsed(given, own["architecture"])}, out=out)


def architecture_of(model: Model) -> Spec:
    """What a model's network is made of. Raises ModelError if its description does not say it."""
    if not model.architecture:
        raise ModelError(f"model {model.folder} cannot be trained: its description names no architecture")
    return model_spec(model, "architecture", str(Spec("architecture", model.architecture, model.architecture_options)))


def resume(out: Path, saved: Mapping[str, Any], given: Mapping[str, Any]) -> TrainSettings:
    """The settings of the run in ``out``, from what `as_json` gave, in this version or an earlier one, and what this
    call changes, as for `begin`. Raises UsageError if a change would need another network, and so a new run.
    """
    try:
        values = _from_json(saved)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"cannot resume from {out}: its settings are damaged") from error
    changes = _parsed(given, values["architecture"])
    if "average" in changes and bool(changes["average"]) != bool(values["average"]):
        raise UsageError("a run that averages no weights cannot begin to, nor one that does stop: start a new run")
    # in float16, the loss has a scale that checkpoints hold
    scaled = "float16" in (values["precision"], changes.get("precision"))
    for name, value in changes.items():
        fixed = described(TrainSettings)[name].fixed or (scaled and name == "precision")
        if fixed and _plain(value) != _plain(values.get(name)):
            kept = f"a resumed run keeps its {name} ({show(values[name])})"
            raise UsageError(f"{kept}: start a new run in another folder")
    return TrainSettings(**{**values, **changes}, out=out, resume=True)


def as_json(settings: TrainSettings) -> dict[str, Any]:
    """The settings as JSON can hold them, without ``out`` and ``resume``, which are those of one call."""
    return {name: _plain(getattr(settings, name)) for name in described(TrainSettings)}


def _parsed(given: Mapping[str, Any], architecture: Spec) -> dict[str, Any]:
    """Values of settings; options of the network are added to those that the same network has already."""
    values = {}
    for name, setting in described(TrainSettings).items():
        if name in given:
            value = tuple(given[name]) if isinstance(given[name], list) else given[name]
            values[name] = setting.parse(value) if setting.parse and isinstance(value, str) else value
    if "architecture" in given or "arch_option" in given:
        text, further = given.get("architecture", architecture.name), given.get("arch_option", ())
        written = Spec.parse("architecture", text, further)
        own = architecture.options if written.name == architecture.name else {}
        values["architecture"] = Spec("architecture", written.name, {**own, **written.options}).checked()
    return values


def _from_json(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Values of settings; earlier versions held a network's options, and the last share of the mix, by themselves."""
    saved = {**EARLIER, **saved}
    values = {name: saved[name] for name in described(TrainSettings) if name in saved}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    network = Spec.parse("architecture", saved["architecture"])
    options = {**network.options, **saved.get("architecture_options", {})}
    steps = tuple(Spec.parse("preprocessor", written) for written in saved["preprocess"])
    values |= {"architecture": Spec("architecture", network.name, options), "preprocess": steps}
    if isinstance(first := saved.get("mix_share"), int | float):
        last = saved.get("last_mix_share")
        values["mix_share"] = (first, first if last is None else last)
    return values


def _plain(value: object) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Spec) else value
