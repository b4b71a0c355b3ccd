"""The decoder, asked for by its name: htrkit's conformance kit, then outputs small enough to be checked by hand."""

import numpy as np
import pytest

import htrkit
from htrkit.testing import check_decoder


def log_probs(*rows: list[float]) -> htrkit.LogProbs:
    """Natural logarithms of rows of probabilities, blank first."""
    return np.asarray(np.log(rows), dtype=np.float32)


def test_keeps_the_contract() -> None:
    check_decoder(lambda alphabet: htrkit.decoder("allowed", alphabet))


def test_keeps_the_contract_with_few_characters() -> None:
    def only_a(text: str) -> bool:
        return set(text) <= {"a"}

    check_decoder(lambda alphabet: htrkit.decoder("allowed", alphabet, characters="a"), allowed=only_a)


def test_reads_the_best_path_when_everything_is_allowed() -> None:
    decoder = htrkit.decoder("allowed", "1l")
    [hypothesis] = decoder.decode(log_probs([0.1, 0.3, 0.6], [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]))
    assert hypothesis.text == "l1"


def test_reads_only_what_is_allowed() -> None:
    decoder = htrkit.decoder("allowed", "1l", characters="1")
    [hypothesis] = decoder.decode(log_probs([0.1, 0.3, 0.6], [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]))
    assert hypothesis.text == "11"


def test_characters_that_the_network_lacks_are_refused() -> None:
    with pytest.raises(htrkit.UsageError, match="z"):
        htrkit.decoder("allowed", "ab", characters="az")
