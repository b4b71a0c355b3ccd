"""The segmenter `kraken`, on a page drawn here; kraken, which brings torch, is not among what htrkit's tests need."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

kraken = pytest.importorskip("kraken", reason="kraken is not installed: pip install ./plugins/htrkit-kraken")
segmenter = pytest.importorskip("htrkit_kraken.segmenter", reason="pip install ./plugins/htrkit-kraken")

from htrkit import InputError, Page, UsageError, plugins  # noqa: E402
from htrkit.testing import check_segmenter  # noqa: E402

LINES = ("A page of writing", "with some lines on it,", "the last one short")


def page() -> Page:
    pixels = np.full((500, 700), 235, np.uint8)
    for number, text in enumerate(LINES):
        cv2.putText(pixels, text, (60, 100 + 100 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.4, 40, 2, cv2.LINE_AA)
    return Page("letter", Path("letter.png"), 1, pixels)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """kraken's own model for pages of a seventh of the height, which takes a fiftieth of the time."""
    from importlib.resources import files

    from kraken.models import load_models
    from kraken.models.writers import write_safetensors

    (model,) = load_models(str(files("kraken") / "blla.mlmodel"))
    model.user_metadata["vgsl"] = model.user_metadata["vgsl"].replace("[1,1800,", "[1,250,")
    path = tmp_path_factory.mktemp("kraken") / "small.safetensors"
    write_safetensors([model], path)
    return str(path)


def test_it_finds_the_lines_in_reading_order(small: str) -> None:
    """kraken may cut words whose letters do not join: each part stands on its line."""
    found = plugins.create("segmenter", "kraken", model=small).segment(page())
    heights = [float(np.median(np.array(place.baseline)[:, 1])) for place, _ in found.lines]
    nearest = [round(height / 100) for height in heights]
    assert sorted(nearest) == nearest
    assert set(nearest) == {1, 2, 3}
    assert heights == pytest.approx([100 * number for number in nearest], abs=15)
    for order, (place, _) in enumerate(found.lines):
        assert place.order == order
        assert not place.region or place.region in {region.id for region in found.regions}


def test_it_keeps_the_contract_of_segmenters(small: str) -> None:
    check_segmenter(lambda: segmenter.Kraken(model=small))


def test_it_has_a_model_by_default() -> None:
    import torch

    torch.set_num_threads(2)
    made = plugins.create("segmenter", "kraken", threads=1)
    assert torch.get_num_threads() == 1
    assert made.segment(replace(page(), pixels=page().pixels[:, :40])).lines == ()


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.mlmodel").write_bytes(b"no model")
    with pytest.raises(InputError, match=r"no\.mlmodel"):
        plugins.create("segmenter", "kraken", model=str(tmp_path / "no.mlmodel"))
    with pytest.raises(InputError, match="no such file"):
        plugins.create("segmenter", "kraken", model=str(tmp_path / "missing.mlmodel"))
    with pytest.raises(UsageError, match="threads"):
        plugins.create("segmenter", "kraken", threads=0)
