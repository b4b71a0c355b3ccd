"""Several decoders one after the other over the same outputs; those that fail are left out, the rest go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType

from htrkit.evaluation.comparison import LeftOut
from htrkit.evaluation.contenders import Contender
from htrkit.evaluation.decode_all import AllDecoded, decode_all
from htrkit.evaluation.isolation import DecoderError
from htrkit.evaluation.journal import Journal, journal_path
from htrkit.evaluation.outputs import Encoded
from htrkit.evaluation.watch import Limits

Stage = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Called with what begins and how many lines it has; gives what is told of lines done."""


def quiet(what: str, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
    """A `Stage` that shows nothing."""
    return nullcontext(lambda count: None)


class DecodeRuns:
    """Decodes with journals, which are kept until `finish`, so that a killed comparison goes on where it was.

    Parameters
    ----------
    encoded
        The lines.
    folder
        Of the journals.
    n_best, limits, processes
        As `decode_all` takes them.
    stage
        Told of the progress.
    """

    def __init__(
        self, encoded: Encoded, folder: Path, *, n_best: int, limits: Limits, processes: int, stage: Stage
    ) -> None:
        self.encoded, self.folder, self.n_best, self.limits, self.stage = encoded, folder, n_best, limits, stage
        self.processes = processes
        self.left_out: list[LeftOut] = []
        self._journals: list[Journal] = []

    def __enter__(self) -> DecodeRuns:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for journal in self._journals:
            journal.close()

    def decode(self, contenders: Iterable[Contender]) -> list[tuple[Contender, AllDecoded]]:
        """What each decoder read; those that failed are in ``left_out``."""
        decoded: list[tuple[Contender, AllDecoded]] = []
        for contender in contenders:
            try:
                decoded.append((contender, self._decode(contender)))
            except DecoderError as error:
                self.left_out.append(LeftOut(contender.label, str(error)))
        return decoded

    def finish(self) -> None:
        """Nothing needs the journals any more."""
        for journal in self._journals:
            journal.remove()

    def _decode(self, contender: Contender) -> AllDecoded:
        journal = None
        if contender.decoder is None:
            journal = Journal(journal_path(self.folder, contender, self.encoded.outputs.keys, self.n_best))
            self._journals.append(journal)
        with self.stage(contender.label, len(self.encoded.lines)) as progress:
            return decode_all(
                contender,
                self.encoded.model.alphabet,
                self.encoded.outputs,
                n_best=self.n_best,
                limits=self.limits,
                journal=journal,
                processes=self.processes,
                progress=progress,
            )
