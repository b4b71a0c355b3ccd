"""An ONNX file and an alphabet become a model folder, or it is said what does not fit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from htrkit import plugins
from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import InputError, ModelError, UsageError
from htrkit.files import file_digest
from htrkit.foreign import try_first
from htrkit.importing.form import Form, forms
from htrkit.importing.trial import Trial, encoder, encoder_options, sized, trials
from htrkit.model import NETWORK, Model, save_description
from htrkit.options import options_of
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.spec import Spec
from htrkit.texts import lines
from htrkit.types import Line

READABLE = 0.34
"""The share of a known text that may be read wrongly by a network that is meant so."""
UNSURE = 0.05
"""Ways whose ln P of the known text, a character, differ by less are taken to read alike."""
OPEN = ("ink", "paper", "blank")
"""Options that only a line whose text is known can tell."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A model folder that was written.

    Attributes
    ----------
    model
        Its description.
    notes
        What was found out, and what a user has to know, a sentence each.
    text
        What the model reads on the line that is known; None without one.
    """

    model: Model
    notes: tuple[str, ...]
    text: str | None


def read_alphabet(path: Path) -> Alphabet:
    """The labels in a file: one a line, of one or several characters; or characters, all of them in its only line.

    Raises
    ------
    InputError
        If it cannot be read, or a label stands twice.
    """
    rows = [row for row in lines(path) if row]
    try:
        return Alphabet(rows[0] if len(rows) == 1 else rows)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def import_network(
    network: Path,
    alphabet: Alphabet,
    out: Path,
    *,
    given: Mapping[str, Any],
    height: int | None = None,
    preprocess: Sequence[str] = (),
    sample: tuple[Line, str] | None = None,
) -> Imported:
    """Write a model folder for a network of another program; nothing is written if it does not fit.

    Parameters
    ----------
    network
        An ONNX file, which is tried in a process of its own first.
    out
        A folder that is empty or not there.
    given
        Options of the encoder ``onnx`` that are known.
    height
        Of the network's input, where the network leaves it open.
    preprocess
        The steps that lines go through.
    sample
        A line, and what stands on it.

    Raises
    ------
    ModelError
        If the network is none, its labels are not the alphabet's, or it reads the sample in no way.
    UsageError
        If something is left open that only a sample, or an option, can tell.
    """
    if not network.is_file():
        raise InputError(f"{network}: no such file")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is there already: give a folder that is not")
    wanted = alphabet.n_labels
    find = partial(forms, network, wanted, dict(given), height)
    try_first(str(network), file_digest(network) + f"{wanted} {sorted(given)} {height}", find)
    found = find()
    if "labels" not in given:
        _check_labels(found, wanted)
    model = Model(
        folder=network.parent,
        name=out.name,
        alphabet=alphabet,
        input_rule=InputRule(height=1, width=None, frames_per_pixel=1.0),
        encoder="onnx",
        preprocess=tuple(preprocess),
        decoder=plugins.default("decoder"),
        architecture="",
        architecture_options={},
        checksums={network.name: file_digest(network)},
    )
    if sample is None:
        chosen, options, text = _told(found, given), dict(given), None
        encoder(model, chosen, {**options, "network": network.name})
        notes = [f"the network gives {chosen.values} of {chosen.labels} labels; a --sample and its --text try it"]
    else:
        best, notes = _diagnosed(model, found, sample, {**given, "network": network.name})
        chosen, options, text = best.form, {**given, **best.options}, best.text
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(network, out / NETWORK)
    runs = Spec("encoder", "onnx", _without_defaults({**encoder_options(chosen), **options}))
    checksums = {NETWORK: file_digest(out / NETWORK)}
    written = sized(replace(model, folder=out, encoder=str(runs), checksums=checksums), chosen)
    save_description(written)
    return Imported(written, tuple(notes), text)


def _check_labels(found: Sequence[Form], wanted: int) -> None:
    counts = {form.labels for form in found}
    if wanted in counts:
        return
    labels = min(counts, key=lambda count: abs(count - wanted))
    missing = labels - wanted
    said = f"the network has {labels} labels, a blank and {labels - 1} characters; the alphabet has {wanted - 1}"
    if missing == 1:
        raise ModelError(f"{said}: it is one too short. Files of characters often leave the space out: is it the last?")
    if missing == -1:
        raise ModelError(f"{said}: it is one too long. Does it list the blank too? Leave it out")
    raise ModelError(f"{said}: they do not belong together")


def _told(found: Sequence[Form], given: Mapping[str, Any]) -> Form:
    """The form, where no sample is needed to choose."""
    unknown = [name for name in OPEN if name not in given]
    unknown += [
        name for name in ("layout", "output", "output_layout") if len({getattr(form, name) for form in found}) > 1
    ]
    if found[0].width and "align" not in given:
        unknown.append("align")
    if unknown:
        raise UsageError(
            f"the network does not tell {', '.join(unknown)}: give --sample and --text, by which it is found out, "
            "or an --option for each"
        )
    return found[0]


def _diagnosed(
    model: Model, found: Sequence[Form], sample: tuple[Line, str], given: Mapping[str, Any]
) -> tuple[Trial, list[str]]:
    """The way that reads the sample, and what has to be known of it."""
    line, text = sample
    if unknown := model.alphabet.unknown(text):
        raise UsageError(f"--text has characters that the alphabet lacks: {' '.join(map(repr, unknown))}")
    cleaned = apply_steps(build_steps(model.preprocess), line)
    if not isinstance(cleaned, Line):
        raise InputError(str(cleaned))
    tried = trials(model, found, cleaned, text, given)
    readable = [trial for trial in tried if _wrong(trial, text) <= READABLE]
    if not readable:
        free = {name: value for name, value in given.items() if name in ("network", "labels", "stretch")}
        if other := [one for one in trials(model, found, cleaned, text, free) if _wrong(one, text) <= READABLE]:
            raise ModelError(
                f"with the options that are given the network reads {_shown(tried)}; it reads {other[0].text!r} "
                f"with {other[0]}: leave out the option that differs"
            )
        raise ModelError(
            f"the network reads {_shown(tried)} at best, where {text!r} stands: is the alphabet in the order of its "
            "labels, and the sample a line such as it was taught with?"
        )
    best = readable[0]
    notes = [f"the sample reads {best.text!r} with {best}; the network gives {best.form.values}"]
    if best.options["blank"] == "last":
        notes.append("the blank is the last label; in htrkit it is the first, so it is turned")
    if best.form.values != "log-probs":
        notes.append(f"the network gives {best.form.values}, of which logarithms of probabilities are made")
    alike = [str(one) for one in readable[1:] if best.sure - one.sure < UNSURE]
    if alike:
        notes.append(f"the sample reads about as well with {'; '.join(alike[:3])}: try another if other lines read ill")
    return best, notes


def _wrong(trial: Trial, text: str) -> float:
    return Levenshtein.distance(trial.text, text) / max(1, len(text))


def _shown(tried: Sequence[Trial]) -> str:
    return repr(tried[0].text) if tried else "nothing"


def _without_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options that differ from the encoder's own, without the name of a network that is copied."""
    usual = {one.name: one.default for one in options_of(plugins.factory("encoder", "onnx"))}
    return {name: value for name, value in values.items() if name != "network" and value != usual[name]}
