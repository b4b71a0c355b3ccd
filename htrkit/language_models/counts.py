"""Counts the n-grams of every order in lines of tokens."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from htrkit.errors import InputError
from htrkit.language_models.characters import SPACE
from htrkit.language_models.ngrams import BEGIN, END, SPECIAL, Rows

Counts = NDArray[np.int64]

_TOKEN = re.compile(r"[^\W_][\w\u0300-\u036f'’-]*|[^\s]")


@dataclass(frozen=True, slots=True)
class NgramCounts:
    """How often each n-gram occurs.

    Attributes
    ----------
    vocabulary
        Tokens by id, in the order of their first occurrence, after ``<unk>``, ``<s>`` and ``</s>``.
    rows
        For each order k = 1 … N an (n_k, k) array of ids in lexicographic order: every n-gram that ends in a token or
        in ``</s>``. Where a line has too few tokens before that, ``<s>`` fills up, several times if need be.
    counts
        For each order (n_k,).
    left_extensions
        For each order but the highest (n_k,): how many different tokens stand before the n-gram.
    """

    vocabulary: tuple[str, ...]
    rows: tuple[Rows, ...]
    counts: tuple[Counts, ...]
    left_extensions: tuple[Counts, ...]


def words_of(line: str) -> list[str]:
    """The tokens of a word model: what stands between white space, its punctuation attached."""
    return line.split()


def tokens_of(line: str) -> list[str]:
    """The tokens of a word model whose punctuation is apart: words, begun by a letter or figure, and single signs."""
    return _TOKEN.findall(line)


def characters_of(line: str) -> list[str]:
    """The tokens of a character model: each character, white space between others as one `SPACE`."""
    return [SPACE if character == " " else character for character in " ".join(line.split())]


def count(lines: Iterable[Sequence[str]], order: int) -> NgramCounts:
    """Count the n-grams of up to ``order`` tokens; empty lines count for nothing.

    Raises InputError if there is no token at all, or one is ``<unk>``, ``<s>`` or ``</s>``.
    """
    stream, vocabulary = _encode(lines, order)
    ends = np.flatnonzero(stream != BEGIN)
    columns = [stream[ends - distance] for distance in range(order - 1, -1, -1)]
    rows: list[Rows] = []
    totals: list[Counts] = []
    extensions: list[Counts] = []
    weights = np.ones(len(ends), np.int64)
    while columns:
        places, starts = _groups(columns, len(vocabulary))
        if rows:  # the columns are the distinct n-grams one longer, each with its own token on the left
            extensions.insert(0, np.diff(np.append(starts, len(places))))
        weights = np.add.reduceat(weights[places], starts)
        columns = [column[places[starts]] for column in columns]
        rows.insert(0, np.stack(columns, axis=1))
        totals.insert(0, weights)
        columns = columns[1:]
    return NgramCounts(vocabulary, tuple(rows), tuple(totals), tuple(extensions))


def _encode(lines: Iterable[Sequence[str]], order: int) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """All lines' token ids one after the other, each line between at least ``order - 1`` ``<s>`` and one ``</s>``."""
    ids = {token: number for number, token in enumerate(SPECIAL)}
    special = set(SPECIAL)
    stream = array("i")
    padding = [BEGIN] * max(order - 1, 1)
    for line in lines:
        if not special.isdisjoint(line):
            found = next(token for token in line if token in special)
            raise InputError(f"the text holds the token {found}, which language models keep for themselves; remove it")
        if line:
            stream.extend(padding)
            stream.extend([ids.setdefault(token, len(ids)) for token in line])
            stream.append(END)
    if not stream:
        raise InputError("the text holds no token to build a language model from")
    return np.frombuffer(stream, dtype=np.int32), tuple(ids)


def _groups(columns: Sequence[NDArray[np.int32]], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of equal rows next to each other, rows ascending, and where each distinct row begins among them."""
    bits = (size - 1).bit_length()
    each = 63 // bits
    keys = []
    for first in range(0, len(columns), each):
        key = np.zeros(len(columns[0]), np.int64)
        for column in columns[first : first + each]:
            key = (key << bits) | column
        keys.append(key)
    places = np.lexsort(keys[::-1])
    changes = np.zeros(len(places), bool)
    changes[0] = True
    for key in keys:
        changes[1:] |= np.diff(key[places]) != 0
    return places, np.flatnonzero(changes)
