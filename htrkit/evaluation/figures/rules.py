"""What counts as a difference between two texts: the normalisation that every figure states."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from htrkit.errors import UsageError

IGNORABLE = ("case", "punctuation", "spaces", "lookalikes")
SPACES = map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
ALIKE = {" ": "".join(SPACES), "s": "ſ", "'": "‘’‚‛ʼ′", '"': "“”„‟″", "-": "‐‑‒–—―−"}
"""Characters that people write for one another."""
_PLAIN = {ord(like): plain for plain, alike in ALIKE.items() for like in alike}


@dataclass(frozen=True, slots=True)
class TextRules:
    """Texts are compared in Unicode's normal form C, by code points; what may be left out beyond that.

    Parameters
    ----------
    ignore_case
        Compare case-folded texts.
    ignore_punctuation
        Leave out every character of Unicode's categories P (``.,;:!?'"()-`` and their like; ``don't`` is ``dont``).
    ignore_spaces
        Leave white space out of the characters; words are still split at it.
    ignore_lookalikes
        Take every space (no-break, narrow, wide …) for the plain one, long ``ſ`` for ``s``, and curly quotes, primes
        and dashes for ``'``, ``"`` and ``-``.
    """

    ignore_case: bool = False
    ignore_punctuation: bool = False
    ignore_spaces: bool = False
    ignore_lookalikes: bool = False

    @classmethod
    def ignoring(cls, names: Iterable[str]) -> TextRules:
        """Rules from names, or texts with commas between names: ``case``, ``punctuation``, ``spaces``, ``lookalikes``.

        Raises
        ------
        UsageError
            If a name is none of these.
        """
        chosen = {name.strip() for text in names for name in text.split(",")}
        if unknown := sorted(chosen - set(IGNORABLE)):
            raise UsageError(f"cannot ignore {unknown[0]!r}: what can be ignored is {', '.join(IGNORABLE)}")
        return cls(*(name in chosen for name in IGNORABLE))

    def characters(self, text: str) -> str:
        """The characters of ``text`` that are compared."""
        text = self._normalised(text)
        return "".join(text.split()) if self.ignore_spaces else text

    def words(self, text: str) -> list[str]:
        """The words of ``text`` that are compared."""
        return self._normalised(text).split()

    def _normalised(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        if self.ignore_lookalikes:
            text = text.translate(_PLAIN)
        if self.ignore_case:
            text = unicodedata.normalize("NFC", text.casefold())
        if self.ignore_punctuation:
            kept = "".join(c for c in text if not unicodedata.category(c).startswith("P"))
            # a dash that stood by itself leaves no second space behind
            text = " ".join(kept.split()) if kept != text else text
        return text

    def __str__(self) -> str:
        ignored = [name for name in IGNORABLE if getattr(self, f"ignore_{name}")]
        return "Unicode NFC, compared by code points; " + (
            f"{' and '.join(ignored)} ignored" if ignored else "case, punctuation and spaces count"
        )


AS_WRITTEN = TextRules()
"""Case, punctuation and spaces count as they are."""
