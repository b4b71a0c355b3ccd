"""The step: htrkit's conformance kit, then a line small enough to be checked by hand."""

import numpy as np
import pytest

from htrkit import Line, UsageError, plugins
from htrkit.testing import check_preprocessor


def test_keeps_the_contract() -> None:
    check_preprocessor(lambda: plugins.create("preprocessor", "margin"))


def test_paper_is_added_and_the_way_back_to_the_page_kept() -> None:
    line = plugins.create("preprocessor", "margin", width=2)(Line("x", np.array([[0, 200]], np.uint8)))
    assert line.pixels.tolist() == [[200] * 6, [200] * 6, [200, 200, 0, 200, 200, 200], [200] * 6, [200] * 6]
    assert line.to_page == ((1.0, 0.0, -2.0), (0.0, 1.0, -2.0))


def test_a_margin_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="-1"):
        plugins.create("preprocessor", "margin", width=-1)
