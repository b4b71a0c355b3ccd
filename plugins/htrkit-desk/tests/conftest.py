"""A browser, and desks to sit at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


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
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path_factory.mktemp("downloads"))})
    found = webdriver.Chrome(options=options, service=Service(driver))
    yield found
    found.quit()


@pytest.fixture
def sit_at(browser: Any) -> Iterator[Callable[[Path], Any]]:
    """Sits down at the desk of a folder; at the end nothing may have been complained of."""
    from contextlib import ExitStack

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
