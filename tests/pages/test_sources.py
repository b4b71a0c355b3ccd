"""Which source a file belongs to; and that none of them, whatever it does, costs more than its file."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.errors import UsageError
from htrkit.host import PluginWarning
from htrkit.pages.sources import Sources
from htrkit.types import Failed, Page
from tests.drawing import save, writing
from tests.pages.files import encoded

WORDS = ("Often", "quick", "brown")

# The source ``text`` gives what the lines of a file evaluate to.
SOURCES = """
from htrkit import Component, hookimpl


@hookimpl
def htrkit_sources():
    names = ["text", "deaf", "broken"]
    return [Component(name, "a stranger's", f"acme_htr:{name.title()}") for name in names]


class Text:
    def accepts(self, path):
        return path.suffix == ".py"

    def pages(self, path):
        import numpy as np
        from htrkit import InputError
        from htrkit.types import Page

        def page(number=1, pixels=np.full((9, 9), 255, np.uint8), **fields):
            return Page(f"{path}#{number}", path, number, pixels, **fields)

        for line in path.read_text().splitlines():
            yield eval(line)


class Deaf:
    def accepts(self, path):
        raise RuntimeError("what?")


class Broken:
    def __init__(self):
        raise RuntimeError("no")
"""


def pages(*paths: object, only: str | None = None) -> list[Page | Failed]:
    return list(Sources(only).pages(map(str, paths)))


def tiff(path: Path, **options: object) -> Path:
    first, *others = (Image.fromarray(writing(word)) for word in WORDS)
    path.write_bytes(encoded(first, "TIFF", save_all=True, append_images=others, **options))
    return path


def test_an_image_is_a_page_called_as_its_file_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "a.png", writing("Often"))
    for path in ("a.png", "./a.png", f"{tmp_path}//a.png"):
        (page,) = pages(path)
        assert isinstance(page, Page)
        assert (page.id, page.source, page.number, page.lines) == (path, Path(path), 1, ())
        np.testing.assert_array_equal(page.pixels, writing("Often"))


def test_each_page_of_a_tiff_has_its_number(tmp_path: Path) -> None:
    found = pages(tiff(tmp_path / "pages.tif"))
    assert [page.id for page in found] == [f"{tmp_path}/pages.tif#{number}" for number in (1, 2, 3)]
    for number, (page, word) in enumerate(zip(found, WORDS, strict=True), start=1):
        assert isinstance(page, Page)
        assert page.number == number
        np.testing.assert_array_equal(page.pixels, writing(word))


def test_pages_are_had_from_a_number_on(tmp_path: Path) -> None:
    path = str(tiff(tmp_path / "pages.tif"))
    every = pages(path)
    for number in (1, 2, 3, 4):
        found = list(Sources().pages_from(path, number))
        assert [page.id for page in found] == [page.id for page in every[number - 1 :]]
    single = str(save(tmp_path / "single.png", writing("Often")))
    assert [len(list(Sources().pages_from(single, number))) for number in (1, 2)] == [1, 0]


def test_what_a_refused_image_was_decoded_with_is_let_go(tmp_path: Path) -> None:
    def images() -> set[int]:
        return {id(one) for one in gc.get_objects() if issubclass(type(one), Image.Image)}  # a dead proxy has no class

    Image.new("L", (2, 40)).save(tmp_path / "small.webp")
    sources, before = Sources(), images()
    gc.disable()  # memory is wanted for the next image, not once in a while
    try:
        (refused,) = sources.pages([str(tmp_path / "small.webp")])
        assert isinstance(refused, Failed)
        assert images() <= before
    finally:
        gc.enable()


def test_a_source_that_only_gives_all_pages_is_asked_for_those(acme: None, tmp_path: Path) -> None:
    path = tmp_path / "pages.py"
    path.write_text("page(1)\npage(2)\npage(3)\n")
    found = list(Sources().pages_from(str(path), 2))
    assert [page.number for page in found if isinstance(page, Page)] == [2, 3]


def test_a_damaged_page_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tiff(tmp_path / "pages.tif", compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    with Image.open(path) as image:
        image.seek(1)
        (start,), (size,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    first, failed, third = pages("./pages.tif")
    assert isinstance(first, Page)
    assert isinstance(third, Page)
    assert (first.id, third.id, third.number) == ("./pages.tif#1", "./pages.tif#3", 3)
    assert isinstance(failed, Failed)
    assert failed.id == "./pages.tif#2"
    assert failed.reason.startswith("the image is damaged or cut off (")


def test_the_pages_before_the_cut_are_read(tmp_path: Path) -> None:
    path = tiff(tmp_path / "pages.tif")
    with Image.open(path) as image:
        image.seek(2)
        start = image._frame_pos[2]  # type: ignore[attr-defined]
    path.write_bytes(path.read_bytes()[:start])
    *before, failed = pages(path)
    assert [page.id for page in before if isinstance(page, Page)] == [f"{path}#1", f"{path}#2"]
    assert isinstance(failed, Failed)
    assert failed.id == f"{path}#3"
    assert failed.reason.startswith("the image is damaged or cut off (")


def test_a_file_that_cannot_be_read_is_one_failure_without_its_name_twice(tmp_path: Path) -> None:
    (tmp_path / "blot.png").touch()
    save(tmp_path / "a.png", writing("Often"))
    blot, nowhere, empty, good = pages(tmp_path / "blot.png", "./nowhere.png", "", tmp_path / "a.png")
    assert blot == Failed(f"{tmp_path}/blot.png", "the file is empty")
    assert nowhere == Failed("./nowhere.png", "no such file")
    assert empty == Failed("''", "a folder in which no image can be found")
    assert isinstance(good, Page)


@pytest.fixture
def acme(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", SOURCES)


@pytest.mark.usefixtures("acme")
def test_a_strangers_source_gets_what_htrkits_own_do_not_know(tmp_path: Path) -> None:
    save(tmp_path / "a.png", writing("Often"))
    (tmp_path / "pages.py").write_text("page(1)\npage(2)")
    with pytest.warns(PluginWarning, match=r"source 'broken' of acme-htr 0\.3 cannot be made"):
        found = pages(tmp_path / "pages.py", tmp_path / "a.png", tmp_path / "unknown.txt")
    assert [page.id for page in found] == [
        f"{tmp_path}/pages.py#1",
        f"{tmp_path}/pages.py#2",
        f"{tmp_path}/a.png",
        f"{tmp_path}/unknown.txt",
    ]
    assert found[-1] == Failed(f"{tmp_path}/unknown.txt", "no such file")


@pytest.mark.usefixtures("acme")
def test_a_source_that_fails_to_look_at_a_file_does_not_have_it(tmp_path: Path) -> None:
    with pytest.warns(PluginWarning, match=r"source 'deaf' raised RuntimeError: what\?"):
        assert Sources().of(tmp_path / "unknown.txt") is None


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("gives", "reason"),
    [
        ("None", "source 'text' gave None instead of a page"),
        ("'page'", "source 'text' gave 'page' instead of a page"),
        ("page(pixels=np.zeros((9, 9)))", "source 'text' gave a page whose pixels are of type float64"),
        ("page(pixels=np.zeros((9, 9, 3), np.uint8))", "source 'text' gave a page whose pixels have shape (9, 9, 3)"),
        ("page(pixels=np.zeros((0, 9), np.uint8))", "source 'text' gave a page whose pixels have shape (0, 9)"),
        ("page(lines=[1])", "source 'text' gave a page whose regions or lines are none"),
        ("page(lines=[('place', 'text')])", "source 'text' gave a page whose regions or lines are none"),
        ("page(lines=iter([(None, None)]))", "source 'text' gave a page whose regions or lines are none"),
        ("page(regions=None)", "source 'text' gave a page whose regions or lines are none"),
        ("Page(1, path, 1, None)", "source 'text' gave Page(id=1, "),
    ],
)
def test_a_page_that_is_none_costs_itself_alone(tmp_path: Path, gives: str, reason: str) -> None:
    (tmp_path / "pages.py").write_text(f"page(1)\n{gives}\npage(3)")
    before, failed, after = pages(tmp_path / "pages.py", only="text")
    assert [before.id, after.id] == [f"{tmp_path}/pages.py#1", f"{tmp_path}/pages.py#3"]
    assert isinstance(failed, Failed)
    assert failed.id == f"{tmp_path}/pages.py"
    assert failed.reason.startswith(reason)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("raises", "reason"),
    [
        ("1 / 0", "source 'text' raised ZeroDivisionError: division by zero"),
        ("exit()", "source 'text' raised SystemExit"),
        ("[].pop()", "source 'text' raised IndexError"),
        ("(_ for _ in ()).throw(InputError(f'{path}: torn'))", "torn"),
    ],
)
def test_a_source_that_fails_costs_the_rest_of_its_file(tmp_path: Path, raises: str, reason: str) -> None:
    (tmp_path / "pages.py").write_text(f"page(1)\n{raises}\npage(3)")
    save(tmp_path / "a.png", writing("Often"))
    before, failed, other = pages(tmp_path / "pages.py", tmp_path / "a.png")
    assert isinstance(before, Page)
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(reason)
    assert isinstance(other, Page)


@pytest.mark.usefixtures("acme")
def test_a_source_that_is_asked_for_reads_every_file(tmp_path: Path) -> None:
    (tmp_path / "pages.png").write_text("page(1)")
    assert [page.id for page in pages(tmp_path / "pages.png", only="text")] == [f"{tmp_path}/pages.png#1"]
    with pytest.raises(UsageError, match="no source named 'texts'; did you mean 'text'"):
        Sources("texts")
