"""Results as plain text: the text alone for one image, path and text for several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from htrkit.quoting import visible
from htrkit.types import Result, Run


class Txt:
    """One line of text for each hypothesis; with several images, ``path<TAB>text``.

    Control characters in paths and texts, tabs and line ends among them, are written as escapes such as ``\\t``;
    backslashes are left alone. Where that could be ambiguous, use ``jsonl``.
    """

    wants_words = False

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        """The hypotheses of each result, best first, at most as many as were asked for."""
        for result in results:
            name = result.place.page if result.place else result.id
            start = f"{visible(name)}\t" if self.run.several else ""
            yield "".join(f"{start}{visible(h.text)}\n" for h in result.hypotheses[: self.run.n_best])
