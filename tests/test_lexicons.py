"""What counts as a word, and word lists."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from htrkit import lexicons
from htrkit.alphabet import Alphabet
from htrkit.decoders import Vocabulary
from htrkit.errors import InputError, UsageError
from htrkit.resources import resource
from tests.time_limits import processor_time_within


def load(lexicon: str | Path) -> list[str]:
    """The distinct words of a lexicon by name or path."""
    return sorted({word for word, _ in lexicons.entries(resource("lexicon", lexicon)) if word})


def test_the_example_in_the_documentation() -> None:
    assert doctest.testmod(lexicons).failed == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't 'quote' o'clock's", ["don't", "quote", "o'clock's"]),
        ("well-known -- or-else- -no", ["well-known", "or-else", "no"]),
        ("1st 2nd3 B2B x9 9x snake_case", ["snake", "case"]),
        ("Äpfel, naïve; ПРИВЕТ!", ["Äpfel", "naïve", "ПРИВЕТ"]),
        ("''--''", []),
        ("हिन्दी भाषा में पत्र", ["हिन्दी", "भाषा", "में", "पत्र"]),
        ("בְּרֵאשִׁית בָּרָא", ["בְּרֵאשִׁית", "בָּרָא"]),
        ("کتاب می\u200cخواهم \u200d!", ["کتاب", "می\u200cخواهم"]),
        ("cafe\u0301 l\u2019e\u0301te\u0301", ["caf\u00e9", "l\u2019\u00e9t\u00e9"]),
        ("x\u0301", ["x\u0301"]),
    ],
)
def test_words_are_letters_with_marks_joined_by_single_apostrophes_and_hyphens(text: str, words: list[str]) -> None:
    assert lexicons.words_in(text) == words


def test_build_counts_words_in_their_capitals() -> None:
    assert lexicons.build(["The the cat.", "the Cat, the cat"]) == {"Cat": 1, "The": 1, "cat": 2, "the": 3}
    assert lexicons.build(["The the cat.", "the Cat, the cat"], min_count=2) == {"cat": 2, "the": 3}


def test_files_are_read_with_and_without_counts(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("\ufeffNew York\nLondon\t12\n\n  London  \n", encoding="utf-8")
    assert load(path) == load(str(path)) == ["London", "New York"]


def test_a_frequency_list_is_read_with_its_counts_and_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "frequencies.txt"
    path.write_text("garden 120\nNew York  7 \n")
    with pytest.warns(UserWarning, match=r"frequencies\.txt: every line ends in a number, which is taken for"):
        assert lexicons.entries(path) == [("garden", "120"), ("New York", "7")]
    with pytest.warns(UserWarning, match="the word's count"):
        assert load(path) == ["New York", "garden"]
    path.write_text("garden,120\nNew York; 7\n")
    with pytest.warns(UserWarning, match="the word's count"):
        assert lexicons.entries(path) == [("garden", "120"), ("New York", "7")]
    path.write_text("    120 garden\n      7 New York\n")
    with pytest.warns(UserWarning, match="every line begins with a number"):
        assert lexicons.entries(path) == [("garden", "120"), ("New York", "7")]
    path.write_text("12 Church Street\n7 New York\n")
    assert load(path) == ["12 Church Street", "7 New York"]
    path.write_text("garden 120\nNew York\n")
    assert load(path) == ["New York", "garden 120"]
    assert lexicons.entries(["Room 1", "Room 2"]) == [("Room 1", ""), ("Room 2", "")]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["120 garden", "7 York"], "begins with"),
        (["120,garden", "7;York"], "begins with"),
        ([" 120 garden", "   7 New York"], "begins with"),
        (["garden 120.0", "York 7.0"], "ends in"),
        (["garden 0.0120", "York 0.0007"], "ends in"),
        (["garden 1.2e-02", "York 7E-4"], "ends in"),
        (["garden 0,0120", "York 0,0007"], "ends in"),
        (["0.0120 garden", "7e-4 York"], "begins with"),
        (["0,0120 garden", "0,0007 York"], "begins with"),
        (["1,200,000 garden", "70,000 York"], "begins with"),
        (["garden 1,200,000", "York 70,000"], "ends in"),
    ],
    ids=str,
)
def test_counts_may_come_first_and_be_fractions(tmp_path: Path, lines: list[str], where: str) -> None:
    path = tmp_path / "frequencies.txt"
    path.write_text("\n".join(lines) + "\n")
    with pytest.warns(UserWarning, match=rf"frequencies\.txt: every line {where} a number, which is taken for"):
        found = lexicons.entries(path)
    (garden, most), (york, least) = found
    assert (garden, york.removeprefix("New ")) == ("garden", "York")
    assert int(most) / int(least) == pytest.approx(120 / 7, rel=1e-6)


@pytest.mark.parametrize(
    "entries",
    [
        ["4711", "3 Suisses", "7 Eleven", "Odol"],
        ["12 Church Street", "7 New York Avenue"],
        ["1.5", "2.5"],
        ["version 1.2.3", "version 2.0.1"],
        ["1984", "2001", "300"],
    ],
)
def test_entries_with_numbers_are_no_frequencies(
    tmp_path: Path, entries: list[str], recwarn: pytest.WarningsRecorder
) -> None:
    (tmp_path / "names.txt").write_text("\n".join(entries))
    assert lexicons.entries(tmp_path / "names.txt") == [(entry, "") for entry in entries]
    assert not list(recwarn)


def test_a_frequency_list_may_have_a_few_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "frequencies.txt"
    words = [f"word{'x' * i}" for i in range(40)]
    path.write_text("\n".join(["1000000 the", "frequency of words", *(f"   {i + 2} {w}" for i, w in enumerate(words))]))
    with pytest.warns(UserWarning, match="nearly every line begins with a number"):
        found = dict(lexicons.entries(path))
    assert found == {"the": "1000000", "frequency of words": "", **{w: str(i + 2) for i, w in enumerate(words)}}


def test_fractions_after_tabs_are_counts(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("one\t0.5\ntwo\t1e-5\nthree\nfour\t0\n")
    for source in (path, path.read_text().splitlines()):
        counts = Vocabulary.read(source, Alphabet("efhnortuw")).counts
        assert counts["one"] == 50_000 * counts["two"]
        assert (counts["three"], counts["four"]) == (1, 0)
    path.write_text("one\t0.5\ntwo\tmany\n")
    with pytest.raises(InputError, match="after 'two' and a tab a count is wanted, a number, not 'many'"):
        Vocabulary.read(path, Alphabet("enotw"))


@pytest.mark.parametrize("between", [",", " ", ", ;"])
def test_a_long_line_of_separators_takes_no_time(tmp_path: Path, between: str) -> None:
    (tmp_path / "words").write_text(f"a{between * 50_000}b\nword 3\n")
    with processor_time_within(5.0):
        assert len(load(str(tmp_path / "words"))) == 2


def test_words_of_millions_of_letters_are_words(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    path = tmp_path / "long.txt"
    path.write_text(f"{long}\nword\n{long}9\n{'é-' * 1_500_000}é")
    assert list(lexicons.build(lexicons.lines(path))) == ["word", long, "é-" * 1_500_000 + "é"]
    assert len(load(path)) == 4


def test_what_is_no_lexicon_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("\n\n")
    with pytest.raises(InputError, match=r"empty\.txt holds no word"):
        Vocabulary.read(path, Alphabet("ab"))
    with pytest.raises(UsageError, match="no lexicon named 'engish'; did you mean 'english'"):
        load("engish")
    with pytest.raises(
        UsageError, match=r"there is no lexicon .*none\.txt; give a path that exists or a name: .*english"
    ):
        load(tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["x" * 300, "x/" * 5000, "./" + "x" * 300])
def test_a_name_that_no_system_allows_is_no_lexicon(name: str) -> None:
    with pytest.raises(UsageError):
        load(name)


def test_a_name_comes_before_a_file_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "english").write_text("one\n")
    (tmp_path / "mine").write_text("two\n")
    monkeypatch.chdir(tmp_path)
    assert len(load("english")) > 100_000
    assert load("./english") == ["one"]
    assert load("mine") == ["two"]


def test_english_has_british_and_american_words_in_their_capitals() -> None:
    words = set(load("english"))
    assert {"colour", "color", "honour", "centre", "theatre", "realise", "realize", "Gaitskell"} <= words
    assert {"London", "I", "don't", "boys'", "'tis", "well-known", "Mr"} <= words
    assert not words & {"london", "", "the,"}
    assert not any(character.isdigit() or character.isspace() for word in words for character in word)


def test_english_has_counts_where_texts_have_the_word() -> None:
    counts = dict(line.split("\t") for line in lexicons.english().read_text("utf-8").splitlines() if "\t" in line)
    assert int(counts["the"]) > int(counts["colour"]) > 100
    assert len(counts) > 50_000
