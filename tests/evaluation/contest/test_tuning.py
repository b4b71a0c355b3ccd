"""Tuning finds the options that read best, the same ones after an interruption, and makes them the model's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from htrkit import Line, Recognizer, Sample, host
from htrkit.errors import UsageError
from htrkit.evaluation.contest import tuning as module
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.contest.group import decode_group
from htrkit.evaluation.contest.isolation import DecoderError
from htrkit.evaluation.contest.tuning import Tuning, save, tune
from htrkit.evaluation.contest.worker import Make
from htrkit.evaluation.figures.intervals import Resampling
from htrkit.model import load_model
from htrkit.progress import Progress
from tests import tiny_model
from tests.strangers import install

pytest.importorskip("optuna")
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from htrkit.evaluation.contest.search_space import Dimension, parse_space

SOURCE = '''
from htrkit import Component, Hypothesis, hookimpl


@hookimpl
def htrkit_decoders():
    return [Component("tunable", "reads well with one set of options", "acme_tune:Tunable")]


class Tunable:
    """The further sharpness is from 0.7, the more characters it appends.

    Parameters
    ----------
    sharpness
        Best at 0.7.
    width
        Does nothing.
    mode
        Must be good.
    """

    def __init__(self, alphabet, *, sharpness: float = 0.0, width: int = 5, mode: str = "bad"):
        if sharpness < 0:
            raise ValueError("blunt")
        self.extra = round(20 * abs(sharpness - 0.7)) + (3 if mode == "bad" else 0)

    def decode(self, log_probs, *, n_best=1):
        text, before = "", 0
        for label in log_probs.argmax(axis=1).tolist():
            if label not in (0, before):
                text += "ab"[label - 1]
            before = label
        return [Hypothesis(text + "x" * self.extra, 0.0)]
'''


@pytest.fixture
def tunable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(install(folder, "acme-tune", source=SOURCE)))
    host.plugins.cache_clear()
    yield
    sys.modules.pop("acme_tune", None)
    host.plugins.cache_clear()


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of their own are tested elsewhere; here they would take a second for each trial."""
    from htrkit.evaluation.contest import decode_all as runner

    def here(make: Make, n_best: int, limits: object, warm_up: object) -> object:
        try:
            decoder = make.spec.create(make.alphabet)
        except Exception as error:
            raise DecoderError(str(error)) from error
        return SimpleNamespace(decode=partial(decode_group, decoder, n_best=n_best), close=lambda: None)

    monkeypatch.setattr(runner, "IsolatedDecoder", here)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model.write(tmp_path / "model").folder


SAMPLES = [Sample(Line(f"{t}{i}.png", tiny_model.draw(t)), t) for i in range(8) for t in ("aab", "a", "bb", "ab")]


class Numbers(list[int], Progress):
    """The numbers of the trials that are told of; ends the run after one of them."""

    def __init__(self, last: int = 0) -> None:
        super().__init__()
        self.last = last

    def note(self, message: str) -> None:
        self.append(int(message.split()[1].rstrip(":")))
        if self[-1] == self.last:
            raise KeyboardInterrupt


def run(
    model: Path, cache: Path, space: list[str], decoder: str = "tunable", trials: int = 25, **more: object
) -> Tuning:
    return tune(SAMPLES, decoder, space, trials=trials, model=model, cache=cache, resampling=Resampling(300), **more)  # type: ignore[arg-type]


def test_it_finds_what_reads_best(tunable: None, model: Path, tmp_path: Path) -> None:
    found = run(model, tmp_path, ["sharpness=0:2", "mode=good,bad"], trials=40)
    sharpness = found.best.options["sharpness"]
    assert isinstance(sharpness, float)
    assert sharpness == pytest.approx(0.7, abs=0.1)
    assert found.best.options["mode"] == "good"
    assert len(found.trials) == 40
    assert found.after.evaluation.cer.value == min(t.value for t in found.trials if t.value is not None)
    assert found.trials[0].options == {"sharpness": 0.0, "mode": "bad"}
    assert found.trials[0].value == found.before.evaluation.cer.value
    assert found.pair is not None
    assert found.pair.cer.figure.value < 0
    assert found.pair.cer.real
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_an_interrupted_run_finds_what_an_unbroken_one_finds(tunable: None, model: Path, tmp_path: Path) -> None:
    space = ["sharpness=0:2", "width=1:100:log", "mode=good,bad"]
    whole = run(model, tmp_path / "whole", space)
    for stop in (3, 14):
        with pytest.raises(KeyboardInterrupt):
            run(model, tmp_path / "broken", space, progress=Numbers(stop))
    (journal,) = (tmp_path / "broken" / "runs").iterdir()
    with journal.open("ab") as file:
        file.write(b'{"options": {"sharp')
    told = Numbers()
    resumed = run(model, tmp_path / "broken", space, progress=told)
    assert told == list(range(15, 26))
    assert resumed.trials == whole.trials
    assert resumed.after.evaluation == whole.after.evaluation


@pytest.mark.parametrize(
    "damage",
    [
        b"garbage\n",
        b"\0\0\0\n",
        b"\xff\xfe\n",
        b"[1, 2]\n",
        b'{"options": {"sharpness": "x"}, "value": 0.5, "failure": ""}\n',
        b'{"options": {"sharpness": 9.0}, "value": 0.5, "failure": ""}\n',
        b'{"options": {"sharpness": 1.0}, "value": NaN, "failure": ""}\n',
    ],
)
def test_a_damaged_trial_is_tried_again(tunable: None, model: Path, tmp_path: Path, damage: bytes) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(model, tmp_path / "broken", ["sharpness=0:2"], trials=5, progress=Numbers(3))
    (journal,) = (tmp_path / "broken" / "runs").iterdir()
    rows = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([rows[0], damage, *rows[1:]]))
    told = Numbers()
    with pytest.warns(match="is damaged after 1 rows"):
        again = run(model, tmp_path / "broken", ["sharpness=0:2"], trials=5, progress=told)
    assert told == [2, 3, 4, 5]
    assert again.trials == run(model, tmp_path / "whole", ["sharpness=0:2"], trials=5).trials


def test_options_with_which_the_decoder_fails_are_passed_over(tunable: None, model: Path, tmp_path: Path) -> None:
    found = run(model, tmp_path, ["sharpness=-2:2"])
    failed = [trial for trial in found.trials if trial.value is None]
    assert failed
    assert all("blunt" in trial.failure for trial in failed)
    assert found.pair is not None
    with pytest.raises(DecoderError, match=r"tunable failed with all options: .*blunt"):
        run(model, tmp_path, ["sharpness=-2:-1"], trials=5)


def test_fixed_options_stay(tunable: None, model: Path, tmp_path: Path) -> None:
    found = run(model, tmp_path, ["sharpness=0:1"], decoder="tunable: mode=good", trials=5)
    assert found.best.options["mode"] == "good"
    assert set(found.trials[0].options) == {"sharpness"}


def test_the_result_becomes_the_models_own(tunable: None, model: Path, tmp_path: Path) -> None:
    found = run(model, tmp_path, ["sharpness=0:2", "mode=good,bad"], trials=30)
    assert save(found, model) == model
    assert load_model(model).decoder == found.decoder
    recognizer = Recognizer.load(model)
    assert recognizer.decoder_name == "tunable"
    cer = found.after.evaluation.cer.value
    read = [result.text for result in recognizer.recognize(sample.line for sample in SAMPLES)]
    extra = sum(len(text) - len(sample.text) for text, sample in zip(read, SAMPLES, strict=True))
    assert extra / sum(len(sample.text) for sample in SAMPLES) == pytest.approx(cer)
    assert Recognizer.load(model, options={"mode": "bad"}).decoder.extra >= 3  # type: ignore[attr-defined]


def test_nothing_better(tunable: None, model: Path, tmp_path: Path) -> None:
    found = run(model, tmp_path, ["width=1:9"], trials=4)
    assert found.pair is None
    assert found.best == Contender("tunable")
    assert found.after == found.before


def test_trials_as_a_data_frame(tunable: None, model: Path, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    frame = run(model, tmp_path, ["width=1:9"], trials=4, minimise="wer").to_frame()
    assert list(frame.columns) == ["width", "wer", "failure"]
    assert frame["width"].between(1, 9).all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sharpness=0:2", Dimension("sharpness", FloatDistribution(0.0, 2.0), 0.0)),
        ("sharpness=0.1:2:log", Dimension("sharpness", FloatDistribution(0.1, 2.0, log=True), 0.0)),
        ("width=1:9", Dimension("width", IntDistribution(1, 9), 5)),
        ("mode=good,bad", Dimension("mode", CategoricalDistribution(["good", "bad"]), "bad")),
        ("width=5,50", Dimension("width", CategoricalDistribution([5, 50]), 5)),
    ],
)
def test_ranges_and_choices(tunable: None, text: str, expected: Dimension) -> None:
    assert parse_space(Contender("tunable"), [text]) == [expected]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "name at least one option to tune"),
        (["sharpness"], "'sharpness' says nothing to try"),
        (["sharpness=2:1"], "is no range"),
        (["sharpness=0:1:log"], "above 0 with log"),
        (["sharp=0:1"], "decoder 'tunable' has no option 'sharp'; did you mean 'sharpness'"),
        (["mode=0:1"], "is str, no number to range over"),
        (["width=0.5:1"], "option 'width' of decoder 'tunable' is int, no number to range over"),
        (["sharpness=soft,hard"], "option 'sharpness' of decoder 'tunable' must be float"),
        (["width=1:2", "width=3:4"], "the option 'width' is given twice"),
    ],
)
def test_what_cannot_be_tried(tunable: None, texts: list[str], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_space(Contender("tunable"), texts)
    assert message in str(raised.value)


def test_without_optuna(tunable: None, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'htrkit\[tune\]'"):
        run(model, tmp_path, ["width=1:9"])
