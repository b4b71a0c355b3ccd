"""The source: htrkit's conformance kit, then a file written here."""

from pathlib import Path

import numpy as np
import pytest

from htrkit import InputError, plugins
from htrkit.testing import check_source


def test_keeps_the_contract(tmp_path: Path) -> None:
    np.save(tmp_path / "pages.npy", np.random.default_rng(0).integers(0, 256, (2, 60, 80), np.uint8))
    check_source(lambda: plugins.create("source", "arrays"), tmp_path / "pages.npy")


def test_an_array_of_anything_else_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros((60, 80)))
    with pytest.raises(InputError, match=r"an array \(60, 80\) of float64 holds no pages of uint8"):
        list(plugins.create("source", "arrays").pages(tmp_path / "one.npy"))
