"""What happens in a project, told to every browser that listens."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

WAITING = 1000
"""Events that a browser may be behind; then it has to load the project again."""
ALIVE = 15.0
"""Seconds after which something is sent, so that a connection that is gone is noticed."""


class Events:
    """A meeting point of those who tell, on any thread, and those who listen."""

    def __init__(self) -> None:
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str | None]]] = set()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def tell(self, kind: str, said: dict[str, Any]) -> None:
        """Tell all listeners."""
        text = json.dumps({**said, "type": kind})
        with self._lock:
            for loop, queue in self._listeners:
                loop.call_soon_threadsafe(_put, queue, text)

    def close(self) -> None:
        """Have nobody listen any more: a connection that stays open holds the server back when it ends."""
        with self._lock:
            self._closed = True
            for loop, queue in self._listeners:
                loop.call_soon_threadsafe(_end, queue)

    async def listen(self) -> AsyncIterator[str]:
        """Server-sent events, from now on."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING)
        listener = (asyncio.get_running_loop(), queue)
        with self._lock:
            self._listeners.add(listener)
        try:
            yield "retry: 1000\n\n"
            while not self._closed:
                try:
                    text = await asyncio.wait_for(queue.get(), ALIVE)
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                if text is not None:
                    yield f"data: {text}\n\n"
        finally:
            with self._lock:
                self._listeners.discard(listener)


def _put(queue: asyncio.Queue[str | None], text: str) -> None:
    if not queue.full():
        queue.put_nowait(text)


def _end(queue: asyncio.Queue[str | None]) -> None:
    if queue.empty():
        queue.put_nowait(None)
