"""What ``htrkit bulk`` wrote into a folder: what was read, and the network's outputs if they were kept."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from htrkit import Alphabet, Failed, InputError, Outline
from htrkit.files import arrays_in, digest
from htrkit.outputs import LARGEST, SavedOutputs, load_outputs
from htrkit.quoting import first_line
from htrkit.types import Encoded
from htrkit_search import readings, rows
from htrkit_search.readings import Reading
from htrkit_search.rows import Columns

MANIFEST, LINES, LOG_PROBS = "manifest", "lines", "log-probs"
_ALONE: dict[str, Any] = {"autoinstall_known_extensions": "false", "threads": "1", "memory_limit": "4GB"}
_PAGES = """
SELECT file::VARCHAR, number::INTEGER, page::VARCHAR, stem::VARCHAR, content::VARCHAR, results::VARCHAR,
    failure::VARCHAR FROM read_parquet(?)
"""
_READINGS = "STRUCT(text VARCHAR, confidence DOUBLE)[]"
_ROWS = f"""
SELECT page::VARCHAR AS page, line::VARCHAR, text::VARCHAR, confidence::DOUBLE, polygon::DOUBLE[][],
    words::STRUCT(text VARCHAR, confidence DOUBLE, polygon DOUBLE[][], alternatives {_READINGS})[],
    [struct_pack(text := other.text, confidence := other.confidence) for other in alternatives]::{_READINGS},
    {{line_id}}::VARCHAR, model::VARCHAR
FROM read_parquet(?) WHERE text IS NOT NULL AND list_contains(?, page::VARCHAR) ORDER BY page, "order"::INTEGER
"""


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """A page that was read.

    Attributes
    ----------
    file, number
        As ``htrkit bulk`` was given the file, and the page's number in it, from 1.
    name
        The page's id.
    outputs
        The file of its network outputs; there need not be one.
    digest
        It changes when the page is read anew, or when its outputs come or go.
    """

    file: str
    number: int
    name: str
    outputs: Path
    digest: str


def is_archive(path: str | Path) -> bool:
    """Whether a path is a folder that ``htrkit bulk`` wrote into."""
    return Path(path, MANIFEST).is_dir() and Path(path, LINES).is_dir()


class Archive:
    """A folder that ``htrkit bulk`` wrote into, which may come from anybody.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    InputError
        If a part of its manifest cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect(config=_ALONE)
        self._parts: dict[str, list[ArchivePage]] = {}
        found: dict[tuple[str, int], tuple[str, ArchivePage]] = {}
        for part in sorted(path.name for path in Path(folder, MANIFEST).glob("*.parquet")):
            for file, number, name, stem, content, results, failure in self._rows(_PAGES, MANIFEST, part):
                if not failure and file and number and name:
                    found[file, number] = part, self._page(file, number, name, stem or "", content, results)
        for part, page in found.values():  # of a page that stands in several parts, the last one counts
            self._parts.setdefault(part, []).append(page)

    def __len__(self) -> int:
        """How many pages were read."""
        return sum(map(len, self._parts.values()))

    def _page(self, file: str, number: int, name: str, stem: str, *digests: str | None) -> ArchivePage:
        outputs = self._folder / LOG_PROBS / f"{stem}.npz"
        inside = ".." not in outputs.parts and outputs.is_relative_to(self._folder)
        kept = outputs.stat() if inside and outputs.is_file() else None
        found = digest(name, *digests, kept and (kept.st_size, kept.st_mtime_ns))
        return ArchivePage(file, number, name, outputs if kept else Path(), found)

    @property
    def model(self) -> str | None:
        """What read the lines; None if there is none."""
        for part in self._parts:
            found = self._rows(
                "SELECT model::VARCHAR FROM read_parquet(?) WHERE model IS NOT NULL LIMIT 1", LINES, part
            )
            if found:
                return str(found[0][0])
        return None

    def path_of(self, page: ArchivePage) -> str:
        """A page's file: as it was given; or from the folder's own, where that leads to a file."""
        beside = self._folder.absolute().parent / page.file
        return str(beside) if "://" not in page.file and not Path(page.file).exists() and beside.exists() else page.file

    def pages(
        self, model: str, alphabet: Alphabet, wanted: Callable[[ArchivePage], bool]
    ) -> Iterator[tuple[ArchivePage, list[Columns], list[Failed]]]:
        """Each page that is wanted, with the rows of its lines, and what of it was lost.

        Parameters
        ----------
        model, alphabet
            Of the index.
        """
        for part, pages in self._parts.items():
            todo = {page.name: page for page in pages if wanted(page)}
            if not todo:
                continue
            try:
                columns = [name for name, *_ in self._rows("DESCRIBE FROM read_parquet(?)", LINES, part)]
                query = _ROWS.format(line_id="line_id" if "line_id" in columns else "''")
                lines = self._rows(query, LINES, part, list(todo))
            except InputError as error:
                for page in todo.values():
                    yield page, [], [Failed(page.name, str(error), error)]
                continue
            found = {name: list(each) for name, each in groupby(lines, key=lambda line: line[0])}
            for name, page in todo.items():
                others = {line[-1] for line in found.get(name, ())} - {model}
                if others:
                    said = f"was read with the model {min(map(str, others))!r}, and the index is of {model!r}"
                    yield page, [], [Failed(name, said)]
                else:
                    yield page, *self._lines(page, found.get(name, []), alphabet)

    def _lines(
        self, page: ArchivePage, lines: Sequence[tuple[Any, ...]], alphabet: Alphabet
    ) -> tuple[list[Columns], list[Failed]]:
        failures: list[Failed] = []
        try:
            kept = _outputs(page.outputs, alphabet) if page.outputs.name else {}
        except InputError as error:
            kept = {}
            failures.append(Failed(page.name, f"only its text is searched: {error}", error))
        made = []
        for number, (_, name, text, confidence, polygon, words, others, id_, _) in enumerate(lines, start=1):
            outline = _outline(polygon)
            if name in kept:
                made.append(rows.row_of(number, kept[name], text, outline, id_ or ""))
            else:
                said = list(_readings(text, confidence, words or (), others or ()))
                made.append(readings.row_of(number, name or "", id_ or "", text, outline, said, alphabet))
        return made, failures

    def _rows(self, query: str, folder: str, part: str, *values: Any) -> list[tuple[Any, ...]]:
        path = self._folder / folder / part
        try:
            return self._connection.execute(query, [glob.escape(str(path)), *values]).fetchall()
        except (duckdb.Error, UnicodeError) as error:
            raise InputError(f"{path} is no table of htrkit bulk, or damaged: {first_line(error)}") from error


def outputs_over(path: Path, alphabet: Alphabet) -> SavedOutputs:
    """Saved network outputs. Raises InputError if they cannot be read, or are over another alphabet."""
    saved = load_outputs(path)
    if saved.alphabet.labels != alphabet.labels:
        raise InputError(f"{path} is of another model's alphabet")
    return saved


def _outputs(path: Path, alphabet: Alphabet) -> dict[str, Encoded]:
    """What the network gave for the lines of a page, by the lines' names."""
    saved = outputs_over(path, alphabet)
    try:
        edges = arrays_in(path, ["edges"], most=LARGEST)["edges"]
    except (OSError, ValueError):
        edges = np.zeros(0)
    borders = np.cumsum([0, *(len(one) + 1 for one in saved.log_probs)])
    fits = edges.shape == (borders[-1], 2, 2) and edges.dtype.kind == "f" and bool(np.isfinite(edges).all())
    return {
        id_: Encoded(id_, one, edges=edges[borders[n] : borders[n + 1]] if fits else None)
        for n, (id_, one) in enumerate(zip(saved.ids, saved.log_probs, strict=True))
    }


def _readings(
    text: str, confidence: float | None, words: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]
) -> Iterator[Reading]:
    """The words of a line, what else each may be, and what further words other readings of the line have."""
    seen = {word["text"] for word in words if word}
    if not seen:
        seen = set(text.split())
        yield Reading(text, _probability(confidence), ())
    for word in words:
        if word and word["text"]:
            yield Reading(word["text"], _probability(word["confidence"]), _outline(word["polygon"]))
    for word in words:
        for other in (word and word["alternatives"]) or ():
            if other and other["text"]:
                seen.add(other["text"])
                yield Reading(other["text"], _probability(other["confidence"]), _outline(word["polygon"]))
    for line in others:
        for one in ((line and line["text"]) or "").split():
            if one not in seen:
                seen.add(one)
                yield Reading(one, _probability(line["confidence"]), ())


def _probability(value: float | None) -> float:
    return min(1.0, max(0.0, value)) if value is not None and value == value else 1.0


def _outline(points: Any) -> Outline:
    """The points of a polygon that are some."""
    found = [tuple(point) for point in points or () if point and len(point) == 2 and None not in point]
    return tuple((x, y) for x, y in found if np.isfinite(x) and np.isfinite(y))
