"""Many files in, results and failures out, in order; what the command line and other services build on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit import Recognizer, jobs
from htrkit.outputs import load_outputs
from htrkit.pages.sources import Sources
from htrkit.progress import Progress
from htrkit.spec import Spec
from htrkit.stream import LINES_AT_ONCE
from htrkit.types import Failed, Line, Page, Place, Result, Sample
from tests import tiny_model
from tests.drawing import save

HALVES = """
from dataclasses import replace

from htrkit import Component, hookimpl
from htrkit.types import Place


@hookimpl
def htrkit_segmenters():
    return [Component("halves", "two lines, one above the other", "acme_htr:Halves")]


class Halves:
    def segment(self, page):
        height, width = page.pixels.shape
        half = height // 2
        boxes = [((0, top), (width, top), (width, top + half), (0, top + half)) for top in (0, half)]
        return replace(page, lines=tuple((Place(page.id, i, box), None) for i, box in enumerate(boxes)))
"""


@pytest.fixture
def recognizer(tmp_path: Path) -> Recognizer:
    return Recognizer.load(tiny_model.write(tmp_path / "bars").folder)


def images(folder: Path, *texts: str) -> list[str]:
    return [str(save(folder / f"{i}-{text}.png", tiny_model.draw(text))) for i, text in enumerate(texts)]


def test_each_file_is_a_page_with_its_result_or_a_failure(recognizer: Recognizer, tmp_path: Path) -> None:
    first, second = images(tmp_path, "ab", "bb")
    (tmp_path / "blot.png").touch()
    blot = str(tmp_path / "blot.png")
    job = jobs.read_files(recognizer, [first, blot, second])
    assert job.several
    found = list(job)
    assert [(type(one), one.id) for one in found] == [
        (Page, first),
        (Result, first),
        (Failed, blot),
        (Page, second),
        (Result, second),
    ]
    assert [one.text for one in found if isinstance(one, Result)] == ["ab", "bb"]
    assert (job.read, job.failed, job.expected) == (2, 1, 3)


def test_each_sample_comes_with_what_was_made_of_its_line(recognizer: Recognizer) -> None:
    told: list[str] = []

    class Told(Progress):
        def done(self, count: int = 1, said: str = "") -> None:
            told.append("done")

        def failed(self, failed: Failed) -> None:
            told.append(str(failed))

    colour = Line("colour.png", np.zeros((32, 64, 3), np.uint8))
    samples = [Sample(Line("1.png", tiny_model.draw("ab")), "ab"), Sample(colour, "a"), Sample(colour, "b")]
    found = list(jobs.read_samples(iter(samples), recognizer.recognize, Told()))
    assert [sample for sample, _ in found] == samples
    assert [made.text if isinstance(made, Result) else type(made) for _, made in found] == ["ab", Failed, Failed]
    assert [one.split(":")[0] for one in told] == ["done", "colour.png", "done", "colour.png", "done"]


def test_samples_are_taken_as_far_as_they_are_asked_for(recognizer: Recognizer) -> None:
    line = Line("1.png", tiny_model.draw("ab"))
    endless = (Sample(line, str(number)) for number in count())
    found = jobs.read_samples(endless, recognizer.recognize)
    assert [sample.text for sample, _ in islice(found, 3)] == ["0", "1", "2"]


def test_progress_tells_what_is_done_and_what_is_known(
    recognizer: Recognizer, tmp_path: Path, stranger: Callable[..., None]
) -> None:
    stranger("acme-htr", HALVES)
    pages = [str(save(tmp_path / f"{i}.png", np.vstack([tiny_model.draw("a")] * 2))) for i in range(3)]
    told: list[tuple[int, int]] = []
    job = jobs.read_files(
        recognizer, pages, segmenter=Spec("segmenter", "halves"), progress=lambda *numbers: told.append(numbers)
    )
    found = list(job)
    assert [one.place.order for one in found if isinstance(one, Result) and one.place] == [0, 1] * 3
    assert told[0] == (0, 4)
    assert told[-1] == (6, 6)
    assert told == sorted(told)


def test_an_endless_list_of_files_is_read_as_far_as_it_is_asked_for(recognizer: Recognizer, tmp_path: Path) -> None:
    files = images(tmp_path, "ab") * (5 * LINES_AT_ONCE)
    taken = []

    class Counting(Sources):
        def of(self, path: Path) -> object:  # type: ignore[override]
            taken.append(path)
            return super().of(path)

    found = iter(jobs.read_files(recognizer, files, sources=Counting()))
    assert isinstance(next(found), Page)
    assert isinstance(next(found), Result)
    assert len(taken) <= LINES_AT_ONCE + 2 * recognizer.threads + 1


@pytest.mark.parametrize(("pages", "several"), [(1, False), (2, True)])
def test_one_file_is_several_images_if_it_has_several_pages(
    recognizer: Recognizer, tmp_path: Path, pages: int, several: bool
) -> None:
    first, *others = [Image.fromarray(tiny_model.draw("a"))] * pages
    first.save(tmp_path / "pages.tif", save_all=True, append_images=others)
    job = jobs.read_files(recognizer, [str(tmp_path / "pages.tif")])
    assert job.several == several
    assert len([one for one in job if isinstance(one, Result)]) == pages


def test_outputs_are_kept_of_what_was_encoded(recognizer: Recognizer, tmp_path: Path) -> None:
    files = images(tmp_path, "ab", "a")
    file = tmp_path / "outputs.npz"
    assert len(list(jobs.read_files(recognizer, [files[0], "nowhere.png", files[1]], outputs=file))) == 5
    saved = load_outputs(file)
    assert saved.ids == tuple(files)
    assert [len(one) for one in saved.log_probs] == [32, 32]


def test_a_segmenters_places_come_with_the_results(
    recognizer: Recognizer, tmp_path: Path, stranger: Callable[..., None]
) -> None:
    stranger("acme-htr", HALVES)
    path = str(save(tmp_path / "page.png", np.vstack([tiny_model.draw("ab"), tiny_model.draw("b")])))
    page, above, below = jobs.read_files(recognizer, [path], segmenter=Spec("segmenter", "halves"))
    assert isinstance(page, Page)
    assert isinstance(above, Result)
    assert isinstance(below, Result)
    assert (above.text, below.text) == ("ab", "b")
    assert below.place == Place(path, 1, ((0.0, 32.0), (128.0, 32.0), (128.0, 64.0), (0.0, 64.0)))
    assert [place for place, _ in page.lines] == [above.place, below.place]
