"""Whatever a decoder does, it costs its line, and the message says which decoder and what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from htrkit import plugins
from htrkit.contracts import Decoder
from htrkit.decoding import ask, decode_lines
from htrkit.errors import PluginError
from htrkit.stream import LINES_AT_ONCE
from htrkit.testing import sure_line
from htrkit.types import Encoded, Failed, Hypothesis, LogProbs, Result
from tests import hostile

SAID = {
    "none": "gave None instead of a list of hypotheses",
    "text": "gave 'bba' instead of a list of hypotheses",
    "numbers": "gave [1, 2] instead of a list of hypotheses",
    "tuples": "gave [('bba', 0.0)] instead of a list of hypotheses",
    "nothing": "gave 0 hypotheses where 1 to 3 were asked for",
    "no-text": "gave Hypothesis(text=5, ",
    "no-score": "gave Hypothesis(text='bba', score=None, ",
    "nan": "gave Hypothesis(text='bba', score=nan, ",
    "nan-confidence": "gave Hypothesis(text='bba', score=0.0, ",
    "worded-score": "gave Hypothesis(text='bba', score='high', ",
    "worded-spans": "gave Hypothesis(text='bba', score=0.0, ",
    "too-many": "gave 9 hypotheses where 1 to 3 were asked for",
    "error": "raised KeyError: 'bba'",
    "exit": "raised SystemExit: 0",
    "generator-exit": "raised GeneratorExit",
    "unspeakable": "raised Unspeakable",
    "shape": "raised ShapeError: not my shape",
}


def encoded(*texts: str) -> list[Encoded]:
    return [Encoded(f"{text}.png", sure_line(text, "ab")) for text in texts]


@pytest.fixture
def decoder(stranger: Callable[..., None]) -> Callable[[str], Decoder]:
    """Makes a stranger's decoder that does something evil on the line ``bba``."""
    stranger("acme-htr", hostile.SOURCE)

    def make(deed: str) -> Decoder:
        made: Decoder = plugins.create("decoder", "hostile", "ab", deed=deed)
        return made

    return make


class Batched:
    """A decoder that takes batches, over one that takes lines."""

    def __init__(self, inner: Decoder) -> None:
        self.inner = inner

    def decode_batch(self, log_probs: list[LogProbs], *, n_best: int = 1, threads: int = 1) -> list[list[Hypothesis]]:
        return [self.inner.decode(one, n_best=n_best) for one in log_probs]


@pytest.mark.parametrize("batches", [False, True])
@pytest.mark.parametrize("deed", hostile.DECODER_DEEDS)
def test_a_line_on_which_a_decoder_misbehaves_costs_no_other(
    decoder: Callable[[str], Decoder], deed: str, batches: bool
) -> None:
    made = Batched(decoder(deed)) if batches else decoder(deed)
    lines = encoded("a", "bba", "", "ab")
    found = list(decode_lines(made, "hostile", lines, n_best=3))  # type: ignore[arg-type]
    assert [one.id for one in found] == [line.id for line in lines]
    assert [one.text for one in found if isinstance(one, Result)] == ["a", "", "ab"]
    assert isinstance(found[1], Failed)
    assert found[1].reason.startswith(f"decoder 'hostile' {SAID[deed.removeprefix('decoder ')]}")
    assert len(found[1].reason) < 300
    assert isinstance(found[1].error, BaseException)


def test_a_batch_that_does_not_come_back_whole_is_asked_for_line_by_line() -> None:
    class Lossy:
        def decode_batch(self, log_probs: list[LogProbs], *, n_best: int, threads: int) -> list[list[Hypothesis]]:
            return [[Hypothesis("a", 0.0)]]

    found = list(decode_lines(Lossy(), "lossy", encoded("a", "b")))  # type: ignore[arg-type]
    assert [one.text for one in found if isinstance(one, Result)] == ["a", "a"]
    with pytest.raises(PluginError, match=r"gave .* for 2 lines"):
        ask(Lossy(), encoded("a", "b"))  # type: ignore[arg-type]


def test_what_failed_before_keeps_its_place() -> None:
    class Reads:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            return [Hypothesis("read", 0.0)]

    torn = Failed("torn.png", "the image is cut off")
    found = list(decode_lines(Reads(), "reads", [torn, *encoded("a"), torn, torn, *encoded("b"), torn]))
    assert [one.id for one in found] == ["torn.png", "a.png", "torn.png", "torn.png", "b.png", "torn.png"]
    assert [one for one in found if isinstance(one, Failed)] == [torn] * 4


def test_an_interruption_is_no_failure() -> None:
    class Interrupted:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(decode_lines(Interrupted(), "interrupted", encoded("a")))


def test_a_slow_decoder_is_asked_once_a_line_even_beside_a_failure() -> None:
    asked = []

    class Slow:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            asked.append(len(log_probs))
            if len(log_probs) == 5:
                raise ValueError
            return [Hypothesis("read", 0.0)]

    assert len(list(decode_lines(Slow(), "slow", encoded("a", "ab", "b")))) == 3
    assert asked == [3, 5, 3]


def test_lines_are_taken_as_they_are_needed() -> None:
    taken = []

    def endless() -> Iterator[Encoded]:
        while True:
            taken.append(1)
            yield from encoded("a")

    class Reads:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            return [Hypothesis("read", 0.0)]

    assert next(decode_lines(Reads(), "reads", endless())).id == "a.png"
    assert len(taken) <= LINES_AT_ONCE
