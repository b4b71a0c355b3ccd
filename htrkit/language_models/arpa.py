"""ARPA files, the text form of n-gram models that KenLM, SRILM and others read and write."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from htrkit.errors import ModelError
from htrkit.language_models.ngrams import SPECIAL, NgramModel
from htrkit.texts import lines

LN10 = math.log(10)
LOWEST = -99.0
"""What stands for the logarithm of zero, to base ten; ``lmplz`` may write ``-inf``."""


def write(model: NgramModel, path: Path) -> None:
    """Write a model, ``<unk>`` included; the logs in the file are to base ten."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {k}={len(rows)}\n" for k, rows in enumerate(model.rows, start=1))
        for k, rows in enumerate(model.rows, start=1):
            file.write(f"\n\\{k}-grams:\n")
            figures = zip(rows.tolist(), model.log_probs[k - 1], model.backoffs[k - 1], strict=True)
            for ids, log_prob, backoff in figures:
                tokens = " ".join(model.vocabulary[i] for i in ids)
                weight = f"\t{backoff / LN10:.7g}" if k < model.order else ""
                file.write(f"{log_prob / LN10:.7g}\t{tokens}{weight}\n")
        file.write("\n\\end\\\n")


def read(path: Path) -> NgramModel:
    """Read a model.

    Raises
    ------
    InputError
        If the file cannot be read.
    ModelError
        If it is no ARPA file, ends early, or has no ``<unk>``: without it every unknown word costs 100 decades.
    """
    with _numbered(path) as numbered:
        return _read(numbered)


def vocabulary(path: Path) -> set[str]:
    """The tokens of a file's 1-grams; the rest of it is not read.

    Raises
    ------
    InputError, ModelError
        As `read`.
    """
    with _numbered(path) as numbered:
        return {words[0] for words, _, _ in _section(numbered, 1, _sizes(numbered)[0])}


@contextmanager
def _numbered(path: Path) -> Iterator[Iterator[tuple[int, str]]]:
    """A file's lines with their numbers; what is wrong with them is said with its name."""
    try:
        yield enumerate(lines(path), start=1)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def _read(numbered: Iterator[tuple[int, str]]) -> NgramModel:
    ids: dict[str, int] = {}
    rows, log_probs, backoffs = [], [], []
    for k, size in enumerate(_sizes(numbered), start=1):
        entries = _section(numbered, k, size)
        if k == 1:
            tokens = [words[0] for words, _, _ in entries]
            missing = [special for special in SPECIAL if special not in tokens]
            if missing:
                raise ModelError(f"it has no {missing[0]}; build it again with 'htrkit lm build'")
            ids = {token: i for i, token in enumerate([*SPECIAL, *(t for t in tokens if t not in SPECIAL)])}
        try:
            level = np.array([[ids[word] for word in words] for words, _, _ in entries], np.int32).reshape(-1, k)
        except KeyError as error:
            raise ModelError(f"the {k}-gram with {error} has no 1-gram") from None
        order = np.lexsort(level.T[::-1])
        rows.append(level[order])
        log_probs.append(np.array([p for _, p, _ in entries])[order] * LN10)
        backoffs.append(np.array([b for _, _, b in entries])[order] * LN10)
    return NgramModel(tuple(ids), tuple(rows), tuple(log_probs), tuple(backoffs))


def _sizes(numbered: Iterator[tuple[int, str]]) -> list[int]:
    """Numbers of n-grams, from the head of the file."""
    for _, line in numbered:
        if line.strip() == "\\data\\":
            break
    found: list[int] = []
    for number, line in numbered:
        name, _, size = line.strip().partition("=")
        if not name:
            if found:
                return found
            continue
        if name.split() != ["ngram", str(len(found) + 1)] or not re.fullmatch(r"\s*\d{1,15}\s*", size):
            raise ModelError(f"line {number} is not how an ARPA file begins")
        found.append(int(size))
    raise ModelError("it is no ARPA file: it does not begin with \\data\\")


def _section(numbered: Iterator[tuple[int, str]], k: int, size: int) -> list[tuple[list[str], float, float]]:
    """The entries of one order: tokens, log probability, back-off, to base ten as in the file."""
    head = f"\\{k}-grams:"
    for number, line in numbered:
        if line.strip() == head:
            break
        if line.strip():
            raise ModelError(f"line {number} should be {head}")
    entries = []
    for number, line in numbered:
        fields = line.replace("\t", " ").strip(" ").split(" ")
        if fields == [""]:
            break
        try:
            log_prob, words, rest = float(fields[0]), fields[1 : k + 1], fields[k + 1 :]
            backoff = max(LOWEST, float(rest[0])) if rest else 0.0
        except ValueError:
            raise ModelError(f"line {number} has no figure where one should be") from None
        if len(words) != k or len(rest) > 1 or not log_prob <= 0 or not math.isfinite(backoff):
            raise ModelError(f"line {number} is no {k}-gram with its log probability and back-off")
        entries.append((words, max(LOWEST, log_prob), backoff))
    if len(entries) != size:
        raise ModelError(f"it has {len(entries)} {k}-grams, its head says {size}; the file may be cut off")
    return entries
