"""Scores of patterns are those that CTC's definition gives, and no line that matters is passed over."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from htrkit_search import kernel, posteriors
from htrkit_search.automata import EDIT
from htrkit_search.matching import Lines
from htrkit_search.patterns import Folding, Pattern, pattern, terms_of
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
    found = Lines([line], LETTERS).expected(sought(term), np.array([0]))[0][0]
    assert found == pytest.approx(expected_by_hand(probabilities, term), rel=0.02, abs=1e-4)


CAPITALS = Alphabet("ab B")
LONG = Alphabet(["a", "b", " ", "ab", "Ba", ", "])
"""Some labels stand for several letters, or signs."""
MIXED = Alphabet(["a", "b", ",", " a", "b,", "a b", ", "])
"""Or for both."""
ALPHABETS = pytest.mark.parametrize("alphabet", [CAPITALS, LONG, MIXED], ids=["capitals", "long", "mixed"])


def exactly(rows: np.ndarray, sought: Pattern) -> float:
    """What the kernel says of a line whose probabilities are ``rows`` / 255, none of them left out."""
    data = bytes(x for row in rows for x in (0, len(row), *(y for pair in enumerate(row) for y in pair)))
    totals, places = np.zeros(1), np.zeros((1, 2), np.int64)
    table = np.arange(256) / 255.0
    line = np.frombuffer(data, np.uint8), np.array([0, len(data)]), 1, table, 0.0
    kernel.expected_on_lines(*line, sought.automaton, np.array([0]), True, totals, places)
    return float(totals[0])


def bytes_of_probabilities(seed: int, frames: int, alphabet: Alphabet) -> np.ndarray:
    """(frames, labels) that sum to 255: some frames are sure of themselves, others are not."""
    random = np.random.default_rng(seed)
    weights = random.dirichlet(np.full(alphabet.n_labels, random.choice([0.2, 1.0, 5.0])), frames)
    return random.multinomial(255, weights)


def by_all_paths(rows: np.ndarray, alphabet: Alphabet, count: Callable[[str], float]) -> float:
    """What is counted in the texts of all paths, as often as these are taken."""
    total, folded = 0.0, ["", *map(str.lower, alphabet.labels)]
    for path in paths(*rows.shape):
        text = "".join(sign for sign, _ in itertools.groupby(folded[label] for label in path))
        found = count(text)
        if found:
            total += found * float(np.prod(rows[range(len(path)), path] / 255.0))
    return total


def how_often(regex: str) -> Callable[[str], float]:
    """How many words, or phrases, of a text a regular expression matches."""
    look = re.compile(rf"(?<![ab])(?=(?:{regex})(?![ab]))")
    return lambda text: len(look.findall(text))


EXACT = {
    "b": "b",
    "ab": "ab",
    "abb": "abb",
    "a?": "a[ab]",
    "?a": "[ab]a",
    "a?b": "a[ab]b",
    "??a": "[ab]{2}a",
    "?b?": "[ab]b[ab]",
    "a*": "a[ab]*",
    "*b": "[ab]*b",
    "a*b": "a[ab]*b",
    "?*a": "[ab][ab]*a",
    "*a*": "[ab]*a[ab]*",
    "*a*b*": "[ab]*a[ab]*b[ab]*",
    "*ab*": "[ab]*ab[ab]*",
    "*a?*": "[ab]*a[ab][ab]*",
    "a b": "a[ ,]+b",
    "a *b": "a[ ,]+[ab]*b",
    "*a* b": "[ab]*a[ab]*[ ,]+b",
    "a,": "a,",
    "a,b": "a,b",
    ",a": ",a",
}
"""Patterns, and regular expressions that mean the same."""


@ALPHABETS
@pytest.mark.parametrize(("term", "regex"), EXACT.items())
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), frames=st.integers(1, 4))
def test_patterns_are_expected_exactly_as_often_as_all_paths_say(
    alphabet: Alphabet, term: str, regex: str, seed: int, frames: int
) -> None:
    rows = bytes_of_probabilities(seed, frames, alphabet)
    found = exactly(rows, sought(term, alphabet))
    assert found == pytest.approx(by_all_paths(rows, alphabet, how_often(regex)), rel=1e-9, abs=1e-12)


def edited(term: str, tolerance: int) -> Callable[[str], float]:
    """How many words of a text there are, each with `EDIT` for every edit, for every way to make it of a term."""

    @cache
    def ways(word: str, at: int, used: int) -> float:
        found = 1.0 if at == len(term) and not word else 0.0
        if word and at < len(term) and word[0] == term[at]:
            found += ways(word[1:], at + 1, used)
        if used < tolerance:
            if at < len(term):
                found += EDIT * ways(word, at + 1, used + 1)
            if word:
                found += EDIT * ways(word[1:], at, used + 1)
            if word and at < len(term):
                found += EDIT * ways(word[1:], at + 1, used + 1)
        return found

    return lambda text: sum(ways(word, 0, 0) for word in text.replace(",", " ").split())


@ALPHABETS
@pytest.mark.parametrize(("term", "tolerance"), [("aba", 1), ("abb", 1), ("ababb", 2)])
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), frames=st.integers(1, 4))
def test_edits_are_expected_exactly_as_often_as_all_paths_say(
    alphabet: Alphabet, term: str, tolerance: int, seed: int, frames: int
) -> None:
    rows = bytes_of_probabilities(seed, frames, alphabet)
    found = exactly(rows, sought(term, alphabet, tolerance))
    assert found == pytest.approx(by_all_paths(rows, alphabet, edited(term, tolerance)), rel=1e-9, abs=1e-12)


def test_too_many_wildcards_are_refused_at_once() -> None:
    with pytest.raises(UsageError, match="too many wildcards"):
        sought("*a" + "?" * 40 + "*b" + "?" * 40)


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
    lines = Lines([posteriors.packed(written(text, alphabet))], alphabet)
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


@pytest.mark.parametrize("term", ["strasse", "str*sse", "?traß?", "*t*ss*"])
def test_a_label_may_stand_for_two_letters(term: str) -> None:
    alphabet = Alphabet("straßeif ")
    assert score(term, "straße", alphabet) == pytest.approx(score(term, "strasse", alphabet), rel=0.05) != 0.0
    assert score(term, "strase", alphabet) < 0.01


@pytest.mark.parametrize("term", ["?b?", "a?b", "??", "b*b", "*ba*"])
@pytest.mark.parametrize("text", ["bab", "bb", "bbb", "abb", "a", "ab", "aabab", "baaab", "ba"])
def test_wildcards_tell_words_apart(term: str, text: str) -> None:
    matches = re.fullmatch(term.replace("?", ".").replace("*", ".*"), text) is not None
    assert (score(term, text) > 0.5) == matches


def test_a_place_is_where_the_word_stands() -> None:
    lines = Lines([posteriors.packed(written("bb ab bb", silence=600))], LETTERS)
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
    lines = Lines([posteriors.packed(written(text, sure=0.8)) for text in texts], LETTERS)
    everywhere = lines.expected(sought(term), np.arange(len(texts)))[0]
    found, totals = lines.best(sought(term), 5, 0.01)
    expected = np.sort(everywhere[everywhere >= 0.01])[::-1][:5]
    assert totals == pytest.approx(expected)
    assert everywhere[found] == pytest.approx(totals)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=40), st.sampled_from(["ab", "aab", "b*a", "?b"]))
def test_labels_of_several_letters_are_not_passed_over(seeds: list[int], term: str) -> None:
    lines = Lines([posteriors.packed(drawn(seed, 1 + seed % 5, LONG.n_labels)) for seed in seeds], LONG)
    everywhere = lines.expected(sought(term, LONG), np.arange(len(seeds)))[0]
    _, totals = lines.best(sought(term, LONG), 5, 0.01)
    assert totals == pytest.approx(np.sort(everywhere[everywhere >= 0.01])[::-1][:5])


def test_what_is_not_worth_looking_at_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Lines([posteriors.packed(written("bb bb"))] * 500 + [posteriors.packed(written("aa a"))], LETTERS)
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
        lines = Lines(outputs, alphabet)
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
