"""Scores of patterns are those that CTC's definition gives, and no line that matters is passed over."""

from __future__ import annotations

import itertools
import re
from functools import cache

import numpy as np
import pytest
from htrkit_search import posteriors
from htrkit_search.matching import Lines
from htrkit_search.patterns import EDIT, Folding, Pattern, pattern, terms_of
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import Alphabet, InputError, LogProbs, UsageError

LETTERS = Alphabet("ab ")
WIDE = Alphabet("".join(map(chr, range(0x4E00, 0x4E00 + 300))) + " ab")


def sought(term: str, alphabet: Alphabet = LETTERS, tolerance: int = 0, **folding: bool) -> Pattern:
    return pattern(term, alphabet, Folding(**folding), tolerance=tolerance)


@cache
def paths(frames: int, labels: int) -> list[tuple[int, ...]]:
    return list(itertools.product(range(labels), repeat=frames))


def drawn(seed: int, frames: int, labels: int = 4) -> LogProbs:
    logits = np.random.default_rng(seed).normal(0.0, 2.5, (frames, labels))
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def unpacked(data: bytes, labels: int, frames: int) -> np.ndarray:
    """(frames, labels): the probabilities that a line's bytes stand for."""
    found, at, frame = np.full((frames, labels), posteriors.FLOOR), 0, 0
    found[:, 0] = 1.0
    while at < len(data):
        frame += data[at]
        entries = np.frombuffer(data[at + 2 : at + 2 + 2 * data[at + 1]], np.uint8).reshape(-1, 2)
        found[frame, 0] = posteriors.FLOOR
        found[frame, entries[:, 0]] = posteriors.PROBABILITIES[entries[:, 1]]
        at, frame = at + 2 + 2 * data[at + 1], frame + 1
    return found


def expected_by_hand(probabilities: np.ndarray, regex: str) -> float:
    """How often words match, summed over every path."""
    total = 0.0
    for path in paths(*probabilities.shape):
        text = "".join("-ab "[label] for label, _ in itertools.groupby(path)).replace("-", "")
        found = len(re.findall(rf"(?<![ab]){regex}(?![ab])", text))
        total += found * np.prod(probabilities[range(len(path)), path])
    return float(total)


@pytest.mark.parametrize("term", ["a", "ab", "aa", "aba"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(1, 5))
def test_a_word_is_expected_as_often_as_all_paths_say(term: str, seed: int, frames: int) -> None:
    line = posteriors.packed(drawn(seed, frames))
    probabilities = unpacked(line, 4, frames)
    found = Lines([line], 4).expected(sought(term), np.array([0]))[0][0]
    assert found == pytest.approx(expected_by_hand(probabilities, term), rel=0.02, abs=1e-4)


@pytest.mark.parametrize(("term", "regex"), [("a?", "a[ab]"), ("a*", "a[ab]*"), ("*b", "[ab]*b")])
@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5])
def test_wildcards_stand_for_letters(term: str, regex: str, frames: int) -> None:
    # The same lines each time: what CTC says of repeated letters is approximated after "?", and of a hundred lines as
    # short and as blurred as these, about one is further off. None of these is.
    for seed in range(20, 60):
        line = posteriors.packed(drawn(seed, frames))
        probabilities = unpacked(line, 4, frames)
        found = Lines([line], 4).expected(sought(term), np.array([0]))[0][0]
        assert found == pytest.approx(expected_by_hand(probabilities, regex), rel=0.25, abs=0.01), seed


def written(text: str, alphabet: Alphabet = LETTERS, *, sure: float = 0.9999, silence: int = 0) -> LogProbs:
    """What a network says of a text: a frame for each letter, a blank after it, and after the first more of them."""
    rows = []
    for at, character in enumerate(text):
        row = np.full(alphabet.n_labels, (1 - sure) / (alphabet.n_labels - 1))
        row[alphabet.characters.index(character) + 1] = sure
        rows += [row, *[_blank(alphabet)] * (1 + (silence if at == 0 else 0))]
    return np.log(np.array(rows)).astype(np.float32)


def _blank(alphabet: Alphabet) -> np.ndarray:
    row = np.full(alphabet.n_labels, 1e-7)
    row[0] = 1.0 - row[1:].sum()
    return row


def score(term: str, text: str, alphabet: Alphabet = LETTERS, tolerance: int = 0, **folding: bool) -> float:
    lines = Lines([posteriors.packed(written(text, alphabet))], alphabet.n_labels)
    return float(lines.expected(sought(term, alphabet, tolerance, **folding), np.array([0]))[0][0])


def test_a_word_needs_an_edge_on_both_sides() -> None:
    assert score("ab", "bb ab bb") > 0.3
    assert score("ab", "ab") > 0.3
    assert score("ab", "bbab bb") < 0.01
    assert score("ab", "bb abb") < 0.01


def test_a_phrase_goes_over_spaces_and_punctuation() -> None:
    alphabet = Alphabet("ab ,")
    assert score("a b", "bb a b", alphabet) > 0.2
    assert score("a b", "bb a, b", alphabet) > 0.2
    assert score("a b", "bb ab b", alphabet) < 0.05


def test_a_tolerance_takes_one_edit_and_no_more() -> None:
    exact = score("abab", "abab", tolerance=1)
    assert exact > 0.3
    for other in ("abbb", "aba", "abaab", "babab"):
        assert score("abab", other) < 0.1 * score("abab", other, tolerance=1)
        assert 0.2 * EDIT < score("abab", other, tolerance=1) < exact / 3
    assert score("abab", "bb", tolerance=1) < 0.1 * EDIT


def test_capitals_and_accents_count_only_if_asked() -> None:
    alphabet = Alphabet("éeEtT ")
    assert score("Eté", "été", alphabet) > 0.3
    assert score("Été", "été", alphabet, accents=True) > 0.3
    assert score("Eté", "Eté", alphabet, case=True, accents=True) > 0.3
    assert score("Eté", "été", alphabet, case=True, accents=True) < 0.01
    assert score("ete", "été", alphabet, accents=True) < 0.01


@pytest.mark.parametrize("term", ["?b?", "a?b", "??", "b*b", "*ba*"])
@pytest.mark.parametrize("text", ["bab", "bb", "bbb", "abb", "a", "ab", "aabab", "baaab", "ba"])
def test_wildcards_tell_words_apart(term: str, text: str) -> None:
    matches = re.fullmatch(term.replace("?", ".").replace("*", ".*"), text) is not None
    assert (score(term, text) > 0.5) == matches


def test_a_place_is_where_the_word_stands() -> None:
    lines = Lines([posteriors.packed(written("bb ab bb", silence=600))], LETTERS.n_labels)
    _, places = lines.expected(sought("ab"), np.array([0]), locate=True)
    start, stop = places[0].tolist()
    assert start == 600 + 2 * 3
    assert 600 + 2 * 4 < stop <= 600 + 2 * 5


def test_alphabets_with_thousands_of_labels_are_searched() -> None:
    word = WIDE.characters[299] + WIDE.characters[7]
    assert score(word, f"ab {word} b", WIDE) > 0.3


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text("ab ", min_size=1, max_size=12), min_size=1, max_size=40), st.sampled_from(["ab", "aab", "b*a"])
)
def test_the_best_lines_are_those_of_a_full_search(texts: list[str], term: str) -> None:
    lines = Lines([posteriors.packed(written(text, sure=0.8)) for text in texts], LETTERS.n_labels)
    everywhere = lines.expected(sought(term), np.arange(len(texts)))[0]
    found, totals = lines.best(sought(term), 5, 0.01)
    expected = np.sort(everywhere[everywhere >= 0.01])[::-1][:5]
    assert totals == pytest.approx(expected)
    assert everywhere[found] == pytest.approx(totals)


def test_what_is_not_worth_looking_at_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Lines([posteriors.packed(written("bb bb"))] * 500 + [posteriors.packed(written("aa a"))], LETTERS.n_labels)
    seen: list[int] = []
    search = Lines.expected
    monkeypatch.setattr(Lines, "expected", lambda *a, **k: seen.append(len(a[2])) or search(*a, **k))  # type: ignore[func-returns-value]
    found, _ = lines.best(sought("aa"), 5, 0.1)
    assert found.tolist() == [500]
    assert sum(seen) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.sampled_from([4, 300]))
def test_bytes_of_strangers_are_refused_or_searched(outputs: list[bytes], labels: int) -> None:
    alphabet = LETTERS if labels == 4 else Alphabet("".join(map(chr, range(0x4E00, 0x4E00 + 296))) + " ab")
    try:
        lines = Lines(outputs, labels)
    except InputError:
        return
    lines.best(sought("ab", alphabet), 5, 0.0)


@pytest.mark.parametrize("query", ["", "   ", '""', "?", "* ?", "-", "x" * 101, "a " * 11])
def test_queries_without_a_word_are_refused(query: str) -> None:
    with pytest.raises(UsageError):
        [sought(term) for term in terms_of(query)]


@pytest.mark.parametrize(("term", "tolerance"), [("ab", 1), ("abab", 2), ("aba", 3), ("zzz", 0)])
def test_patterns_that_say_nothing_are_refused(term: str, tolerance: int) -> None:
    with pytest.raises(UsageError):
        sought(term, tolerance=tolerance)


def test_terms_are_words_and_phrases() -> None:
    assert terms_of('Joseph "Kew   Gardens" ferns*') == ["Joseph", "Kew Gardens", "ferns*"]
