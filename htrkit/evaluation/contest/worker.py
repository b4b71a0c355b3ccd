"""The process that a decoder runs in: it is asked for a `Make` first, then for lines to decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoders.compiled import expect
from htrkit.evaluation.contest.group import decode_group
from htrkit.processes import limit_memory, serve
from htrkit.spec import Spec
from htrkit.types import LogProbs


@dataclass(frozen=True, slots=True)
class Make:
    """Make a decoder, for about so many frames, with so many gigabytes; None for half of what the machine has."""

    spec: Spec
    alphabet: Alphabet
    frames: int
    memory: float | None

    def decoder(self) -> Decoder:
        """The decoder, in this process."""
        limit_memory(self.memory)
        expect(self.frames)
        decoder: Decoder = self.spec.create(self.alphabet)
        return decoder


class _Worker:
    """Makes a decoder, then decodes with it."""

    decoder: Any = None

    def answer(self, request: Make | tuple[Sequence[LogProbs], int]) -> dict[str, Any]:
        """To what makes a decoder; or to lines, with how many hypotheses to give."""
        if isinstance(request, Make):
            self.decoder = request.decoder()
            return {}
        return decode_group(self.decoder, request[0], n_best=request[1]).to_json()


def main() -> None:
    """Answer requests."""
    serve(_Worker().answer)
