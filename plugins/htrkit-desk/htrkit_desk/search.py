"""Search in all texts of a project."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from htrkit_desk.project import Project

MOST = 1000


def search(project: Project, wanted: str) -> list[dict[str, Any]]:
    """Where a text stands, whatever its capitals, page by page; `MOST` places at most."""
    if not wanted.strip():
        return []
    found: list[dict[str, Any]] = []
    pattern = pattern_of(wanted)
    for entry in project.entries():
        for id_, text, confidence in project.summary(entry).texts:
            for match in pattern.finditer(text):
                start, end = match.span()
                found.append(
                    {"page": entry.id, "line": id_, "text": text, "start": start, "end": end, "confidence": confidence}
                )
                if len(found) == MOST:
                    return found
    return found


def pattern_of(wanted: str) -> re.Pattern[str]:
    """What finds a text in others."""
    forms = "|".join(re.escape(unicodedata.normalize(form, wanted)) for form in ("NFC", "NFD"))
    return re.compile(forms, re.IGNORECASE)
