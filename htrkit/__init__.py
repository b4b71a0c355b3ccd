"""htrkit reads handwriting, and lets its user swap every stage. The public names are imported on first use."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# ONNX Runtime reports home unless this stands in the environment before it is imported, here or in a child process.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from htrkit.alphabet import Alphabet
    from htrkit.contracts import Decoder, Encoder, PageWriter, Preprocessor, Segmenter, Source, Writer
    from htrkit.errors import HtrkitError, InputError, ModelError, PluginError, ShapeError, UsageError
    from htrkit.geometry import Outline
    from htrkit.hookspecs import Component, hookimpl
    from htrkit.recognizer import Recognizer
    from htrkit.types import (
        Alternative,
        Failed,
        Hypothesis,
        Line,
        LogProbs,
        Page,
        Pixels,
        Place,
        Region,
        Result,
        Run,
        Sample,
        Word,
    )

    __version__: str

__all__ = [
    "Alphabet",
    "Alternative",
    "Component",
    "Decoder",
    "Encoder",
    "Failed",
    "HtrkitError",
    "Hypothesis",
    "InputError",
    "Line",
    "LogProbs",
    "ModelError",
    "Outline",
    "Page",
    "PageWriter",
    "Pixels",
    "Place",
    "PluginError",
    "Preprocessor",
    "Recognizer",
    "Region",
    "Result",
    "Run",
    "Sample",
    "Segmenter",
    "ShapeError",
    "Source",
    "UsageError",
    "Word",
    "Writer",
    "__version__",
    "decoder",
    "hookimpl",
]

_MODULE_OF = {
    "Alphabet": "alphabet",
    "Outline": "geometry",
    "Recognizer": "recognizer",
    **dict.fromkeys(("Component", "hookimpl"), "hookspecs"),
    **dict.fromkeys(("HtrkitError", "InputError", "ModelError", "PluginError", "ShapeError", "UsageError"), "errors"),
    **dict.fromkeys(("Page", "Pixels", "Place", "Region", "Line", "Sample", "LogProbs"), "types"),
    **dict.fromkeys(("Alternative", "Hypothesis", "Word", "Result", "Failed", "Run"), "types"),
    **dict.fromkeys(("Source", "Segmenter", "Preprocessor", "Encoder", "Decoder", "Writer", "PageWriter"), "contracts"),
}


def decoder(name: str, alphabet: str | Alphabet, **options: object) -> Decoder:
    """A decoder by name, such as ``decoder("word-beam", "abc", lexicon="english", beam_width=25)``.

    Parameters
    ----------
    name
        As ``htrkit decoders`` lists it.
    alphabet
        The network's characters in label order, without the blank; the ``log_probs`` that the decoder takes have
        shape (frames, ``len(alphabet) + 1``) and the blank at label 0.
    options
        As ``htrkit decoders NAME`` lists them.

    Raises
    ------
    UsageError
        If there is no such decoder or option, or an option has the wrong type.
    PluginError
        If the decoder's plugin is broken, or two plugins declare the name.
    """
    from htrkit import plugins

    made: Decoder = plugins.create("decoder", name, alphabet, **options)
    return made


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("htrkit")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'htrkit' has no attribute {name!r}")
    return getattr(import_module(f"htrkit.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
