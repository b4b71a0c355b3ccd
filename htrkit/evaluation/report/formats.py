"""A comparison into a file, in the format that its name ends in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from htrkit.errors import HtrkitError, UsageError
from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.report.as_json import comparison_json
from htrkit.evaluation.report.markdown import to_markdown
from htrkit.files import whole
from htrkit.types import Sample

FORMATS = (".html", ".md", ".json")


def check_name(path: Path) -> None:
    """Refuse what cannot become a report, before an hour of decoding is lost.

    Raises UsageError if the name ends in nothing known, the folder does not exist, or what renders it is not installed.
    """
    if path.suffix not in FORMATS:
        raise UsageError(f"{path}: a report is a file ending in {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    missing = [name for name in ("jinja2", "matplotlib") if path.suffix == ".html" and find_spec(name) is None]
    if missing:
        raise UsageError(f"an HTML report needs {' and '.join(missing)}; install it with: pip install 'htrkit[report]'")


def write_report(
    comparison: Comparison,
    path: Path,
    *,
    samples: Iterable[Sample] = (),
    cache: Path | None = None,
    lines: int = 100,
) -> None:
    """Write a comparison as ``.html``, ``.md`` or ``.json``; the file is there whole or not at all.

    Parameters
    ----------
    comparison
        What was measured.
    path
        The file.
    samples
        The same samples in the same order, for the pictures in HTML; without them, it shows no lines.
    cache
        The same cache, for the network's probabilities in HTML.
    lines
        How many lines HTML shows: those where the decoders disagree, the most errors first.

    Raises
    ------
    UsageError
        As `check_name`.
    HtrkitError
        If the file cannot be written.
    """
    check_name(path)
    if path.suffix == ".html":
        from htrkit.evaluation.report.html import to_html

        content = to_html(comparison, samples=samples, cache=cache, lines=lines)
    elif path.suffix == ".md":
        content = to_markdown(comparison)
    else:
        content = json.dumps(comparison_json(comparison, lines=True), ensure_ascii=False, indent=2) + "\n"
    try:
        with whole(path) as part:
            part.write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise HtrkitError(f"cannot write {path}: {error.strerror or error}") from error
