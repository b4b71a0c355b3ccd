"""A model on disk: a folder with ``model.json`` and the network's files, loaded, checked and written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from htrkit.alphabet import Alphabet
from htrkit.content import described_file, description_in
from htrkit.encoders.input import LARGEST_MARGIN, InputRule
from htrkit.errors import HtrkitError, ModelError, PluginError, UsageError
from htrkit.files import whole
from htrkit.quoting import one_line, shown
from htrkit.resources import declared_or_path

FORMAT_VERSION = 2
DESCRIPTION, NETWORK, TRAINABLE, CARD = "model.json", "encoder.onnx", "encoder.keras", "README.md"
# A description is a few hundred bytes and an alphabet; anything larger is not one.
LARGEST_DESCRIPTION = 1 << 20
LARGEST_INPUT = 4096
MARGINS = ("margin", "word_margin")
LARGEST_FILE = 2 << 30
"""Bytes; an ONNX file can be no larger."""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained recogniser on disk.

    Attributes
    ----------
    folder
        Where its files are.
    name
        What results call it.
    alphabet
        The characters of its labels.
    input_rule
        The size of image that its network wants.
    encoder
        What runs its network: ``name`` or ``name:key=value``.
    preprocess
        The steps that its training images went through, as ``--preprocess`` takes them.
    decoder
        The decoder it is read with unless another is asked for: ``name`` or ``name:key=value``.
    architecture, architecture_options
        What builds its network for further training; an empty name if nothing does.
    checksums
        File name to SHA-256.
    temperature
        What brings the probabilities of words to what they should be, as ``htrkit calibrate`` finds it.
    line_exponent
        Of the product of the confidences of a line's words: what makes it the line's.
    readers
        Of an ensemble: each model that reads, as ``--model`` takes it, and its share.
    """

    folder: Path
    name: str
    alphabet: Alphabet
    input_rule: InputRule
    encoder: str
    preprocess: tuple[str, ...]
    decoder: str
    architecture: str
    architecture_options: Mapping[str, Any]
    checksums: Mapping[str, str]
    temperature: float = 1.0
    line_exponent: float = 1.0
    readers: tuple[tuple[str, float], ...] = ()

    def require_one_network(self, what: str, instead: str) -> None:
        """Raise UsageError, with what to do ``instead``, if this is an ensemble, and ``what`` takes one network."""
        if self.readers:
            raise UsageError(f"{what} takes one network, and an ensemble has several: {instead}")

    def file(self, name: str) -> bytes:
        """A file of the model, whole and unaltered.

        Raises
        ------
        ModelError
            If it is missing, cannot be read, or is not the file that ``model.json`` describes.
        """
        if name not in self.checksums:
            raise ModelError(f"model {self.folder} comes without {name}")
        return described_file(self.folder / name, self.checksums[name], LARGEST_FILE, DESCRIPTION)


def open_model(named: str | Path | None) -> Model:
    """The model that ``--model`` means: a folder, a declared name, perhaps with options, or None for htrkit's own.

    Raises
    ------
    ModelError
        As `load_model`.
    UsageError, PluginError
        If there is no such model, or a plugin gives something else.
    """
    found = declared_or_path("model", named)
    if isinstance(found, Model):
        return found
    if isinstance(found, str | os.PathLike):
        return load_model(Path(found))
    raise PluginError(f"model {named}: its factory gave {shown(found)} instead of a path or a Model")


def load_model(folder: Path) -> Model:
    """Read and check ``model.json``; the network's files are checked when they are read.

    Raises
    ------
    ModelError
        If there is no readable description, or it is of a newer format, or its values make no sense.
    """
    path = folder / DESCRIPTION
    described = description_in(folder, DESCRIPTION, LARGEST_DESCRIPTION, "is no model")
    version = described.get("format") if isinstance(described, dict) else None
    if type(version) is not int or version < 1:
        raise ModelError(f"{path} names no format version: it is not a model's description")
    if version > FORMAT_VERSION:
        raise ModelError(
            f"model {folder} has format {version}, this htrkit reads up to {FORMAT_VERSION}: get a newer htrkit"
        )
    try:
        return _described(folder, described, version)
    except KeyError as error:
        raise ModelError(f"{path} lacks {error.args[0]!r}") from None
    except (TypeError, ValueError, HtrkitError) as error:
        raise ModelError(f"{path}: {one_line(str(error))}") from error


def save_description(model: Model) -> None:
    """Write ``model.json``, last of a model's files, under a temporary name first."""
    rule = model.input_rule
    described = {
        "format": FORMAT_VERSION,
        "name": model.name,
        "alphabet": list(model.alphabet.labels) if model.alphabet.has_longer else model.alphabet.characters,
        "input": {name: getattr(rule, name) for name in ("height", "width", "frames_per_pixel", *MARGINS)},
        "encoder": model.encoder,
        "preprocess": list(model.preprocess),
        "decoder": model.decoder,
        "architecture": {"name": model.architecture, "options": dict(model.architecture_options)},
        "sha256": dict(model.checksums),
        "calibration": {"temperature": model.temperature, "line_exponent": model.line_exponent},
    }
    with whole(model.folder / DESCRIPTION) as part:
        part.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def amend(model: Model, what: str, **changes: Any) -> Path:
    """Make something the model's own; the folder of the model is returned.

    Raises ModelError if the model has no description, or cannot be written to.
    """
    if not (model.folder / DESCRIPTION).is_file():
        raise ModelError(f"model {model.name} has no {DESCRIPTION} in which to keep {what}")
    try:
        save_description(replace(model, **changes))
    except OSError as error:
        raise ModelError(f"cannot write to {model.folder}: {error.strerror or error}; copy the model first") from error
    return model.folder


def encoder_of(alphabet: Alphabet, *, words: bool) -> str:
    """The encoder of a network that htrkit trained, on images of words alone or on lines too."""
    return "wordwise" if words and " " in alphabet else "onnx"


def _described(folder: Path, described: Mapping[str, Any], version: int) -> Model:
    labels = described["alphabet"]
    if isinstance(labels, list):
        labels = [_of_type({"alphabet": label}, "alphabet", str) for label in labels]
    alphabet = Alphabet(labels if isinstance(labels, list) else _of_type(described, "alphabet", str))
    architecture = _of_type(described, "architecture", dict)
    calibration = {"temperature": 1.0, "line_exponent": 1.0}
    if "calibration" in described:
        calibration = {"line_exponent": 1.0, **_of_type(described, "calibration", dict)}
    checksums = _of_type(described, "sha256", dict)
    preprocess = _of_type(described, "preprocess", list)
    if not all(isinstance(text, str) for text in [*preprocess, *checksums.values()]):
        raise TypeError("a step or checksum in it is no text")
    if not all(name == Path(name).name for name in checksums):
        raise ValueError("'sha256' names a file outside the folder")
    return Model(
        folder=folder,
        name=_of_type(described, "name", str),
        alphabet=alphabet,
        input_rule=_input_rule(_of_type(described, "input", dict)),
        encoder=_of_type(described, "encoder", str) if version > 1 else _encoder_1(described, alphabet),
        preprocess=tuple(preprocess),
        decoder=_of_type(described, "decoder", str),
        architecture=_of_type(architecture, "name", str),
        architecture_options=_of_type(architecture, "options", dict),
        checksums=checksums,
        temperature=_calibrated(calibration, "temperature"),
        line_exponent=_calibrated(calibration, "line_exponent"),
    )


def _encoder_1(described: Mapping[str, Any], alphabet: Alphabet) -> str:
    """What format 1 says instead of naming an encoder."""
    if described["reads"] not in ("words", "lines"):
        raise ValueError(f"it reads {described['reads']!r}, which is neither 'words' nor 'lines'")
    if described["input"]["channels"] != 1:
        raise ValueError(f"its network wants {described['input']['channels']} channels, format 1 has one, grey")
    return encoder_of(alphabet, words=described["reads"] == "words")


def _input_rule(size: Mapping[str, Any]) -> InputRule:
    height, width, rate = size["height"], size["width"], size["frames_per_pixel"]
    sizes = (height,) if width is None else (height, width)
    possible = all(type(side) is int and 1 <= side <= LARGEST_INPUT for side in sizes)
    if not possible or type(rate) not in (int, float) or not 0.0 < rate <= 1.0:
        raise ValueError(f"an input of height {height}, width {width}, {rate} frames a pixel is impossible")
    margins = {name: size.get(name, 0.0) for name in MARGINS}
    if not all(type(share) in (int, float) and 0.0 <= share <= LARGEST_MARGIN for share in margins.values()):
        raise ValueError(f"an input with the margins {', '.join(map(str, margins.values()))} is impossible")
    return InputRule(height, width, float(rate), **margins)


def _calibrated(calibration: Mapping[str, Any], name: str) -> float:
    found = calibration[name]
    if type(found) not in (int, float) or not 0.01 <= found <= 100.0:
        raise ValueError(f"a {name} of {found!r} is impossible")
    return float(found)


def _of_type(described: Mapping[str, Any], key: str, type_: type) -> Any:
    value = described[key]
    if not isinstance(value, type_):
        raise TypeError(f"{key!r} in it is no {type_.__name__}")
    if isinstance(value, str):
        value.encode()  # half a surrogate pair can be neither shown nor written
        if "\0" in value or not (key != "name" or value.isprintable()):
            raise ValueError(f"{key!r} in it has control characters")
    return value
