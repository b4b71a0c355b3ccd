"""Holds a decoder to its contract, and to brute force over every path of tiny lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.errors import ShapeError
from htrkit.quoting import shown
from htrkit.testing.contract import NonconformityError, promised, require, unchanged
from htrkit.testing.lines import Floats, brute_force, random_lines, special_lines, sure_line
from htrkit.types import Hypothesis

TOLERANCE = 1e-6
LONG = 4_000


def check_decoder(
    factory: Callable[[str], Decoder],
    *,
    alphabet: str = "ab ",
    allowed: Callable[[str], bool] | None = None,
    sure: Callable[[str], bool] | None = None,
    exact: bool = False,
    detailed: bool = True,
    long: bool = True,
    examples: int = 40,
) -> None:
    """Check a decoder against the contract of `htrkit.contracts.Decoder`.

    Parameters
    ----------
    factory
        Makes the decoder for an alphabet: its class, or ``lambda alphabet: MyDecoder(alphabet, option=value)``.
    alphabet
        Characters to check with; few, because brute force tries ``(characters + 1) ** frames`` paths.
    allowed
        The texts that the decoder may return; None for all of them. What it says must also hold for the empty text.
    sure
        The texts that it must read where a line says them clearly; None for all allowed ones. A language model or a
        closed vocabulary may well prefer another.
    exact
        The decoder promises the most probable of all allowed texts.
    detailed
        The decoder promises ``log_prob``, ``spans`` and ``confidence``. Those that it gives are checked anyway.
    long
        Decode a line of 4,000 frames too, on which products of probabilities underflow.
    examples
        Random lines to try. With the package ``hypothesis`` installed, as many again, which it shrinks when one fails.

    Raises
    ------
    NonconformityError
        At the first broken promise.

    Examples
    --------
    >>> from htrkit.decoders.best_path import BestPath
    >>> check_decoder(BestPath)
    """
    allowed = allowed or (lambda text: True)
    case = _Case(Alphabet(alphabet), factory, allowed, sure or allowed, exact, detailed)
    for line in [*special_lines(case.alphabet), *random_lines(case.alphabet, examples)]:
        case.check_line(line)
    case.check_sure_texts()
    case.check_refusals()
    case.check_inputs_alike()
    case.check_batches()
    if long:
        case.check_long()
    _with_hypothesis(case, examples)


def _with_hypothesis(case: _Case, examples: int) -> None:
    try:
        import hypothesis
        from hypothesis import strategies
    except ImportError:
        return
    row = strategies.lists(
        strategies.integers(0, 5), min_size=case.alphabet.n_labels, max_size=case.alphabet.n_labels
    ).filter(any)

    @hypothesis.settings(
        max_examples=max(1, examples),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategies.lists(row, min_size=1, max_size=5))
    def check(weights: list[list[int]]) -> None:
        rows = np.array(weights, float)
        with np.errstate(divide="ignore"):
            case.check_line(np.log(rows / rows.sum(axis=1, keepdims=True)).astype(np.float32))

    check()


@dataclass
class _Case:
    alphabet: Alphabet
    factory: Callable[[str], Decoder]
    allowed: Callable[[str], bool]
    sure: Callable[[str], bool]
    exact: bool
    detailed: bool
    decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = self.factory(self.alphabet.characters)

    def decode(self, log_probs: Floats, where: str, n_best: int = 1) -> list[Hypothesis]:
        """What the decoder gives, if it is a list of hypotheses."""
        with promised("decode", where), unchanged(log_probs, "decode"):
            found: Any = self.decoder.decode(log_probs, n_best=n_best)
        is_list = isinstance(found, list | tuple) and all(isinstance(one, Hypothesis) for one in found)
        require(is_list, f"decode gives {shown(found)} instead of a list of Hypothesis {where}")
        require(1 <= len(found) <= n_best, f"decode gives {len(found)} hypotheses for n_best={n_best} {where}")
        return list(found)

    def check_line(self, log_probs: Floats) -> None:
        """Everything that one tiny line shows."""
        where = f"on the probabilities {np.exp(log_probs).round(4).tolist()} of blank and {self.alphabet.characters!r}"
        found = self.decode(log_probs, where, 5)
        self.check_list(found, len(log_probs), where)
        again = self.decode(log_probs, where, 5)
        require(found == again, f"decode answers differently the second time {where}")
        (alone,) = self.decode(log_probs, where)
        best = found[0].text
        require(alone.text == best, f"n_best=1 gives {alone.text!r}, n_best=5 {best!r} first {where}")
        truth = brute_force(log_probs, self.alphabet)
        for hypothesis in found:
            if hypothesis.log_prob is not None:
                p, given = truth.get(hypothesis.text, 0.0), math.exp(hypothesis.log_prob)
                same = abs(given - p) <= TOLERANCE * max(p, 1e-9)
                require(same, f"log_prob of {hypothesis.text!r} is ln {given}, not ln {p} {where}")
        right = max(filter(self.allowed, truth), key=truth.__getitem__, default=None) if self.exact else None
        if right is not None:
            p, given = truth[right], truth.get(best, 0.0)
            says = f"the best text is {right!r} with P = {p}, not {best!r} with {given} {where}"
            require(p - given <= TOLERANCE * p, says)

    def check_list(self, found: list[Hypothesis], frames: int, where: str) -> None:
        """The texts, scores and details of an n-best list."""
        texts, scores = [one.text for one in found], [one.score for one in found]
        require(len(set(texts)) == len(texts), f"a text comes twice in {texts} {where}")
        require(not any(map(math.isnan, scores)), f"a score is NaN {where}")
        require(scores == sorted(scores, reverse=True), f"the scores {scores} are not best first {where}")
        for hypothesis in found:
            text = hypothesis.text
            require(not self.alphabet.unknown(text), f"{text!r} has characters outside the alphabet {where}")
            require(self.allowed(text), f"{text!r} is not an allowed text {where}")
            self.check_details(hypothesis, frames, where)

    def check_details(self, hypothesis: Hypothesis, frames: int, where: str) -> None:
        """log_prob, spans and confidence, as far as they can be checked without the truth."""
        text, log_prob, spans = hypothesis.text, hypothesis.log_prob, hypothesis.spans
        confidence = hypothesis.confidence
        if self.detailed:
            require(log_prob is not None and confidence is not None, f"{text!r} lacks log_prob or confidence {where}")
            possible = log_prob is not None and log_prob > -math.inf
            require(bool(spans) or not possible or not text, f"{text!r} lacks spans {where}")
        if confidence is not None:
            require(0.0 <= confidence <= 1.0, f"the confidence of {text!r} is {confidence}, not in 0 to 1 {where}")
        if spans:
            require(len(spans) == len(text), f"{text!r} has {len(spans)} spans {where}")
            edges = [0, *itertools.chain.from_iterable(spans), frames]
            ordered = edges == sorted(edges) and all(start < stop for start, stop in spans)
            says = f"the spans {spans} of {text!r} are empty, overlap or lie outside {frames} frames {where}"
            require(ordered, says)
            pairs = zip(itertools.pairwise(spans), itertools.pairwise(text), strict=True)
            apart = all(before[1] < after[0] for (before, after), (one, other) in pairs if one == other)
            require(apart, f"the spans {spans} of {text!r} leave no blank inside a repeated letter {where}")

    def check_sure_texts(self) -> None:
        """Texts that the line says clearly, repeated letters and spaces among them."""
        first, last = self.alphabet.characters[0], self.alphabet.characters[-1]
        candidates = [
            "",
            first,
            first * 2,
            self.alphabet.characters,
            last + first * 3,
            f"{first} {first}",
            f"  {first}",
        ]
        lines = [(text, sure_line(text, self.alphabet)) for text in candidates if not self.alphabet.unknown(text)]
        held = sure_line(first, self.alphabet)[[0, 1, 1, 1, 2]]
        for text, line in [*lines, (first, held)]:
            if self.sure(text):
                got = self.decode(line, f"on a line that clearly reads {text!r}")[0].text
                require(got == text, f"a line of {len(line)} frames that clearly reads {text!r} is decoded as {got!r}")

    def check_refusals(self) -> None:
        """What is no log_probs of this alphabet is refused with a ShapeError."""
        good = sure_line(self.alphabet.characters[:1], self.alphabet)
        nan = good.copy()
        nan[0, 0] = np.nan
        wrongs: list[tuple[Any, str]] = [
            (good[0], "one dimension"),
            (good[None], "three dimensions"),
            (good[:, :-1], "a column too few"),
            (np.hstack([good, good[:, :1]]), "a column too many"),
            (good.astype(np.int32), "integers"),
            (good.astype(str), "text"),
            (nan, "NaN"),
            (np.exp(good), "probabilities instead of their logarithms"),
        ]
        for wrong, what in wrongs:
            with promised(f"decode of an input with {what}", "instead of ShapeError", ShapeError):
                self.decoder.decode(wrong)
                raise NonconformityError(f"an input with {what} is decoded, where a ShapeError should refuse it")

    def check_inputs_alike(self) -> None:
        """Double precision, other memory orders and another instance give the same text."""
        line = next(random_lines(self.alphabet, 1))
        text = self.decode(line, "on a random line")[0].text
        others: list[tuple[Any, str]] = [
            (line.astype(np.float64), "float64"),
            (np.asfortranarray(line), "another memory order"),
            (np.repeat(line, 2, axis=1)[:, ::2], "a view with gaps"),
        ]
        for other, what in others:
            got = self.decode(other, f"on a line as {what}")[0].text
            require(got == text, f"the same line as {what} is decoded as {got!r}, not {text!r}")
        with promised("a second instance"):
            again = self.factory(self.alphabet.characters).decode(line, n_best=3)
        same = again == self.decode(line, "on a random line", 3)
        require(same, "a second instance decodes the same line differently")

    def check_batches(self) -> None:
        """decode_batch, if there is one, gives what decode gives, in any order and on any number of threads."""
        decode_batch = getattr(self.decoder, "decode_batch", None)
        if decode_batch is None:
            return
        lines = [*special_lines(self.alphabet), *random_lines(self.alphabet, 12)]
        single = [self.decode(line, "on one line of a batch", 3) for line in lines]
        for threads in (1, 3):
            with promised("decode_batch", f"with {threads} threads"):
                none, batch, reverse = (decode_batch(a, n_best=3, threads=threads) for a in ([], lines, lines[::-1]))
            require(none == [], "decode_batch of no lines does not give []")
            require(batch == single, f"decode_batch with {threads} threads differs from decode")
            require(reverse[::-1] == single, f"decode_batch with {threads} threads depends on the order of lines")

    def check_long(self) -> None:
        """A line so long that its probability is below the least double."""
        line = np.tile(next(random_lines(self.alphabet, 40)), (LONG, 1))[:LONG]
        line = np.logaddexp(line, math.log(0.1)) - math.log1p(0.1 * self.alphabet.n_labels)
        found = self.decode(line.astype(np.float32), f"on a line of {LONG} frames")
        self.check_list(found, LONG, f"on a line of {LONG} frames")
        require(found[0].score > -math.inf, f"the score underflows on a line of {LONG} frames")
