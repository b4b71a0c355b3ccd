"""The answers about the project as a whole: its list, settings, jobs, search and downloads."""

from __future__ import annotations

import json
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from htrkit import InputError
from htrkit_desk import components
from htrkit_desk.desk import Desk
from htrkit_desk.exports import export
from htrkit_desk.found import Entry
from htrkit_desk.requests import body
from htrkit_desk.search import search
from htrkit_desk.settings import CHOICES
from htrkit_desk.teaching import epochs_of

TOLD = 20
"""Of what is not in a download."""


class ProjectAnswers:
    """Answers about the project of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/api/project", self.get_project),
            Route("/api/components", self.get_components),
            Route("/api/settings", self.put_settings, methods=["PUT"]),
            Route("/api/jobs", self.get_jobs),
            Route("/api/jobs", self.post_job, methods=["POST"]),
            Route("/api/jobs/{job}", self.delete_job, methods=["DELETE"]),
            Route("/api/jobs/{job}/resume", self.resume_job, methods=["POST"]),
            Route("/api/events", self.get_events),
            Route("/api/search", self.get_search),
            Route("/api/export", self.get_export),
        ]

    def get_project(self, request: Request) -> Response:
        """The project with the list of its pages."""
        return JSONResponse(self.desk.project_json())

    def get_components(self, request: Request) -> Response:
        """What can be chosen."""
        return JSONResponse(components.listing(self.desk.project))

    async def put_settings(self, request: Request) -> Response:
        """Choose a model, decoder or segmenter."""
        wanted = await body(request)
        chosen: dict[str, str | None] = {name: wanted[name] for name in CHOICES if name in wanted}
        if not all(value is None or isinstance(value, str) for value in chosen.values()):
            raise InputError("a setting is a name, or null for htrkit's own choice")
        return await run_in_threadpool(self.choose, chosen)

    def choose(self, chosen: dict[str, str | None]) -> Response:
        """Choose a model, decoder or segmenter."""
        for name, value in chosen.items():
            components.check(self.desk.project, name, value)
        self.desk.project.choose(**chosen)
        self.desk.tell("project", {})
        return JSONResponse(self.desk.project_json())

    def get_jobs(self, request: Request) -> Response:
        """The jobs."""
        return JSONResponse([job.json() for job in self.desk.jobs.all()])

    async def post_job(self, request: Request) -> Response:
        """Begin a job."""
        return await run_in_threadpool(self.begin, await body(request))

    def begin(self, asked: dict[str, Any]) -> Response:
        """Begin a job, if what is asked can be done."""
        kind, ids = asked.pop("kind", None), asked.pop("pages", None)
        if kind not in ("segment", "read", "teach"):
            raise InputError("a job is to segment, read or teach")
        if ids is not None and not (isinstance(ids, list) and all(isinstance(one, str) for one in ids)):
            raise InputError("pages is a list of their ids")
        if asked.get("decoder") is not None:
            components.spec_of(self.desk.project, "decoder", str(asked["decoder"]))
        if kind == "teach":
            epochs_of(asked.get("epochs"))
        chosen = self.desk.project.entries() if ids is None else [self.desk.project.entry(one) for one in ids]
        pages = tuple(dict.fromkeys(entry.id for entry in chosen if self.can_be_read(entry)))
        options: dict[str, Any] = {name: asked[name] for name in ("decoder", "overwrite", "epochs") if name in asked}
        return JSONResponse(self.desk.jobs.begin(kind, () if kind == "teach" else pages, options).json())

    def can_be_read(self, entry: Entry) -> bool:
        """Whether a job can be about a page, or about those of a file that will have been drawn by then."""
        project = self.desk.project
        return project.is_to_come(entry) or project.summary(entry).failed is None

    def delete_job(self, request: Request) -> Response:
        """Cancel a job."""
        return JSONResponse(self.desk.jobs.cancel(request.path_params["job"]).json())

    def resume_job(self, request: Request) -> Response:
        """Go on with a job."""
        return JSONResponse(self.desk.jobs.resume(request.path_params["job"]).json())

    async def get_events(self, request: Request) -> Response:
        """What happens, as it happens."""
        return StreamingResponse(
            self.desk.events.listen(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    def get_search(self, request: Request) -> Response:
        """Where a text stands."""
        return JSONResponse(search(self.desk.project, request.query_params.get("q", "")))

    def get_export(self, request: Request) -> Response:
        """A download."""
        ids = request.query_params.getlist("pages")
        made = export(self.desk.project, request.query_params.get("format", "page-xml"), ids or None)
        done, headers = BackgroundTask(made.path.unlink, missing_ok=True), {}
        if told := made.left_out[:TOLD]:
            self.desk.tell("export", {"name": made.name, "left_out": told, "count": len(made.left_out)})
            headers["x-htrkit-left-out"] = json.dumps(told)
        return FileResponse(made.path, filename=made.name, headers=headers, background=done)
