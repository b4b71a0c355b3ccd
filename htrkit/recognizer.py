"""Recognizer: lines in, results out; it owns batching, threads and order."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from htrkit.decoding import LINES_AT_ONCE, decode_lines
from htrkit.errors import InputError, PluginError
from htrkit.model import Model, load_model
from htrkit.model_spec import model_spec
from htrkit.preprocess.layout import looks_like_several_lines
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.resources import resource
from htrkit.spec import Spec
from htrkit.types import Decoder, Encoded, Encoder, Failed, Line, LogProbs, Preprocessor, Result


class SeveralLinesWarning(UserWarning):
    """An image plainly holds several lines of writing."""


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
        threads: int = 0,
    ) -> None:
        self.model, self.encoder, self.decoder, self.steps = model, encoder, decoder, steps
        self.decoder_name = decoder_name
        self.threads = threads or os.cpu_count() or 1

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
            If the model is incomplete, altered, of a newer version, or does not fit its alphabet.
        UsageError
            If a name or an option does not exist.
        """
        found = load_model(resource("model", model))
        if decoder is None:
            decoder = model_spec(found, "decoder", found.decoder, given=options or {})
        elif isinstance(decoder, str):
            parsed = Spec.parse("decoder", decoder)
            decoder = replace(parsed, options={**parsed.options, **(options or {})})
        if isinstance(decoder, Spec):
            name, decoding = decoder.name, decoder.create(found.alphabet)
        else:
            name, decoding = type(decoder).__name__, decoder
        if preprocess is None:
            steps = [model_spec(found, "preprocessor", step).create() for step in found.preprocess]
        else:
            steps = build_steps(preprocess)
        encoder = model_spec(found, "encoder", found.encoder).create(found, threads)
        return cls(found, encoder, decoding, steps, decoder_name=name, threads=threads)

    def read(self, path: str | Path, *, n_best: int = 1) -> Result:
        """Read the one line on an image file.

        Raises
        ------
        InputError
            If the file cannot be read, or has several pages.
        """
        from htrkit.readers.images import read_images

        lines = read_images(str(path))
        if len(lines) != 1:
            raise InputError(f"{path} has {len(lines)} pages: give what read_images() returns to recognize()")
        found = next(self.recognize(lines, n_best=n_best))
        if isinstance(found, Failed):
            raise PluginError(f"{found.id}: {found.reason}") from found.error
        return found

    def recognize(self, lines: Iterable[Line], *, n_best: int = 1) -> Iterator[Result | Failed]:
        """Read lines, in their order, a few dozen at a time; what fails costs its line."""
        encoded = (Encoded(line.id, log_probs, line.place) for line, log_probs in self.log_probs(lines))
        return decode_lines(self.decoder, self.decoder_name, encoded, n_best=n_best, threads=self.threads)

    def log_probs(self, lines: Iterable[Line]) -> Iterator[tuple[Line, LogProbs]]:
        """The network's output on each line as it came in, in order."""
        for chunk, log_probs in self._encoded(lines):
            yield from zip(chunk, log_probs, strict=True)

    def _encoded(self, lines: Iterable[Line]) -> Iterator[tuple[list[Line], list[LogProbs]]]:
        waiting = iter(lines)
        with ThreadPoolExecutor(self.threads) as pool:
            while chunk := list(islice(waiting, LINES_AT_ONCE)):
                yield chunk, self.encoder.encode(list(pool.map(self._preprocess, chunk)))

    def _preprocess(self, line: Line) -> Line:
        if looks_like_several_lines(line.pixels):
            warnings.warn(
                f"{line.id} looks like several lines and is read as one: cut it into lines first",
                SeveralLinesWarning,
                stacklevel=2,
            )
        return apply_steps(self.steps, line)
