"""Pages into an index: what is new or changed is read, the rest is left as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from htrkit import Failed, InputError, Page, Recognizer, Result
from htrkit.files import exists, file_digest, is_file
from htrkit.jobs import ignore, read_files
from htrkit.pages.sources import Sources
from htrkit.spec import Spec
from htrkit.types import Encoded
from htrkit_search.archive import Archive, ArchivePage, is_archive, outputs_over
from htrkit_search.keeping import Keeping
from htrkit_search.rows import Columns, row_of
from htrkit_search.store import Store, storable

OUTPUTS = ".npz"
"""What files of kept network outputs end in."""
# Older versions left pages in the index that a file no longer had; reading it again takes them out.
_MIXED = "SELECT source FROM pages WHERE archive IS NULL GROUP BY source, image HAVING min(digest) <> max(digest)"


@dataclass(slots=True)
class Update:
    """What became of an index.

    Attributes
    ----------
    lines, pages
        How many were read.
    unchanged
        Files, and pages of ``htrkit bulk``, that were left as they were.
    removed
        Files that are in the index no more.
    failures
        What could not be read; it is tried again next time.
    """

    lines: int = 0
    pages: int = 0
    unchanged: int = 0
    removed: int = 0
    failures: list[Failed] = field(default_factory=list)


def update(
    path: Path,
    recognizer: Recognizer,
    files: Sequence[str],
    *,
    sources: Sources | None = None,
    segmenter: Spec | None = None,
    prune: bool = False,
    progress: Callable[[int, int], None] = ignore,
    failed: Callable[[Failed], None] = lambda _: None,
) -> Update:
    """Bring an index up to date with files.

    Each page is there whole or not at all, so that whatever was interrupted goes on where it was.

    Parameters
    ----------
    path
        The index; it is made if it is not there.
    recognizer
        Reads the lines.
    files
        As `htrkit.pages.sources.Sources.files` gives them; also files of network outputs that were kept, and folders
        that ``htrkit bulk`` wrote: what was read there is not read again.
    sources, segmenter, progress
        As of `htrkit.jobs.read_files`.
    prune
        Take files out of the index that are there no more.
    failed
        Told of what cannot be read.

    Raises
    ------
    InputError
        If the index is damaged, or cannot be written to.
    UsageError
        If it was made with another model, or the model is an ensemble.
    """
    recognizer.model.require_one_network("an index", "take one of its models")
    store = Store(path, create=(recognizer.model.alphabet, recognizer.model.name))
    try:
        return _Updating(store, Keeping.of(recognizer), segmenter, failed).run(files, sources, prune, progress)
    finally:
        store.close()


class _Updating:
    def __init__(
        self, store: Store, recognizer: Keeping, segmenter: Spec | None, failed: Callable[[Failed], None]
    ) -> None:
        self._store, self._recognizer, self._segmenter, self._failed = store, recognizer, segmenter, failed
        model = recognizer.model
        asked = (model.name, sorted(model.checksums.items()), model.preprocess, recognizer.decoder_name)
        self._settings = repr((asked, [step.name for step in recognizer.steps], segmenter)).encode()
        self._update = Update()
        self._digests: dict[str, str] = {}
        self._next = int(store.rows("SELECT coalesce(max(page), 0) FROM pages")[0][0]) + 1
        self._mixed = {source for (source,) in store.rows(_MIXED)}

    def run(
        self, files: Sequence[str], sources: Sources | None, prune: bool, progress: Callable[[int, int], None]
    ) -> Update:
        """Do it all."""
        if prune:
            self._prune()
        archives = [file for file in files if is_archive(file)]
        files = [file for file in files if file not in archives]
        todo = [file for file in files if not self._is_done(file)]
        self._update.unchanged = len(files) - len(todo)
        for folder in archives:
            self._take_archive(Path(folder), progress)
        for file in [file for file in todo if file.endswith(OUTPUTS)]:
            self._take_outputs(file)
        images = [file for file in todo if not file.endswith(OUTPUTS)]
        if images:
            self._read(images, sources, progress)
        return self._update

    def _is_done(self, file: str) -> bool:
        kept = self._store.kept_path(Path(file))
        rows = self._store.rows("SELECT image, digest FROM files WHERE source = ? LIMIT 1", [kept])
        is_same = bool(rows) and rows[0][1] == self._digest(Path(file), rows[0][0])
        return is_same and kept not in self._mixed

    def _digest(self, file: Path, image: str | None) -> str:
        """Of a file, of the image that it is read with, and of what reads it; empty if one cannot be read."""
        total = hashlib.sha256(self._settings)
        for path in (file, *([self._store.path_of(image)] if image else [])):
            if str(path) not in self._digests:
                if not is_file(path):  # a stranger's index may name what has no end
                    return ""
                try:
                    self._digests[str(path)] = file_digest(path)
                except OSError:
                    return ""
            total.update(self._digests[str(path)].encode())
        return total.hexdigest()

    def _read(self, files: Sequence[str], sources: Sources | None, progress: Callable[[int, int], None]) -> None:
        there: dict[str, set[int]] = {}
        images: dict[str, str | None] = {}

        def lacks(page: Page) -> bool:
            kept = self._store.kept_path(page.source)
            there.setdefault(kept, set()).add(page.number)
            images[kept] = self._image(page)
            return self._lacks(page)

        job = read_files(
            self._recognizer, files, sources=sources, segmenter=self._segmenter, wanted=lacks, progress=progress
        )
        page: Page | None = None
        results: list[Result] = []
        failures: list[Failed] = []
        for one in job:
            if isinstance(one, Failed):
                self._recognizer.kept.pop(one.id, None)
                failures.append(one)
                self._fail(one)
            elif isinstance(one, Result):
                results.append(one)
            else:
                self._put(page, results, failures)
                page, results, failures = one, [], []
        self._put(page, results, failures)
        lost = [one.id for one in self._update.failures]
        for file in files:
            kept = self._store.kept_path(Path(file))
            if file not in lost:  # else nobody knows which pages it has
                self._remove_others(file, kept, there.get(kept, set()), lost)
            if not any(_is_of(file, one) for one in lost):
                self._done(kept, images.get(kept), self._digest(Path(file), images.get(kept)))

    def _remove_others(self, file: str, kept: str, there: set[int], lost: Sequence[str]) -> None:
        """Take the pages out that a file no longer has; those that it has but that failed stay."""
        for (number,) in self._store.rows("SELECT DISTINCT number FROM pages WHERE source = ?", [kept]):
            if number not in there and not any(_is_of(f"{file}#{number}", one) for one in lost):
                with self._store.transaction():
                    self._remove("source = ? AND number = ?", [kept, number])

    def _image(self, page: Page) -> str | None:
        return None if page.image is None else self._store.kept_path(page.image)

    def _lacks(self, page: Page) -> bool:
        known = self._known(self._store.kept_path(page.source), page.number)
        return known != self._digest(page.source, self._image(page))

    def _known(self, kept: str, number: int) -> str | None:
        """The digest of a page of the index; None if it is not there."""
        found = self._store.rows("SELECT digest FROM pages WHERE source = ? AND number = ? LIMIT 1", [kept, number])
        return found[0][0] if found else None

    def _put(self, page: Page | None, results: Sequence[Result], failures: Sequence[Failed]) -> None:
        """Put a page into the index; without a digest if a line of it failed, so that it is read again."""
        if page is None:
            return
        kept, image = self._store.kept_path(page.source), self._image(page)
        lost = any(_is_of(page.id, failure.id) for failure in failures)
        digest = "" if lost else self._digest(page.source, image)
        rows = [self._row(number, result) for number, result in enumerate(results, start=1)]
        self._replace((kept, page.number, storable(page.id), image, digest, None), rows)

    def _replace(self, page: tuple[str, int, str, str | None, str, str | None], rows: Sequence[Columns]) -> None:
        with self._store.transaction():
            self._remove("source = ? AND number = ?", page[:2])
            self._store.add("pages", [(self._next, *page)])
            self._store.add("lines", [(self._next, *row) for row in rows])
        self._next += 1
        self._update.pages += 1
        self._update.lines += len(rows)

    def _remove(self, which: str, values: Sequence[Any]) -> None:
        self._store.run(f"DELETE FROM lines WHERE page IN (SELECT page FROM pages WHERE {which})", values)
        self._store.run(f"DELETE FROM pages WHERE {which}", values)

    def _row(self, number: int, result: Result) -> Columns:
        outline, id_ = (result.place.polygon, result.place.id) if result.place else ((), "")
        return row_of(number, self._recognizer.kept.pop(result.id), result.text, outline, id_)

    def _done(self, source: str, image: str | None, digest: str) -> None:
        with self._store.transaction():
            self._store.run("DELETE FROM files WHERE source = ?", [source])
            self._store.add("files", [(source, image, digest)])

    def _fail(self, failure: Failed) -> None:
        self._update.failures.append(failure)
        self._failed(failure)

    def _take_outputs(self, file: str) -> None:
        """The lines of kept network outputs: nothing says where they stand."""
        try:
            saved = outputs_over(Path(file), self._recognizer.model.alphabet)
        except InputError as error:
            self._fail(Failed(file, str(error).removeprefix(f"{file}: "), error))
            return
        encoded = [Encoded(*pair) for pair in zip(saved.ids, saved.log_probs, strict=True)]
        self._recognizer.kept.update({one.id: one for one in encoded})
        rows: list[Columns] = []
        for one in self._recognizer.decode(encoded, words=False):
            if isinstance(one, Result):
                rows.append(self._row(len(rows) + 1, one))
            else:
                self._fail(one)
        kept, digest = self._store.kept_path(Path(file)), self._digest(Path(file), None)
        self._replace((kept, 1, storable(file), None, digest, None), rows)
        if len(rows) == len(encoded):
            self._done(kept, None, digest)

    def _take_archive(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """The pages that ``htrkit bulk`` read."""
        model, home = self._recognizer.model, self._store.kept_path(folder)
        try:
            archive = Archive(folder)
            if archive.model not in (None, model.name):
                raise InputError(f"was read with the model {archive.model!r}, and the index is of {model.name!r}")
        except InputError as error:
            self._fail(Failed(str(folder), str(error), error))
            return

        for failure in archive.failures:
            self._fail(failure)

        def lacks(page: ArchivePage) -> bool:
            is_new = self._known(self._store.kept_path(archive.path_of(page)), page.number) != page.digest
            self._update.unchanged += not is_new
            return is_new

        for done, (page, rows, failures) in enumerate(archive.pages(model.name, model.alphabet, lacks), start=1):
            for failure in failures:
                self._fail(failure)
            if rows or not failures:
                kept, digest = self._store.kept_path(archive.path_of(page)), "" if failures else page.digest
                self._replace((kept, page.number, storable(page.name), None, digest, home), rows)
            progress(done, len(archive))

    def _prune(self) -> None:
        for source, home in self._store.rows("SELECT DISTINCT source, archive FROM pages"):
            if not exists(self._store.path_of(home or source or "")):
                with self._store.transaction():
                    self._remove("source = ?", [source])
                    self._store.run("DELETE FROM files WHERE source = ?", [source])
                self._update.removed += 1


def _is_of(name: str, id_: str) -> bool:
    """Whether an id is that of a file or page, or of a page or line in it."""
    return id_ == name or id_.startswith((f"{name}#", f"{name}:"))
