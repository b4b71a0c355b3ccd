"""Compare htrkit's decoders on validation lines, and put tables, sentences and plots into docs/decoders.md.

Run as ``python scripts/compare_all_decoders.py iam-lines/valid.tsv`` after a change of the model or of a decoder; the
command that the page shows prints the same figures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from htrkit.evaluation import Comparison, Resampling, compare_decoders
from htrkit.evaluation.report import plots
from htrkit.evaluation.report.markdown import escaped, table_text
from htrkit.evaluation.report.tables import described, summary, sweep
from htrkit.progress import Progress
from htrkit.readers import open_samples

DECODERS = (
    "best-path",
    "beam",
    "prefix",
    "beam:language_model=european-characters",
    "beam:language_model=english-characters",
    "word-beam",
    "token-passing",
    "beam-lm",
)
SWEPT = ("beam:language_model=english-characters", "word-beam", "beam-lm")
SWEEP = "beam_width=1,5,25,100"
DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "decoders.md"
PICTURES = DOCS / "pictures"


def main(data: str) -> None:
    """Measure, and write the page and its pictures."""
    comparison, curves = compare(data, DECODERS, None), compare(data, SWEPT, SWEEP)
    page = PAGE.read_text(encoding="utf-8")
    for name, content in blocks(comparison, curves).items():
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        page = f"{before}<!-- {name} -->\n{content}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")
    pictures = {
        "decoders": plots.intervals(comparison.ranked),
        "speed": plots.accuracy_against_speed(comparison.ranked),
    }
    for name, svg in pictures.items():
        (PICTURES / f"choosing-{name}.svg").write_text(plots.standalone(svg), encoding="utf-8")


def compare(data: str, decoders: Sequence[str], sweep: str | None) -> Comparison:
    """Compare on the lines of ``data``, by writer; a decoder that is left out is named."""
    comparison = compare_decoders(
        open_samples([data]),
        decoders,
        sweep=sweep,
        resampling=Resampling(by="writer"),
        data=["iam-lines/valid.tsv"],
        progress=Said(),
    )
    for one in comparison.left_out:
        print(f"left out {one.label}: {one.reason}", file=sys.stderr)
    return comparison


def blocks(comparison: Comparison, curves: Comparison) -> dict[str, str]:
    """What stands between ``<!-- name -->`` and ``<!-- /name -->`` on the page."""
    return {
        "table": table_text(summary(comparison)),
        "sentences": "\n".join(f"- {escaped(sentence)}" for sentence in comparison.sentences),
        "sweep": "\n\n".join(f"{escaped(one.label)}:\n\n{table_text(sweep(one))}" for one in curves.sweeps),
        "measured": "\n".join(f"- {escaped(line)}" for line in (*described(comparison), *comparison.notes)),
    }


class Said(Progress):
    """Names each part of the work as it begins."""

    def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
        """Work begins."""
        print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
