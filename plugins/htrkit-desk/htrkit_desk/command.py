"""``htrkit serve``: the desk in the browser."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)
TRIES = 20
"""Ports after the wanted one that are tried."""


FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Of the scans; it is made if it is not there.", show_default="this one")
]
PortOption = Annotated[
    int | None, typer.Option(min=0, max=65535, help="0 for any free one.", show_default="8765, or the next free one")
]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")]
HostOption = Annotated[str, typer.Option(help="The address to listen on; others than this machine's need a token.")]


@app.command()
def serve(
    folder: FolderArgument = Path(),
    port: PortOption = None,
    browser: BrowserOption = True,
    host: HostOption = "127.0.0.1",
) -> None:
    """Read, correct and teach in the browser: scans in a folder, on this machine.

    Everything is kept in the folder: PAGE XML beside the images, and htrkit.json.
    """
    from htrkit import InputError
    from htrkit_desk.gate import LOOPBACK, own_names
    from htrkit_desk.lock import alone
    from htrkit_desk.project import Project
    from htrkit_desk.server import Server, application

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from None
    project = Project(folder)
    away = host not in LOOPBACK
    token = secrets.token_urlsafe(16) if away else None
    sock = _bound(host, port)
    at = sock.getsockname()[1]
    shown = host if host not in ("0.0.0.0", "::") else socket.gethostname()
    shown = f"[{shown}]" if ":" in shown else shown
    plain = f"http://{shown}:{at}/"
    address = plain + (f"?token={token}" if token else "")
    names = {host.lower(), *own_names()} if away else set()
    with alone(project.hidden, plain):
        desk = application(project, names=names, addresses=away, token=token)
        print(f"the desk of {project.root} is at {address}\nend it with Ctrl+C", file=sys.stderr, flush=True)
        if browser:
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
        Server(desk).run([sock])


def _bound(host: str, port: int | None) -> socket.socket:
    """A socket on the port, or, if none is asked for, on the first free one from the usual."""
    from htrkit import InputError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in [port] if port is not None else range(8765, 8765 + TRIES):
        sock = socket.socket(family)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, number))
            sock.listen(128)  # whoever comes before the desk is ready waits
            return sock
        except OSError as error:
            sock.close()
            said = error.strerror or str(error)
    raise InputError(f"cannot listen on {host}, port {number}: {said}")
