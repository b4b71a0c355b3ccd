"""Where the journal of a decoder is: what it had read when its run was killed is only good for the same decoder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from htrkit import plugins
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.encoded.cache import code_digest
from htrkit.files import DAY, digest

KEPT_DAYS = 14


def journal_path(folder: Path, contender: Contender, keys: Sequence[str], *settings: object) -> Path:
    """Where the journal of a decoder on these network outputs is.

    Another decoder, another version of its code or of a file that its options name is another journal. Journals that
    no run came back to for two weeks are removed.
    """
    for old in folder.glob("*.jsonl"):
        if time.time() - old.stat().st_mtime > KEPT_DAYS * DAY:
            old.unlink(missing_ok=True)
    entry = plugins.find("decoder", contender.name)
    code = entry.origin, code_digest(entry.component.factory.partition(":")[0].partition(".")[0])
    files = [_state(Path(value)) for value in contender.options.values() if isinstance(value, str | Path)]
    parts = (contender.name, sorted(contender.options.items()), code, files, list(keys))
    return folder / f"{digest(*parts, *settings)}.jsonl"


def _state(path: Path) -> object:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (path.name, status.st_size, status.st_mtime_ns)
