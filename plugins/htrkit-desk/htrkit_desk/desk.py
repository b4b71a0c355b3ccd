"""The desk of a project: what it tells the browsers, and the work that goes on behind its answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from htrkit import HtrkitError, plugins
from htrkit.model import Model
from htrkit_desk import components
from htrkit_desk.cuts import Cutter
from htrkit_desk.drawing import Drawer
from htrkit_desk.events import Events
from htrkit_desk.found import shown
from htrkit_desk.hits import Hits
from htrkit_desk.index import Summary
from htrkit_desk.job import Kind
from htrkit_desk.jobs import Jobs, Task
from htrkit_desk.page_reading import Reader
from htrkit_desk.project import Project
from htrkit_desk.teaching import Teacher
from htrkit_desk.trials import Trials

SOON = 0.3
"""Seconds in which the list of pages comes, whether all of them have been looked into or not."""
OFTEN = 3.0
"""Seconds between two notices of how far that is."""


ENDED = ("done", "interrupted")
"""States of jobs that draw pages after which they begin anew where pages are missing."""


class Desk:
    """A project that is served.

    Parameters
    ----------
    project
        What it is about.
    """

    def __init__(self, project: Project) -> None:
        self.project, self.events, self.cutter = project, Events(), Cutter(project)
        self.trials, self.hits = Trials(project, self.cutter), Hits(project)
        reader, teacher = Reader(project), Teacher(project)
        work: dict[Kind, Callable[[Task], None]] = {
            "read": reader.read,
            "segment": reader.segment,
            "unpack": Drawer(project).unpack,
            "teach": teacher.teach,
        }
        self.jobs = Jobs(project.hidden / "jobs", work, lambda job: self.tell("job", job.json()))
        self.catching_up: threading.Thread | None = None
        self.seen: dict[str, str] = {}
        project.told = self.tell
        self.unpack()

    def tell(self, kind: str, said: dict[str, Any]) -> None:
        """Tell the browsers what has happened; of a page, its summary."""
        if kind == "page":
            entry = self.project.entry(said["id"])
            self.seen[entry.id] = self.project.key(entry)
            said = {**self.project.summary(entry).json(entry.id), "version": self.project.version(entry)}
        if self.events.heard:
            self.events.tell(kind, said)

    def unpack(self) -> None:
        """Have the pages of files drawn that have several, unless that is done or being done."""
        known = {id_ for job in self.jobs.all() if job.kind == "unpack" and job.state not in ENDED for id_ in job.pages}
        files = (file.relative_to(self.project.root).as_posix() for file in self.project.to_unpack)
        if wanted := tuple(file for file in files if file not in known):
            self.jobs.begin("unpack", wanted, {})

    def look(self) -> None:
        """See what has changed in the folder, and tell."""
        changed = self.project.look()
        keys = {entry.id: self.project.key(entry) for entry in self.project.entries()}
        others = [id_ for id_, key in keys.items() if self.seen.get(id_, key) != key]
        self.seen = keys
        if changed:
            self.tell("project", {})
        for id_ in others:
            with suppress(HtrkitError):
                self.tell("page", {"id": id_})
        self.unpack()

    def close(self) -> None:
        """End what runs."""
        self.jobs.close()
        self.trials.close()
        self.hits.close()
        self.project.index.write(now=True)

    def project_json(self) -> dict[str, Any]:
        """The project as the browser gets it."""
        project = self.project
        self.look()
        until = time.monotonic() + SOON
        known = [
            (entry.id, project.summary(entry) if time.monotonic() < until else project.known(entry))
            for entry in project.entries()
        ]
        if any(summary is None for _, summary in known):
            self.catch_up()
        project.index.write()
        summaries = [(id_, summary or Summary()) for id_, summary in known]
        chosen, model = project.settings, self.model()
        counts = {
            "pages": len(summaries),
            "lines": sum(one.lines for _, one in summaries),
            "read": sum(one.read for _, one in summaries),
            "corrected": sum(one.corrected for _, one in summaries),
            "finished": sum(one.finished for _, one in summaries),
        }
        return {
            "name": shown(Path(project.root.name)),
            "folder": shown(project.root),
            "settings": {
                "model": chosen.model or plugins.default("model"),
                "decoder": chosen.decoder or (model.decoder if model else None),
                "segmenter": chosen.segmenter or plugins.default("segmenter"),
            },
            "alphabet": "".join(model.alphabet.labels) if model else "",
            "counts": counts,
            "pages": [(one or Summary()).json(id_) | {"pending": one is None} for id_, one in known],
        }

    def catch_up(self) -> None:
        """Open the pages that nobody has opened yet, on a thread, and tell how it goes."""

        def run() -> None:
            told = time.monotonic()
            for entry in self.project.entries():
                with suppress(HtrkitError, OSError):
                    self.project.summary(entry)
                if time.monotonic() - told > OFTEN:
                    told = time.monotonic()
                    self.tell("project", {})
            self.project.index.write(now=True)
            self.tell("project", {})

        if self.catching_up is None or not self.catching_up.is_alive():
            self.catching_up = threading.Thread(target=run, daemon=True)
            self.catching_up.start()

    def model(self) -> Model | None:
        """The description of the chosen model; None if it cannot be had."""
        try:
            return components.loaded(self.project)
        except HtrkitError:
            return None
