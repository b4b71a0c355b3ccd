"""Decoders compared: paired differences, what is left out, and the same result however often it was killed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from htrkit import Hypothesis, Line, Sample
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.evaluation.contest.compare import compare_decoders
from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.contest.contenders import Contender, every_contender, parse_contenders, parse_sweep
from htrkit.evaluation.contest.isolation import Limits
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.evaluation.figures.rules import TextRules
from htrkit.evaluation.report.as_json import comparison_json
from htrkit.evaluation.report.html import to_html
from htrkit.progress import Progress
from htrkit.types import Failed, LogProbs
from tests import hostile, tiny_model

QUICK = Resampling(resamples=400)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.write(tmp_path_factory.mktemp("model")).folder


def samples(count: int = 40, wrong: int = 4) -> list[Sample]:
    """Images of bars, some with a truth that is not theirs."""
    generator = np.random.default_rng(0)
    found = []
    for i in range(count):
        text = "".join(generator.choice(["a", "b"], generator.integers(1, 7)))
        truth = text if i % (count // wrong) else text + "b"
        found.append(Sample(Line(f"{i}.png", tiny_model.draw(text)), truth, {"writer": str(i % 25)}))
    return found


class Mistaken:
    """Best path that gets the last character of some lines wrong, and knows it in its second hypothesis."""

    def __init__(self, every: int) -> None:
        self.every, self.count = every, 0

    def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
        self.count += 1
        text, before = "", 0
        for label in log_probs.argmax(axis=1).tolist():
            text += "ab"[label - 1] if label not in (0, before) else ""
            before = label
        if self.every and self.count % self.every == 0:
            return [Hypothesis(text[:-1] + "?", 0.0), Hypothesis(text, -1.0)][:n_best]
        return [Hypothesis(text, 0.0)]


def compare(
    model: Path, cache: Path, decoders: Sequence[str | Contender], given: list[Sample] | None = None, **settings: object
) -> Comparison:
    settings = {"resampling": QUICK, "limits": Limits(line=2.0), **settings}
    given = samples() if given is None else given
    return compare_decoders(given, decoders, model=model, cache=cache, **settings)  # type: ignore[arg-type]


def test_a_planted_difference_is_found_and_an_absent_one_is_not(model: Path, tmp_path: Path) -> None:
    contenders = [
        Contender("first", decoder=Mistaken(0)),
        Contender("second", decoder=Mistaken(2)),
        Contender("third", decoder=Mistaken(0)),
    ]
    found = compare(model, tmp_path, contenders)
    planted, absent = found.pairs[0], found.pairs[1]
    assert (planted.first, planted.second) == ("first", "second")
    assert planted.wer.real
    assert planted.wer.figure.value == pytest.approx(-20 / 40, abs=0.06)
    assert (planted.won, planted.lost, planted.tied) == (20, 0, 20)
    assert not absent.wer.real
    assert absent.wer.p_value == pytest.approx(1.0)
    assert absent.tied == 40
    assert len(found.sentences) == 2
    assert found.sentences[0].startswith("second reads ")
    assert "points more words wrong than first" in found.sentences[0]
    assert found.sentences[1].startswith("third and first cannot be told apart on 40 lines")


def test_the_oracle_picks_the_best_hypothesis(model: Path, tmp_path: Path) -> None:
    found = compare(model, tmp_path, [Contender("mistaken", decoder=Mistaken(2))])
    entry = found.entries[0]
    assert entry.oracle_wer.value == pytest.approx(4 / 40)
    assert entry.evaluation.wer.value > 0.5
    assert entry.hypotheses == 1.5
    single = compare(model, tmp_path, [Contender("mistaken", decoder=Mistaken(2))], n_best=1).entries[0]
    assert single.oracle_cer == single.evaluation.cer


def test_figures_are_those_of_evaluate(model: Path, tmp_path: Path) -> None:
    from htrkit import Recognizer
    from htrkit.evaluation import evaluate

    entry = compare(model, tmp_path, ["best-path"]).entries[0]
    direct = evaluate(Recognizer.load(model), samples(), resampling=QUICK)
    for rate in ("cer", "wer", "exact", "exact_words"):
        assert getattr(entry.evaluation, rate) == getattr(direct, rate)


def test_decoders_that_cannot_take_part_are_named_and_the_rest_compared(
    strangers: None, model: Path, tmp_path: Path
) -> None:
    given = [
        "best-path",
        "beem",
        "good: width=wide",
        "good: colour=red",
        "raises",
        "cannot-be-made",
        "nonsense",
        "good",
    ]
    found = compare(model, tmp_path, given)
    assert [entry.label for entry in found.entries] == ["best-path", "good"]
    reasons = {one.label: one.reason for one in found.left_out}
    assert list(reasons) == ["beem", "good: width=wide", "good: colour=red", "raises", "cannot-be-made", "nonsense"]
    assert reasons["beem"].startswith("no decoder named 'beem'; did you mean 'beam'?")
    assert reasons["good: width=wide"].startswith("option 'width' of decoder 'good' must be int")
    assert reasons["good: colour=red"].startswith("decoder 'good' has no option 'colour'")
    assert "no idea whatsoever" in reasons["raises"]
    assert "where is my lexicon?" in reasons["cannot-be-made"]
    assert found.entries[1].origin == "acme-htr 0.3"


def test_lines_on_which_a_decoder_fails_count_as_read_empty(strangers: None, model: Path, tmp_path: Path) -> None:
    given = [Sample(Line(t, tiny_model.draw(t)), t) for t in ("a", "aa", "ab", "aaa")]
    found = compare(model, tmp_path, ["raises-on-b", "best-path"], given)
    entry = found.entries[0]
    assert entry.failed == (("ab", "raised ValueError: b is not for me"),)
    assert entry.evaluation.cer.value == 2 / 8
    assert any(note.startswith("raises-on-b failed on 1 of 4 lines, which count as read empty") for note in found.notes)


def test_a_line_that_no_decoder_is_given_counts_as_read_empty(
    stranger: Callable[..., None], model: Path, tmp_path: Path
) -> None:
    stranger("acme-htr", hostile.SOURCE)
    given = [Sample(Line(f"{t}.png", tiny_model.draw(t)), t) for t in ("a", "bba", "ab", "b")]
    told: list[Failed] = []

    class Told(Progress):
        def failed(self, failed: Failed) -> None:
            told.append(failed)

    found = compare(model, tmp_path, ["best-path", "beam"], given, preprocess=["hostile:deed=error"], progress=Told())
    assert [entry.evaluation.cer.value for entry in found.entries] == [3 / 7, 3 / 7]
    assert [entry.failed for entry in found.entries] == [(), ()]
    assert [reading.text for reading in found.entries[0].evaluation.readings] == ["a", "", "ab", "b"]
    (lost,) = told
    assert str(lost).startswith("bba.png: preprocessor 'hostile' raised KeyError")
    assert f"could not be read: 1 line, counted as read empty; the first: {lost}" in found.notes
    html = to_html(found, samples=given, cache=tmp_path)
    assert html.count("What the network saw") == 0


def test_one_decoder_stands_in_twice(strangers: None, model: Path, tmp_path: Path) -> None:
    found = compare(model, tmp_path, ["good", "good: suffix=b", "good", "good:suffix=b"])
    assert [entry.label for entry in found.entries] == ["good", "good:suffix=b"]
    assert found.entry("good:suffix=b").evaluation.cer.value > found.entry("good").evaluation.cer.value


def test_a_sweep_reads_with_every_value(strangers: None, model: Path, tmp_path: Path) -> None:
    found = compare(model, tmp_path, ["best-path", "good"], sweep="suffix=a,b,bb")
    (curve,) = found.sweeps
    assert (curve.option, curve.label) == ("suffix", "good")
    assert [value for value, _ in curve.points] == ["a", "b", "bb"]
    assert len(found.entries) == 2
    with pytest.raises(UsageError, match="none of best-path has an option 'beam_width' to sweep"):
        compare(model, tmp_path, ["best-path"], sweep="beam_width=1")
    with pytest.raises(UsageError, match="write it as beam_width=1,5,25"):
        parse_sweep("beam_width", [])


def plain(comparison: Comparison) -> object:
    """Everything but times."""
    values = comparison_json(comparison, lines=True)
    del values["encoder"]
    for entry in values["decoders"]:
        assert entry.pop("seconds_per_line") > 0
    return json.loads(json.dumps(values))


@pytest.mark.parametrize("when", [("encoding", 1), ("best-path", 1), ("good", 2), ("good:suffix=b", 1)])
def test_killed_at_any_point_it_goes_on_to_the_same_result(
    strangers: None, model: Path, tmp_path: Path, when: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("htrkit.stream.LINES_AT_ONCE", 16)
    decoders = ["best-path", "good", "good: suffix=b"]

    class Counts(Progress):
        def __init__(self) -> None:
            self.of: dict[str, list[int]] = {}

        def begin(self, what: str, total: int | None = None, unit: str = "lines", already: int = 0) -> None:
            self.what, self.of[what] = what, []

        def done(self, count: int = 1, said: str = "") -> None:
            self.of[self.what].append(count)

    class Kill(Counts):
        def done(self, count: int = 1, said: str = "") -> None:
            super().done(count)
            # a decoder tells first what an earlier run has done
            if (self.what, len(self.of[self.what])) == (when[0], when[1] + (self.what != "encoding")):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(model, tmp_path / "killed", decoders, progress=Kill())
    watched = Counts()
    resumed = compare(model, tmp_path / "killed", decoders, progress=watched)
    whole = compare(model, tmp_path / "whole", decoders)
    assert plain(resumed) == plain(whole)
    if when[0] == "encoding":
        assert 0 < resumed.encoder.lines < whole.encoder.lines
    else:
        assert resumed.encoder.lines == 0
        assert watched.of[when[0]][0] == 16 * when[1]
    assert not list((tmp_path / "killed" / "runs").iterdir())


def test_groups_are_resampled_as_a_whole(model: Path, tmp_path: Path) -> None:
    found = compare(model, tmp_path, ["best-path", "beam"], resampling=Resampling(400, 0, "writer"))
    assert found.units == 25
    assert "25 groups by writer" in found.sentences[0]
    with pytest.raises(UsageError, match="have no 'page' to resample by; the data has writer"):
        compare(model, tmp_path, ["best-path"], resampling=Resampling(400, 0, "page"))


def test_nothing_to_compare(strangers: None, model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no lines with known text"):
        compare(model, tmp_path, ["best-path"], [])
    with pytest.raises(UsageError, match="no decoder named 'beem'"):
        compare(model, tmp_path, ["beem"])
    with pytest.raises(UsageError, match="there is no decoder to compare"):
        compare(model, tmp_path, [])
    with pytest.raises(HtrkitError, match="no decoder could take part: raises: given up after 1"):
        compare(model, tmp_path, ["raises"])


def test_lines_without_text_that_counts_are_left_out(model: Path, tmp_path: Path) -> None:
    given = [*samples(), Sample(Line("dots", tiny_model.draw("a")), "...")]
    found = compare(model, tmp_path, ["best-path", "beam"], given, rules=TextRules.ignoring(["punctuation"]))
    assert found.n == 40
    assert len(found.positions) == len(found.keys) == 40
    assert "left out, for no text that counts: 1 (first: dots)" in found.notes


def test_data_frames(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    found = compare(model, tmp_path, ["best-path", "beam", "beam: beam_width=3"])
    assert found.to_frame()["decoder"].tolist() == ["best-path", "beam", "beam:beam_width=3"]
    assert found.pairs_to_frame().shape[0] == 3
    lines = found.lines_to_frame()
    assert len(lines) == 40
    assert set(lines.columns) >= {"id", "writer", "truth", "best-path", "beam errors"}


@pytest.mark.parametrize(
    ("written", "name", "options"),
    [
        ("beam", "beam", {}),
        ("beam: beam_width=50", "beam", {"beam_width": 50}),
        (" beam :beam_width = 5 ", "beam", {"beam_width": 5}),
        ("word-beam: beam_width=5, lexicon=english", "word-beam", {"beam_width": 5, "lexicon": "english"}),
        ("word-beam:beam_width=5:lexicon=english", "word-beam", {"beam_width": 5, "lexicon": "english"}),
    ],
)
def test_contenders_from_texts(written: str, name: str, options: dict[str, object]) -> None:
    assert Contender.of(written) == Contender(name, options)


def test_a_comma_without_a_key_belongs_to_the_value(strangers: None) -> None:
    assert Contender.of("good: suffix=a,b, width=2").options == {"suffix": "a,b", "width": 2}


def test_contenders_that_are_objects_and_texts_may_be_mixed() -> None:
    mine = Contender("mine", decoder=Mistaken(0))
    contenders, refused = parse_contenders([mine, "best-path", Contender("beem"), mine])
    assert [one.label for one in contenders] == ["mine", "best-path"]
    assert [label for label, _ in refused] == ["beem"]
    assert mine.origin == ""


def test_every_decoder_that_needs_no_option_can_be_compared() -> None:
    assert {"best-path", "beam"} <= set(every_contender())
