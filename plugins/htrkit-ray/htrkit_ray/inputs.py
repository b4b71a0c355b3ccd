"""Which files are meant: folders, patterns, lists and tables of paths, here or on any file system that fsspec knows."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import fsspec
import pyarrow.csv
import pyarrow.parquet
from fsspec.core import url_to_fs

from htrkit import InputError
from htrkit.pages.sources import Sources
from htrkit.quoting import one_line

COLUMNS = ("path", "url", "image", "file")
"""What the column of a table is called that says where the pages are; a table with one column needs no name."""
TABLES = {".csv": ",", ".tsv": "\t", ".parquet": "", ".txt": "\n"}


def find_inputs(given: Sequence[str], sources: Sources, dest: str) -> list[str]:
    """The files that paths, URLs and tables of them mean, each once.

    Parameters
    ----------
    given
        As `htrkit.pages.sources.find_files` takes them; also URLs of files, folders and patterns, and tables: CSV, TSV,
        Parquet, or text with a path a line. Paths in a table begin in its folder.
    sources
        Say which files of a folder are pages.
    dest
        The folder of the results, in which nothing is read.

    Raises
    ------
    InputError
        If a table cannot be read, or a file system cannot be reached.
    """
    listed = [path for one in given for path in (_in_table(one) if _is_table(one) else [one])]
    here = [path for path in listed if "://" not in path]
    output = None if "://" in dest else Path(dest)
    found = sources.files(here, output=output) if here else []
    for url in listed:
        if "://" in url:
            try:
                found += _elsewhere(url, sources)
            except Exception as error:  # as above
                raise InputError(f"{url} cannot be listed: {one_line(str(error))}") from error
    return list(dict.fromkeys(found))


def _is_table(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in TABLES and not any(mark in path for mark in "*?[")


def _in_table(path: str) -> Iterator[str]:
    try:
        with fsspec.open(path, "rb") as file:
            content = file.read()
        values = _column(content, TABLES[PurePosixPath(path).suffix.lower()])
    except Exception as error:  # file systems raise what their libraries do
        raise InputError(f"{path} is no table of paths: {one_line(str(error))}") from error
    folder = path.rpartition("/")[0]
    for value in values:
        absolute = "://" in value or Path(value).is_absolute() or not folder
        yield value if absolute else f"{folder}/{value}"


def _column(content: bytes, separator: str) -> list[str]:
    if separator == "\n":
        return [line for line in content.decode("utf-8-sig").splitlines() if line]
    if separator:
        parsing = pyarrow.csv.ParseOptions(delimiter=separator)
        table = pyarrow.csv.read_csv(io.BytesIO(content), parse_options=parsing)
    else:
        table = pyarrow.parquet.read_table(io.BytesIO(content))
    named = [name for name in COLUMNS if name in table.column_names]
    if not named and table.num_columns != 1:
        raise ValueError(f"none of its columns is called {', '.join(COLUMNS)}")
    return [str(value) for value in table[(named or table.column_names)[0]].to_pylist() if value]


def _elsewhere(url: str, sources: Sources) -> list[str]:
    """The files that a URL means: itself, those that match it, or the images in a folder and below."""
    system, path = url_to_fs(url)
    if url.startswith(("http://", "https://")):
        return [url]
    if any(mark in path for mark in "*?["):
        names = sorted(system.glob(path))
    elif PurePosixPath(path).suffix or not system.isdir(path):
        return [url]
    else:
        names = [name for name in sorted(system.find(path)) if sources.of(Path(name))]
    return [str(system.unstrip_protocol(name)) for name in names] or [url]
