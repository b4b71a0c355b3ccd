"""Two models with different frames and alphabets read a line together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from htrkit import Alphabet, Line, LogProbs, Recognizer, Result, UsageError, ctc
from htrkit.decoders.beam import Beam
from htrkit.encoders.input import InputRule
from htrkit.ensemble import Together, Voice
from htrkit.evaluation import evaluate
from htrkit.model import open_model
from htrkit.places import edges_beside, edges_on_page
from htrkit.testing import sure_line
from htrkit.types import Encoded, Failed, Sample
from tests import tiny_model
from tests.strangers import htrkit


def doubtful(alphabet: str, texts: Sequence[str], weights: Sequence[float]) -> LogProbs:
    """A network that wavers between texts of as many characters."""
    terms = [sure_line(text, alphabet) + math.log(weight) for text, weight in zip(texts, weights, strict=True)]
    return np.logaddexp.reduce(terms, axis=0).astype(np.float32)


SLOW, QUICK = "abc ", "cab"
"""Alphabets; the second network has no space, other labels, and twice the frames."""


def line(*, quick: Sequence[float] = (0.2, 0.7, 0.1)) -> Encoded:
    """The first network takes the word for ``aa``, the second for ``ab``; ``ac`` is second to neither."""
    slow = doubtful(SLOW, ["aa", "ab", "ac"], [0.5, 0.3, 0.2])
    fast = np.repeat(doubtful(QUICK, ["aa", "ab", "ac"], quick), 2, axis=0)
    return Encoded("x", slow, others=(Encoded("x", fast),))


def together(*shares: float) -> Together:
    limits = {"beam_width": 2_000, "label_threshold": 0.0, "beam_threshold": 0.0}
    return Together(
        [Voice(Beam(one, **limits), Alphabet(one), share) for one, share in zip((SLOW, QUICK), shares, strict=True)]
    )


def test_the_text_is_the_best_under_both_networks() -> None:
    given = line()
    found = together(0.5, 0.5).decode_encoded([given], n_best=5)[0]
    assert found[0].text == "ab"
    for one in found:
        if " " not in one.text:
            each = [
                ctc.log_prob(output.log_probs, Alphabet(alphabet).encode(one.text))
                for output, alphabet in zip((given, *given.others), (SLOW, QUICK), strict=True)
            ]
            assert one.score == pytest.approx(sum(each) / 2, abs=1e-3)
            assert one.log_prob == pytest.approx(each[0], abs=1e-3)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


@pytest.mark.parametrize(("shares", "text"), [((1.0, 0.0), "aa"), ((0.0, 1.0), "ab")])
def test_a_model_without_a_share_has_no_say(shares: tuple[float, float], text: str) -> None:
    assert together(*shares).decode_encoded([line()])[0][0].text == text


def test_what_one_cannot_spell_the_other_may() -> None:
    slow, fast = Alphabet("ab"), Alphabet("xyz")
    both = Together([Voice(Beam(slow), slow, 0.5), Voice(Beam(fast), fast, 0.5)])
    unsure, sure = sure_line("ab", slow, sure=0.5), np.repeat(sure_line("xy", fast, sure=0.99), 3, axis=0)
    (found,) = both.decode_encoded([Encoded("x", unsure, others=(Encoded("x", sure),))])
    assert found[0].text == "xy"
    assert all(0 <= start <= stop <= len(unsure) for start, stop in found[0].spans)
    assert len(found[0].spans) == 2


@pytest.fixture
def models(tmp_path: Path) -> str:
    """Two models of bars: the second has two frames where the first has one, and its characters turned."""
    tiny_model.write(tmp_path / "one")
    turned = "onnx:labels=2,1"
    rule = tiny_model.InputRule(height=32, width=256, frames_per_pixel=0.25)
    tiny_model.write(tmp_path / "two", rule=rule, alphabet=Alphabet("ba"), encoder=turned, name="turned")
    return f"ensemble:models={tmp_path / 'one'},{tmp_path / 'two'}"


def test_a_recognizer_reads_with_several_models(models: str) -> None:
    recognizer = Recognizer.load(models, threads=1)
    assert (recognizer.model.name, recognizer.decoder_name) == ("bars+turned", "beam")
    result = recognizer.read(tiny_model.draw("aab"))
    assert result.text == "aab"
    (word,) = result.hypotheses[0].words
    assert word.confidence is not None
    assert word.confidence > 0.5
    assert len(word.outline) == 4
    blank = Line("blank", np.full((32, 128), 255, np.uint8))
    assert [one.hypotheses[0].text for one in recognizer.recognize([blank]) if isinstance(one, Result)] == [""]


def test_a_line_on_which_one_network_fails_is_named(models: str) -> None:
    recognizer = Recognizer.load(models, threads=1)

    class Failing:
        def encode(self, lines: Sequence[Line]) -> list[LogProbs]:
            raise RuntimeError("boom")

    recognizer.others[0].encoder = Failing()
    (found,) = recognizer.recognize([Line("x", tiny_model.draw("ab"))])
    assert isinstance(found, Failed)
    assert "boom" in found.reason


def test_it_is_measured_as_any_model(models: str) -> None:
    samples = [Sample(Line(text, tiny_model.draw(text)), text) for text in ("ab", "aab", "bb")]
    assert evaluate(Recognizer.load(models, threads=1), samples).cer.value == 0.0


def test_the_command_line_reads_with_it(models: str, tmp_path: Path) -> None:
    from tests.drawing import save

    save(tmp_path / "x.png", tiny_model.draw("abb"))
    run = htrkit("recognize", "x.png", "--model", models, "--decoder", "beam", "-o", "beam_width=5", cwd=tmp_path)
    assert run.out == "abb\n", run
    run = htrkit("recognize", "x.png", "--model", models, "--save-log-probs", "o.npz", cwd=tmp_path)
    assert run.code == 2
    assert "save those of each model" in run.err
    (tmp_path / "data.tsv").write_text("image\ttext\nx.png\tabb\n")
    for command, said in (
        (("compare-decoders", "--decoders", "beam"), "evaluate measures it"),
        (("calibrate", "--save"), "calibrate each of its models"),
    ):
        run = htrkit(command[0], "data.tsv", *command[1:], "--model", models, cwd=tmp_path)
        assert (run.code, run.out) == (2, ""), run
        assert said in run.err
    assert htrkit("calibrate", "data.tsv", "--model", models, cwd=tmp_path).code == 0


def test_one_network_is_enough_for_anything() -> None:
    open_model("iam").require_one_network("a file", "none")
    with pytest.raises(UsageError, match="a file takes one network, and an ensemble has several: none"):
        open_model("ensemble:models=iam,open").require_one_network("a file", "none")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("models=latin-script", "two models or more"),
        ("models=latin-script,open,shares=1", "2 numbers"),
        ("models=latin-script,open,shares=2,-1", "2 numbers"),
    ],
)
def test_what_makes_no_ensemble_is_said(options: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_model(f"ensemble:{options}")


def test_a_decoder_of_one_alphabet_is_refused(models: str) -> None:
    with pytest.raises(UsageError, match="a decoder for each model"):
        Recognizer.load(models, decoder=Beam("ab"))


def test_frames_on_paper_beside_the_line_stand_beside_each_other() -> None:
    line = Line("x", np.zeros((40, 300), np.uint8))

    def seen(rule: InputRule) -> Encoded:
        edges = rule.frame_edges(40, 300)
        return Encoded("x", np.zeros((len(edges) - 1, 2), np.float32), edges=edges_on_page(edges, line))

    wide, plain = seen(InputRule(64, None, 0.25, margin=0.5)), seen(InputRule(64, None, 0.25))
    assert edges_beside(wide, wide).tolist() == list(range(len(wide.log_probs) + 1))
    assert (np.diff(edges_beside(wide, plain)) >= 0).all()
    assert (edges_beside(wide, plain)[0], edges_beside(wide, plain)[-1]) == (0, len(plain.log_probs))
    beside = edges_beside(plain, wide)
    assert (np.diff(beside) > 0).all()
    assert (beside[0], beside[-1]) == (0, len(wide.log_probs))
