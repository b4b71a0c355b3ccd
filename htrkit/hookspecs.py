"""The hooks through which every component, htrkit's own included, makes itself known.

A plugin's module has functions of these names, each of which returns its components of one kind:

>>> from htrkit import Component, hookimpl
>>> @hookimpl
... def htrkit_decoders():
...     return [Component("my-decoder", "the first path that comes", "my_package.decoder:MyDecoder")]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pluggy

PROJECT = "htrkit"

# A hook's specification is never run: its body only tells type checkers that it returns nothing of its own.
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

KINDS = (
    "source",
    "segmenter",
    "preprocessor",
    "encoder",
    "decoder",
    "lexicon",
    "language model",
    "model",
    "architecture",
    "reader",
    "writer",
    "command",
)
"""What a component can be; each kind has its hook, ``hook_name(kind)``."""

KINDS_OF_FILES = ("model", "lexicon", "language model")
"""The kinds whose factories give the `pathlib.Path` of a file or folder."""


@dataclass(frozen=True, slots=True)
class Component:
    """A component that a plugin offers under a name.

    Attributes
    ----------
    name
        What users type: ``beam-lm``.
    summary
        One line, shown in listings.
    factory
        ``module:attribute``, imported only when somebody asks for the component by name.
    """

    name: str
    summary: str
    factory: str


def plural(kind: str) -> str:
    """Several of ``kind`` as Python can name them: ``language_models`` for ``language model``."""
    return f"{kind.replace(' ', '_')}s"


def hook_name(kind: str) -> str:
    """The hook that declares components of ``kind``: ``htrkit_language_models`` for ``language model``."""
    return f"{PROJECT}_{plural(kind)}"


@hookspec
def htrkit_decoders() -> Iterable[Component]:
    """Decoders, which turn a network's ``log_probs`` into text.

    The factory is called as ``Factory(alphabet, **options)`` and gives a `htrkit.contracts.Decoder`.

    >>> components = [Component("my-decoder", "the first path that comes", "my_package.decoder:MyDecoder")]
    """
    raise NotImplementedError


@hookspec
def htrkit_preprocessors() -> Iterable[Component]:
    """Steps that clean a line's pixels before the network sees them.

    The factory is called as ``Factory(**options)`` and gives a `htrkit.contracts.Preprocessor`.

    >>> components = [Component("despeckle", "remove single dark pixels", "my_package.clean:Despeckle")]
    """
    raise NotImplementedError


@hookspec
def htrkit_architectures() -> Iterable[Component]:
    """Networks that ``htrkit train`` can build.

    The factory is called as ``Factory(**options)``. Only training imports it, so it may import Keras.

    >>> components = [Component("tiny", "one convolution, one LSTM", "my_package.network:Tiny")]
    """
    raise NotImplementedError


@hookspec
def htrkit_models() -> Iterable[Component]:
    """Trained models that a package ships.

    The factory is called as ``Factory(**options)`` and gives the model folder's `pathlib.Path`, or a
    `htrkit.model.Model`.

    >>> components = [Component("letters-1900", "German letters of 1900", "my_package.data:letters_1900")]
    """
    raise NotImplementedError


@hookspec
def htrkit_lexicons() -> Iterable[Component]:
    """Word lists that a package ships.

    The factory takes no argument and gives the `pathlib.Path` of a UTF-8 file with one word a line.

    >>> components = [Component("plants", "Latin names of plants", "my_package.data:plants")]
    """
    raise NotImplementedError


@hookspec
def htrkit_language_models() -> Iterable[Component]:
    """Language models that a package ships.

    The factory takes no argument and gives the language model file's `pathlib.Path`.

    >>> components = [Component("latin", "4-grams of medieval Latin", "my_package.data:latin")]
    """
    raise NotImplementedError


@hookspec
def htrkit_readers() -> Iterable[Component]:
    """Readers of data with known text, for training and evaluation.

    The factory is called as ``Factory(**options)`` and gives a `htrkit.readers.Reader`.

    >>> components = [Component("alto", "ALTO XML beside page images", "my_package.alto:Alto")]
    """
    raise NotImplementedError


@hookspec
def htrkit_writers() -> Iterable[Component]:
    """Writers, which turn results into text, as they come or page by page.

    The factory is called as ``Factory(run, **options)``, with a `htrkit.types.Run`, and gives a
    `htrkit.contracts.Writer` or a `htrkit.contracts.PageWriter`.

    >>> components = [Component("csv", "comma-separated values", "my_package.csv:Csv")]
    """
    raise NotImplementedError


@hookspec
def htrkit_sources() -> Iterable[Component]:
    """Sources, which give the pages of one kind of file.

    The factory is called as ``Factory(**options)`` and gives a `htrkit.contracts.Source`.

    >>> components = [Component("djvu", "pages of DjVu files", "my_package.djvu:Djvu")]
    """
    raise NotImplementedError


@hookspec
def htrkit_segmenters() -> Iterable[Component]:
    """Segmenters, which find the lines on a page.

    The factory is called as ``Factory(**options)`` and gives a `htrkit.contracts.Segmenter`.

    >>> components = [Component("halves", "two lines, one above the other", "my_package.segment:Halves")]
    """
    raise NotImplementedError


@hookspec
def htrkit_encoders() -> Iterable[Component]:
    """Encoders, which run a model's network over lines.

    The factory is called as ``Factory(model, threads, **options)``, with a `htrkit.model.Model` and a number of CPU
    threads, and gives a `htrkit.contracts.Encoder`. A model's ``model.json`` names its encoder with the options.

    >>> components = [Component("openvino", "networks for OpenVINO", "my_package.encoder:OpenVino")]
    """
    raise NotImplementedError


@hookspec
def htrkit_commands() -> Iterable[Component]:
    """Further commands of the command line: ``htrkit my-command``.

    The factory is a `typer.Typer` app; it is not called.

    >>> components = [Component("count", "count the lines on pages", "my_package.count:app")]
    """
    raise NotImplementedError
