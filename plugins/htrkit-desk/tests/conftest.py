"""Folders of drawn pages, desks that serve them, and a browser to sit at them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from desk_requests import Serve, draw
from htrkit_desk.project import Project
from htrkit_desk.server import application
from starlette.testclient import TestClient


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two drawn pages."""
    draw(tmp_path / "box" / "page 1.png")
    draw(tmp_path / "box" / "page 2.png", ("another page", "of two lines"))
    return tmp_path / "box"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves folders, until the test ends."""
    clients: list[TestClient] = []

    def start(folder: Path, **options: object) -> TestClient:
        app = application(Project(folder), **options)  # type: ignore[arg-type]
        client = TestClient(app, base_url="http://127.0.0.1:8765", headers={"X-Htrkit": "1"})
        clients.append(client.__enter__())
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def desk(folder: Path, serve: Serve) -> TestClient:
    """A desk of two drawn pages."""
    return serve(folder)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pytest.importorskip("selenium", reason="drives the browser")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if not driver or not chromium:
        pytest.skip("no Chromium with chromedriver here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-background-networking",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    found = webdriver.Chrome(options=options, service=Service(driver))
    found.downloads = downloads
    yield found
    found.quit()


@pytest.fixture
def sit_at(browser: Any) -> Iterator[Callable[[Path], Any]]:
    """Sits down at the desk of a folder; at the end nothing may have been complained of."""
    from desk_in_browser import Hands, served

    browser.get_log("browser")
    with ExitStack() as desks:

        def sit(folder: Path) -> Hands:
            hands = Hands(browser, desks.enter_context(served(folder)))
            hands.look()
            hands.open()
            return hands

        yield sit
        complaints = [entry["message"] for entry in browser.get_log("browser")]
        while len(browser.window_handles) > 1:
            browser.switch_to.window(browser.window_handles[-1])
            browser.close()
        browser.switch_to.window(browser.window_handles[0])
        browser.get("about:blank")
    assert not complaints
