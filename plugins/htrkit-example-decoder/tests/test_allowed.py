"""The decoder, asked for by its name, on outputs that are small enough to be checked by hand."""

import numpy as np
import pytest

import htrkit


def log_probs(*rows: list[float]) -> htrkit.LogProbs:
    """Natural logarithms of rows of probabilities, blank first."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(rows), dtype=np.float32)


def test_reads_the_best_path_when_everything_is_allowed() -> None:
    decoder = htrkit.decoder("allowed", "1l")
    [hypothesis] = decoder.decode(log_probs([0.1, 0.3, 0.6], [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]))
    assert hypothesis.text == "l1"


def test_reads_only_what_is_allowed() -> None:
    decoder = htrkit.decoder("allowed", "1l", characters="1")
    [hypothesis] = decoder.decode(log_probs([0.1, 0.3, 0.6], [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]))
    assert hypothesis.text == "11"


def test_log_prob_sums_all_paths_of_the_text() -> None:
    decoder = htrkit.decoder("allowed", "ab")
    [hypothesis] = decoder.decode(log_probs([0.4, 0.6, 0.0], [0.4, 0.6, 0.0]))
    assert hypothesis.score == pytest.approx(np.log(0.6 * 0.6))
    assert hypothesis.log_prob == pytest.approx(np.log(0.6 * 0.6 + 2 * 0.4 * 0.6))


def test_characters_that_the_network_lacks_are_refused() -> None:
    with pytest.raises(htrkit.UsageError, match="z"):
        htrkit.decoder("allowed", "ab", characters="az")
