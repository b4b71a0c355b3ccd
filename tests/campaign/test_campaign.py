"""Mutated inputs and kills find nothing; and the campaign would find what is wrong."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import numpy as np
import pytest

from tests.campaign import ground, kills, workers
from tests.campaign.attack import Attack, Input, judged
from tests.campaign.kinds import Kind, kinds

KIND = Kind("a", "a", ("read",), ("bytes",), beside="good.png\t", seconds=0.5)


def test_bad_inputs_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    attack = Attack(1, Path(tmp_path_factory.mktemp("campaign")) / "ground")
    ground.draw(attack.folder)
    outcome = workers.run(attack, range(2000))
    assert outcome.faults == {}
    assert outcome.kinds.total() == 2000
    assert len(outcome.kinds) > 0.9 * len(kinds())


def test_killed_commands_leave_nothing_half_done() -> None:
    faults: list[str] = []
    kills.run(20, 1, told=lambda work, fault: faults.append(f"{work.command}: {fault}"))
    assert faults == []


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
            np.ones(workers.BYTES, np.uint8)
        return "bad" if one.number == 4 else ""


def test_what_hangs_dies_or_takes_all_memory_costs_its_input_alone(tmp_path: Path) -> None:
    outcome = workers.run(Misdeeds(0, tmp_path / "ground"), range(8))
    assert outcome.faults.keys() == {1, 2, 3, 4}
    assert outcome.faults[1].startswith(workers.LATE)
    assert "Aborted" in outcome.faults[2]
    assert "MemoryError" in outcome.faults[3]
    assert outcome.kinds.total() == 8


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
    assert kills.run(1, 1, [careless]) == 1


def test_kinds_have_names_of_their_own() -> None:
    names = [one.name for one in kinds()]
    assert len(set(names)) == len(names)
    assert all(dataclasses.asdict(one)["forms"] for one in kinds())
