"""The reader: htrkit's conformance kit, then a folder written here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit import plugins
from htrkit.readers import open_samples
from htrkit.testing import check_reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two images of the three that the list names."""
    for name in ("1.png", "2.png"):
        Image.fromarray(np.full((30, 90), 200, np.uint8)).save(tmp_path / name)
    (tmp_path / "texts.txt").write_text("1.png one word\n2.png two\n3.png three\n", encoding="utf-8")
    return tmp_path


def test_keeps_the_contract(folder: Path) -> None:
    check_reader(lambda: plugins.create("reader", "listed"), folder)


def test_samples_are_read_and_what_cannot_be_is_counted(folder: Path) -> None:
    samples = open_samples([folder], reader="listed")
    assert [sample.text for sample in samples] == ["one word", "two"]
    assert str(samples.report).startswith("2 read, 1 skipped: no image of one line")
