"""The whole way in headless Chromium: from two scans that are dropped to a model that has learnt from them."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from lxml import etree
from page_schemas import schema

from htrkit import Recognizer, Result
from htrkit.jobs import read_files
from htrkit.readers import open_samples

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import TEXTS, Hands, draw
from selenium.webdriver.common.keys import Keys

FORMATS = {"page-xml", "alto", "hocr", "txt", "jsonl", "table", "zip", "pdf"}
EPOCHS = "8"
LOOKS_LIKE = str.maketrans("aoen", "oane")
"""The shapes of a hand that has to be learnt: its a looks like an o."""
SLOW = 240.0
"""Seconds; decoders are compiled when they are first used, and a network is trained."""


def test_from_scans_to_a_model_of_that_hand(sit_at: Callable[[Path], Hands], tmp_path: Path) -> None:
    scans, project = tmp_path / "scans", tmp_path / "project"
    scans.mkdir()
    project.mkdir()
    hands = sit_at(project)
    assert hands.texts("#welcome h2") == ["Drop scans here"]

    # drop, and wait: lines are found and read, and one may write at once
    pages = ([text.translate(LOOKS_LIKE) for text in texts] for texts in TEXTS)
    hands.drop(*(draw(scans, f"page-{number}.png", texts) for number, texts in enumerate(pages, start=1)))
    hands.until(lambda: hands.texts("#pages button small") == ["4 lines read"] * 2, SLOW)
    hands.until(lambda: len(hands.lines()) == 4)
    assert hands.focus() == "text"

    # correct three lines with keys
    for text in TEXTS[0][:3]:
        hands.press("Ctrl+a")
        hands.write(text)
        hands.press("Enter")
    hands.saved()
    hands.open()
    assert hands.lines()[:3] == list(TEXTS[0][:3])
    assert hands.states() == ["corrected"] * 3 + ["read"]

    side_by_side(hands)
    hands.click("#export")
    offered = hands.script("[...document.querySelectorAll('#exports a')].map((one) => one.dataset.format)")
    hands.click("#export")
    assert FORMATS - {"pdf"} <= set(offered)
    for name in offered:
        check_export(exported(hands, name), name, tmp_path)

    # the last line, then teach
    hands.click("#tab-transcript")
    hands.click("#transcript button", 3)
    hands.press("Ctrl+a")
    hands.write(TEXTS[0][3])
    hands.press("Enter")
    hands.saved()
    hands.click("#teach")
    hands.one("#epochs").send_keys(EPOCHS)
    hands.click("[data-do=start]")
    hands.until(lambda: hands.all(".before-after") or hands.texts("#teaching .warning"), SLOW)
    before, after = (float(text.removesuffix("%")) for text in hands.texts(".before-after dd"))
    assert after < before
    assert "the new model is chosen" in hands.texts("#teaching")[0]

    # read the rest again: what was corrected stays, the others are read with the new model
    hands.click("[data-do=rest]")
    hands.until(lambda: not hands.all("dialog"))
    hands.until(lambda: "Reading" in hands.texts(".job b"), SLOW)
    hands.until(lambda: not any("Stop" in job for job in hands.texts(".job")), SLOW)
    assert hands.lines() == list(TEXTS[0])
    assert hands.states() == ["corrected"] * 4
    hands.click("#pages button", 1)
    recognizer = Recognizer.load(project / ".htrkit" / "models" / "1")
    found = [one for one in read_files(recognizer, [str(project / "page-2.xml")]) if isinstance(one, Result)]
    hands.until(lambda: hands.lines() == [one.text for one in found])
    assert hands.states() == ["read"] * 4


def side_by_side(hands: Hands) -> None:
    """Decoders read the chosen line, and one sees what the network saw."""
    hands.click("#tab-decoders")
    hands.until(lambda: len(hands.all(".reading .figures")) >= 3, SLOW)
    assert all(text.strip() for text in hands.texts(".reading h3"))
    assert all(re.search(r"\d (ms|s)$", text) for text in hands.texts(".reading .figures"))
    hands.until(lambda: hands.all("#seen"), SLOW)
    seen, rows = (hands.one(f"#seen-{name}").rect for name in ("cut", "rows"))
    assert (seen["x"], seen["width"]) == (rows["x"], rows["width"])
    painted = hands.script(
        "document.getElementById('seen-rows').getContext('2d').getImageData(0, 0, 400, 18).data.some((v) => v)"
    )
    assert painted
    hands.one("#seen-rows").send_keys(Keys.ARROW_RIGHT * 2)
    assert hands.text("#seen-column").startswith("Frame 2: ")
    assert hands.faint(dark=True) == []
    assert hands.faint(dark=False) == []

    # options of one's own, as they are typed; then the page is read so, but for what is corrected
    hands.click("#own-decoder summary")
    hands.click("#own-options select option[value=beam]")
    hands.one("#own-options [name='option.beam_width']").send_keys(Keys.CONTROL, "a", Keys.NULL, "3")
    hands.until(lambda: "beam_width=3" in " ".join(hands.texts("[data-reading] h3")), SLOW)
    hands.look(width=390)
    assert hands.script("document.documentElement.scrollWidth") <= 390
    hands.look()
    hands.click("[data-reading*='beam_width=3'] .quiet")
    hands.until(lambda: "Reading" in hands.texts(".job b"))
    hands.until(lambda: any("done" in job for job in hands.texts(".job")), SLOW)
    hands.click("#own-decoder summary")
    assert hands.lines()[:3] == list(TEXTS[0][:3])
    assert hands.states() == ["corrected"] * 3 + ["read"]


def exported(hands: Hands, name: str) -> bytes:
    """What lies in the downloads after a format was chosen."""
    folder = Path(str(hands.browser.downloads))
    before = set(folder.iterdir())
    hands.click("#export")
    hands.click(f"#exports [data-format={name}]")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        new = [path for path in set(folder.iterdir()) - before if not re.search(r"^\.|\.crdownload$", path.name)]
        if new and new[0].stat().st_size:
            return new[0].read_bytes()
        time.sleep(0.1)
    raise AssertionError(f"{name} has not come: {hands.texts('.notice')}")


def check_export(data: bytes, name: str, folder: Path) -> None:
    """Open a download, and look for what was corrected in it."""
    corrected = list(TEXTS[0][:3])
    files = {"": data}
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            files = {path: archive.read(path) for path in archive.namelist()}
    if name in ("page-xml", "alto"):
        assert len(files) == 2
        for content in files.values():
            if valid := schema(name):
                valid.assertValid(etree.fromstring(content).getroottree())
    if name in ("page-xml", "alto", "hocr"):
        (first,) = (etree.fromstring(content) for path, content in files.items() if path.startswith("page-1"))
        words = {"page-xml": ".//{*}TextLine/{*}TextEquiv/{*}Unicode", "alto": ".//{*}TextLine", "hocr": ".//*"}[name]
        found = first.findall(words)
        if name == "alto":
            texts = [" ".join(one.get("CONTENT") for one in line.iter("{*}String")) for line in found]
        elif name == "hocr":
            assert {"ocr_page", "ocr_line", "ocrx_word"} <= {one.get("class") for one in found}
            assert all("bbox" in one.get("title") for one in found if (one.get("class") or "").startswith("ocr"))
            lines = [one for one in found if one.get("class") == "ocr_line"]
            texts = [" ".join("".join(line.itertext()).split()) for line in lines]
        else:
            texts = [one.text or "" for one in found]
        assert texts[:3] == corrected
        assert len(texts) == 4
    elif name == "txt":
        assert data.decode().splitlines()[:3] == [f"page-1.png\t{text}" for text in corrected]
    elif name == "jsonl":
        rows = [json.loads(line) for line in data.decode().splitlines()]
        assert len(rows) == 8
        assert [row["text"] for row in rows][:3] == corrected
    elif name == "table":
        for path, content in files.items():
            (folder / "table" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "table" / path).write_bytes(content)
        samples = list(open_samples([folder / "table" / "table.tsv"]))
        assert [one.text for one in samples] == corrected
        assert all(one.line.pixels.std() > 0.0 for one in samples)
    elif name == "pdf":
        import pypdfium2

        document = pypdfium2.PdfDocument(data)
        assert len(document) == 2
        text = document[0].get_textpage().get_text_range()
        assert [one for one in corrected if one not in " ".join(text.split())] == []
    elif name == "zip":
        assert set(files) == {"page-1.png", "page-1.xml", "page-2.png", "page-2.xml", "texts.tsv"}
        assert files["texts.tsv"].decode().splitlines()[:3] == [f"page-1.png\t{text}" for text in corrected]
    else:  # pictures
        assert [
            path for path, content in files.items() if cv2.imdecode(np.frombuffer(content, np.uint8), 0) is None
        ] == []


def test_a_page_without_lines_says_whether_they_are_being_looked_for(
    sit_at: Callable[[Path], Hands], tmp_path: Path
) -> None:
    draw(tmp_path, "page.png", TEXTS[0])
    hands = sit_at(tmp_path)
    hands.one("#no-lines")
    hands.click("#read")
    hands.click("#read-rest")
    hands.one("#lines-soon")
    assert not hands.all("#no-lines")
    hands.until(lambda: len(hands.lines()) == 4, SLOW)
    assert not hands.all("#lines-soon")


def test_an_answer_that_comes_late_does_not_hide_that_a_job_runs(
    sit_at: Callable[[Path], Hands], tmp_path: Path
) -> None:
    draw(tmp_path, "page.png", TEXTS[0])
    hands = sit_at(tmp_path)
    hands.browser.execute_script(
        """
        const send = window.fetch;
        window.fetch = async (path, asked) => {
          const answer = await send(path, asked);
          if (asked?.method === "POST") await new Promise((done) => setTimeout(done, 1000));
          document.body.dataset.answered = `${document.body.dataset.answered ?? ""} ${path}`;
          return answer;
        };
        """
    )
    hands.click("#read")
    hands.click("#read-rest")
    hands.until(lambda: "/api/jobs" in (hands.script("document.body.dataset.answered") or "").split())
    hands.until(lambda: hands.texts(".job"))
    assert "waits" not in hands.texts(".job")[0]
    hands.until(lambda: len(hands.lines()) == 4, SLOW)
