"""Results as plain text: the text alone for one image, path and text for several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from htrkit.types import Result, Run

# what would end a line or a column, or steer a terminal, and half characters that no encoding can write
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Txt:
    """One line of text for each hypothesis; with several images, ``path<TAB>text``.

    Control characters in paths and texts, tabs and line ends among them, are written as escapes such as ``\\t``;
    backslashes are left alone. Where that could be ambiguous, use ``jsonl``.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, results: Iterable[Result]) -> Iterator[str]:
        """The hypotheses of each result, best first, at most as many as were asked for."""
        for result in results:
            name = result.place.page if result.place else result.id
            start = f"{visible(name)}\t" if self.run.several else ""
            yield "".join(f"{start}{visible(h.text)}\n" for h in result.hypotheses[: self.run.n_best])


def visible(text: str) -> str:
    """``text`` with control characters written as escapes."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
