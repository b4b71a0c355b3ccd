"""The conformance kit: it lets right decoders pass and catches each kind of wrong one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from htrkit.decoders.best_path import BestPath
from htrkit.testing import NonconformityError, brute_force, check_decoder, sure_line
from htrkit.types import Hypothesis


class Spoilt:
    """Best path, with one fault."""

    def __init__(self, alphabet: str, spoil: Callable[[list[Hypothesis]], list[Hypothesis]]) -> None:
        self._right = BestPath(alphabet)
        self._spoil = spoil

    def decode(self, log_probs: Any, *, n_best: int = 1) -> list[Hypothesis]:
        return self._spoil(self._right.decode(log_probs, n_best=n_best))


def first(**changes: Any) -> Callable[[list[Hypothesis]], list[Hypothesis]]:
    return lambda found: [replace(found[0], **changes)]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda found: [], "0 hypotheses"),
        (lambda found: found * 2, "hypotheses for n_best=1|twice"),
        (first(text="x"), "outside the alphabet"),
        (first(text="abab ab"), "log_prob|spans|clearly"),
        (first(log_prob=-1.0), "log_prob of"),
        (first(log_prob=None), "lacks log_prob"),
        (first(confidence=None), "lacks"),
        (first(confidence=1.5), "confidence"),
        (first(score=math.nan), "NaN"),
        (first(spans=((0, 0),)), "spans"),
        (first(spans=((0, 100),)), "spans"),
        (lambda found: [found[0].text], "instead of a list of Hypothesis"),
        (lambda found: None, "decode gives None instead of a list of Hypothesis on the probabilities"),
        (lambda found: found[9], "decode raised IndexError: list index out of range on the probabilities"),
        (lambda found: [replace(found[0], score=np.random.default_rng().random())], "differently"),
        (lambda found: [replace(found[0], spans=())], "lacks spans"),
    ],
)
def test_faults_are_caught(spoil: Any, says: str) -> None:
    with pytest.raises(NonconformityError, match=says):
        check_decoder(lambda alphabet: Spoilt(alphabet, spoil))


def test_best_path_does_not_keep_a_promise_to_be_exact() -> None:
    with pytest.raises(NonconformityError, match="the best text is"):
        check_decoder(BestPath, exact=True)


def test_texts_that_are_not_allowed_are_caught() -> None:
    with pytest.raises(NonconformityError, match="not an allowed text"):
        check_decoder(BestPath, allowed=lambda text: "b" not in text)


def test_only_sure_texts_must_be_read_where_they_are_clear() -> None:
    class Eager(BestPath):
        """Reads an a where nothing is written."""

        def decode(self, log_probs: Any, *, n_best: int = 1) -> list[Hypothesis]:
            found = super().decode(log_probs, n_best=n_best)
            return found if found[0].text else [Hypothesis("a", found[0].score)]

    with pytest.raises(NonconformityError, match="clearly reads ''"):
        check_decoder(Eager, detailed=False)
    check_decoder(Eager, detailed=False, sure=bool)


def test_wrong_input_must_be_refused_with_a_shape_error() -> None:
    class Careless(BestPath):
        def decode(self, log_probs: Any, *, n_best: int = 1) -> list[Hypothesis]:
            return super().decode(np.nan_to_num(np.asarray(log_probs)).reshape(-1, 4), n_best=n_best)

    with pytest.raises(NonconformityError, match=r"raised ValueError: .* instead of ShapeError|is decoded"):
        check_decoder(Careless)


def test_decode_batch_must_agree_with_decode() -> None:
    class Batches(BestPath):
        def decode_batch(self, log_probs: Any, *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]:
            return [self.decode(line, n_best=n_best) for line in log_probs]

    class Forgetful(Batches):
        def decode_batch(self, log_probs: Any, *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]:
            return super().decode_batch(log_probs, n_best=n_best, threads=threads)[::-1]

    class Single(Batches):
        def decode_batch(self, log_probs: Any, *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]:
            return super().decode_batch(log_probs * (1 // (2 - threads)), n_best=n_best)

    check_decoder(Batches)
    with pytest.raises(NonconformityError, match="decode_batch with 1 threads differs from decode"):
        check_decoder(Forgetful)
    with pytest.raises(NonconformityError, match=r"decode_batch with 3 threads differs|decode_batch raised"):
        check_decoder(Single)


def test_a_decoder_that_writes_into_its_input_is_caught() -> None:
    class Scribbler(BestPath):
        def decode(self, log_probs: Any, *, n_best: int = 1) -> list[Hypothesis]:
            found = super().decode(log_probs, n_best=n_best)
            log_probs.flags.writeable = True
            log_probs[:] = -1.0
            return found

    with pytest.raises(NonconformityError, match="changes its input"):
        check_decoder(Scribbler)


def test_brute_force_sums_to_one_and_is_sorted() -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(3), 4)
    truth = brute_force(np.log(rows), "ab")
    assert sum(truth.values()) == pytest.approx(1.0)
    assert list(truth.values()) == sorted(truth.values(), reverse=True)
    assert truth[""] == pytest.approx(rows[:, 0].prod())


def test_sure_lines_say_their_text() -> None:
    line = sure_line("abba", "ab")
    assert line.shape == (9, 3)
    assert np.exp(line).sum(axis=1) == pytest.approx(1.0)
    assert BestPath("ab").decode(line)[0].text == "abba"
