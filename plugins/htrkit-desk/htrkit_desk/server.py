"""The desk's answers: every address that the page asks, as an application for any ASGI server."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from htrkit import HtrkitError, InputError, plugins
from htrkit.model import Model
from htrkit.quoting import reason
from htrkit_desk import components, versions
from htrkit_desk.cuts import Cutter, png
from htrkit_desk.document import Document
from htrkit_desk.events import Events
from htrkit_desk.exports import export
from htrkit_desk.found import Entry
from htrkit_desk.gate import Gate
from htrkit_desk.index import Summary
from htrkit_desk.job import Kind
from htrkit_desk.jobs import Jobs, Task
from htrkit_desk.pictures import scaled
from htrkit_desk.project import ConflictError, Project, UnknownError
from htrkit_desk.reading import Reader
from htrkit_desk.search import search
from htrkit_desk.settings import CHOICES
from htrkit_desk.sheet import sheet_of
from htrkit_desk.teaching import Teacher, epochs_of
from htrkit_desk.trials import Trials
from htrkit_desk.uploads import added

STATIC = Path(__file__).parent / "static"
MAX_FILES = 5_000
SOON = 0.3
"""Seconds in which the list of pages comes, whether all of them have been looked into or not."""
LOOK = 3.0
"""Seconds between two looks at the folder while a browser shows it."""


class Desk:
    """The answers, each from the project's files."""

    def __init__(self, project: Project) -> None:
        self.project, self.events, self.cutter = project, Events(), Cutter(project)
        self.trials = Trials(project, self.cutter)
        reader, teacher = Reader(project), Teacher(project)
        work: dict[Kind, Callable[[Task], None]] = {
            "read": reader.read,
            "segment": reader.segment,
            "unpack": reader.unpack,
            "teach": teacher.teach,
        }
        self.jobs = Jobs(project.hidden / "jobs", work, lambda job: self.tell("job", job.json()))
        self.catching_up: threading.Thread | None = None
        project.told = self.tell
        self.unpack()

    def tell(self, kind: str, said: dict[str, Any]) -> None:
        """Tell the browsers what has happened; of a page, its summary."""
        if self.events.heard:
            if kind == "page":
                entry = self.project.entry(said["id"])
                said = {**self.project.summary(entry).json(entry.id), **said}
            self.events.tell(kind, said)

    def unpack(self) -> None:
        """Have the pages of files drawn that have several, unless that is done or being done."""
        known = {id_ for job in self.jobs.all() if job.kind == "unpack" and job.state != "done" for id_ in job.pages}
        files = (file.relative_to(self.project.root).as_posix() for file in self.project.to_unpack)
        if wanted := tuple(file for file in files if file not in known):
            self.jobs.begin("unpack", wanted, {})

    def look(self) -> None:
        """See what has changed in the folder, and tell."""
        if self.project.look():
            self.tell("project", {})
        self.unpack()

    def close(self) -> None:
        """End what runs."""
        self.jobs.close()
        self.trials.close()
        self.project.index.write(now=True)

    def routes(self) -> list[Route | Mount]:
        """The addresses; of those that begin alike, the longer ones come first: ids of pages have slashes."""
        page = "/api/pages/{page:path}"
        return [
            Route("/", self.index),
            Route("/api/project", self.get_project),
            Route("/api/components", self.get_components),
            Route("/api/settings", self.put_settings, methods=["PUT"]),
            Route("/api/pages", self.post_pages, methods=["POST"]),
            Route(page + "/lines/{line}/image", self.get_line_image),
            Route(page + "/lines/{line}/network", self.get_network),
            Route(page + "/lines/{line}/decode", self.post_decode, methods=["POST"]),
            Route(page + "/versions/{version}", self.post_version, methods=["POST"]),
            Route(page + "/versions", self.get_versions),
            Route(page + "/image", self.get_image),
            Route(page, self.get_page),
            Route(page, self.put_page, methods=["PUT"]),
            Route(page, self.delete_page, methods=["DELETE"]),
            Route("/api/jobs", self.get_jobs),
            Route("/api/jobs", self.post_job, methods=["POST"]),
            Route("/api/jobs/{job}", self.delete_job, methods=["DELETE"]),
            Route("/api/jobs/{job}/resume", self.resume_job, methods=["POST"]),
            Route("/api/events", self.get_events),
            Route("/api/search", self.get_search),
            Route("/api/export", self.get_export),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def index(self, request: Request) -> Response:
        """The page."""
        path = STATIC / "index.html"
        if not path.exists():
            return Response("<!doctype html><title>htrkit</title><p>The page is not here yet.", media_type="text/html")
        return FileResponse(path, headers={"cache-control": "no-cache"})

    def get_project(self, request: Request) -> Response:
        """The project with the list of its pages."""
        return JSONResponse(self.project_json())

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
            "name": project.root.name,
            "folder": str(project.root),
            "settings": {
                "model": chosen.model or plugins.default("model"),
                "decoder": chosen.decoder or (model.decoder if model else None),
                "segmenter": chosen.segmenter or plugins.default("segmenter"),
            },
            "alphabet": model.alphabet.characters if model else "",
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
                if time.monotonic() - told > LOOK:
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

    def get_components(self, request: Request) -> Response:
        """What can be chosen."""
        return JSONResponse(components.listing(self.project))

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
            components.check(self.project, name, value)
        self.project.choose(**chosen)
        self.tell("project", {})
        return JSONResponse(self.project_json())

    async def post_pages(self, request: Request) -> Response:
        """Take files."""
        try:
            form = await request.form(max_files=MAX_FILES, max_fields=0)
        except MultiPartException as error:
            raise InputError(f"the files did not come whole: {error.message}") from None
        try:
            given = [one for _, one in form.multi_items() if isinstance(one, UploadFile)]
            return await run_in_threadpool(self.take, [(one.filename or "", one.file) for one in given])
        finally:
            await form.close()

    def take(self, files: list[tuple[str, BinaryIO]]) -> Response:
        """Put files into the folder; which pages they have become, and what was refused."""
        paths, refused = added(self.project.root, files)
        self.look()
        self.tell("project", {})
        entries = [entry for entry in self.project.entries() if {entry.file, entry.described} & set(paths)]
        summaries = [self.project.summary(entry).json(entry.id) for entry in entries]
        return JSONResponse({"added": summaries, "failed": refused})

    def get_page(self, request: Request) -> Response:
        """A page with its lines."""
        return self.page_json(*self.opened(request))

    def opened(self, request: Request) -> tuple[Entry, Document]:
        """The page that an address names."""
        entry = self.project.entry(request.path_params["page"])
        return entry, self.project.document(entry)

    def page_json(self, entry: Entry, document: Document, status: int = 200) -> Response:
        """A page as the browser gets it."""
        return JSONResponse(self.page_of(entry, document), status)

    def page_of(self, entry: Entry, document: Document) -> dict[str, Any]:
        """A page as the browser gets it."""
        size = document.picture.size
        about = {"id": entry.id, "name": entry.id, "version": document.version}
        return {**about, "width": size.width, "height": size.height, **document.sheet().json()}

    async def put_page(self, request: Request) -> Response:
        """Save a page; if it is another than the browser has seen, say what it is now."""
        wanted = await body(request)
        return await run_in_threadpool(self.save, request.path_params["page"], wanted)

    def save(self, id_: str, wanted: dict[str, Any]) -> Response:
        """Save a page."""
        entry, sheet = self.project.entry(id_), sheet_of(wanted)
        try:
            return self.page_json(entry, self.project.save(entry, str(wanted.get("version")), sheet))
        except ConflictError as error:
            now = self.page_of(entry, self.project.document(entry))
            return JSONResponse({"error": str(error), "page": now}, 409)

    def delete_page(self, request: Request) -> Response:
        """Take a page out of the project; its files go to the hidden folder."""
        self.project.remove(self.project.entry(request.path_params["page"]))
        self.tell("project", {})
        return JSONResponse({})

    def get_image(self, request: Request) -> Response:
        """The picture of a page."""
        entry = self.project.entry(request.path_params["page"])
        width = request.query_params.get("width", "")
        data, kind = scaled(self.project.picture(entry).stored, int(width) if width.isdecimal() else None)
        return Response(data, media_type=kind, headers={"cache-control": "private, max-age=3600"})

    def get_line_image(self, request: Request) -> Response:
        """The picture of a line."""
        _, line = self.cutter.line(self.project.entry(request.path_params["page"]), request.path_params["line"])
        return Response(png(line), media_type="image/png")

    def get_network(self, request: Request) -> Response:
        """What the network saw on a line."""
        entry = self.project.entry(request.path_params["page"])
        return JSONResponse(self.trials.network(entry, request.path_params["line"]))

    async def post_decode(self, request: Request) -> Response:
        """What decoders make of a line, each as soon as it is done."""
        wanted = (await body(request)).get("decoders")
        if wanted is not None and not (isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)):
            raise InputError("decoders is a list of their names, with options")
        entry = await run_in_threadpool(self.project.entry, request.path_params["page"])
        found = await run_in_threadpool(self.trials.decode, entry, request.path_params["line"], wanted)
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in found)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    def get_versions(self, request: Request) -> Response:
        """What a page was before."""
        entry, document = self.opened(request)
        found = []
        for one in versions.kept(self.project.versions_of(entry)):
            try:
                sheet = Document.read(one.path.read_bytes(), one.path, document.picture).sheet()
            except (InputError, OSError):
                continue
            found.append({"version": one.version, "when": one.when, "corrected": sheet.count("corrected")})
        return JSONResponse(found)

    def post_version(self, request: Request) -> Response:
        """Bring back what a page was before."""
        entry, document = self.opened(request)
        wanted = request.path_params["version"]
        found = [one for one in versions.kept(self.project.versions_of(entry)) if one.version == wanted]
        if not found:
            raise UnknownError(f"there is no version {wanted[:40]!r} of {entry.id}")
        data = found[0].path.read_bytes()
        Document.read(data, found[0].path, document.picture)
        return self.page_json(entry, self.project.write(entry, data))

    def get_jobs(self, request: Request) -> Response:
        """The jobs."""
        return JSONResponse([job.json() for job in self.jobs.all()])

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
            components.spec_of(self.project, "decoder", str(asked["decoder"]))
        if kind == "teach":
            epochs_of(asked.get("epochs"))
        chosen = self.project.entries() if ids is None else [self.project.entry(one) for one in ids]
        pages = tuple(dict.fromkeys(entry.id for entry in chosen if self.project.summary(entry).failed is None))
        return JSONResponse(self.jobs.begin(kind, () if kind == "teach" else pages, asked).json())

    def delete_job(self, request: Request) -> Response:
        """Cancel a job."""
        return JSONResponse(self.jobs.cancel(request.path_params["job"]).json())

    def resume_job(self, request: Request) -> Response:
        """Go on with a job."""
        return JSONResponse(self.jobs.resume(request.path_params["job"]).json())

    async def get_events(self, request: Request) -> Response:
        """What happens, as it happens."""
        return StreamingResponse(
            self.events.listen(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    def get_search(self, request: Request) -> Response:
        """Where a text stands."""
        return JSONResponse(search(self.project, request.query_params.get("q", "")))

    def get_export(self, request: Request) -> Response:
        """A download."""
        ids = request.query_params.getlist("pages")
        made = export(self.project, request.query_params.get("format", "page-xml"), ids or None)
        done = BackgroundTask(made.path.unlink, missing_ok=True)
        return FileResponse(made.path, filename=made.name, background=done)


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that a request has for a body. Raises InputError if it has none."""
    try:
        value = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON") from None
    if not isinstance(value, dict):
        raise InputError("the request is no object")
    return value


def failed(request: Request, error: Exception) -> Response:
    """What is said of an error: a sentence, never a traceback."""
    if isinstance(error, HTTPException):
        return JSONResponse({"error": str(error.detail)}, error.status_code, headers=error.headers)
    if isinstance(error, UnknownError):
        return JSONResponse({"error": str(error)}, 404)
    if isinstance(error, HtrkitError):
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse({"error": getattr(error, "strerror", None) or reason(error)}, 500)


async def watch(desk: Desk) -> None:
    """See what others change in the folder while a browser looks at it."""
    while True:
        await asyncio.sleep(LOOK)
        if desk.events.heard:
            with suppress(HtrkitError, OSError):
                await run_in_threadpool(desk.look)


def application(
    project: Project, *, names: Iterable[str] = (), addresses: bool = False, token: str | None = None
) -> Starlette:
    """The desk of a project, behind its gate.

    Parameters
    ----------
    names, addresses, token
        As of `Gate`.
    """
    desk = Desk(project)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch(desk))
        yield
        watching.cancel()
        await run_in_threadpool(desk.close)

    gate = Middleware(Gate, names=names, addresses=addresses, token=token)
    app = Starlette(
        routes=desk.routes(),
        middleware=[gate],
        lifespan=lifespan,
        exception_handlers={HTTPException: failed, HtrkitError: failed, OSError: failed},
    )
    app.state.desk = desk
    return app
