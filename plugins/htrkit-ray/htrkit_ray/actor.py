"""What all stages have: a process for the work, and the store."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

from htrkit.files import digest
from htrkit_ray.plan import Entry, Plan
from htrkit_ray.rows import Row, lost
from htrkit_ray.sandbox import Sandbox, unpacked
from htrkit_ray.store import Store, UnfitNameError

PAGES, LOG_PROBS = "pages", "log-probs"
"""The folders of the files of results, and of the network's outputs."""
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
"""Environment variables that keep each process on its core."""


class Actor:
    """A stage, whatever it does.

    Parameters
    ----------
    plan
        What is done.
    warm
        As of `Sandbox`.
    """

    def __init__(self, plan: Plan, *, warm: bool) -> None:
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        self.plan, self.store, self.sandbox = plan, Store(plan.dest), Sandbox(plan, warm=warm)

    def stands(self, entry: Entry) -> bool:
        """Whether a page is done: with these options, and its file is there."""
        current = entry.results == digest(entry.content, self.plan.results_digest)
        stands = current and not entry.failure and self.store.has(f"{PAGES}/{entry.output}", entry.size)
        return stands and (not self.plan.options.keep_log_probs or self.store.has(_outputs(entry)))

    def kept(self, entry: Entry) -> tuple[str, bytes | None]:
        """The digest of a page and all that the network's outputs depend on, and what was kept of them."""
        return digest(entry.content, self.plan.outputs_digest), self.store.get(_outputs(entry))

    def saved(self, entry: Entry, answer: dict[str, Any]) -> Row:
        """The row of a page that is read, and its files in the store; a page whose name is unfit is lost."""
        file, output = unpacked(answer, "file"), f"{entry.stem}{answer['suffix']}"
        try:
            if answer["kept"]:
                self.store.put(_outputs(entry), unpacked(answer, "kept"))
            elif answer.get("how", entry.how) == "read" and self.store.has(_outputs(entry)):
                self.store.remove(_outputs(entry))  # which are not those of these results
            self.store.put(f"{PAGES}/{output}", file)
        except UnfitNameError as error:
            return lost(entry, str(error), entry.tries)  # another try would read the same, and end here again
        told = {name: answer[name] for name in ("lines", "lost", "seconds", "how") if name in answer}
        return replace(entry, output=output, size=len(file), **told), json.dumps(answer["records"]).encode()


def _outputs(entry: Entry) -> str:
    return f"{LOG_PROBS}/{entry.stem}.npz"
