"""Drawn pages, and what a browser asks a desk of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from starlette.testclient import TestClient

Serve = Callable[..., TestClient]
PAGE = "/api/pages/page%201.png"
TEXTS = ("Written by hand", "in three lines", "on one page")


def draw(path: Path, texts: tuple[str, ...] = TEXTS) -> Path:
    """Draw a page of lines, 90 pixels apart, the first one's base line at 74."""
    pixels = np.full((90 * len(texts) + 360, 640), 225, np.uint8)
    for number, text in enumerate(texts):
        where = (60, 74 + 90 * number)
        cv2.putText(pixels, text, where, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, 40, 2, cv2.LINE_AA)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def line(number: int, text: str = "", state: str = "empty", **more: object) -> dict[str, object]:
    """A line of a drawn page, as the browser would send it."""
    top = 30 + 90 * number
    polygon = [[50, top], [500, top], [500, top + 66], [50, top + 66]]
    return {"polygon": polygon, "baseline": [[60, top + 44], [490, top + 44]], "text": text, "state": state} | more


def saved(desk: TestClient, *lines: dict[str, object], page: str = PAGE, **more: object) -> dict[str, Any]:
    """The page after it has been saved with such lines, without a region."""
    before = desk.get(page).json()
    answer = desk.put(page, json={**before, "lines": list(lines), **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wait(desk: TestClient, seconds: int = 120) -> dict[str, Any]:
    """The last job, once all are at an end."""
    for _ in range(20 * seconds):
        jobs: list[dict[str, Any]] = desk.get("/api/jobs").json()
        if not any(job["state"] in ("waiting", "running") for job in jobs):
            return jobs[0]
        time.sleep(0.05)
    raise TimeoutError(jobs)
