"""Files as eScriptorium, Transkribus and kraken write them: opened, corrected, put into another order, still theirs."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from htrkit_desk.project import Project
from PIL import Image

FILES = (
    "escriptorium-alto",
    "escriptorium-page",
    "kraken-page",
    "reading-order-unordered",
    "transkribus",
    "transkribus-missing-coords",
)


@pytest.fixture(params=FILES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A folder with the file and an empty image of the name and size that it says."""
    data = os.environ.get("HTRKIT_DATA")
    if not data:
        pytest.skip("HTRKIT_DATA is not set: it names the folder with files of other programs")
    path = Path(data, "page-files", f"{request.param}.xml")
    text = path.read_text("utf-8")
    shutil.copy(path, tmp_path)
    name = re.search(r'imageFilename="([^"]+)"|<fileName>([^<]+)', text)
    sides = [re.search(rf'image{side}="(\d+)"|{side.upper()}="(\d+)"', text) for side in ("Width", "Height")]
    assert name
    width, height = (int(found[1] or found[2]) for found in sides if found)
    Image.new("L", (width, height), 255).save(tmp_path / (name[1] or name[2]).strip())
    return Project(tmp_path)


def test_they_are_corrected_and_reordered_without_any_loss(project: Project) -> None:
    (entry,) = project.entries()
    document = project.document(entry)
    sheet = document.sheet()
    first = replace(sheet.lines[0], text="changed here", state="corrected")
    saved = project.save(entry, document.version, replace(sheet, lines=(first, *sheet.lines[1:])))
    found = saved.sheet()
    assert found.lines[0].text == "changed here"
    assert [(one.id, one.text, one.state) for one in found.lines[1:]] == [
        (one.id, one.text, one.state) for one in sheet.lines[1:]
    ]
    assert [(one.polygon, one.baseline, one.region) for one in found.lines] == [
        (one.polygon, one.baseline, one.region) for one in sheet.lines
    ]
    assert found.regions == sheet.regions
    entry = project.entry(entry.id)
    turned = project.save(entry, saved.version, replace(found, lines=tuple(reversed(found.lines)))).sheet()
    assert {one.id: one.text for one in turned.lines} == {one.id: one.text for one in found.lines}
    assert [one.id for one in turned.lines] == [one.id for one in reversed(found.lines)]


def test_nothing_is_lost_of_what_they_say_elsewhere(project: Project) -> None:
    (entry,) = project.entries()
    assert entry.described is not None
    before = entry.described.read_text("utf-8")
    document = project.document(entry)
    project.save(entry, document.version, replace(document.sheet(), finished=True))
    after = project.entry(entry.id).kept.read_text("utf-8")
    if entry.described == entry.kept:
        for attribute in (
            "readingDirection",
            "primaryLanguage",
            "language {",
            "docId",
            "pageId",
            "externalRef",
            "fontSize",
        ):
            assert after.count(attribute) == before.count(attribute)
    else:
        assert entry.described.read_text("utf-8") == before
