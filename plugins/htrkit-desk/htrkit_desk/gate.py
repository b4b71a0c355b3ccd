"""Who may ask the desk: the machine's own browser, from the desk's own page, with the token if there is one."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from htrkit.quoting import failure

COOKIE = "htrkit-token"
HEADER = "x-htrkit"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
MAX_JSON, MAX_UPLOAD = 32 << 20, 2 << 30
"""Bytes of a request: of a page, and of files."""
MAX_DIGITS = 18
"""Of a length that a request states: Python refuses to read numbers of thousands of them."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class TooLargeError(Exception):
    """A request has more bytes than it may."""


class Gate:
    """Lets requests through that come from the desk's own page.

    Names that are no address and not this machine's own are refused: a stranger's page could have its name lead here
    (DNS rebinding). What changes something needs a header that no stranger's page can send.

    Parameters
    ----------
    app
        The desk.
    names
        By which it may be asked, beside the loopback ones.
    addresses
        Whether any address will do: it is bound to others than loopback.
    token
        What a browser has to show; None if the machine's own users may all ask.
    """

    def __init__(
        self, app: ASGIApp, *, names: Iterable[str] = (), addresses: bool = False, token: str | None = None
    ) -> None:
        self._app, self._names, self._addresses, self._token = app, {*LOOPBACK, *names}, addresses, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, Secured(send, scope))
            return
        limit = MAX_UPLOAD if (scope["method"], scope["path"]) == ("POST", "/api/pages") else MAX_JSON
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or len(length) > MAX_DIGITS or int(length) > limit:
            await _too_large(limit)(scope, receive, Secured(send, scope))
            return
        answer = Secured(send, scope)
        try:
            await self._app(scope, _limited(receive, limit), answer)
        except TooLargeError:
            await _too_large(limit)(scope, receive, answer)
        except Exception as error:  # a mistake of the desk's own is told in a sentence, too
            said = f"unexpected: {failure(error).removeprefix('raised ')}"
            logging.getLogger(__name__).error("%s %s: %s", scope["method"], scope["path"], said)
            if not answer.begun:
                await _refused(said, 500)(scope, receive, answer)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known(host):
            return _refused("this name does not lead to the desk: use the address that htrkit serve has shown", 421)
        origin = headers.get("origin")
        if origin is not None and _host_of(origin) != host:
            return _refused("another site asks for this", 403)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not _navigates(scope, headers):
            return _refused("another site asks for this", 403)
        if self._token is not None and not self._has_token(scope):
            return self._asked_for_token(scope)
        if scope["method"] not in SAFE and headers.get(HEADER) != "1":
            return _refused("what changes something needs the header X-Htrkit: 1", 403)
        return None

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._addresses

    def _has_token(self, scope: Scope) -> bool:
        assert self._token is not None
        return _same(Request(scope).cookies.get(COOKIE), self._token)

    def _asked_for_token(self, scope: Scope) -> Response:
        if scope["path"] == "/" and _same(Request(scope).query_params.get("token"), self._token or ""):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, self._token or "", httponly=True, samesite="strict", max_age=90 * 86_400)
            return answer
        return _refused("a token is needed: open the address that htrkit serve has shown", 401)


def own_names() -> set[str]:
    """The names of this machine."""
    name = socket.gethostname().lower()
    return {name, f"{name}.local", socket.getfqdn().lower()} - {""}


def _host_of(origin: str) -> str | None:
    """The host of an origin; None if it is no address at all."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _same(given: str | None, token: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), token.encode())


def _navigates(scope: Scope, headers: Headers) -> bool:
    """Whether a person follows a link to the desk's page."""
    return scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"


def _refused(why: str, status: int) -> Response:
    return JSONResponse({"error": why}, status)


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLargeError
        return message

    return limited


def _too_large(limit: int) -> Response:
    return _refused(f"more than {limit >> 20} MB are not taken", 413)


class Secured:
    """Sends an answer with what a browser may do with it; ``begun`` once its beginning is sent."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send, self._scope, self.begun = send, scope, False

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(raw=message["headers"])
            for name, value in ALWAYS.items():
                headers[name] = value
            if self._scope["path"].startswith("/api/"):
                headers.setdefault("cache-control", "no-store")
        await self._send(message)
