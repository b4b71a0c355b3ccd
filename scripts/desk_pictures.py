"""Makes the pictures of the desk's tour by sitting down at it: htrkit serve, Chromium, and the letter of the samples.

    python scripts/desk_pictures.py docs/pictures

It needs the plugin htrkit-desk, and Chromium with chromedriver.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import typer
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

ROOT = Path(__file__).resolve().parent.parent
SIZE = {"width": 1280, "height": 760, "deviceScaleFactor": 1, "mobile": False}
PATIENCE = 180.0


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a desk."""
    command = [sys.executable, "-m", "htrkit", "serve", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        try:
            address = next(found for line in server.stderr if (found := re.search(r"http://\S+", line)))
            yield address[0]
        finally:
            server.terminate()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser that nobody sees."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


class Tour:
    """Goes through the desk, and draws what it sees."""

    def __init__(self, browser: webdriver.Chrome, out: Path) -> None:
        self.browser, self.out = browser, out

    def look(self, *, dark: bool = False) -> None:
        """In the light or in the dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)

    def shown(self, selector: str) -> list[WebElement]:
        """What can be seen."""
        code = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())"
        found: list[WebElement] = self.browser.execute_script(code, selector)
        return found

    def until(self, condition: Callable[[], object]) -> None:
        """Wait."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "the desk does not get on"
            time.sleep(0.2)

    def click(self, selector: str, number: int = 0) -> None:
        """Click on what can be seen."""
        self.until(lambda: len(self.shown(selector)) > number)
        self.shown(selector)[number].click()

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        ActionChains(self.browser).send_keys(*keys).perform()

    def draw(self, name: str) -> None:
        """Draw what is to be seen now."""
        time.sleep(0.6)
        pixels = cv2.imdecode(np.frombuffer(self.browser.get_screenshot_as_png(), np.uint8), cv2.IMREAD_COLOR)
        cv2.imwrite(str(self.out / f"desk-{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 82])

    def whole(self) -> None:
        """The tour."""
        self.draw("welcome")
        scans = sorted((ROOT / "samples" / "letter").glob("*.jpg"))
        self.browser.find_element(By.ID, "files").send_keys("\n".join(map(str, scans)))
        self.until(lambda: self.shown("#transcript .read") and not self.shown("#jobs"))
        self.click("#transcript button", 5)
        self.press(Keys.TAB)
        self.draw("correct")
        self.click("#tab-decoders")
        self.until(lambda: self.shown(".reading") and not self.shown(".waiting") and self.shown("#seen"))
        self.draw("decoders")
        self.look(dark=True)
        self.draw("dark")
        self.look()
        self.click("#tab-transcript")
        self.click("#layout")
        self.draw("layout")


def main(out: Path) -> None:
    """Draw every picture into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "letters from Gull Rock"
        project.mkdir()
        with served(project) as address, chromium() as browser:
            tour = Tour(browser, out)
            tour.look()
            browser.get(address)
            tour.until(lambda: tour.shown("body.ready"))
            tour.whole()


if __name__ == "__main__":
    typer.run(main)
