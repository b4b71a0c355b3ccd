"""Where results go: standard output, a file, or a file a page; what failed meanwhile is named on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from htrkit.cli import terminal
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import is_stream, whole

if TYPE_CHECKING:
    from htrkit.jobs import Job
    from htrkit.spec import Spec
    from htrkit.types import Failed, Page, PageWriter, Result, Run


def put_results(job: Job, spec: Spec, run: Run, output: Path | None, files: Sequence[str], *, force: bool) -> None:
    """Write what a job reads in the format of a writer, and name what fails; no file if all of it fails.

    Parameters
    ----------
    output
        A file; for a format of pages, a folder; None for standard output.
    files
        That the job reads.
    force
        Write over pages' files that are there.

    Raises
    ------
    UsageError
        If a page's file is there already, or ``output`` is no place for the format.
    InputError, PluginError
        If the results cannot be written, or the writer fails.
    """
    from htrkit.types import Result
    from htrkit.writing import written

    writer = spec.create(run)
    if getattr(writer, "suffix", None) is not None:
        _put_pages(job, writer, spec.name, output, files, force=force)
        return
    results = (one for one in _failures_named(job) if isinstance(one, Result))
    with results_to(output) as stream:
        for text in written(writer, spec.name, results):
            stream.write(text)
            stream.flush()
        if output and job.failed and not job.read:
            raise typer.Exit(1)  # and no file


def _put_pages(
    job: Job, writer: PageWriter, name: str, folder: Path | None, files: Sequence[str], *, force: bool
) -> None:
    """A file for each page; the one page of a job may go to standard output."""
    from htrkit.types import Failed
    from htrkit.writing import PageNames, by_page, written

    if not files:
        raise UsageError(f"{name} writes pages, which saved outputs are not: take another --format")
    if (folder is None and job.several) or (folder and folder.exists() and not folder.is_dir()):
        raise UsageError(f"{name} writes a file for each page: name a folder for them with --output")
    names = PageNames(files, writer.suffix)
    check_free(*(folder and folder / path for path in names.all()), force=force)
    for page, results in by_page(_failures_named(job)):
        path = folder and folder / names.of(page)
        try:
            check_free(path, force=force)
            text = "".join(written(writer, name, results, page))
        except HtrkitError as error:  # costs this page alone
            job.failed += 1
            terminal.failed(str(Failed(page.id, str(error))), error, alone=not job.several)
            continue
        with results_to(path, make_folder=True) as stream:
            stream.write(text)


def _failures_named(job: Job) -> Iterator[Page | Result | Failed]:
    from htrkit.types import Failed, Page

    for one in job:
        if isinstance(one, Failed):
            terminal.failed(str(one), one.error, alone=job.expected == 1 and not job.several)
        elif isinstance(one, Page) and not one.lines:
            terminal.note(f"{one.id}: no line of writing is found")
        yield one


def check_free(*paths: Path | None, force: bool) -> None:
    """Refuse to write over files that are there; what is no regular file is written to.

    Raises
    ------
    UsageError
        If a path is such a file, without ``force``.
    """
    for path in paths:
        if path is not None and not force and path.is_file() and not is_stream(path):
            raise UsageError(f"{path} is there already: --force writes over it")


def check_file(path: Path | None, *, force: bool) -> None:
    """Refuse, before anything is read, what can never become a file, and to write over one.

    Raises
    ------
    UsageError
        As `check_free`; also if it is a folder, or is to lie in one that does not exist.
    """
    check_free(path, force=force)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        problem = "it is a folder; name a file" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError(f"cannot write {path}: {problem}")


@contextmanager
def results_to(path: Path | None, *, make_folder: bool = False) -> Iterator[IO[str]]:
    """A stream for results: standard output, or a file that takes its name only when the block has ended well.

    Otherwise it stays beside it as ``NAME.part``, and standard error says so, so that nothing read is lost.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path in (None, Path("-"), Path("/dev/stdout")):
        yield sys.stdout
        return
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        with (
            whole(path, kept=lambda part: terminal.note(f"what was read so far is in {part}")) as part,
            part.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as stream,
        ):
            yield stream
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
