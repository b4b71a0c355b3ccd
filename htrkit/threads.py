"""How many CPU threads work may take."""

from __future__ import annotations

import os


def cpu_threads(asked: int = 0) -> int:
    """As many as asked for; one a core for 0."""
    return asked or os.cpu_count() or 1
