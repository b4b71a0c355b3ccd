"""What the published decoders answer on real network outputs, which the folder named by HTRKIT_DATA holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from htrkit_lexicon.search import LexiconSearch
from htrkit_lexicon.token_passing import TokenPassing

CASES = {
    "iam_0": ("iam/mat_0.csv", "iam/chars.txt", "iam/corpus.txt"),
    "bentham_0": ("bentham/mat_0.csv", "bentham/chars.txt", "bentham/corpus.txt"),
    "bentham_1": ("bentham/mat_1.csv", "bentham/chars.txt", "bentham/corpus.txt"),
    "word": ("word/rnnOutput.csv", "iam/chars.txt", "word/corpus.txt"),
    "line": ("line/rnnOutput.csv", "iam/chars.txt", "line/corpus.txt"),
}


@pytest.fixture
def vectors() -> Path:
    folder = os.environ.get("HTRKIT_DATA")
    if not folder:
        pytest.skip("HTRKIT_DATA is not set: it names the folder of network outputs that this test reads")
    return Path(folder) / "ctc-vectors"


def network_output(path: Path) -> np.ndarray:
    """Raw scores with the blank last become log probabilities with the blank first."""
    rows = path.read_text().splitlines()
    scores = np.roll(np.array([[float(score) for score in row.split(";")[:-1]] for row in rows]), 1, axis=1)
    return (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("case", CASES)
def test_answers_what_the_published_decoders_answer(vectors: Path, case: str) -> None:
    matrix, characters, corpus = (vectors / path for path in CASES[case])
    expected = json.loads((vectors / "expected.json").read_text())[case]["expected"]
    alphabet, text = characters.read_text(), corpus.read_text()
    line = network_output(matrix)
    words = TokenPassing(alphabet, corpus=text).words
    assert TokenPassing(alphabet, lexicon=words).decode(line)[0].text == expected["CTCDecoder.token_passing"]
    for tolerance in (2, 4):
        found = LexiconSearch(alphabet, lexicon=text.split(), tolerance=tolerance).decode(line)[0].text
        assert found == expected[f"CTCDecoder.lexicon_search tol{tolerance}"]
