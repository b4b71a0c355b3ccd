"""Real network outputs, and what the published decoders answer on them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from htrkit import ctc
from htrkit.alphabet import Alphabet
from htrkit.decoders.beam import Beam
from htrkit.decoders.best_path import BestPath
from htrkit.decoders.prefix import PrefixSearch
from htrkit.decoders.word_beam import WordBeam

CASES = {
    "iam_0": ("iam", "mat_0.csv", "iam"),
    "bentham_0": ("bentham", "mat_0.csv", "bentham"),
    "bentham_1": ("bentham", "mat_1.csv", "bentham"),
    "word": ("word", "rnnOutput.csv", "iam"),
    "line": ("line", "rnnOutput.csv", "iam"),
}


def log_probs(path: Path) -> NDArray[np.float64]:
    """The raw scores of a file, blank last, as log-probabilities, blank first."""
    rows = [line.rstrip(";\n").split(";") for line in path.open(encoding="utf-8") if line.strip()]
    scores = np.roll(np.array(rows, float), 1, axis=1)
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)  # type: ignore[no-any-return]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, shared_data: Path) -> dict[str, Any]:
    folder, matrix, characters = CASES[request.param]
    vectors = shared_data / "ctc-vectors"
    return {
        "line": log_probs(vectors / folder / matrix),
        "alphabet": (vectors / characters / "chars.txt").read_text(encoding="utf-8").strip("\n"),
        "word_characters": (vectors / characters / "wordChars.txt").read_text(encoding="utf-8").strip("\n"),
        "corpus": (vectors / folder / "corpus.txt").read_text(encoding="utf-8"),
        **json.loads((vectors / "expected.json").read_text(encoding="utf-8"))[request.param],
    }


def test_probability_of_the_ground_truth(case: dict[str, Any]) -> None:
    labels = Alphabet(case["alphabet"]).encode(case["ground_truth"])
    p = math.exp(ctc.log_prob(case["line"], labels))
    assert p == pytest.approx(case["probability_of_ground_truth"], rel=1e-12)


@pytest.mark.parametrize(
    ("decoder", "options", "published"),
    [
        (BestPath, {}, "best_path (CTCDecoder)"),
        (Beam, {}, "tf beam bw25"),
        (PrefixSearch, {}, "CTCDecoder.prefix_search_heuristic_split"),
        (WordBeam, {}, "word_beam Words k=0.0 bw25"),
        (WordBeam, {"beam_width": 50}, "word_beam Words k=0.0 bw50"),
        (WordBeam, {"mode": "ngrams"}, "word_beam NGrams k=0.01 bw25"),
        (WordBeam, {"mode": "forecast"}, "word_beam NGramsForecast k=0.01 bw25"),
    ],
)
def test_decoders_answer_as_published(
    kernels: str, case: dict[str, Any], decoder: Any, options: dict[str, Any], published: str
) -> None:
    if decoder is WordBeam:
        options = options | {"corpus": case["corpus"], "word_characters": case["word_characters"]}
    found = decoder(case["alphabet"], **options).decode(case["line"])[0]
    assert found.text == case["expected"][published]
    assert found.log_prob == pytest.approx(ctc.log_prob(case["line"], Alphabet(case["alphabet"]).encode(found.text)))
