"""Jobs run one after the other, are stopped and gone on with, and are known to the next server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from htrkit_desk import job as kept
from htrkit_desk.job import Job
from htrkit_desk.jobs import Jobs, Task
from htrkit_desk.project import UnknownError

from htrkit import InputError


class Steps:
    """Work that does one step after the other, each when it is let."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.done: list[int] = []

    def __call__(self, task: Task) -> None:
        while task.job.position < len(task.job.pages):
            while not self.gate.acquire(timeout=0.02):
                task.update()
            if task.job.asked.get("fails") == task.job.position:
                raise InputError("it fails here")
            self.done.append(task.job.position)
            task.update(keep=True, position=task.job.position + 1, done=task.job.done + 1)


def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise TimeoutError


def made(folder: Path, steps: Steps, told: Callable[[Job], None] = lambda job: None) -> Jobs:
    return Jobs(folder, {"read": steps}, told)


def state(jobs: Jobs, id_: str) -> str:
    return next(job.state for job in jobs.all() if job.id == id_)


def test_jobs_run_one_after_the_other(tmp_path: Path) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    first, second = (jobs.begin("read", ("a", "b"), {}).id for _ in range(2))
    until(lambda: state(jobs, first) == "running")
    assert state(jobs, second) == "waiting"
    steps.gate.release(4)
    until(lambda: state(jobs, second) == "done")
    assert [job.id for job in jobs.all()] == [second, first]
    assert steps.done == [0, 1, 0, 1]


def test_a_job_is_cancelled_and_goes_on_where_it_was(tmp_path: Path) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    id_ = jobs.begin("read", ("a", "b", "c"), {}).id
    steps.gate.release()
    until(lambda: len(steps.done) == 1)
    jobs.cancel(id_)
    until(lambda: state(jobs, id_) == "cancelled")
    steps.gate.release(2)
    jobs.resume(id_)
    until(lambda: state(jobs, id_) == "done")
    assert steps.done == [0, 1, 2]
    with pytest.raises(InputError, match="nothing to go on with"):
        jobs.resume(id_)


def test_one_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    jobs.begin("read", ("a",), {})
    second = jobs.begin("read", ("b",), {}).id
    assert jobs.cancel(second).state == "cancelled"
    steps.gate.release(2)
    until(lambda: jobs.all()[1].state == "done")
    assert jobs.all()[0].state == "cancelled"


def test_a_failure_is_told_in_a_sentence_and_can_be_tried_again(tmp_path: Path) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    id_ = jobs.begin("read", ("a", "b"), {"fails": 1}).id
    steps.gate.release(2)
    until(lambda: state(jobs, id_) == "failed")
    assert jobs.all()[0].error == "it fails here"
    assert jobs.resume(id_).error is None


def test_what_nobody_foresaw_costs_the_job_alone(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, {"read": lambda task: 1 / 0, "segment": lambda task: None}, lambda job: None)  # type: ignore[dict-item,return-value,func-returns-value]
    first = jobs.begin("read", (), {}).id
    second = jobs.begin("segment", (), {}).id
    until(lambda: state(jobs, second) == "done")
    assert state(jobs, first) == "failed"
    assert "ZeroDivisionError" in str(jobs.all()[1].error)


@pytest.mark.parametrize("closed", [True, False])
def test_the_next_server_knows_a_job_that_was_interrupted(tmp_path: Path, closed: bool) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    id_ = jobs.begin("read", ("a", "b"), {}).id
    steps.gate.release()
    until(lambda: len(steps.done) == 1)
    if closed:
        jobs.close()
    else:
        until(lambda: kept.load(tmp_path)[0].position == 1)
    others = Steps()
    again = made(tmp_path, others)
    assert (state(again, id_), again.all()[0].position) == ("interrupted", 1)
    others.gate.release()
    again.resume(id_)
    until(lambda: state(again, id_) == "done")
    assert others.done == [1]


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{", '{"kind": "dance"}', '{"kind": "read", "state": "running", "done": "x"}'),
        *('{"kind": "read", "error": "\\ud800"}', '{"kind": "read", "pages": ["\\ud800"]}'),
        *('{"kind": "read", "result": {"a": NaN}}', '{"kind": "read", "result": {"a": 1e999}}'),
        *('{"kind": "read", "result": ' + "[" * depth + "]" * depth + "}" for depth in (60, 900, 100_000)),
    ],
)
def test_states_that_make_no_sense_are_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / kept.NAME).write_text(content)
    assert made(tmp_path, Steps()).all() == []


def test_only_so_many_are_remembered(tmp_path: Path) -> None:
    for number in range(kept.KEPT + 5):
        kept.save(tmp_path, Job(f"{number:03}", "read", state="done"))
    jobs = made(tmp_path, Steps())
    assert len(jobs.all()) == kept.KEPT
    assert jobs.all()[-1].id == "005"
    assert len(list(tmp_path.iterdir())) == kept.KEPT


def test_an_unknown_job_is_said(tmp_path: Path) -> None:
    jobs = made(tmp_path, Steps())
    for ask in (jobs.cancel, jobs.resume):
        with pytest.raises(UnknownError, match="no job"):
            ask("../x")


def test_every_change_is_told_and_can_be_sent(tmp_path: Path) -> None:
    steps, told = Steps(), list[str]()
    jobs = made(tmp_path, steps, lambda job: told.append(json.dumps(job.json())))
    steps.gate.release()
    jobs.begin("read", ("a",), {})
    until(lambda: jobs.all()[0].state == "done")
    assert [json.loads(text)["state"] for text in told][:2] == ["waiting", "running"]
    assert json.loads(told[-1])["state"] == "done"


def test_where_nothing_can_be_written_a_job_is_refused_or_ends_and_the_next_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps()
    jobs = made(tmp_path, steps)
    first = jobs.begin("read", ("a",), {}).id
    until(lambda: state(jobs, first) == "running")
    full = True
    save = kept.save

    def tried(folder: Path, job: Job) -> None:
        if full:
            raise InputError("cannot write: no space left on device")
        save(folder, job)

    monkeypatch.setattr(kept, "save", tried)
    with pytest.raises(InputError, match="no space"):
        jobs.begin("read", ("a",), {})
    steps.gate.release()
    until(lambda: state(jobs, first) == "failed")
    full = False
    assert [job.id for job in jobs.all()] == [first]
    second = jobs.begin("read", ("a",), {}).id
    steps.gate.release()
    until(lambda: state(jobs, second) == "done")
