"""What ``htrkit recognize --flag-below`` lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import tiny_model
from tests.drawing import save
from tests.strangers import htrkit


def test_what_is_to_be_looked_at_is_listed_beside_the_results(tmp_path: Path) -> None:
    tiny_model.write(tmp_path / "model")
    save(tmp_path / "ab.png", tiny_model.draw("ab"))
    missed = np.hstack([tiny_model.draw("bb"), np.full((32, 64), 255, np.uint8)])
    missed[14:19, -60:-4] = 0  # a long stroke that is no letter to the model
    save(tmp_path / "bb.png", missed)
    common = ("recognize", "ab.png", "bb.png", "--model", "model", "--decoder", "beam")
    all_words = htrkit(*common, "--flag-below", "1", cwd=tmp_path)
    assert (all_words.code, all_words.out) == (0, "ab.png\tab\nbb.png\tbb\n")
    rows = [line.split() for line in all_words.err.splitlines()]
    assert rows[0] == ["confidence", "read", "or", "where"]
    assert (rows[1][0], rows[1][-1]) == ("0.00", "bb.png")
    assert {(row[1], row[-1]) for row in rows[2:4]} == {("ab", "ab.png"), ("bb", "bb.png")}
    assert rows[2][0] <= rows[3][0]
    none = htrkit(*common[:2], *common[3:], "--flag-below", "0.1", cwd=tmp_path)
    assert none.err == "0 to look at, of 1 words: below 0.1, without ink, or not read\n"
