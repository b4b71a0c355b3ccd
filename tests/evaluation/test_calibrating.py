"""The temperature that makes probabilities of words honest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import htrkit
from htrkit import InputError, ModelError, Recognizer
from htrkit.evaluation import calibrating
from htrkit.model import load_model
from htrkit.types import Line, LogProbs, Sample
from tests import tiny_model


class Overconfident:
    """Outputs whose real probabilities are those of twice the temperature."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.said: list[LogProbs] = []

    def encode(self, lines: list[Line]) -> list[LogProbs]:
        odds = self.random.uniform(0.0, 3.0, len(lines))
        frames = np.full((len(lines), 1, 3), -30.0)
        frames[:, 0, 1], frames[:, 0, 2] = 2 * odds, 0.0
        made = list((frames - np.logaddexp.reduce(frames, axis=2, keepdims=True)).astype(np.float32))
        self.said += made
        return made


def samples(count: int, truths: np.ndarray) -> list[Sample]:
    image = tiny_model.draw("a")
    return [Sample(Line(f"{number}.png", image), text) for number, text in zip(range(count), truths, strict=True)]


def test_overconfidence_is_found_out_and_mended(tmp_path: Path) -> None:
    model = tiny_model.write(tmp_path)
    random = np.random.default_rng(7)
    odds = np.random.default_rng(3).uniform(0.0, 3.0, 2000)
    truths = np.where(random.uniform(size=2000) < 1 / (1 + np.exp(-odds)), "a", "b")
    encoder = Overconfident(3)
    recognizer = Recognizer(model, encoder, Recognizer.load(model.folder).decoder, (), decoder_name="best-path")
    fit = calibrating.calibrate(recognizer, samples(2000, truths))
    assert fit.words == 2000
    assert 1.7 < fit.temperature < 2.3
    assert fit.after.expected_error < 0.03 < fit.before.expected_error
    assert fit.lines == 2000
    assert 0.8 < fit.line_exponent < 1.2  # a line is a word
    assert fit.lines_after.expected_error < 0.03 < fit.lines_before.expected_error
    assert calibrating.save(fit, model) == model.folder
    assert load_model(model.folder).temperature == fit.temperature
    assert load_model(model.folder).line_exponent == fit.line_exponent
    again = Recognizer.load(model.folder).weigher()
    assert again.temperature == fit.temperature


def test_without_words_there_is_nothing_to_calibrate(tmp_path: Path) -> None:
    recognizer = Recognizer.load(tiny_model.write(tmp_path).folder)
    blank = Sample(Line("blank.png", np.full((32, 64), 255, np.uint8)), "a")
    with pytest.raises(InputError, match="no word was read"):
        calibrating.calibrate(recognizer, [blank])


def test_a_model_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model.write(tmp_path)
    curve = calibrating.calibration([True], [0.5])
    fit = calibrating.Fit(1.5, 1.0, 1, 1, curve, curve, curve, curve)
    with pytest.raises(ModelError, match=r"bars has no model\.json in which to keep its calibration"):
        calibrating.save(fit, replace(model, folder=tmp_path / "nowhere"))

    def refuse(model: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("htrkit.model.save_description", refuse)
    with pytest.raises(ModelError, match="Permission denied; copy the model first"):
        calibrating.save(fit, model)


def test_lines_whose_words_are_wrong_together_get_an_exponent(tmp_path: Path) -> None:
    """Words that are right or wrong all at once: a line is as probable as one of them."""
    model = tiny_model.write(tmp_path, alphabet=tiny_model.Alphabet("ab "))
    random = np.random.default_rng(5)
    odds = random.uniform(0.3, 3.0, 1500)
    chosen = np.where(random.uniform(size=1500) < 1 / (1 + np.exp(-odds)), "a", "b")
    numbers = iter(odds)

    class Twice:
        """Twice the same letter with a space between, both as doubtful."""

        def encode(self, lines: list[Line]) -> list[LogProbs]:
            made = []
            for _ in lines:
                frames = np.full((3, 4), -30.0)
                frames[[0, 2], 1], frames[[0, 2], 2], frames[1, 3] = next(numbers), 0.0, 30.0
                made.append((frames - np.logaddexp.reduce(frames, axis=1, keepdims=True)).astype(np.float32))
            return made

    recognizer = Recognizer(model, Twice(), htrkit.decoder("best-path", "ab "), (), decoder_name="best-path")
    fit = calibrating.calibrate(recognizer, samples(1500, [f"{one} {one}" for one in chosen]))  # type: ignore[arg-type]
    assert 0.4 < fit.line_exponent < 0.6
    assert fit.lines_after.expected_error < 0.03 < fit.lines_before.expected_error
