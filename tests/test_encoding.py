"""Whatever a step or an encoder does, it costs its line, and the message says which and what."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pytest

import htrkit
from htrkit.contracts import Encoder
from htrkit.encoding import TurnedLineWarning, encode_lines
from htrkit.preprocess.steps import Step
from htrkit.types import Encoded, Failed, Line, LogProbs, Place
from tests import tiny_model

LABELS = 3
TEXTS = ("a", "ab", "bba", "b", "aa")


def lines(*texts: str) -> list[Line]:
    return [Line(text, tiny_model.draw(text)) for text in texts]


class Means:
    """An encoder whose outputs tell one line from another: sure of label 1, as long as the line's mean is grey."""

    def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
        return [self.one(line) for line in lines]

    def one(self, line: Line) -> LogProbs:
        sure = np.log(np.array([0.01, 0.98, 0.01], np.float32))
        return np.tile(sure, (int(line.pixels.mean()), 1))


def encoded(encoder: Encoder, steps: Sequence[Step], given: Sequence[Line | Failed]) -> list[Encoded | Failed]:
    return list(encode_lines(encoder, "means", steps, LABELS, given, threads=2))


def check(found: list[Encoded | Failed], reason: str) -> None:
    assert [one.id for one in found] == list(TEXTS)
    alone = [Means().one(line) for line in lines(*TEXTS)]
    for one, output in zip(found, alone, strict=True):
        assert isinstance(one, Failed) == (one.id == "bba")
        if isinstance(one, Encoded):
            np.testing.assert_array_equal(one.log_probs, output)
    (failed,) = (one for one in found if isinstance(one, Failed))
    assert failed.reason.startswith(reason), failed.reason


OUTPUTS: dict[str, tuple[Callable[[LogProbs], object], str]] = {
    "nothing": (lambda given: None, "gave unusable log_probs: log_probs has shape ()"),
    "one dimension": (lambda given: given[0], "gave unusable log_probs: log_probs has shape (3,)"),
    "a label too few": (lambda given: given[:, 1:], "gave unusable log_probs: log_probs has 2 columns"),
    "whole numbers": (lambda given: given.astype(int), "gave unusable log_probs: log_probs is of type int64"),
    "nan": (lambda given: given + np.nan, "gave unusable log_probs: log_probs holds nan"),
    "probabilities": (lambda given: np.exp(given), "gave unusable log_probs: log_probs holds 0.98"),
    "ragged lists": (lambda given: [[1.0], [1.0, 2.0]], "gave unusable log_probs: "),
    "words": (lambda given: "log_probs", "gave unusable log_probs: log_probs has shape ()"),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_an_encoder_that_gives_junk_for_a_line(kind: str) -> None:
    change, said = OUTPUTS[kind]

    class Junk(Means):
        def one(self, line: Line) -> LogProbs:
            right = super().one(line)
            return change(right) if line.id == "bba" else right  # type: ignore[return-value]

    check(encoded(Junk(), [], lines(*TEXTS)), f"encoder 'means' {said}")


@pytest.mark.parametrize("error", [ValueError("boom"), SystemExit(0), GeneratorExit(), MemoryError()])
def test_an_encoder_that_fails_on_a_batch(error: BaseException) -> None:
    class Fails(Means):
        def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
            if any(line.id == "bba" for line in lines):
                raise error
            return super().encode(lines)

    check(encoded(Fails(), [], lines(*TEXTS)), f"encoder 'means' raised {type(error).__name__}")


def test_an_encoder_that_loses_a_line_of_a_batch() -> None:
    class Lossy(Means):
        def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
            return super().encode([line for line in lines if line.id != "bba"])

    check(encoded(Lossy(), [], lines(*TEXTS)), "encoder 'means' gave [] for 1 line")


def test_an_encoder_is_not_run_again_where_it_answered_for_every_line() -> None:
    asked = []

    class Junk(Means):
        def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
            asked.append(len(lines))
            return [one + np.nan if len(one) % 2 else one for one in super().encode(lines)]

    assert len(encoded(Junk(), [], lines(*TEXTS))) == len(TEXTS)
    assert asked == [len(TEXTS)]


@pytest.mark.parametrize(
    "junk", [None, "pixels", np.zeros((4, 4)), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8)]
)
def test_pixels_that_are_none_cost_their_line(junk: object) -> None:
    given = [Line("bba", junk) if line.id == "bba" else line for line in lines(*TEXTS)]  # type: ignore[arg-type]
    check(encoded(Means(), [], given), "pixels ")


def test_what_failed_before_keeps_its_place() -> None:
    torn = Failed("torn.png", "the image is cut off")
    found = encoded(Means(), [], [torn, *lines("a"), torn, *lines("b")])
    assert [one.id for one in found] == ["torn.png", "a", "torn.png", "b"]


def test_a_line_keeps_its_place_on_the_page_whatever_the_steps_do() -> None:
    place = Place("page.png", 4, ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0)))
    line = Line("page.png:5", tiny_model.draw("a"), place, ((1, 0, 7), (0, 1, 8)))
    forgetful = Step("forgetful", lambda line: Line(line.id, line.pixels[2:]))
    (found,) = encoded(Means(), [forgetful], [line])
    assert isinstance(found, Encoded)
    assert found.place == place
    assert forgetful(line).place == place


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_line_without_contrast_has_no_frames_and_the_encoder_is_not_asked(grey: int) -> None:
    blank = Line("blank", np.full((40, 300), grey, np.uint8))
    found = encoded(Means(), [], [*lines("a"), blank, *lines("b")])
    assert [one.log_probs.shape for one in found if isinstance(one, Encoded)][1] == (0, LABELS)
    assert [one.id for one in found] == ["a", "blank", "b"]
    (cleaned,) = encoded(Means(), [Step("bleach", lambda line: Line(line.id, blank.pixels))], lines("a"))
    assert isinstance(cleaned, Encoded)
    assert not len(cleaned.log_probs)


@pytest.mark.parametrize(
    ("decoder", "options"), [("best-path", {}), ("beam", {}), ("prefix", {}), ("word-beam", {"lexicon": ["a"]})]
)
def test_a_line_without_contrast_reads_as_nothing_with_any_decoder(decoder: str, options: dict[str, object]) -> None:
    (found,) = encoded(Means(), [], [Line("blank", np.full((40, 300), 255, np.uint8))])
    assert isinstance(found, Encoded)
    (hypothesis,) = htrkit.decoder(decoder, "a ", **options).decode(found.log_probs)
    assert (hypothesis.text, hypothesis.confidence) == ("", 1.0)


def test_a_line_that_looks_turned_is_warned_of_and_read_with_doubt() -> None:
    turned = Line("turned.png", np.ascontiguousarray(tiny_model.draw("abab").T))
    with pytest.warns(TurnedLineWarning, match=r"turned\.png is much higher than wide"):
        (found,) = encoded(Means(), [], [turned])
    assert isinstance(found, Encoded)
    sure = Means().one(turned)
    assert (found.log_probs.argmax(axis=1) == sure.argmax(axis=1)).all()
    np.testing.assert_allclose(np.exp(found.log_probs), np.exp(sure) / 2 + 1 / 6, rtol=1e-5)


def test_a_letter_or_a_line_that_stands_upright_is_read_without_doubt() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for height, width in ((64, 17), (64, 64), (32, 128), (30, 3000)):
            pixels = np.full((height, width), 255, np.uint8)
            pixels[:, : width // 2] = 0
            (found,) = encoded(Means(), [], [Line("x", pixels)])
            assert isinstance(found, Encoded)
            assert np.exp(found.log_probs).max() > 0.97


def test_what_is_far_too_wide_is_refused_before_any_step_sees_it() -> None:
    asked: list[str] = []

    def widen(line: Line) -> Line:
        asked.append(line.id)
        return Line(line.id, np.zeros((1, 101), np.uint8)) if line.id == "cropped" else line

    wide = Line("wide", np.zeros((3, 100_000), np.uint8))
    found = encoded(Means(), [Step("widen", widen)], [wide, Line("cropped", wide.pixels[:, :9]), *lines("a")])
    assert [str(one) for one in found if isinstance(one, Failed)] == [
        "wide: pixels are 33,333 times as wide as high, no line of writing",
        "cropped: preprocessor 'widen' gave a line whose pixels are 101 times as wide as high, no line of writing",
    ]
    assert sorted(asked) == ["a", "cropped"]
