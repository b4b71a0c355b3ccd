"""Recognizer: lines in, results out; it owns batching, threads and order."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from htrkit import plugins
from htrkit.contracts import Decoder, Encoder, Preprocessor
from htrkit.decoding import decode_lines
from htrkit.encoding import encode_lines
from htrkit.ensemble import Together, Voice, beside
from htrkit.errors import PluginError, UsageError
from htrkit.files import digest
from htrkit.foreign import try_first
from htrkit.model import Model, open_model
from htrkit.model_spec import model_spec
from htrkit.preprocess.steps import Step, build_steps
from htrkit.resources import is_foreign
from htrkit.spec import Spec
from htrkit.stream import through
from htrkit.threads import cpu_threads
from htrkit.types import Encoded, Failed, Line, Result
from htrkit.weighing import Weigher

if TYPE_CHECKING:
    from PIL.Image import Image

Other = TypeVar("Other")


class Recognizer:
    """Reads lines with one model, one decoder and a chain of preprocessing steps.

    Parameters
    ----------
    model
        The model that ``encoder`` belongs to.
    encoder, decoder, steps
        The stages.
    decoder_name
        What results call the decoder.
    encoder_name
        What the encoder is called where it fails; by default its class.
    others
        The further models of an ensemble, of which ``decoder`` wants the outputs, too.
    threads
        CPU threads for preprocessing and decoding, 0 for one a core.
    """

    def __init__(
        self,
        model: Model,
        encoder: Encoder,
        decoder: Decoder,
        steps: Sequence[Preprocessor],
        *,
        decoder_name: str,
        encoder_name: str = "",
        others: Sequence[Recognizer] = (),
        threads: int = 0,
    ) -> None:
        self.model, self.encoder, self.decoder = model, encoder, decoder
        self.steps = [step if isinstance(step, Step) else Step(type(step).__name__, step) for step in steps]
        self.decoder_name, self.encoder_name = decoder_name, encoder_name or type(encoder).__name__
        self.others, self.threads = tuple(others), cpu_threads(threads)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        decoder: str | Spec | Decoder | None = None,
        options: Mapping[str, Any] | None = None,
        preprocess: Sequence[str] | None = None,
        threads: int = 0,
    ) -> Recognizer:
        """A recogniser from a model's folder or name.

        Parameters
        ----------
        model
            A folder, the name of a declared model, or None for the one that comes with htrkit.
        decoder
            A decoder's name, its spec, a decoder, or None for the model's own choice.
        options
            Options for a decoder given by name.
        preprocess
            Steps instead of the model's own, each ``name`` or ``name:key=value``.
        threads
            CPU threads, 0 for one a core.

        Raises
        ------
        ModelError
            If the model is incomplete, altered, of a newer version, or does not fit its alphabet. One that no package
            declares is tried in a process of its own first: also if it crashes there, or needs too much time or memory.
        UsageError
            If a name or an option does not exist.
        """
        found = open_model(model)
        if found.readers:
            return cls._together(found, decoder, options, preprocess, threads)
        own = partial(model_spec, found)
        if decoder is None:
            decoder = own("decoder", found.decoder, given=options or {})
        elif isinstance(decoder, str):
            parsed = Spec.parse("decoder", decoder)
            decoder = replace(parsed, options={**parsed.options, **(options or {})})
        if isinstance(decoder, Spec):
            name, decoding = decoder.name, decoder.create(found.alphabet)
        else:
            name, decoding = type(decoder).__name__, decoder
        steps = build_steps(found.preprocess, own) if preprocess is None else build_steps(preprocess)
        runs = own("encoder", found.encoder)
        if is_foreign("model", model):
            key = digest(replace(found, folder=Path()), runs)
            loading = partial(plugins.factory, "encoder", runs.name)
            try_first(f"model {found.folder}", key, partial(_encode_one, runs, found), loading=loading)
        encoder = runs.create(found, threads)
        return cls(found, encoder, decoding, steps, decoder_name=name, encoder_name=runs.name, threads=threads)

    @classmethod
    def _together(
        cls,
        model: Model,
        decoder: str | Spec | Decoder | None,
        options: Mapping[str, Any] | None,
        preprocess: Sequence[str] | None,
        threads: int,
    ) -> Recognizer:
        """The recogniser of an ensemble: that of its first model, with a decoder for all of them."""
        if decoder is not None and not isinstance(decoder, str | Spec):
            raise UsageError("an ensemble needs a decoder for each model: name one instead")
        first, *others = readers = [
            cls.load(name, decoder=decoder or model.decoder, options=options, preprocess=preprocess, threads=threads)
            for name, _ in model.readers
        ]
        shares = [share for _, share in model.readers]
        together = Together(
            [Voice(one.decoder, one.model.alphabet, share) for one, share in zip(readers, shares, strict=True)]
        )
        names = {"decoder_name": first.decoder_name, "encoder_name": first.encoder_name}
        return cls(model, first.encoder, together, first.steps, **names, others=others, threads=threads)

    def read(self, image: str | Path | Image | NDArray[np.uint8], *, n_best: int = 1) -> Result:
        """Read the one line on an image; warns of one that looks like a page, which `htrkit.jobs.read_files` reads.

        Parameters
        ----------
        image
            A file, a Pillow image, or an array of uint8: grey (height, width), or RGB (height, width, 3).

        Raises
        ------
        InputError
            If the file cannot be read, or has several pages.
        ShapeError
            If it is another array.
        PluginError
            If a component fails on it.
        """
        from htrkit.pages.images import one_line
        from htrkit.pages.page_or_line import is_page

        line = one_line(image)
        if is_page(line.pixels):
            said = f"{line.id} looks like a page and is read as one line: htrkit.jobs.read_files finds a page's lines"
            warnings.warn(said, stacklevel=2)
        found = next(self.recognize([line], n_best=n_best))
        if isinstance(found, Failed):
            raise PluginError(str(found)) from found.error
        return found

    def recognize(
        self, lines: Iterable[Line | Other], *, n_best: int = 1, words: bool = True
    ) -> Iterator[Result | Failed | Other]:
        """Read lines, in their order, a few dozen at a time; what fails costs its line.

        What is no line, such as what failed before, is passed on in its place; for ``words`` see `decode`.
        """
        return self.decode(self.encode(lines), n_best=n_best, words=words)

    def encode(self, lines: Iterable[Line | Other]) -> Iterator[Encoded | Failed | Other]:
        """The network's output on each line, in their order; what fails costs its line."""
        if not self.others:
            return self._own(lines)
        return through(self._all, Line, lines)

    def _own(self, lines: Iterable[Line | Other]) -> Iterator[Encoded | Failed | Other]:
        n_labels = self.model.alphabet.n_labels
        return encode_lines(self.encoder, self.encoder_name, self.steps, n_labels, lines, threads=self.threads)

    def _all(self, lines: list[Line]) -> Iterator[Encoded | Failed]:
        """What all networks of an ensemble give for lines."""
        outputs: list[Iterator[Encoded | Failed]] = [self._own(lines), *(other.encode(lines) for other in self.others)]
        return map(beside, zip(*outputs, strict=True))

    def decode(
        self, encoded: Iterable[Encoded | Other], *, n_best: int = 1, words: bool = True
    ) -> Iterator[Result | Failed | Other]:
        """What is read in the network's outputs, in their order; what fails costs its line.

        Parameters
        ----------
        words
            Whether hypotheses get their words with probabilities and alternatives, which takes up to a few times as
            long as the decoder.
        """
        weigh = self.weigher() if words else None
        return decode_lines(self.decoder, self.decoder_name, encoded, weigh=weigh, n_best=n_best, threads=self.threads)

    def weigher(self) -> Weigher:
        """What gives the decoder's hypotheses their words."""
        model = self.model
        calibration = {"temperature": model.temperature, "line_exponent": model.line_exponent}
        return Weigher(self.decoder, self.decoder_name, model.alphabet, **calibration, threads=self.threads)


def _encode_one(encoder: Spec, model: Model) -> None:
    """Run a model's network on a line."""
    pixels = np.full((32, 128), 255, np.uint8)
    pixels[8:24, 16:112:8] = 0
    encoder.create(model, 1).encode([Line("a drawn line", pixels)])
