"""Words found in handwriting: by the index, and by searching what decoders read; how well, how fast, how large.

python -m benchmarks.search [DATA …] [--more DATA …] [--lines 10000 …] [--decoder SPEC] [--model NAME] [--smoke]

Queries are the words of the truth, in lower case, that are not among the 150 most frequent words of the English list:
every word is looked for on every line of its DATA, and the lines are ranked. `mAP` is the mean over queries of the
average precision; `P at R 0.5` the precision of all hits of all queries, ranked together by their confidence, where
half of what there is has been found, interpolated as usual.

Against it: the same words in the best path's text and in a decoder's text, ranked by the confidence of the word that
was read; and in the latter with any edits (rapidfuzz), ranked by how little edits are needed.

Then, on the lines of DATA and of ``--more``, repeated if they are too few: the size of the index, the time of the
first query, which reads it, and the time of a warm query against that of `re` through the texts. The last two are
medians, in milliseconds of the processor; one thread each.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from htrkit_search import posteriors
from htrkit_search.index import Index
from htrkit_search.matching import Lines
from htrkit_search.patterns import Folding, pattern
from htrkit_search.store import Store
from numpy.typing import NDArray
from rapidfuzz import fuzz

from benchmarks import lines as drawn
from htrkit import Alphabet, LogProbs, Recognizer, lexicons
from htrkit.decoding import decode_lines
from htrkit.jobs import read_samples
from htrkit.readers import open_samples
from htrkit.spec import Spec
from htrkit.types import Encoded, Result
from htrkit.weighing import Weigher

BEST = "beam:language_model=english-characters"
STOP_WORDS = 150
TIMES = 3
SPEED_QUERIES = 40

Scores = NDArray[np.float64]
"""(queries, lines): how sure each query is on each line; 0 where it is not found."""


@dataclass(frozen=True)
class Collection:
    """Lines whose text is known, and what a network gave for them."""

    name: str
    alphabet: Alphabet
    texts: list[str]
    outputs: list[LogProbs]

    def queries(self, stop_words: set[str]) -> dict[str, set[int]]:
        """The words that are looked for, each with the lines that have it."""
        found: dict[str, set[int]] = {}
        for number, text in enumerate(self.texts):
            for word in map(str.casefold, lexicons.words_in(text)):
                if len(word) > 1 and word not in stop_words:
                    found.setdefault(word, set()).add(number)
        return found


def main(
    data: Annotated[list[Path] | None, typer.Argument(help="Tables of lines with their texts.")] = None,
    more: Annotated[list[Path] | None, typer.Option(help="Further lines for the times alone.")] = None,
    lines: Annotated[
        list[int] | None, typer.Option(help="How many lines the times are taken on; several to compare.")
    ] = None,
    decoder: str = BEST,
    model: str | None = None,
    smoke: bool = False,
) -> None:
    """Print a table of how well words are found, then times and the size."""
    if smoke or not data:
        collections, others, lines = [_drawn(12)], [], [40, 100]
    else:
        recognizer = Recognizer.load(model)
        collections = [_read(path, recognizer) for path in data]
        others = [_read(path, recognizer) for path in more or ()]
    stop_words = _stop_words()
    print(f"{'':52} {'mAP':>7} {'P at R 0.5':>11}")
    for one in collections:
        _quality(one, one.queries(stop_words), decoder)
    words = [word for one in collections for word in one.queries(stop_words)]
    texts, outputs = [], []
    for one in (*collections, *others):
        texts += [result.text for result in _decoded(one, "best-path")]
        outputs += list(map(posteriors.packed, one.outputs))
    queries = words[:: max(1, len(words) // SPEED_QUERIES)]
    for count in lines or [10_000]:
        _speed(collections[0].alphabet, list(zip(texts, outputs, strict=True)), queries, count)


def _drawn(count: int) -> Collection:
    random = np.random.default_rng(0)
    vocabulary = drawn.words(random, 50)
    texts = [drawn.text(random, vocabulary, 40) for _ in range(count)]
    outputs = [drawn.log_probs(random, text, 100) for text in texts]
    return Collection("drawn", Alphabet(drawn.ALPHABET), texts, outputs)


def _read(path: Path, recognizer: Recognizer) -> Collection:
    pairs = [
        (sample.text, one.log_probs)
        for sample, one in read_samples(open_samples([path]), recognizer.encode)
        if isinstance(one, Encoded)
    ]
    texts, outputs = map(list, zip(*pairs, strict=True))
    return Collection(f"{path.parent.name}/{path.stem}", recognizer.model.alphabet, texts, outputs)


def _stop_words() -> set[str]:
    counts: dict[str, int] = {}
    for word, count in lexicons.entries(lexicons.english()):
        counts[word.casefold()] = counts.get(word.casefold(), 0) + int(count or 0)
    return set(sorted(counts, key=lambda word: (-counts[word], word))[:STOP_WORDS])


def _quality(collection: Collection, queries: dict[str, set[int]], decoder: str) -> None:
    events = sum(map(len, queries.values()))
    print(f"{collection.name}: {len(collection.texts)} lines, {len(queries)} queries, {events} occurrences")
    relevant = np.zeros((len(queries), len(collection.texts)), bool)
    for row, found in zip(relevant, queries.values(), strict=True):
        row[list(found)] = True
    for name in ("best-path", decoder):
        results = _decoded(collection, name)
        _row(f"  text of {name}", _in_texts(results, list(queries)), relevant)
    _row(f"  text of {decoder}, with edits", _with_edits(results, list(queries)), relevant)
    _row("  index", _in_index(collection, list(queries)), relevant)


def _row(name: str, scores: Scores, relevant: NDArray[np.bool_]) -> None:
    print(
        f"{name:52} {mean_average_precision(scores, relevant):7.4f} {precision_at(0.5, scores, relevant):11.4f}",
        flush=True,
    )


def mean_average_precision(scores: Scores, relevant: NDArray[np.bool_]) -> float:
    """The mean over queries of the average precision; what scores 0 is not found, of equals the first lines lead."""
    found = []
    for row, right in zip(scores, relevant, strict=True):
        order = np.argsort(-row, kind="stable")
        hits = right[order] & (row[order] > 0)
        found.append((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].sum() / right.sum())
    return float(np.mean(found))


def precision_at(recall: float, scores: Scores, relevant: NDArray[np.bool_]) -> float:
    """The highest precision, of all queries together, from where so much of what there is has been found; else 0."""
    order = np.argsort(-scores, axis=None, kind="stable")
    hits = relevant.reshape(-1)[order] & (scores.reshape(-1)[order] > 0)
    found = np.cumsum(hits)
    precisions = (found / np.arange(1, len(hits) + 1))[found >= recall * relevant.sum()]
    return float(precisions.max(initial=0.0))


def _decoded(collection: Collection, decoder: str) -> list[Result]:
    made = Spec.parse("decoder", decoder).create(collection.alphabet)
    encoded = [Encoded(str(number), one) for number, one in enumerate(collection.outputs)]
    found = decode_lines(made, decoder, encoded, weigh=Weigher(made, decoder, collection.alphabet))
    return [one for one in found if isinstance(one, Result)]


def _in_texts(results: Sequence[Result], queries: Sequence[str]) -> Scores:
    scores = np.zeros((len(queries), len(results)))
    numbers = {query: number for number, query in enumerate(queries)}
    for line, result in enumerate(results):
        for word in result.hypotheses[0].words:
            for part in map(str.casefold, lexicons.words_in(word.text)):
                if part in numbers:
                    sure = max(word.confidence or 0.0, 1e-9)
                    scores[numbers[part], line] = max(scores[numbers[part], line], sure)
    return scores


def _with_edits(results: Sequence[Result], queries: Sequence[str]) -> Scores:
    """The least share of letters that need no edits, of any word of a line."""
    words = [list(map(str.casefold, lexicons.words_in(result.text))) for result in results]
    return np.array(
        [[max((fuzz.ratio(query, word) for word in line), default=0.0) for line in words] for query in queries]
    )


def _in_index(collection: Collection, queries: Sequence[str]) -> Scores:
    lines = Lines(list(map(posteriors.packed, collection.outputs)), collection.alphabet)
    everywhere = np.arange(len(lines))
    scores = np.zeros((len(queries), len(lines)))
    for row, query in zip(scores, queries, strict=True):
        sought = pattern(query, collection.alphabet, Folding())
        row[:] = np.minimum(lines.expected(sought, everywhere)[0], 1.0) ** (1.0 / len(query))
    return scores


def _speed(alphabet: Alphabet, found: Sequence[tuple[str, bytes]], queries: Sequence[str], count: int) -> None:
    """Times of queries, and the size of the index, of so many lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.duckdb"
        _store(path, alphabet, found, count)
        print(f"\n{count:,} lines, {min(len(found), count):,} of them different: {path.stat().st_size / 1e6:.1f} MB")
        Lines([found[0][1]], alphabet).best(pattern(queries[0], alphabet, Folding()), 1, 0.0)  # compiles
        memory = psutil.Process().memory_info
        before, begin = memory().rss, time.perf_counter()
        with Index.open(path) as index:
            index.search(queries[0])
            print(f"first query {time.perf_counter() - begin:.1f} s, memory {(memory().rss - before) / 1e9:.1f} GB")
            searches = [_time(partial(index.search, query, threads=1)) for query in queries]
            shared = [_time(partial(index.search, query), time.perf_counter) for query in queries]
    scans, texts = [], list(islice(cycle(text for text, _ in found), count))
    for query in queries:
        look = re.compile(rf"\b{re.escape(query)}\b", re.IGNORECASE).search
        scans.append(_time(partial(_scanned, texts, look)))
    ratio = statistics.median(searches) / statistics.median(scans)
    print(f"warm query {_spread(searches)} ms; texts scanned with re {_spread(scans)} ms; {ratio:.1f} times")
    print(f"warm query on all cores, by the clock {_spread(shared)} ms", flush=True)


def _scanned(texts: Sequence[str], look: Callable[[str], object]) -> list[str]:
    return [text for text in texts if look(text)]


def _time(run: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    """Milliseconds, the best of a few."""

    def times() -> Iterator[float]:
        for _ in range(TIMES):
            begin = clock()
            run()
            yield (clock() - begin) * 1e3

    return min(times())


def _spread(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.1f} ({min(times):.1f} to {max(times):.1f})"


def _store(path: Path, alphabet: Alphabet, lines: Sequence[tuple[str, bytes]], count: int) -> None:
    """An index of so many lines, thirty a page, each with an outline and corners as the lines of pages have."""
    store = Store(path, create=(alphabet, "benchmark"))
    outline, corners = [100.0, 200.0, 2000.0, 200.0, 2000.0, 300.0, 100.0, 300.0], [100.0, 200.0] * 4
    lines = lines[:count]
    pages = -(-len(lines) // 30)
    with store.transaction():
        for page in range(1, pages + 1):
            name = f"scans/page-{page}.jpg"
            store.add("pages", [(page, name, 1, name, None, "0" * 64, None)])
            rows = enumerate(lines[30 * page - 30 : 30 * page], start=1)
            store.add(
                "lines",
                [(page, n, f"{name}:{n}", "", text, outline, corners, [0, 150], data) for n, (text, data) in rows],
            )
        copies = count // len(lines)
        again = (
            f"SELECT t.* REPLACE (page + {pages} * copy AS page) FROM (FROM {{}} ORDER BY page) t, range(1, ?) c(copy)"
        )
        store.run(f"INSERT INTO pages {again.format('pages')}", [copies + 1])
        store.run(f"INSERT INTO lines {again.format('lines')} ORDER BY copy LIMIT ?", [copies + 1, count - len(lines)])
    store.close()


if __name__ == "__main__":
    typer.run(main)
