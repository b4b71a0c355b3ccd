"""Where results go: standard output, a file, or a file a page; what failed meanwhile is named on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from htrkit.cli import terminal
from htrkit.cli.overwriting import check_apart, check_free
from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import OF_A_NAME, absolute, exists, whole

if TYPE_CHECKING:
    from htrkit.jobs import Job
    from htrkit.pages.sources import Sources
    from htrkit.spec import Spec
    from htrkit.types import Failed, Page, Result, Run
    from htrkit.writing import PageNames

FOR_EACH = "writes a file for each page: name a folder for them with --output"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files of pages go.

    Attributes
    ----------
    folder
        None for standard output, for the file of a job's only page.
    names
        What the files are called.
    """

    folder: Path | None
    names: PageNames

    def of(self, page: Page | str) -> Path | None:
        """Where a page goes; of a file, where its page goes if it has only one."""
        if self.folder is None:
            return None
        return self.folder / (self.names.of_file(page) if isinstance(page, str) else self.names.of(page))

    def lacks(self, page: Page | str) -> bool:
        """Whether a page, or a file's only page, has no file yet."""
        path = self.of(page)
        return path is None or not exists(path)


def page_files(spec: Spec, output: Path | None, files: Sequence[str]) -> Folder | None:
    """Where a writer's files of single pages go; None if it writes all results one after the other.

    Every format writes a file a page into a folder that is there; one that makes a book of pages writes that into
    anything else.

    Raises
    ------
    UsageError
        If ``output`` is a file or is called like one, and the format one of pages.
    """
    from htrkit.types import Run
    from htrkit.writing import PageNames

    writer = spec.create(Run("", ""))
    suffix = getattr(writer, "suffix", None)
    is_folder = output is not None and output.is_dir()
    if suffix is None and not (is_folder and files):
        return None
    is_file = output is None or output.exists() or output.suffix.lower() == suffix
    if files and is_file and not is_folder and hasattr(writer, "book"):
        return None
    if not files:
        raise UsageError(f"{spec.name} writes pages, which saved outputs are not: take another --format")
    if output and is_file and not is_folder:
        raise UsageError(f"{spec.name} {FOR_EACH}")
    return Folder(output, PageNames(files, suffix or f".{spec.name}"))


def files_to_do(
    sources: Sources, paths: Sequence[str], spec: Spec, output: Path | None, *, force: bool, skip_existing: bool
) -> tuple[list[str], Folder | None, int]:
    """The files that paths mean, where a writer's files of their pages go, and how many are left out as done before.

    Raises
    ------
    InputError
        If no file is meant.
    UsageError
        As `page_files` and `check_free`; also if there is no folder to skip files of.
    """
    files = sources.files(paths, output=output)
    if not files:
        raise InputError(f"no image found in {', '.join(paths)}")
    folder = page_files(spec, output, files)
    if folder:  # a file that is named twice, itself and with its folder, has one place there
        files = list({absolute(file): file for file in files}.values())
    if skip_existing:
        if folder is None or folder.folder is None:
            raise UsageError("--skip-existing has no effect without a folder of pages' files: name one with --output")
        left = list(filter(folder.lacks, files))
        return left, folder, len(files) - len(left)
    outputs = list(map(folder.of, files)) if folder else [output]
    check_free(*outputs, force=force)
    check_apart(files, outputs)
    return files, folder, 0


def wants_words(spec: Spec) -> bool:
    """Whether a writer makes use of the words of hypotheses, as all do that do not say otherwise."""
    from htrkit import plugins

    return bool(getattr(plugins.factory("writer", spec.name), "wants_words", True))


def note_left_out(count: int) -> None:
    """Say how many pages were left out because they were done before."""
    if count:
        terminal.note(f"{count} left out: {'its file is' if count == 1 else 'their files are'} there")


def put_results(
    job: Job,
    spec: Spec,
    run: Run,
    output: Path | None,
    folder: Folder | None,
    *,
    force: bool,
    seen: Callable[[Result], None] | None = None,
) -> None:
    """Write what a job reads in the format of a writer, and name what fails; no file if all of it fails.

    Parameters
    ----------
    output
        A file, or None for standard output, if there is no ``folder``.
    folder
        Where files of pages go.
    force
        Write over pages' files that are there.
    seen
        Called with each result.

    Raises
    ------
    UsageError
        If several pages are to go to standard output in a format of pages.
    InputError, PluginError
        If the results cannot be written, or the writer fails.
    """
    from htrkit.types import Result
    from htrkit.writing import by_page, written

    found = _failures_named(job, seen)
    if folder is not None:
        _put_pages(job, found, spec, run, folder, force=force)
        return
    writer = spec.create(run)
    if hasattr(writer, "book"):
        pieces = written(writer.book, spec.name, by_page(found))
    else:
        pieces = written(writer, spec.name, (one for one in found if isinstance(one, Result)))
    with results_to(output, keep=not hasattr(writer, "book")) as stream:
        for piece in pieces:
            _put(stream, piece)
        if output and job.failed and not job.read:
            raise typer.Exit(1)  # and no file


def _put_pages(
    job: Job, found: Iterable[Page | Result | Failed], spec: Spec, run: Run, folder: Folder, *, force: bool
) -> None:
    """A file for each page; the one page of a job may go to standard output."""
    from htrkit.types import Failed
    from htrkit.writing import PageWriting, by_page

    if folder.folder is None and job.several:
        raise UsageError(f"{spec.name} {FOR_EACH}")
    writing = PageWriting(spec, run)
    for page, results in by_page(found):
        path = folder.of(page)
        try:
            check_free(path, force=force)
            pieces = writing.file(page, results)
            with results_to(path, keep=False) as stream:
                for piece in pieces:
                    _put(stream, piece)
        except HtrkitError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno not in OF_A_NAME:
                raise  # the disk is full, say
            job.failed += 1  # costs this page alone
            terminal.failed(str(Failed(page.id, str(error))), error, alone=not job.several)


def _put(stream: TextIO, piece: str | bytes) -> None:
    """Write a piece, to be seen at once. Raises UsageError if bytes are to go to a terminal."""
    if isinstance(piece, str):
        stream.write(piece)
    elif stream.isatty():
        raise UsageError("this format is not for people's eyes: name a file with --output")
    else:
        stream.flush()
        stream.buffer.write(piece)
    stream.flush()


def _failures_named(job: Job, seen: Callable[[Result], None] | None) -> Iterator[Page | Result | Failed]:
    from htrkit.types import Failed, Page, Result

    for one in job:
        if isinstance(one, Failed):
            terminal.failed(str(one), one.error, alone=job.expected == 1 and not job.several)
        elif isinstance(one, Page) and not one.lines:
            terminal.note(f"{one.id}: no line of writing is found")
        elif isinstance(one, Page):
            terminal.detail(f"{one.id}: {_what(one)}")
        elif seen and isinstance(one, Result):
            seen(one)
        yield one


def _what(page: Page) -> str:
    count = len(page.lines)
    if page.lines[0][0] is None:
        return "one line"
    by = f"found by {page.segmenter}" if page.segmenter else "as its file says"
    return f"a page of {count} line{'s' * (count != 1)}, {by}"


@contextmanager
def results_to(path: Path | None, *, keep: bool = True) -> Iterator[TextIO]:
    """A stream for results: standard output, or a file that takes its name only when the block has ended well.

    Parameters
    ----------
    keep
        Whether, otherwise, it stays beside it as ``NAME.part``, and standard error says so, so that nothing read is
        lost. What is not kept is of pages, of which half a file is no use, and its folder is made.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    kept = (lambda part: terminal.note(f"what was read so far is in {part}")) if keep else None
    try:
        if not keep:
            path.parent.mkdir(parents=True, exist_ok=True)
        with (
            whole(path, kept=kept) as part,
            part.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as stream,
        ):
            yield stream
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
