"""Decoders that crash, hang, print and lie: each is held to account, and the lines that it can read are read."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from htrkit import Alphabet, Hypothesis
from htrkit.evaluation.contest import decode_all as module
from htrkit.evaluation.contest import group as grouping
from htrkit.evaluation.contest.contenders import Contender
from htrkit.evaluation.contest.decode_all import AllDecoded, decode_all, journal_of
from htrkit.evaluation.contest.group import Group, decode_group
from htrkit.evaluation.contest.isolation import DecoderError, Limits
from htrkit.evaluation.contest.journal_path import journal_path
from htrkit.types import LogProbs

AB = Alphabet("ab")
TEXTS = ["a", "b", "ab", "aa", "a"] * 4
QUICK = Limits(line=1.0, start=20.0)


def output(text: str) -> LogProbs:
    """(frames, 3) that best path reads as ``text``."""
    labels = [label for character in text for label in ("ab".index(character) + 1, 0)]
    probs = np.full((len(labels), 3), 0.05)
    probs[np.arange(len(labels)), labels] = 0.9
    return np.log(probs).astype(np.float32)


OUTPUTS = [output(text) for text in TEXTS]


def run(name: str, *, limits: Limits = QUICK, **options: object) -> AllDecoded:
    return decode_all(Contender(name, options), AB, OUTPUTS, n_best=2, limits=limits)


def texts(decoded: AllDecoded) -> list[str]:
    return [line if isinstance(line, str) else line[0].text for line in decoded.lines]


@pytest.mark.parametrize("name", ["good", "prints", "slow-start"])
def test_what_a_good_decoder_reads(strangers: None, name: str) -> None:
    decoded = run(name)
    assert texts(decoded) == TEXTS
    assert decoded.seconds_per_line is not None
    assert 0 < decoded.seconds_per_line < 1


def test_what_a_process_counts_of_frames_is_compiled_before_any_line_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead: list[int] = []
    monkeypatch.setattr(module, "compile_ahead", ahead.append)
    run("best-path")
    lengths = list(map(len, OUTPUTS))
    expected, warmed_up_on = lengths[0] * len(lengths), lengths[0] + min(lengths[1:])
    assert ahead == [expected + warmed_up_on + sum(lengths)]


def test_own_decoders_take_batches(strangers: None) -> None:
    assert texts(run("best-path")) == TEXTS


def test_options_reach_the_decoder(strangers: None) -> None:
    assert texts(run("good", suffix="!"))[0] == "a!"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises-on-b", "raised ValueError: b is not for me"),
        ("crashes-on-b", "crashed (SIGABRT)"),
        ("exits-on-b", "ended its process (exit code 7): b is the end of me"),
        ("ends-on-b", "raised Enough: of b"),
        ("interrupts-on-b", "raised KeyboardInterrupt"),
    ],
)
def test_lines_on_which_a_decoder_fails_are_lost_alone(strangers: None, name: str, reason: str) -> None:
    assert texts(run(name)) == [reason if "b" in text else text for text in TEXTS]


def test_a_decoder_that_hangs_on_a_line_is_stopped_and_started_again(strangers: None) -> None:
    start = time.monotonic()
    decoded = decode_all(
        Contender("hangs-on-b"), AB, [output(text) for text in "aabaaba"], limits=Limits(line=0.5, start=3.0)
    )
    late = "took longer than 0.5 s, and was stopped"
    assert texts(decoded) == ["a", "a", late, "a", "a", late, "a"]
    assert time.monotonic() - start < 30


def test_what_a_decoder_does_once_is_not_its_time_for_a_line(strangers: None) -> None:
    # "compiles" takes 1.2 s over the first line of every process, and hangs once on b
    decoded = decode_all(
        Contender("compiles"), AB, [output(text) for text in "aabaa"], limits=Limits(line=0.6, start=20.0)
    )
    assert texts(decoded) == ["a", "a", "took longer than 0.6 s, and was stopped", "a", "a"]
    assert decoded.seconds_per_line is not None
    assert decoded.seconds_per_line < 0.3


def test_a_first_line_that_hangs_costs_itself_and_the_start_limit(strangers: None) -> None:
    decoded = decode_all(
        Contender("hangs-on-b"), AB, [output(text) for text in "baa"], limits=Limits(line=0.5, start=3.0)
    )
    assert texts(decoded) == ["took longer than 0.5 s, and was stopped", "a", "a"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_decoder_that_eats_memory_is_stopped_before_the_machine_is(strangers: None) -> None:
    limits = Limits(line=20.0, start=20.0, memory=1.0)
    decoded = decode_all(Contender("eats-on-b"), AB, [output(text) for text in "aba"], limits=limits)
    assert texts(decoded) == ["a", "needed too much memory", "a"]


def test_a_decoder_that_takes_longer_to_eat_the_memory_than_the_limit_is_given_up_at_once(strangers: None) -> None:
    start = time.monotonic()
    with pytest.raises(DecoderError, match="given up: needed too much memory for every line that it was tried on"):
        run("eats-slowly", limits=Limits(line=0.5, start=20.0))
    assert time.monotonic() - start < 10


def test_a_first_line_that_eats_the_memory_costs_itself_alone(strangers: None) -> None:
    eats = Contender("eats-slowly", {"on": "b"})
    decoded = decode_all(eats, AB, [output(text) for text in ("bb", "aa", "a", "ba")], limits=Limits(0.5, 20.0))
    late = "took longer than 0.5 s, and was stopped"
    assert texts(decoded) == [late, "aa", "a", late]


@pytest.mark.skipif(sys.platform == "win32", reason="reads /proc")
def test_a_decoder_that_never_stops_printing_is_stopped(strangers: None) -> None:
    before = psutil.Process().memory_info().rss
    with pytest.raises(DecoderError, match="given up after 4 lines on which it failed: took longer"):
        run("floods", limits=Limits(line=0.5, start=4.0))
    assert psutil.Process().memory_info().rss - before < 100e6


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
def test_what_a_decoder_starts_itself_ends_with_it(strangers: None, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    limits = Limits(line=0.5, start=20.0)
    decoded = decode_all(Contender("starts-on-b", {"file": str(file)}), AB, [output("a"), output("b")], limits=limits)
    assert texts(decoded) == ["a", "took longer than 0.5 s, and was stopped"]
    started, deadline = int(file.read_text()), time.monotonic() + 10.0
    while psutil.pid_exists(started) and psutil.Process(started).status() != "zombie":
        assert time.monotonic() < deadline, "what was killed ends soon, even on a busy machine"
        time.sleep(0.01)


def test_a_slow_decoder_is_not_taken_for_one_that_hangs(strangers: None) -> None:
    # all six take longer than the limit for the first that is asked, each of them less than the limit for a line
    decoded = decode_all(Contender("slow"), AB, OUTPUTS[:6], limits=Limits(line=1.0, start=2.5))
    assert texts(decoded) == TEXTS[:6]
    assert decoded.seconds_per_line == pytest.approx(0.6, abs=0.2)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raises", "given up after 11 lines on which it failed: raised ValueError: no idea whatsoever"),
        ("nonsense", "given up after 11 lines on which it failed: gave 'a' instead of a list of hypotheses"),
        ("nan", "which is no text with its scores"),
        ("empty", "gave 0 hypotheses where 1 to 2 were asked for"),
        ("leaves", "raised SystemExit: 3"),
        ("cannot-be-made", "decoder 'cannot-be-made' of acme-htr 0.3 cannot be made: OSError: where is my lexicon?"),
        ("short-batch", "gave [] for 1 line"),
    ],
)
def test_decoders_that_are_given_up(strangers: None, name: str, reason: str) -> None:
    with pytest.raises(DecoderError) as raised:
        run(name)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_decoder_that_always_hangs_is_given_up_soon(strangers: None) -> None:
    start = time.monotonic()
    with pytest.raises(DecoderError, match="given up after 4 lines on which it failed: took longer"):
        run("hangs", limits=Limits(line=0.3, start=3.0))
    assert time.monotonic() - start < 30


def test_few_lines_that_all_fail_are_a_failure(strangers: None) -> None:
    with pytest.raises(DecoderError, match="failed on every line: raised ValueError"):
        decode_all(Contender("raises"), AB, OUTPUTS[:2], limits=QUICK)


def test_several_processes_give_the_same_in_the_same_order(strangers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUPS_WORTH_A_PROCESS", 1)
    many = [output("b" if i % 8 == 7 else "a" * (i % 5 + 1)) for i in range(40)]
    counts: list[int] = []
    decoded = decode_all(Contender("crashes-on-b"), AB, many, limits=QUICK, processes=3, progress=counts.append)
    alone = decode_all(Contender("crashes-on-b"), AB, many, limits=QUICK)
    assert texts(decoded) == texts(alone)
    assert texts(decoded).count("crashed (SIGABRT)") == 5
    assert counts == [0, 16, 16, 8]
    with pytest.raises(DecoderError, match=r"given up after 1[0-9] lines on which it failed"):
        decode_all(Contender("raises"), AB, many, limits=QUICK, processes=3)


def test_an_interruption_ends_every_process_at_once(strangers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUPS_WORTH_A_PROCESS", 1)
    outputs = OUTPUTS[:1] * 16 + OUTPUTS[1:2] * 16  # the first group is read, the second hangs

    def interrupt(count: int) -> None:
        if count:
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        decode_all(Contender("hangs-on-b"), AB, outputs, limits=Limits(line=60.0), processes=2, progress=interrupt)
    assert time.monotonic() - start < 20


def test_waiting_for_a_core_is_not_the_decoders_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeps:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            time.sleep(0.2)
            return [Hypothesis("", 0.0)]

    assert decode_group(Sleeps(), OUTPUTS[:1], n_best=1).seconds >= 0.19
    waits = iter([5.0, 5.15])
    monkeypatch.setattr(grouping, "waited_for_a_core", lambda: next(waits))
    assert 0.04 <= decode_group(Sleeps(), OUTPUTS[:1], n_best=1).seconds <= 0.15


def test_a_decoder_object_runs_here() -> None:
    class Mine:
        def decode(self, log_probs: LogProbs, *, n_best: int = 1) -> list[Hypothesis]:
            if len(log_probs) > 2:
                raise ValueError("too long")
            return [Hypothesis("mine", 0.0)]

    decoded = decode_all(Contender("mine", decoder=Mine()), AB, OUTPUTS)
    assert set(texts(decoded)) == {"mine", "raised ValueError: too long"}


def test_a_killed_run_goes_on_and_gives_the_same(strangers: None, tmp_path: Path) -> None:
    contender, file = Contender("good"), tmp_path / "run.jsonl"
    progressed: list[int] = []

    def killed(count: int) -> None:
        progressed.append(count)
        if sum(progressed) == module.GROUP:
            raise KeyboardInterrupt

    journal = journal_of(file, len(OUTPUTS))
    with pytest.raises(KeyboardInterrupt):
        decode_all(contender, AB, OUTPUTS, n_best=2, limits=QUICK, journal=journal, progress=killed)
    journal.close()
    with file.open("ab") as half:
        half.write(b'{"lines": [[["b", 0.0')
    resumed = journal_of(file, len(OUTPUTS))
    assert len(resumed.rows) == 1
    counts: list[int] = []
    decoded = decode_all(contender, AB, OUTPUTS, n_best=2, limits=QUICK, journal=resumed, progress=counts.append)
    assert counts == [module.GROUP, len(TEXTS) - module.GROUP]
    assert decoded.lines == decode_all(contender, AB, OUTPUTS, n_best=2, limits=QUICK).lines
    resumed.close()
    assert journal_of(file, len(OUTPUTS)).rows == list(decoded.groups)
    resumed.remove()
    assert not file.exists()


def test_a_journal_keeps_every_digit(tmp_path: Path) -> None:
    hypotheses = (Hypothesis("é\u2028\U0001f600", -1 / 3, -1e-300, confidence=2 / 3), Hypothesis("", float("-inf")))
    group = Group((hypotheses, "raised X"), 1, 0.1 + 0.2)
    with closing(journal_of(tmp_path / "run.jsonl", 2)) as journal:
        journal.add(group)
    with closing(journal_of(tmp_path / "run.jsonl", 2)) as journal:
        assert journal.rows == [group]


def test_other_options_code_or_files_are_other_journals(
    strangers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon = tmp_path / "words.txt"
    lexicon.write_text("one")
    contender = Contender("good", {"suffix": str(lexicon)})
    path: Callable[[Contender], Path] = lambda one: journal_path(tmp_path, one, ["k1", "k2"], 5)  # noqa: E731
    first = path(contender)
    assert path(contender) == first
    assert journal_path(tmp_path, contender, ["k1"], 5) != first
    assert journal_path(tmp_path, contender, ["k1", "k2"], 6) != first
    assert path(replace(contender, options={})) != first
    lexicon.write_text("one two")
    second = path(contender)
    assert second != first
    source = tmp_path / "acme_htr.py"
    source.write_text(source.read_text() + "\n")
    assert path(contender) != second
