"""A model on disk: a folder with ``model.json`` and the network's files, loaded, checked and written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from htrkit.alphabet import Alphabet
from htrkit.encoders.input import InputRule
from htrkit.errors import HtrkitError, ModelError
from htrkit.files import whole

FORMAT_VERSION = 1
DESCRIPTION, NETWORK, TRAINABLE, CARD = "model.json", "encoder.onnx", "encoder.keras", "README.md"
WORDS, LINES = "words", "lines"
# A description is a few hundred bytes and an alphabet; anything larger is not one.
LARGEST_DESCRIPTION = 1 << 20


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
    reads
        ``words`` for a network trained on word images alone, ``lines`` for one that knows the space between words.
    preprocess
        The steps that its training images went through, as ``--preprocess`` takes them.
    decoder
        The decoder it is read with unless another is asked for: ``name`` or ``name:key=value``.
    architecture, architecture_options
        What builds its network for further training.
    checksums
        File name to SHA-256.
    """

    folder: Path
    name: str
    alphabet: Alphabet
    input_rule: InputRule
    reads: str
    preprocess: tuple[str, ...]
    decoder: str
    architecture: str
    architecture_options: Mapping[str, Any]
    checksums: Mapping[str, str]

    def file(self, name: str) -> bytes:
        """A file of the model, whole and unaltered.

        Raises
        ------
        ModelError
            If it is missing, cannot be read, or is not the file that ``model.json`` describes.
        """
        path = self.folder / name
        if name not in self.checksums:
            raise ModelError(f"model {self.folder} comes without {name}")
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(f"model {self.folder} is incomplete: {name} is missing; copy the whole folder") from None
        except OSError as error:
            raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
        if hashlib.sha256(content).hexdigest() != self.checksums[name]:
            raise ModelError(
                f"{path} is not the file that {DESCRIPTION} describes: altered or half copied; get it anew"
            )
        return content


def load_model(folder: Path) -> Model:
    """Read and check ``model.json``; the network's files are checked when they are read.

    Raises
    ------
    ModelError
        If there is no readable description, or it is of a newer format, or its values make no sense.
    """
    path = folder / DESCRIPTION
    try:
        if path.stat().st_size > LARGEST_DESCRIPTION:
            raise ModelError(f"{path} is too large to be a model's description")
        described = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} is no model: it has no {DESCRIPTION}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    version = described.get("format") if isinstance(described, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ModelError(f"{path} names no format version: it is not a model's description")
    if version > FORMAT_VERSION:
        raise ModelError(
            f"model {folder} has format {version}, this htrkit reads up to {FORMAT_VERSION}: pip install -U htrkit"
        )
    try:
        return _described(folder, described)
    except KeyError as error:
        raise ModelError(f"{path} lacks {error.args[0]!r}") from None
    except (TypeError, ValueError, HtrkitError) as error:
        raise ModelError(f"{path}: {error}") from error


def save_description(model: Model) -> None:
    """Write ``model.json``, last of a model's files, under a temporary name first."""
    described = {
        "format": FORMAT_VERSION,
        "name": model.name,
        "alphabet": model.alphabet.characters,
        "input": {"channels": 1, **asdict(model.input_rule)},
        "reads": model.reads,
        "preprocess": list(model.preprocess),
        "decoder": model.decoder,
        "architecture": {"name": model.architecture, "options": dict(model.architecture_options)},
        "sha256": dict(model.checksums),
    }
    with whole(model.folder / DESCRIPTION) as part:
        part.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _described(folder: Path, described: Mapping[str, Any]) -> Model:
    size = described["input"]
    height, width, frames_per_pixel = size["height"], size["width"], size["frames_per_pixel"]
    if not (_is_size(height) and (width is None or _is_size(width)) and 0.0 < float(frames_per_pixel) <= 1.0):
        raise ValueError(f"an input of height {height}, width {width}, {frames_per_pixel} frames a pixel is impossible")
    if size["channels"] != 1:
        raise ValueError(f"its network wants {size['channels']} channels, htrkit gives one, grey")
    preprocess, checksums = list(described["preprocess"]), dict(described["sha256"])
    architecture = described["architecture"]
    if described["reads"] not in (WORDS, LINES):
        raise ValueError(f"it reads {described['reads']!r}, which is neither {WORDS!r} nor {LINES!r}")
    for texts in ([described["name"], described["alphabet"], described["decoder"]], preprocess, checksums.values()):
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a name in it is not a text")
    return Model(
        folder=folder,
        name=described["name"],
        alphabet=Alphabet(described["alphabet"]),
        input_rule=InputRule(height, width, float(frames_per_pixel)),
        reads=described["reads"],
        preprocess=tuple(preprocess),
        decoder=described["decoder"],
        architecture=str(architecture["name"]),
        architecture_options=dict(architecture["options"]),
        checksums=checksums,
    )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 4096
