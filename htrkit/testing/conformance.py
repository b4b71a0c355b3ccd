"""What every decoder must keep to: the checks of the conformance kit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from htrkit.alphabet import Alphabet
from htrkit.errors import ShapeError
from htrkit.testing.lines import Floats, brute_force, random_lines, special_lines, sure_line
from htrkit.types import Decoder, Hypothesis

TOLERANCE = 1e-6
LONG = 4_000


class NonconformityError(AssertionError):
    """A decoder breaks its contract; says how, on which input, and what would have been right."""


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
    """Check a decoder against the contract of `htrkit.types.Decoder`.

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

    def check_line(self, log_probs: Floats) -> None:
        """Everything that one tiny line shows."""
        before = log_probs.copy()
        log_probs.flags.writeable = False
        where = f"on the probabilities {np.exp(log_probs).round(4).tolist()} of blank and {self.alphabet.characters!r}"
        found = self.decoder.decode(log_probs, n_best=5)
        _require(np.array_equal(log_probs, before), f"decode changes its input {where}")
        self.check_list(found, 5, log_probs, where)
        _require(
            found == self.decoder.decode(log_probs, n_best=5), f"decode answers differently the second time {where}"
        )
        alone = self.decoder.decode(log_probs)
        _require(len(alone) == 1, f"decode gives {len(alone)} hypotheses for n_best=1 {where}")
        _require(
            alone[0].text == found[0].text,
            f"n_best=1 gives {alone[0].text!r}, n_best=5 {found[0].text!r} first {where}",
        )
        truth = brute_force(log_probs, self.alphabet)
        for hypothesis in found:
            if hypothesis.log_prob is not None:
                p = truth.get(hypothesis.text, 0.0)
                _require(
                    abs(math.exp(hypothesis.log_prob) - p) <= TOLERANCE * max(p, 1e-9),
                    f"log_prob of {hypothesis.text!r} is ln {math.exp(hypothesis.log_prob)}, not ln {p} {where}",
                )
        if self.exact:
            best = max((text for text in truth if self.allowed(text)), key=truth.__getitem__, default=None)
            got = truth.get(found[0].text, 0.0)
            _require(
                best is None or truth[best] - got <= TOLERANCE * truth[best],
                f"the best text is {best!r} with P = {truth.get(best or '')}, not {found[0].text!r} with {got} {where}",
            )

    def check_list(self, found: list[Hypothesis], n_best: int, log_probs: Floats, where: str) -> None:
        """The form of an n-best list."""
        _require(1 <= len(found) <= n_best, f"decode gives {len(found)} hypotheses for n_best={n_best} {where}")
        _require(
            all(isinstance(one, Hypothesis) for one in found), f"decode gives other things than Hypothesis {where}"
        )
        texts = [hypothesis.text for hypothesis in found]
        _require(len(set(texts)) == len(texts), f"a text comes twice in {texts} {where}")
        scores = [hypothesis.score for hypothesis in found]
        _require(not any(map(math.isnan, scores)), f"a score is NaN {where}")
        _require(scores == sorted(scores, reverse=True), f"the scores {scores} are not best first {where}")
        for hypothesis in found:
            text = hypothesis.text
            _require(not self.alphabet.unknown(text), f"{text!r} has characters outside the alphabet {where}")
            _require(self.allowed(text), f"{text!r} is not an allowed text {where}")
            self.check_details(hypothesis, len(log_probs), where)

    def check_details(self, hypothesis: Hypothesis, frames: int, where: str) -> None:
        """log_prob, spans and confidence, as far as they can be checked without the truth."""
        text, log_prob, spans, confidence = (
            hypothesis.text,
            hypothesis.log_prob,
            hypothesis.spans,
            hypothesis.confidence,
        )
        if self.detailed:
            _require(log_prob is not None and confidence is not None, f"{text!r} lacks log_prob or confidence {where}")
            possible = log_prob is not None and log_prob > -math.inf
            _require(bool(spans) or not possible or not text, f"{text!r} lacks spans {where}")
        if confidence is not None:
            _require(0.0 <= confidence <= 1.0, f"the confidence of {text!r} is {confidence}, not in 0 to 1 {where}")
        if spans:
            _require(len(spans) == len(text), f"{text!r} has {len(spans)} spans {where}")
            edges = [0, *itertools.chain.from_iterable(spans), frames]
            ordered = edges == sorted(edges) and all(start < stop for start, stop in spans)
            _require(
                ordered, f"the spans {spans} of {text!r} are empty, overlap or lie outside {frames} frames {where}"
            )
            apart = all(
                before[1] < after[0] or text[i] != text[i + 1]
                for i, (before, after) in enumerate(itertools.pairwise(spans))
            )
            _require(apart, f"the spans {spans} of {text!r} leave no blank inside a repeated letter {where}")

    def check_sure_texts(self) -> None:
        """Texts that the line says clearly, repeated letters and spaces among them."""
        first = self.alphabet.characters[0]
        candidates = ["", first, first * 2, self.alphabet.characters, self.alphabet.characters[-1] + first * 3]
        for text in filter(self.sure, [*candidates, " ".join([first, first]), f"  {first}"]):
            if not self.alphabet.unknown(text):
                found = self.decoder.decode(sure_line(text, self.alphabet))
                _require(found[0].text == text, f"a line that clearly reads {text!r} is decoded as {found[0].text!r}")
        if self.sure(first):
            held = sure_line(first, self.alphabet)[[0, 1, 1, 1, 2]]
            got = self.decoder.decode(held)[0].text
            _require(got == first, f"one {first!r} held for three frames is decoded as {got!r}")

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
            try:
                self.decoder.decode(wrong)
            except ShapeError:
                continue
            except Exception as error:
                raise NonconformityError(
                    f"an input with {what} raises {type(error).__name__}, not ShapeError"
                ) from error
            raise NonconformityError(f"an input with {what} is decoded, where a ShapeError should refuse it")

    def check_inputs_alike(self) -> None:
        """Double precision, other memory orders and another instance give the same text."""
        line = next(random_lines(self.alphabet, 1))
        text = self.decoder.decode(line)[0].text
        wide = np.repeat(line, 2, axis=1)[:, ::2]
        others: list[tuple[Any, str]] = [
            (line.astype(np.float64), "float64"),
            (np.asfortranarray(line), "another memory order"),
            (wide, "a view with gaps"),
        ]
        for other, what in others:
            got = self.decoder.decode(other)[0].text
            _require(got == text, f"the same line as {what} is decoded as {got!r}, not {text!r}")
        again = self.factory(self.alphabet.characters).decode(line, n_best=3)
        _require(again == self.decoder.decode(line, n_best=3), "a second instance decodes the same line differently")

    def check_batches(self) -> None:
        """decode_batch, if there is one, gives what decode gives, in any order and on any number of threads."""
        decode_batch = getattr(self.decoder, "decode_batch", None)
        if decode_batch is None:
            return
        lines = [*special_lines(self.alphabet), *random_lines(self.alphabet, 12)]
        single = [self.decoder.decode(line, n_best=3) for line in lines]
        for threads in (1, 3):
            _require(decode_batch([], n_best=3, threads=threads) == [], "decode_batch of no lines does not give []")
            batch = decode_batch(lines, n_best=3, threads=threads)
            _require(batch == single, f"decode_batch with {threads} threads differs from decode")
            reverse = decode_batch(lines[::-1], n_best=3, threads=threads)
            _require(reverse[::-1] == single, f"decode_batch with {threads} threads depends on the order of lines")

    def check_long(self) -> None:
        """A line so long that its probability is below the least double."""
        line = np.tile(next(random_lines(self.alphabet, 40)), (LONG, 1))[:LONG]
        line = np.logaddexp(line, math.log(0.1)) - math.log1p(0.1 * self.alphabet.n_labels)
        found = self.decoder.decode(line.astype(np.float32))
        self.check_list(found, 1, line, f"on a line of {LONG} frames")
        _require(found[0].score > -math.inf, f"the score underflows on a line of {LONG} frames")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise NonconformityError(message)
