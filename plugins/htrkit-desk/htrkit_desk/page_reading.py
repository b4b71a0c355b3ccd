"""The jobs ``segment`` and ``read``: pages through a process, what comes of them into their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from htrkit import Alternative, HtrkitError, Hypothesis, InputError, Region, Result, Run, Word
from htrkit.geometry import box
from htrkit.processes import LostError, Process
from htrkit_desk import components
from htrkit_desk.jobs import StoppedError, Task
from htrkit_desk.pictures import Size
from htrkit_desk.project import Project
from htrkit_desk.sheet import Sheet, SheetLine
from htrkit_desk.worker import Part, Work

WORKER = "htrkit_desk.worker"
PATIENCE = 600.0
"""Seconds that a process may take for the next few dozen lines."""
CRASHES = 3
"""Pages on which the process is lost before the job is given up."""


class Reader:
    """Does the jobs of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def read(self, task: Task) -> None:
        """Read the lines of pages, or find them where there are none."""
        self._all_pages(task, read=True)

    def segment(self, task: Task) -> None:
        """Find the lines on pages."""
        self._all_pages(task, read=False)

    def _all_pages(self, task: Task, *, read: bool) -> None:
        crashes = 0
        if not task.job.position:  # files whose pages were not drawn yet when it was asked for
            pages = tuple(page for id_ in task.job.pages for page in self._project.pages_of(id_))
            task.update(keep=True, pages=pages)
        while task.job.position < len(task.job.pages):
            before = task.job.position
            try:
                self._some_pages(task, read=read)
            except LostError as error:
                if task.stopped:
                    raise StoppedError from None
                crashes = crashes + 1 if task.job.position == before else 1
                if crashes == CRASHES or task.job.position >= len(task.job.pages):
                    raise HtrkitError(str(error)) from None
                task.skip(f"{task.job.pages[task.job.position]}: {error}")
                task.update(keep=True, position=task.job.position + 1)

    def _some_pages(self, task: Task, *, read: bool) -> None:
        """The pages that are left, in one process, as far as it gets."""
        project, asked = self._project, task.job.asked
        model = components.model_of(project)
        segmenter = components.spec_of(project, "segmenter", project.settings.segmenter)
        decoder = components.spec_of(project, "decoder", asked.get("decoder") or project.settings.decoder)
        left = task.job.pages[task.job.position :]
        parts = [part for id_ in left if (part := self._part(id_, task, read=read)) is not None]
        lines = sum(len(part.lines) or 1 for part in parts)
        task.update(total=task.job.done + (lines if read else len(parts)))
        with process(task) as ask:
            ask(Work(tuple(parts), segmenter, model, decoder, read))
            self._take(task, answers(ask), read=read)
        task.update(keep=True, position=len(task.job.pages))

    def _part(self, id_: str, task: Task, *, read: bool) -> Part | None:
        """What is to be done of a page; None if nothing is."""
        overwrite = bool(task.job.asked.get("overwrite"))
        try:
            document = self._project.document(self._project.entry(id_))
            sheet = document.sheet()
        except InputError as error:
            task.skip(str(error))
            return None
        if not read:
            corrected = sheet.count("corrected")
            if sheet.lines and (corrected or not overwrite):
                if corrected and overwrite:
                    task.skip(f"{id_}: its lines stay, as {corrected} of them are corrected")
                return None
            return Part(id_, document.picture.stored)
        states = ("empty", "read") if overwrite else ("empty",)
        wanted = tuple(line for line in sheet.lines if line.state in states)
        return Part(id_, document.picture.stored, wanted) if wanted or not sheet.lines else None

    def _take(self, task: Task, answers: Iterator[dict[str, Any]], *, read: bool) -> None:
        """Put what comes into the pages' files, each when it is complete."""
        page: _Page | None = None
        run = Run("", "")
        for said in answers:
            if "run" in said:
                run = Run(*said["run"])
            elif "failed" in said:
                task.skip(": ".join(said["failed"]))
                task.update(done=task.job.done + 1)
            elif "page" in said:
                self._put(task, page, run)
                page = _Page(said)
                task.update(note=("page", page.id))
                if read:
                    task.update(total=task.job.total + len(page.lines) - (1 if page.found else len(page.lines)))
                else:
                    task.update(done=task.job.done + 1)
            elif page is not None:
                page.hypotheses[said["order"]] = tuple(map(_hypothesis, said["hypotheses"]))
                task.update(done=task.job.done + 1)
        self._put(task, page, run)

    def _put(self, task: Task, page: _Page | None, run: Run) -> None:
        """Save a page."""
        if page is None:
            return
        try:
            entry = self._project.entry(page.id)
            with self._project.lock:
                document = self._project.document(entry)
                kept = document.sheet()
                overwrite = bool(task.job.asked.get("overwrite")) and not kept.count("corrected")
                if page.found and (overwrite or not kept.lines):
                    document.put(Sheet(page.regions, page.sheet_lines(document.picture.size), kept.finished))
                read = page.results()
                if read:
                    document.put_read(read, run)
                self._project.write(entry, document.data())
        except InputError as error:
            task.skip(str(error))
        done = task.job.pages.index(page.id, task.job.position) + 1 if page.id in task.job.pages else 0
        task.update(keep=True, position=max(task.job.position, done))


class _Page:
    """A page that comes from the process, with what was read on it so far."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.id: str = said["page"]
        self.lines: list[Any] = said["lines"]
        self.found = bool(said["segmenter"]) or None in self.lines
        self.regions = tuple(Region(id_, kind, _outline(polygon)) for id_, kind, polygon in said["regions"])
        self.hypotheses: dict[int, tuple[Hypothesis, ...]] = {}

    def sheet_lines(self, size: Size) -> tuple[SheetLine, ...]:
        """The lines that were found."""
        whole_page = box(0.0, 0.0, size.width, size.height)
        return tuple(
            SheetLine(self._id(order), line[2], _outline(line[0]), _outline(line[1]))
            if line
            else SheetLine(self._id(order), "", whole_page, ())
            for order, line in enumerate(self.lines)
        )

    def results(self) -> dict[str, Result]:
        """What was read, by the ids of the lines."""
        return {self._id(order): Result(self._id(order), found) for order, found in self.hypotheses.items()}

    def _id(self, order: int) -> str:
        line = self.lines[order]
        return line[3] if line and line[3] and not self.found else f"line_{order + 1}"


def _outline(points: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points)


def _hypothesis(said: Sequence[Any]) -> Hypothesis:
    text, score, log_prob, confidence, words = said
    found = tuple(
        Word(word, _outline(outline), sure, alternatives=tuple(Alternative(*other) for other in others))
        for word, outline, sure, others in words
    )
    return Hypothesis(text, score, log_prob, confidence=confidence, words=found)


@contextmanager
def process(task: Task) -> Iterator[Any]:
    """A process for a task, to be asked; it ends with the block, or when the task is stopped."""
    worker = Process(WORKER)
    try:
        task.ends_by(worker.end)
        yield lambda request: worker.ask(request, PATIENCE)
    except LostError:
        if task.stopped:
            raise StoppedError from None
        raise
    finally:
        worker.end()


def answers(ask: Any) -> Iterator[dict[str, Any]]:
    """What a process answers until it is done."""
    while "end" not in (said := ask(None)):
        yield said
