"""The whole way in headless Chromium: from two scans that are dropped to a model that has learnt from them."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

pytest.importorskip("selenium", reason="drives the browser")
from desk_in_browser import TEXTS, Hands, draw

FORMATS = ("page-xml", "alto", "hocr", "txt", "jsonl", "table", "zip", "pdf")
SLOW = 240.0
"""Seconds; decoders are compiled when they are first used, and a network is trained."""


def test_from_scans_to_a_model_of_that_hand(sit_at: Callable[[Path], Hands], tmp_path: Path) -> None:
    scans, project = tmp_path / "scans", tmp_path / "project"
    scans.mkdir()
    project.mkdir()
    hands = sit_at(project)
    assert hands.texts("#welcome h2") == ["Drop scans here"]

    # drop, and wait: lines are found and read
    hands.drop(*(draw(scans, f"page-{number}.png", texts) for number, texts in enumerate(TEXTS, start=1)))
    hands.until(lambda: [text.splitlines()[1] for text in hands.texts("#pages button")] == ["4 lines read"] * 2, SLOW)
    hands.until(lambda: len(hands.lines()) == 4)

    # correct three lines with keys
    hands.all("#transcript button")[0].click()
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
    assert set(FORMATS) - {"pdf"} <= set(offered)
    for name in (one for one in FORMATS if one in offered):
        check_export(hands, name)

    # the last line, then teach
    hands.click("#tab-transcript")
    hands.all("#transcript button")[3].click()
    hands.press("Ctrl+a")
    hands.write(TEXTS[0][3])
    hands.press("Enter")
    hands.saved()
    hands.click("#teach")
    hands.one("#epochs").send_keys("1")
    hands.click("[data-do=start]")
    hands.until(lambda: hands.all(".before-after") or hands.texts("#teaching .warning"), SLOW)
    assert len(hands.texts(".before-after dd")) == 2, hands.texts("#teaching")
    hands.press("Escape")

    # read the rest again: what was corrected stays
    hands.click("#read")
    hands.click("#read-rest")
    hands.until(lambda: [job for job in hands.texts(".job b") if job == "Reading"], SLOW)
    hands.until(lambda: not any("Stop" in job for job in hands.texts(".job")), SLOW)
    assert hands.lines() == list(TEXTS[0])
    assert hands.states() == ["corrected"] * 4


def side_by_side(hands: Hands) -> None:
    """Decoders read the chosen line, and one sees what the network saw."""
    hands.click("#tab-decoders")
    hands.until(lambda: len(hands.all(".reading .figures")) >= 3, SLOW)
    assert all(text.strip() for text in hands.texts(".reading h3"))
    hands.until(lambda: hands.all("#seen"), SLOW)
    seen, rows = (hands.one(f"#seen-{name}").rect for name in ("cut", "rows"))
    assert (seen["x"], seen["width"]) == (rows["x"], rows["width"])
    painted = hands.script(
        "document.getElementById('seen-rows').getContext('2d').getImageData(0, 0, 400, 18).data.some((v) => v)"
    )
    assert painted


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


def check_export(hands: Hands, name: str) -> None:
    data, wanted = exported(hands, name), TEXTS[0][0]
    files = {"": data}
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            files = {path: archive.read(path) for path in archive.namelist()}
    if name in ("page-xml", "alto", "hocr"):
        assert len(files) == 2
        trees = [etree.fromstring(content) for content in files.values()]
        found = " ".join(" ".join([*tree.itertext(), *tree.xpath("//@CONTENT")]) for tree in trees).split()
        assert set(wanted.split()) <= set(found)
    elif name == "txt":
        assert any(wanted in text.decode() for text in files.values())
    elif name == "jsonl":
        texts = [json.loads(line) for text in files.values() for line in text.decode().splitlines()]
        assert len(texts) == 8
        assert wanted in json.dumps(texts)
    elif name == "table":
        (table,) = (text for path, text in files.items() if path.endswith(".tsv"))
        rows = list(csv.reader(io.StringIO(table.decode()), delimiter="\t"))
        assert len(rows) == 1 + 3
        assert any(wanted in row for row in rows)
    elif name == "pdf":
        assert data.startswith(b"%PDF")
    else:
        assert sum(path.endswith(".png") for path in files) == 2
        assert sum(path.endswith(".xml") for path in files) == 2


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
          document.body.dataset.answered = path;
          return answer;
        };
        """
    )
    hands.click("#read")
    hands.click("#read-rest")
    hands.until(lambda: hands.script("document.body.dataset.answered") == "/api/jobs")
    hands.until(lambda: hands.texts(".job"))
    assert "waits" not in hands.texts(".job")[0]
    hands.until(lambda: len(hands.lines()) == 4, SLOW)
