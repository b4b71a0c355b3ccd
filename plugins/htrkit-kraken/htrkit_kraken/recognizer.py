"""The model `kraken`: recognition models of kraken's, read with htrkit's decoders."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from htrkit import Alphabet, InputError
from htrkit.decoders import warn
from htrkit.encoders.input import InputRule
from htrkit.files import file_digest
from htrkit.model import Model

PADDING = 16
"""Pixels of paper beside a line, as kraken itself reads."""


def kraken_model(*, file: Path) -> Model:
    """A recognition model of kraken's, such as those of its repository.

    Parameters
    ----------
    file
        The model, ``.mlmodel`` or ``.safetensors``.

    Raises
    ------
    InputError
        If it cannot be read, or is none for recognition.

    Notes
    -----
    Labels that stand for several characters are left out, with a warning.
    """
    network = network_of(file)
    _, _, height, width = network.input
    return Model(
        folder=file.resolve().parent,
        name=file.stem,
        alphabet=Alphabet("".join(characters_of(network, file).values())),
        input_rule=InputRule(height=max(height, 1), width=width or None, frames_per_pixel=1.0),
        encoder=f"kraken:file={file.name}",
        preprocess=(),
        decoder="best-path",
        architecture="",
        architecture_options={},
        checksums={file.name: file_digest(file)},
    )


def network_of(file: Path) -> Any:
    """The first recognition model in a file."""
    if not file.is_file():
        raise InputError(f"{file}: no such file")
    from kraken.models import load_models

    try:
        found = [one for one in load_models(file) if "recognition" in one.model_type and one.codec]
    except Exception as error:  # a file of a stranger's: kraken raises what its parts do
        raise InputError(f"{file}: kraken cannot read it: {error}") from error
    if not found:
        raise InputError(f"{file} is no recognition model of kraken's")
    return found[0]


def characters_of(network: Any, file: Path) -> dict[int, str]:
    """The character of each label that has one of its own."""
    named = {label: unicodedata.normalize("NFC", text) for label, text in sorted(network.codec.l2c_single.items())}
    kept: dict[int, str] = {}
    for label, text in named.items():
        if len(text) == 1 and text not in kept.values():
            kept[label] = text
    if lost := [text for labels, text in network.codec.l2c.items() if labels[0] not in kept or len(labels) > 1]:
        warn(f"{file}: {len(lost)} labels of several characters are left out: {' '.join(map(repr, lost[:5]))}")
    return kept
