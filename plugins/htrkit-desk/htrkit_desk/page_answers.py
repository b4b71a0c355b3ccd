"""The answers about pages: what they hold, their pictures, their lines."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from htrkit import InputError
from htrkit_desk import versions
from htrkit_desk.cuts import png
from htrkit_desk.desk import Desk
from htrkit_desk.document import Document
from htrkit_desk.found import Entry
from htrkit_desk.pictures import scaled
from htrkit_desk.project import ConflictError, UnknownError
from htrkit_desk.requests import body
from htrkit_desk.sheet import sheet_of
from htrkit_desk.uploads import added

MAX_FILES = 5_000


class PageConvertor(StringConvertor):
    """The id of a page whose line is asked for: a file with a suffix, for folders may be called ``lines`` too."""

    regex = r".*\.[^./]*"


register_url_convertor("named", PageConvertor())


class PageAnswers:
    """Answers about the pages of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[Route]:
        """The addresses; of those that begin alike, the longer ones come first: ids of pages have slashes."""
        page, line = "/api/pages/{page:path}", "/api/pages/{page:named}/lines/{line}"
        return [
            Route("/api/pages", self.post_pages, methods=["POST"]),
            Route(line + "/image", self.get_line_image),
            Route(line + "/network", self.get_network),
            Route(line + "/decode", self.post_decode, methods=["POST"]),
            Route(page + "/versions/{version}", self.post_version, methods=["POST"]),
            Route(page + "/versions", self.get_versions),
            Route(page + "/image", self.get_image),
            Route(page, self.get_page),
            Route(page, self.put_page, methods=["PUT"]),
            Route(page, self.delete_page, methods=["DELETE"]),
        ]

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
        paths, refused = added(self.desk.project.root, files)
        self.desk.look()
        self.desk.tell("project", {})
        entries = [entry for entry in self.desk.project.entries() if {entry.file, entry.described} & set(paths)]
        summaries = [self.desk.project.summary(entry).json(entry.id) for entry in entries]
        return JSONResponse({"added": summaries, "failed": refused})

    def get_page(self, request: Request) -> Response:
        """A page with its lines."""
        return self.page_json(*self.opened(request))

    def named(self, request: Request) -> Entry:
        """The page that an address names."""
        return self.desk.project.entry(request.path_params["page"])

    def opened(self, request: Request) -> tuple[Entry, Document]:
        """The page that an address names, with what its file says."""
        entry = self.named(request)
        return entry, self.desk.project.document(entry)

    def page_json(self, entry: Entry, document: Document) -> Response:
        """A page as the browser gets it."""
        return JSONResponse(self.page_of(entry, document))

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
        entry, sheet = self.desk.project.entry(id_), sheet_of(wanted)
        try:
            return self.page_json(entry, self.desk.project.save(entry, str(wanted.get("version")), sheet))
        except ConflictError as error:
            now = self.page_of(entry, self.desk.project.document(entry))
            return JSONResponse({"error": str(error), "page": now}, 409)

    def delete_page(self, request: Request) -> Response:
        """Take a page out of the project; its files go to the hidden folder."""
        self.desk.project.remove(self.named(request))
        self.desk.tell("project", {})
        return JSONResponse({})

    def get_image(self, request: Request) -> Response:
        """The picture of a page."""
        stored = self.desk.project.picture(self.named(request)).stored
        width = request.query_params.get("width", "")
        data, kind = scaled(stored, int(width) if width.isdecimal() and len(width) < 9 else None)
        return Response(data, media_type=kind, headers={"cache-control": "private, max-age=3600"})

    def get_line_image(self, request: Request) -> Response:
        """The picture of a line."""
        _, line = self.desk.cutter.line(self.named(request), request.path_params["line"])
        return Response(png(line), media_type="image/png")

    def get_network(self, request: Request) -> Response:
        """What the network saw on a line."""
        return JSONResponse(self.desk.trials.network(self.named(request), request.path_params["line"]))

    async def post_decode(self, request: Request) -> Response:
        """What decoders make of a line, each as soon as it is done."""
        wanted = (await body(request)).get("decoders")
        if wanted is not None and not (isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)):
            raise InputError("decoders is a list of their names, with options")
        entry = await run_in_threadpool(self.named, request)
        found = await run_in_threadpool(self.desk.trials.decode, entry, request.path_params["line"], wanted)
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in found)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    def get_versions(self, request: Request) -> Response:
        """What a page was before."""
        entry, document = self.opened(request)
        found = []
        for one in versions.kept(self.desk.project.versions_of(entry)):
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
        found = [one for one in versions.kept(self.desk.project.versions_of(entry)) if one.version == wanted]
        if not found:
            raise UnknownError(f"there is no version {wanted[:40]!r} of {entry.id}")
        data = found[0].path.read_bytes()
        Document.read(data, found[0].path, document.picture)
        return self.page_json(entry, self.desk.project.write(entry, data))
