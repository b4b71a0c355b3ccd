"""The job ``unpack``: pages of files with several are drawn one by one, as many as the disk may hold."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

from htrkit import HtrkitError, InputError
from htrkit.processes import LostError
from htrkit_desk.found import inside
from htrkit_desk.jobs import Task
from htrkit_desk.page_reading import CRASHES, answers, process
from htrkit_desk.pictures import MAX_PAGES
from htrkit_desk.project import Project
from htrkit_desk.unpacked import Drawn
from htrkit_desk.worker import Unpack

MOST = 16 << 30
"""Bytes of all drawn pages of a project: some 4,000 of A4 at 300 dots an inch."""
ROOM = 1 << 30
"""Bytes of the disk that stay free."""
OFTEN = 3.0
"""Seconds between two looks at what is drawn, by the list of pages."""


class Drawer:
    """Draws the pages of a project's files."""

    def __init__(self, project: Project) -> None:
        self._project, self._shown = project, 0.0

    def unpack(self, task: Task) -> None:
        """Draw the pages of files that are not drawn yet; those that are can be worked on meanwhile."""
        failed: HtrkitError | None = None
        for position, id_ in enumerate(task.job.pages[task.job.position :], start=task.job.position):
            file = self._project.root / id_
            task.update(note=("drawing", file.name))
            try:
                # a stranger's folder may hold a job for any file
                if inside(self._project.root, file):
                    self._draw(task, file)
            except HtrkitError as error:  # costs its file alone
                failed = failed or error
            finally:
                self._show()
            if failed is None:
                task.update(keep=True, position=position + 1)
        if failed:
            raise failed

    def _draw(self, task: Task, file: Path) -> None:
        store = self._project.unpacked
        drawn, folder, taken, lost = store.of(file), store.folder(file), store.size(), 0

        def keep() -> None:
            if store.folder(file) != folder:
                raise InputError(f"{file.name} has changed meanwhile")
            store.keep(file, drawn)

        while not drawn.whole:
            try:
                with process(task) as ask:
                    ask(Unpack(file, folder, len(drawn.reasons) + 1))
                    for said in answers(ask):
                        drawn, taken, lost = Drawn((*drawn.reasons, said["drawn"])), taken + said["bytes"], 0
                        keep()
                        self._check(file, len(drawn.reasons), taken)
                        task.update(done=task.job.done + 1)
                        if time.monotonic() - self._shown > OFTEN:
                            self._show()
                drawn = replace(drawn, whole=True)
            except LostError as error:  # this page costs itself alone, unless none can be drawn
                lost += 1
                if lost == CRASHES:
                    raise HtrkitError(f"{file.name}: {error}") from None
                drawn = Drawn((*drawn.reasons, f"it cannot be drawn: {error}"))
            keep()

    def _check(self, file: Path, pages: int, taken: int) -> None:
        """Refuse to draw more than there may be."""
        if pages > MAX_PAGES:
            raise InputError(f"{file.name} has more than {MAX_PAGES:,} pages: split it")
        if taken > MOST or shutil.disk_usage(self._project.hidden).free < ROOM:
            limits = f"{MOST / 2**30:g} GB for drawn pages, and {ROOM >> 30} GB of the disk free"
            raise InputError(f"{file.name}: {pages:,} pages are drawn, and more would go beyond {limits}: split it")

    def _show(self) -> None:
        self._shown = time.monotonic()
        self._project.look()
        self._project.told("project", {})
