"""A recogniser that leaves behind what an index keeps of each line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from htrkit import Recognizer
from htrkit.types import Encoded


class Keeping(Recognizer):
    """A recogniser that keeps what its network gave for each line, until it is asked for it."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.kept: dict[str, Encoded] = {}

    @classmethod
    def of(cls, other: Recognizer) -> Keeping:
        """One that reads as another."""
        names = {"decoder_name": other.decoder_name, "encoder_name": other.encoder_name}
        return cls(other.model, other.encoder, other.decoder, other.steps, threads=other.threads, **names)

    def encode(self, lines: Any) -> Iterator[Any]:
        """As of `Recognizer`."""
        for one in super().encode(lines):
            if isinstance(one, Encoded):
                self.kept[one.id] = one
            yield one
