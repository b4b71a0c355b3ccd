"""Mutated inputs and kills find nothing; and the campaign would find what is wrong."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import campaign
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.errors import HtrkitError
from htrkit.foreign import try_first
from tests.campaign import ground, kills, workers
from tests.campaign.attack import Attack, Input, judged
from tests.campaign.kinds import Kind, kinds
from tests.campaign.once import BYTES

KIND = Kind("a", "a", ("read",), ("bytes",), beside="good.png\t", seconds=0.5)


def test_bad_inputs_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    attack = Attack(1, Path(tmp_path_factory.mktemp("campaign")) / "ground")
    ground.draw(attack.folder)
    outcomes = list(workers.run(attack, range(2000)))
    assert [one for one in outcomes if one.fault] == []
    assert sorted(one.number for one in outcomes) == list(range(2000))
    assert len({one.what for one in outcomes}) > 0.9 * len(kinds())


def test_killed_commands_leave_nothing_half_done() -> None:
    assert [one for one in kills.run(range(20), 1) if one.fault] == []


class Misdeeds(Attack):
    """What each number does instead of reading."""

    def draw(self, number: int, *, good: bool = False) -> Input:
        return Input(number, KIND, "a", b"")

    def warm_up(self) -> None:
        pass

    def read(self, one: Input) -> str:
        if one.number == 1:
            time.sleep(60)
        elif one.number == 2:
            os.abort()
        elif one.number == 3:
            np.ones(2 * BYTES, np.uint8)
        return "bad" if one.number == 4 else ""


def test_what_hangs_dies_or_takes_all_memory_costs_its_input_alone(tmp_path: Path) -> None:
    faults = {one.number: one.fault for one in workers.run(Misdeeds(0, tmp_path / "ground"), range(8))}
    assert {number for number in faults if faults[number]} == {1, 2, 3, 4}
    assert faults[1].startswith(workers.LATE)
    assert "in read" in faults[1]  # where it was
    assert "Aborted" in faults[2]
    assert "MemoryError" in faults[3]
    assert len(faults) == 8


class Slow(Misdeeds):
    """Takes longer than it may."""

    def read(self, one: Input) -> str:
        time.sleep(3 * KIND.seconds)
        return ""


def test_waiting_for_a_core_is_no_hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "waited_for_a_core", lambda process: time.monotonic())
    (outcome,) = workers.run(Slow(0, tmp_path / "ground"), [5], processes=1)
    assert outcome.fault == ""


class Trials(Misdeeds):
    """What each number tries in a process of its own."""

    def draw(self, number: int, *, good: bool = False) -> Input:
        return Input(number, dataclasses.replace(KIND, seconds=60.0), "a", b"")

    def read(self, one: Input) -> str:
        trials = (partial(int, "3"), os.abort, partial(os._exit, 3), partial(bytearray, 2 * BYTES))
        try:
            try_first("it", f"{one.number}", trials[one.number])
        except HtrkitError as error:
            return str(error)
        return ""


def test_processes_that_are_forked_end_as_others_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTRKIT_CACHE", str(tmp_path / "cache"))
    outcomes = workers.run(Trials(0, tmp_path / "ground"), range(4), processes=1)
    for outcome, end in zip(outcomes, ("", "crashed (SIGABRT)", "exit code 3", "too much memory"), strict=True):
        assert end in outcome.fault
        assert bool(end) == bool(outcome.fault)


DEEDS = ("write", "write as much", "remove", "put beside", "make a folder")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(("a", "b", "c/d", "c/e"))), max_size=6))
def test_the_ground_is_restored(deeds: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, scratch = Path(name) / "ground", Path(name) / "scratch"
        for file in ("a", "b", "c/d", "c/e"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(file)
            os.utime(folder / file, (0, 0))
        ground.restore(scratch, folder)
        for deed, file in deeds:
            path = scratch / file
            if deed.startswith("write"):
                path.write_text(file.upper() if deed == "write as much" else file * 2)
            elif deed == "remove":
                path.unlink(missing_ok=True)
            elif deed == "put beside":
                path.with_name("new").write_text(file)
            else:
                (scratch / "f" / file).mkdir(parents=True, exist_ok=True)
        ground.restore(scratch, folder)
        assert kills.contents(scratch) == kills.contents(folder)
        assert sorted(path.name for path in scratch.rglob("*")) == ["a", "b", "c", "d", "e"]


def test_what_is_done_is_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[list[int]] = []

    def attack(numbers: Sequence[int]) -> Iterator[kills.Killed]:
        asked.append(list(numbers))
        for number in numbers:
            if len(asked) == 1 and number == 4:
                raise KeyboardInterrupt
            yield kills.Killed(number, "decode", "half done" if number == 2 else "")

    file = tmp_path / "kept" / "kills.jsonl"
    with pytest.raises(KeyboardInterrupt):
        campaign.done(file, kills.Killed, range(6), attack)
    assert [one.number for one in campaign.done(file, kills.Killed, range(6), attack)] == list(range(6))
    assert len(campaign.done(file, kills.Killed, range(1, 3), attack)) == 2
    assert asked == [[0, 1, 2, 3, 4, 5], [4, 5]]
    assert capsys.readouterr().out == "2 (decode): half done\n"


@pytest.mark.parametrize(
    ("code", "out", "err", "fault"),
    [
        (0, "good.png\tx\n", "", ""),
        (1, "good.png\tx\n", "skipped a: cut off\n1 read, 1 failed\n", ""),
        (1, "good.png\tx\n", "error: unexpected KeyError\n  run it with --debug for the traceback", "nobody expected"),
        (1, "", "skipped a: cut off\n", "was lost"),
        (1, "good.png\tx\n", "", "without a word"),
        (139, "good.png\tx\n", "", "exit code 139"),
        (1, "good.png\tx\n", "skipped a: \x1b[2J\n", "control character"),
        (1, "good.png\tx\n", "skipped a: encoder 'onnx' raised KeyError: 5\n", "htrkit's own"),
        (1, "good.png\tx\n", f"skipped a: {'b' * 5000}\n", "too long"),
    ],
)
def test_a_command_is_judged_by_how_it_ends_and_what_it_says(code: int, out: str, err: str, fault: str) -> None:
    assert fault in judged(KIND, code, out, err)
    assert bool(fault) == bool(judged(KIND, code, out, err))


def test_an_input_depends_on_its_number_and_the_seed_alone(tmp_path: Path) -> None:
    ground.draw(tmp_path / "ground")
    first, again, other = (Attack(seed, tmp_path / "ground") for seed in (1, 1, 2))
    inputs = [first.draw(number) for number in range(50)]
    assert [again.draw(number).content for number in range(50)] == [one.content for one in inputs]
    assert [other.draw(number).content for number in range(50)] != [one.content for one in inputs]
    first.keep(inputs[7], "bad", tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    assert inputs[7].content in [file.read_bytes() for file in kept.iterdir()]


def test_a_command_that_writes_half_a_file_is_found_out() -> None:
    careless = kills.Work(("lm", "build", "text.txt", "--out", "/dev/stdout"), ("nothing.txt",))
    (found,) = kills.run([0], 1, [careless])
    assert found.fault


def test_kinds_have_names_of_their_own() -> None:
    names = [one.name for one in kinds()]
    assert len(set(names)) == len(names)
    assert all(dataclasses.asdict(one)["forms"] for one in kinds())
