"""What ``htrkit bulk`` wrote into a folder: what was read, and the network's outputs if they were kept."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from htrkit import Alphabet, Failed, InputError, Outline
from htrkit.files import arrays_in, digest, exists, is_file, is_folder
from htrkit.outputs import LARGEST, SavedOutputs, load_outputs
from htrkit.quoting import first_line
from htrkit.types import Encoded
from htrkit_search import readings, rows
from htrkit_search.readings import Reading
from htrkit_search.rows import LONGEST, Columns
from htrkit_search.store import BOUNDED

MANIFEST, LINES, LOG_PROBS = "manifest", "lines", "log-probs"
LONGEST_NAME = 4096
"""Letters of a path or id."""
MOST_PAGES = 100_000
"""Of a part; htrkit bulk writes about a thousand."""
AT_ONCE = 256
"""Pages whose lines are put in order at once."""
MOST_LINES = 10_000
"""Of a page."""
FARTHEST = 1e9
"""Pixels from the corner of a page to a point."""
# What types columns must have: to make one type of another may take any memory.
_READINGS = "STRUCT(text VARCHAR, confidence DOUBLE)[]"
_TYPES = {
    MANIFEST: """NULL::VARCHAR AS file, NULL::BIGINT AS number, NULL::VARCHAR AS page, NULL::VARCHAR AS stem,
        NULL::VARCHAR AS content, NULL::VARCHAR AS results, NULL::VARCHAR AS failure""",
    LINES: f"""NULL::VARCHAR AS page, NULL::VARCHAR AS line, NULL::INTEGER AS "order", NULL::DOUBLE[][] AS polygon,
        NULL::VARCHAR AS text, NULL::DOUBLE AS confidence, NULL::VARCHAR AS model,
        NULL::STRUCT(text VARCHAR, confidence DOUBLE, polygon DOUBLE[][], alternatives {_READINGS})[] AS words,
        NULL::STRUCT(text VARCHAR, confidence DOUBLE, log_prob DOUBLE)[] AS alternatives""",
}
_PAGES = f"""
SELECT number::INTEGER, coalesce(failure, '') <> '',
    {", ".join(f"left({name}, {LONGEST_NAME + 1})" for name in ("file", "page", "stem", "content", "results"))}
FROM read_parquet($1) LIMIT {MOST_PAGES + 1}
"""
_MODEL = f"SELECT left(model, {LONGEST_NAME}) FROM read_parquet($1) WHERE model IS NOT NULL LIMIT 1"
_LENGTH = """
list_sum([strlen(line), strlen({line_id}), strlen(text), strlen(model), len(polygon), len(flatten(polygon)),
    len(words), len(alternatives),
    list_sum([strlen(other.text) for other in alternatives]),
    list_sum([list_sum([strlen(word.text), len(word.polygon), len(flatten(word.polygon)), len(word.alternatives),
        list_sum([strlen(other.text) for other in word.alternatives])]) for word in words])])
"""
_ROWS = f"""
SELECT page, CASE WHEN {_LENGTH} < {LONGEST} THEN {{{{line: line, text: text, confidence: confidence, polygon: polygon,
    words: words, alternatives: alternatives, id: {{line_id}}, model: model}}}} END
FROM read_parquet($1) WHERE text IS NOT NULL AND list_contains($2, page)
ORDER BY list_position($2, page), "order"
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
    return all(is_folder(Path(path, name)) for name in (MANIFEST, LINES))


class Archive:
    """A folder that ``htrkit bulk`` wrote into, which may come from anybody.

    Parameters
    ----------
    folder
        The folder.

    Attributes
    ----------
    failures
        Pages that cannot be.

    Raises
    ------
    InputError
        If a part of its manifest cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect(config=BOUNDED)
        self._parts: dict[str, list[ArchivePage]] = {}
        self.failures: list[Failed] = []
        found: dict[tuple[str, int], tuple[str, ArchivePage]] = {}
        for part in sorted(path.name for path in Path(folder, MANIFEST).glob("*.parquet")):
            for count, (number, failed, *texts) in enumerate(self._rows(_PAGES, MANIFEST, part)):
                if count == MOST_PAGES:
                    raise InputError(f"{Path(folder, MANIFEST, part)} has more than {MOST_PAGES:,} pages")
                file, name, stem, *digests = (text or "" for text in texts)
                if failed or not file or not number or not name:
                    continue
                if max(map(len, (file, name, stem, *digests))) > LONGEST_NAME:
                    self.failures.append(Failed(name, f"a name of it is longer than {LONGEST_NAME:,} letters"))
                else:
                    found[file, number] = part, self._page(file, number, name, stem, *digests)
        for part, page in found.values():  # of a page that stands in several parts, the last one counts
            self._parts.setdefault(part, []).append(page)

    def __len__(self) -> int:
        """How many pages were read."""
        return sum(map(len, self._parts.values()))

    def _page(self, file: str, number: int, name: str, stem: str, *digests: str | None) -> ArchivePage:
        outputs = self._folder / LOG_PROBS / f"{stem}.npz"
        inside = ".." not in outputs.parts and outputs.is_relative_to(self._folder)
        kept = outputs.stat() if inside and is_file(outputs) else None
        found = digest(name, *digests, kept and (kept.st_size, kept.st_mtime_ns))
        return ArchivePage(file, number, name, outputs if kept else Path(), found)

    @property
    def model(self) -> str | None:
        """What read the lines; None if there is none."""
        for part in self._parts:
            for (found,) in self._rows(_MODEL, LINES, part):
                return str(found)
        return None

    def path_of(self, page: ArchivePage) -> str:
        """A page's file: as it was given; or from the folder's own, where that leads to a file."""
        beside = self._folder.absolute().parent / page.file
        return str(beside) if "://" not in page.file and not exists(page.file) and exists(beside) else page.file

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
            new = list(filter(wanted, pages))
            for first in range(0, len(new), AT_ONCE):
                yield from self._some(part, new[first : first + AT_ONCE], model, alphabet)

    def _some(
        self, part: str, pages: Sequence[ArchivePage], model: str, alphabet: Alphabet
    ) -> Iterator[tuple[ArchivePage, list[Columns], list[Failed]]]:
        """As `pages`, of some pages of a part."""
        todo = {page.name: page for page in pages}
        try:
            for name, lines in groupby(self._rows(_ROWS, LINES, part, list(todo)), key=lambda row: row[0]):
                page = todo.pop(name)
                yield page, *_made(page, (line for _, line in lines), model, alphabet)
        except InputError as error:
            for page in todo.values():
                yield page, [], [Failed(page.name, str(error), error)]
        else:
            for page in todo.values():
                yield page, [], []

    def _rows(self, query: str, folder: str, part: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """What a query gives, row by row: all of it might be too much."""
        path = self._folder / folder / part
        name = glob.escape(str(path))
        try:
            with self._connection.cursor() as cursor:
                found = {row[0]: row[1] for row in cursor.execute("DESCRIBE FROM read_parquet(?)", [name]).fetchall()}
                wanted = cursor.execute(f"DESCRIBE SELECT {_TYPES[folder]}").fetchall()
                if others := [column for column, type_, *_ in wanted if found.get(column) != type_]:
                    raise InputError(f"{path} is no table of htrkit bulk: {others[0]} is missing, or of another type")
                line_id = "line_id" if found.get("line_id") == "VARCHAR" else "''"
                cursor.execute(query.format(line_id=line_id), [name, *values])
                while row := cursor.fetchone():
                    yield row
        except (duckdb.Error, UnicodeError) as error:
            raise InputError(f"{path} is no table of htrkit bulk, or damaged: {first_line(error)}") from error


def _made(
    page: ArchivePage, lines: Iterable[dict[str, Any] | None], model: str, alphabet: Alphabet
) -> tuple[list[Columns], list[Failed]]:
    """The rows of a page's lines, and what of it was lost."""
    failures: list[Failed] = []
    try:
        kept = _outputs(page.outputs, alphabet) if page.outputs.name else {}
    except InputError as error:
        kept = {}
        failures.append(Failed(page.name, f"only its text is searched: {error}", error))
    made: list[Columns] = []
    for number, line in enumerate(lines, start=1):
        if line is None or number > MOST_LINES:
            return [], [Failed(page.name, "a line of it is too long, or there are too many")]
        if line["model"] != model:
            said = f"was read with the model {line['model']!r}, and the index is of {model!r}"
            return [], [Failed(page.name, said)]
        name, id_, text, outline = line["line"] or "", line["id"] or "", line["text"], _outline(line["polygon"])
        if name in kept:
            made.append(rows.row_of(number, kept[name], text, outline, id_))
        else:
            read = list(_readings(text, line["confidence"], line["words"] or (), line["alternatives"] or ()))
            made.append(readings.row_of(number, name, id_, text, outline, read, alphabet))
    return made, failures


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
    fits = edges.shape == (borders[-1], 2, 2) and edges.dtype.kind == "f" and bool((abs(edges) < FARTHEST).all())
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
    return tuple((x, y) for x, y in found if abs(x) < FARTHEST and abs(y) < FARTHEST)
