"""A comparison into a file, in the format that its name ends in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from htrkit.errors import HtrkitError, UsageError
from htrkit.evaluation.as_json import comparison_json
from htrkit.evaluation.comparison import Comparison
from htrkit.evaluation.report.markdown import to_markdown
from htrkit.files import whole
from htrkit.types import Sample

Render = Callable[[Comparison, Iterable[Sample], Path | None, int], str]


def writer_for(path: Path) -> Render:
    """What renders a report of this name.

    Raises
    ------
    UsageError
        If the name ends in nothing known, the folder does not exist, or what renders it is not installed.
    """
    if path.suffix not in _RENDERERS:
        raise UsageError(f"{path}: a report is a file ending in {', '.join(_RENDERERS)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    if path.suffix == ".html":
        from htrkit.evaluation.report.needs import check_installed

        check_installed()
    return _RENDERERS[path.suffix]


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
        If the name ends in nothing known, the folder does not exist, or what renders it is not installed.
    HtrkitError
        If the file cannot be written.
    """
    content = writer_for(path)(comparison, samples, cache, lines)
    try:
        with whole(path) as part:
            part.write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise HtrkitError(f"cannot write {path}: {error.strerror or error}") from error


def _html(comparison: Comparison, samples: Iterable[Sample], cache: Path | None, lines: int) -> str:
    from htrkit.evaluation.report.html import to_html

    return to_html(comparison, samples=samples, cache=cache, lines=lines)


def _markdown(comparison: Comparison, samples: Iterable[Sample], cache: Path | None, lines: int) -> str:
    return to_markdown(comparison)


def _json(comparison: Comparison, samples: Iterable[Sample], cache: Path | None, lines: int) -> str:
    return json.dumps(comparison_json(comparison, lines=True), ensure_ascii=False, indent=2) + "\n"


_RENDERERS: dict[str, Render] = {".html": _html, ".md": _markdown, ".json": _json}
