"""The desk as an application for any ASGI server: its answers behind its gate."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from htrkit import HtrkitError
from htrkit.quoting import reason
from htrkit_desk.desk import Desk
from htrkit_desk.gate import Gate
from htrkit_desk.page_answers import PageAnswers
from htrkit_desk.project import Project, UnknownError
from htrkit_desk.project_answers import ProjectAnswers

STATIC = Path(__file__).parent / "static"
LOOK = 3.0
"""Seconds between two looks at the folder while a browser shows it."""


def index(request: Request) -> Response:
    """The page."""
    path = STATIC / "index.html"
    if not path.exists():
        return Response("<!doctype html><title>htrkit</title><p>The page is not here yet.", media_type="text/html")
    return FileResponse(path, headers={"cache-control": "no-cache"})


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
        routes=[
            Route("/", index),
            *ProjectAnswers(desk).routes(),
            *PageAnswers(desk).routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[gate],
        lifespan=lifespan,
        exception_handlers={HTTPException: failed, HtrkitError: failed, OSError: failed},
    )
    app.state.desk = desk
    return app


class Server(uvicorn.Server):
    """Serves a desk until the process is told to end, and lets go of the browsers that listen then."""

    def __init__(self, desk: Starlette) -> None:
        super().__init__(uvicorn.Config(desk, log_level="warning", timeout_graceful_shutdown=1, server_header=False))
        self._desk: Desk = desk.state.desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all connections."""
        self._desk.events.close()
        await super().shutdown(sockets)
