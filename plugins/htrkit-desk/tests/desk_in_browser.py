"""Pages that are drawn, a desk that serves them, and the hands of whoever sits at it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import cv2
import numpy as np
import uvicorn
from htrkit_desk.project import Project
from htrkit_desk.server import application
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

TEXTS = (
    ("The boat came on Tuesday", "with wool and coffee", "and the wind dropped", "Nobody knows her name"),
    ("The garden is under water", "only the cabbage stands", "send paper and candles", "your brother Thomas"),
)
WIDTH, HEIGHT, LEFT, TOP, PITCH = 1000, 620, 80, 130, 120
TOO_FAINT = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8").split("\n", 1)[1]
"""What in the page has too little contrast."""
SEEN = """
(selector) => [...document.querySelectorAll(selector)].map((one) => [one, one.closest("select") ?? one])
  .filter(([, seen]) => seen.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter(([, seen]) => seen.getClientRects().length).map(([one]) => one)
"""
"""The elements that can be seen. One script, for the page may draw itself anew between two questions."""
PAGE_XML = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def draw(folder: Path, name: str, texts: Sequence[str]) -> Path:
    """A page of handwriting."""
    page = np.full((HEIGHT, WIDTH), 235, np.uint8)
    for row, text in enumerate(texts):
        at = (LEFT, TOP + PITCH * row)
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, 1.9, (40.0,), 3, cv2.LINE_AA)
    path = folder / name
    cv2.imwrite(str(path), page)
    return path


def describe(image: Path, texts: Sequence[str], *, doubtful: str = "", alternative: str = "") -> Path:
    """PAGE XML beside an image, as a network read it; one word of it may be in doubt."""

    def word(text: str, x: int, y: int) -> str:
        sure = 0.3 if text == doubtful else 0.98
        other = alternative if text == doubtful else ""
        second = f'<TextEquiv index="1" conf="0.2"><Unicode>{escape(other)}</Unicode></TextEquiv>' if other else ""
        return (
            f'<Word id="w{y}_{x}"><Coords points="{x},{y - 60} {x + 150},{y - 60} {x + 150},{y + 30} {x},{y + 30}"/>'
            f'<TextEquiv index="0" conf="{sure}"><Unicode>{escape(text)}</Unicode></TextEquiv>{second}</Word>'
        )

    lines = []
    for row, text in enumerate(texts):
        y = TOP + PITCH * row
        words = "".join(word(one, LEFT + 160 * place, y) for place, one in enumerate(text.split()))
        lines.append(
            f'<TextLine id="l{row}"><Coords points="60,{y - 65} 940,{y - 65} 940,{y + 35} 60,{y + 35}"/>'
            f'<Baseline points="60,{y} 940,{y}"/>{words}'
            f'<TextEquiv conf="0.9"><Unicode>{escape(text)}</Unicode></TextEquiv></TextLine>'
        )
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><PcGts xmlns="{PAGE_XML}"><Metadata><Creator>htrkit</Creator>'
        "<Created>2026-11-26T08:00:00Z</Created><LastChange>2026-11-26T08:00:00Z</LastChange></Metadata>"
        f'<Page imageFilename="{escape(image.name)}" imageWidth="{WIDTH}" imageHeight="{HEIGHT}">'
        f'<TextRegion id="r1"><Coords points="40,40 960,40 960,560 40,560"/>{"".join(lines)}</TextRegion>'
        "</Page></PcGts>"
    )
    path = image.with_suffix(".xml")
    path.write_text(xml, encoding="utf-8")
    return path


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a desk for a folder."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who comes before the desk is ready waits
        config = uvicorn.Config(application(Project(folder)), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(10)


class Hands:
    """Who sits at the desk: looks at it, clicks and types."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, place: str = "") -> None:
        """Open the desk, or load it anew."""
        self.browser.get("about:blank")
        self.browser.get(self.address + place)
        self.until(lambda: self.all("body.ready"))

    def look(self, *, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        """Another screen."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": [scheme]})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def all(self, selector: str) -> list[Any]:
        """The elements that can be seen, as they are at one moment."""
        return list(self.script(f"({SEEN})(arguments[0])", selector))

    def one(self, selector: str) -> Any:
        """The element, once it can be seen."""
        return self.until(lambda: self.all(selector))[0]

    def click(self, selector: str, place: int = 0) -> None:
        """Click on an element, once it can be seen; on which of them, counted from 0."""
        self.until(lambda: [one.click() or one for one in self.all(selector)[place : place + 1]])

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is; ``Ctrl+z`` and so on together."""
        named = {"Ctrl": Keys.CONTROL, "Shift": Keys.SHIFT, "Alt": Keys.ALT}  # and ENTER, ESCAPE … as selenium has them
        chain = ActionChains(self.browser, duration=0)
        for key in keys:
            *held, last = key.split("+") if "+" in key[:-1] else [key]
            for modifier in held:
                chain.key_down(named[modifier])
            chain.send_keys(getattr(Keys, last.upper(), last) if len(last) > 1 and last.isidentifier() else last)
            for modifier in reversed(held):
                chain.key_up(named[modifier])
        chain.perform()

    def write(self, text: str) -> None:
        """Type a text."""
        ActionChains(self.browser, duration=0).send_keys(text).perform()

    def until(self, condition: Callable[[], Any], seconds: float = 6.0) -> Any:
        """What the condition gives as soon as it gives something."""
        end = time.monotonic() + seconds
        while True:
            try:
                if found := condition():
                    return found
            except StaleElementReferenceException:
                pass
            assert time.monotonic() < end, f"still not so after {seconds} s; jobs: {self.texts('.job')}"
            time.sleep(0.05)

    def text(self, selector: str) -> str:
        """What can be read in an element, once it can be seen."""
        return str(self.until(lambda: self.texts(selector))[0])

    def texts(self, selector: str) -> list[str]:
        """What can be read in elements, as they are at one moment."""
        return list(self.script(f"({SEEN})(arguments[0]).map((one) => one.innerText.trim())", selector))

    def script(self, code: str, *given: object) -> Any:
        """What a function in the page gives."""
        return self.browser.execute_script(f"return {code.strip()}", *given)

    def lines(self) -> list[str]:
        """The texts of the page's lines."""
        return list(self.script("[...document.querySelectorAll('#transcript .text')].map((one) => one.textContent)"))

    def states(self) -> list[str]:
        """The states of the page's lines."""
        return list(self.script("[...document.querySelectorAll('#transcript button')].map((one) => one.className)"))

    def field(self) -> str:
        """What stands in the field of the chosen line."""
        return str(self.script("document.getElementById('text').value"))

    def focus(self) -> str:
        """The id, or else the text, of what has the focus."""
        active = self.browser.switch_to.active_element
        return str(active.get_attribute("id") or active.text)

    def saved(self) -> None:
        """Wait until everything is saved."""
        self.until(lambda: self.texts("#saving") == ["✓ Saved"])

    def faint(self, *, dark: bool) -> list[str]:
        """What has too little contrast, in the light or in the dark."""
        self.look(dark=dark)
        self.until(lambda: not self.script("document.getAnimations().some((one) => one.playState === 'running')"))
        return list(self.script(TOO_FAINT))

    def complaints(self) -> list[str]:
        """What the browser complained of since it was last asked."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def drop(self, *paths: Path) -> None:
        """Drop files onto the page, as a file manager does."""
        files = [{"name": path.name, "data": list(path.read_bytes())} for path in paths]
        self.browser.execute_script(
            """
            const carried = new DataTransfer();
            for (const { name, data } of arguments[0]) carried.items.add(new File([new Uint8Array(data)], name));
            for (const kind of ["dragenter", "dragover", "drop"]) {
              const event = new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
              document.getElementById("desk").dispatchEvent(event);
            }
            """,
            files,
        )
