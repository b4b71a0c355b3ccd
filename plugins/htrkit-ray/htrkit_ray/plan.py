"""What is done with every page, the same in every process, and what became of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from htrkit import Recognizer, Run
from htrkit.cli.reading import load_recognizer, split_steps
from htrkit.files import digest, file_digest
from htrkit.model import open_model
from htrkit.spec import Spec

PAGES_AT_ONCE = 5
"""That are read together, which is faster; about as many lines as the encoder takes at once."""


@dataclass(frozen=True, slots=True)
class Options:
    """How pages are read, as it is written on the command line; None for what is usual.

    Attributes
    ----------
    keep_log_probs
        Whether the network's outputs are kept.
    seconds, gigabytes
        That a page, and a process, may take.
    """

    model: str | None = None
    decoder: str | None = None
    option: tuple[str, ...] = ()
    preprocess: str | None = None
    segmenter: str | None = None
    source: str | None = None
    n_best: int = 1
    format: str = "page-xml"
    keep_log_probs: bool = False
    seconds: float = 300.0
    gigabytes: float = 4.0

    def checked(self) -> Options:
        """These options. Raises HtrkitError if they name what there is not; loading it may still show more."""
        for kind, written in (("writer", self.format), ("decoder", self.decoder), ("segmenter", self.segmenter)):
            if written is not None:
                Spec.parse(kind, written).checked()
        model = open_model(self.model)
        if self.keep_log_probs:
            model.require_one_network("--keep-log-probs", "leave it out, or take one of its models")
        return self

    def recognizer(self) -> Recognizer:
        """The recogniser that they ask for, on one thread."""
        return load_recognizer(self.model, self.decoder, self.option, self.preprocess, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with every page.

    Attributes
    ----------
    options
        How pages are read.
    dest
        The folder of the results, of any file system that fsspec knows.
    folder
        In which relative paths begin.
    run
        What writers say of where the results come from.
    outputs_digest
        Of all that the network's outputs depend on, beside the page.
    results_digest
        Of all that the results depend on, beside the page.
    versions
        Of the packages whose code reads.
    """

    options: Options
    dest: str
    folder: str
    run: Run
    outputs_digest: str
    results_digest: str
    versions: str

    @classmethod
    def of(cls, options: Options, dest: str) -> Plan:
        """The plan for some options. Raises HtrkitError if they ask for what there is not."""
        recognizer = options.recognizer()
        model = recognizer.model
        written = options.decoder or model.decoder
        decoder = Spec.parse("decoder", written.partition(":")[0])
        segmenter = None if options.segmenter is None else Spec.parse("segmenter", options.segmenter).checked()
        steps = split_steps(options.preprocess or ",".join(model.preprocess))
        encoding = [Spec.parse("encoder", model.encoder), *(Spec.parse("preprocessor", step) for step in steps)]
        writer = Spec.parse("writer", options.format).checked()
        origins = [one.origin for one in (decoder, segmenter, *encoding) if one is not None]
        outputs = digest(
            options.source,
            options.segmenter,
            options.preprocess,
            replace(model, folder=Path()),
            model.encoder,
            origins,
            list(_files(options.segmenter, options.preprocess)),
        )
        how = (written, options.option, options.n_best, str(writer), writer.origin)
        results = digest(outputs, how, list(_files(options.decoder, *options.option)))
        run = Run(model.name, recognizer.decoder_name, n_best=options.n_best)
        return cls(options, dest, str(Path.cwd()), run, outputs, results, ", ".join(sorted(set(origins))))


def _files(*written: str | None) -> Iterator[str]:
    """Digests of the files that options name."""
    for value in re.findall(r"=([^,]+)", ",".join(filter(None, written))):
        if Path(value).is_file():
            yield file_digest(Path(value))


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a page: a row of the manifest.

    Attributes
    ----------
    file, number
        The page's file, and its number in it, from 1.
    last
        Whether it is the last page of its file.
    page
        The page's id.
    stem
        Its results' place in their folders, without a suffix.
    key
        Of the file; it changes when the file does. Empty if nothing tells.
    content
        The digest of the page's picture, regions and lines.
    results
        The digest of the content and of all options that the results depend on.
    how
        ``read``, ``decoded`` from outputs that were kept, ``before`` if it was done by an earlier run, or ``failed``.
    output, size
        The page's file of results, and its bytes.
    lines, lost
        How many were read, and how many failed.
    failure
        Why the page is lost; empty if it is not.
    tries
        How often the page was begun.
    seconds
        That it took in the end.
    """

    file: str
    number: int
    last: bool
    page: str
    stem: str
    key: str = ""
    content: str = ""
    results: str = ""
    how: str = ""
    output: str = ""
    size: int = 0
    lines: int = 0
    lost: int = 0
    failure: str = ""
    tries: int = 1
    seconds: float = 0.0

    @property
    def stem_of_file(self) -> str:
        """The stem of its file, which the numbers of pages stand behind."""
        return self.stem if self.page == self.file else self.stem.removesuffix(f"#{self.number}")
