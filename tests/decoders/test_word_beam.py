"""Word beam search: against brute force over the allowed texts, in every mode."""

from __future__ import annotations

import gzip
import math
import pickle
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoders.language_kernel import words_probability
from htrkit.decoders.notices import DecoderWarning
from htrkit.decoders.word_beam import WordBeam
from htrkit.errors import InputError, UsageError
from htrkit.testing import brute_force, check_decoder, sure_line
from tests.decoders.conftest import Lines

WORDS = ["ab", "a", "bba"]
CORPUS = "ab a bba ab ab a a bba a bba"
SMOOTHING = 0.1


def whole_words(text: str) -> bool:
    return all(word in WORDS for word in text.split())


def begun_words(text: str) -> bool:
    """All words whole, the last perhaps only begun."""
    words = re.split("[ .]", text)
    return whole_words(" ".join(words[:-1])) and any(word.startswith(words[-1]) for word in WORDS)


def unlimited(alphabet: str, **options: Any) -> Decoder:
    given: dict[str, Any] = {"lexicon": WORDS, "beam_width": 400, "beam_threshold": 0.0, "strict": True} | options
    return WordBeam(alphabet, **given)


def test_contract(kernels: str) -> None:
    check_decoder(lambda alphabet: WordBeam(alphabet, lexicon=WORDS), allowed=begun_words)
    check_decoder(lambda alphabet: WordBeam(alphabet, lexicon=WORDS, strict=True), allowed=whole_words)


def test_without_limits_it_is_exact_over_the_allowed_texts(kernels: str) -> None:
    check_decoder(unlimited, allowed=whole_words, exact=True, long=False)


@pytest.mark.parametrize("mode", ["ngrams", "forecast", "forecast-sample"])
def test_contract_of_the_ngram_modes(kernels: str, mode: str) -> None:
    check_decoder(lambda alphabet: WordBeam(alphabet, mode=mode, corpus=CORPUS), allowed=begun_words, examples=10)  # type: ignore[arg-type]


def test_strict_or_not_all_scores_are_brute_force(kernels: str, lines: Lines) -> None:
    for line in lines(6, 5, 4):
        truth = brute_force(line, "ab ")
        strict = {one.text: one.score for one in unlimited("ab ").decode(line, n_best=10_000)}
        assert strict == pytest.approx({text: math.log(p) for text, p in truth.items() if whole_words(text)})
        best = max(filter(begun_words, truth), key=truth.__getitem__)
        completed = best + {"bb": "a", "b": "ba"}.get(re.split("[ .]", best)[-1], "")
        assert unlimited("ab ", strict=False).decode(line)[0].text == completed


def word_probability(previous: str | None, word: str) -> float:
    words = CORPUS.split()
    unigrams, bigrams = Counter(words), Counter(pairwise(words))
    if previous is None:
        return (unigrams[word] + SMOOTHING) / (len(words) + SMOOTHING * len(WORDS))
    followed = sum(count for (first, _), count in bigrams.items() if first == previous)
    return (bigrams[previous, word] + SMOOTHING) / (followed + SMOOTHING * len(WORDS))


def word_score(text: str, mode: str) -> float:
    """The mean ln P of the whole words; with a forecast, of those that the last may become, too."""
    *whole, last = re.split("[ .]", text)
    total, previous, n = 0.0, None, 0
    for word in filter(None, whole):
        total += math.log(word_probability(previous, word))
        previous, n = word, n + 1
    if mode != "ngrams" and last:
        total += math.log(sum(word_probability(previous, word) for word in WORDS if word.startswith(last)))
        n += 1
    return total / max(1, n)


@pytest.mark.parametrize("mode", ["ngrams", "forecast", "forecast-sample"])
def test_ngram_scores_are_brute_force(kernels: str, lines: Lines, mode: str) -> None:
    decoder = unlimited("ab ", mode=mode, corpus=CORPUS, smoothing=SMOOTHING, beam_width=1_000)
    for line in lines(4, 5, 4, seed=7):
        truth = {
            text: math.log(p) + word_score(text, mode)
            for text, p in brute_force(line, "ab ").items()
            if whole_words(text)
        }
        found = decoder.decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth)


@pytest.mark.parametrize("mode", ["ngrams", "forecast"])
def test_a_narrow_beam_finds_the_same_best(lines: Lines, mode: str) -> None:
    """What is skipped because it cannot reach the beam would not have reached it."""
    options: dict[str, Any] = {"mode": mode, "corpus": CORPUS, "smoothing": SMOOTHING}
    for line in lines(10, 6, 4, seed=3):
        wide = unlimited("ab ", beam_width=1_000, **options).decode(line)[0]
        assert unlimited("ab ", beam_width=60, **options).decode(line)[0].text == wide.text


@pytest.mark.parametrize("mode", ["words", "ngrams", "forecast", "forecast-sample"])
def test_compiled_and_interpreted_agree_to_the_bit(lines: Lines, monkeypatch: pytest.MonkeyPatch, mode: Any) -> None:
    letters = "abcdefghijkl"
    random = np.random.default_rng(0)
    words = ["".join(random.choice(list(letters), size=random.integers(1, 6))) for _ in range(300)]
    decoder = WordBeam(letters + " .", corpus=" ".join(words), mode=mode)
    drawn = lines(15, 50, len(letters) + 3)
    results = []
    for patience in (10**9, 0):
        monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", patience)
        results.append(decoder.decode_batch(drawn, n_best=4))
    assert results[0] == results[1]


def test_samples_follow_the_seed_and_not_the_order(lines: Lines) -> None:
    random = np.random.default_rng(0)
    corpus = " ".join("".join(random.choice(list("abcd"), size=5)) for _ in range(500))
    drawn = lines(6, 30, 6)
    options: dict[str, Any] = {"corpus": corpus, "mode": "forecast-sample"}
    one = WordBeam("abcd ", seed=1, **options).decode_batch(drawn)
    assert WordBeam("abcd ", seed=1, **options).decode_batch(drawn[::-1])[::-1] == one
    assert WordBeam("abcd ", seed=2, **options).decode_batch(drawn) != one


def test_words_are_corrected_and_what_stands_between_is_free() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz ,.0123456789_|"
    decoder = WordBeam(alphabet, lexicon=["friend", "family", "of"])
    for said in ("friend, of  family.", "  of 1234 ,friend", "_|of|_", "..."):
        assert decoder.decode(sure_line(said, alphabet))[0].text == said
    assert decoder.decode(sure_line("fomily of frend", alphabet, sure=0.9))[0].text == "family of friend"


def test_an_unfinished_last_word_is_completed_only_if_it_can_be_one_word() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz "
    words = ["family", "friend", "friends"]
    loose, strict = (WordBeam(alphabet, lexicon=words, strict=strict) for strict in (False, True))
    line = sure_line("friend fam", alphabet, sure=0.999)
    assert loose.decode(line)[0].text == "friend family"
    assert loose.decode(sure_line("family f", alphabet, sure=0.999))[0].text == "family f"
    assert loose.decode(sure_line("family frie", alphabet, sure=0.999))[0].text == "family frie"
    for found in strict.decode(line, n_best=25):
        assert set(found.text.split()) <= set(words)


def test_strict_without_a_whole_word_in_the_beam_keeps_what_was_whole() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz "
    decoder = WordBeam(alphabet, lexicon=["of", "family"], strict=True, beam_width=1)
    assert decoder.decode(sure_line("of fam", alphabet, sure=0.999))[0].text == "of "


def test_a_word_may_begin_where_another_ends_if_asked(kernels: str, lines: Lines) -> None:
    joined = re.compile("(ab|a|bba| )*")
    for line in lines(6, 5, 4, seed=5):
        truth = {text: math.log(p) for text, p in brute_force(line, "ab ").items() if joined.fullmatch(text)}
        found = unlimited("ab ", joined=True).decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth)


def test_joined_words_are_weighed_one_by_one(kernels: str, lines: Lines) -> None:
    options = {"joined": True, "mode": "ngrams", "corpus": CORPUS, "smoothing": SMOOTHING}
    for line in lines(3, 5, 3, seed=6):
        truth: dict[str, float] = {}
        for text, p in brute_force(line, "ab").items():
            for words in segmentations(text):
                # As between spaces: the last word does not count before something follows it.
                score = math.log(p) + word_score(" ".join(words), "ngrams")
                truth[text] = max(score, truth.get(text, -math.inf))
        found = unlimited("ab", beam_width=2_000, **options).decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth)


def segmentations(text: str) -> list[list[str]]:
    if not text:
        return [[]]
    first = [word for word in WORDS if text.startswith(word)]
    return [[word, *rest] for word in first for rest in segmentations(text.removeprefix(word))]


def test_scripts_without_spaces_are_joined_by_themselves() -> None:
    alphabet = "我们在学校花园家 "
    decoder = WordBeam(alphabet, lexicon=["我们", "在", "学校", "花园", "家"])
    for text in ("我们在学校", "花园在家", "我们 家"):
        assert decoder.decode(sure_line(text, alphabet))[0].text == text
    apart = WordBeam(alphabet, lexicon=["我们", "在"], joined=False)
    assert apart.decode(sure_line("我们在", alphabet))[0].text != "我们在"


def test_compounds_are_read_if_asked() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyzHT "
    line = sure_line("Haustor und Tor", alphabet, sure=0.9)
    words = ["Haus", "tor", "und", "Tor"]
    assert WordBeam(alphabet, lexicon=words, joined=True).decode(line)[0].text == "Haustor und Tor"
    assert WordBeam(alphabet, lexicon=words).decode(line)[0].text != "Haustor und Tor"


@pytest.mark.parametrize("mode", ["words", "ngrams", "forecast"])
def test_what_is_whole_is_not_completed_though_a_longer_word_begins_so(mode: Any) -> None:
    alphabet = "学校园"
    decoder = WordBeam(alphabet, lexicon=["学校", "学", "校园"], mode=mode)
    assert decoder.decode(sure_line("学校", alphabet))[0].text == "学校"
    assert decoder.decode(sure_line("学校校", alphabet))[0].text == "学校校园"


def test_words_that_cannot_reach_the_beam_are_not_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand that may begin in each of twenty frames, after each of twenty-five texts."""
    asked: list[int] = []

    def counted(*given: Any) -> float:
        asked.append(given[2])
        return words_probability(*given)

    monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", 10**9)
    monkeypatch.setattr("htrkit.decoders.kernel.words_probability", counted)
    alphabet = Alphabet("".join(map(chr, range(0x4E00, 0x4E00 + 1_000))))
    text = alphabet.characters[::100]
    decoder = WordBeam(alphabet, lexicon=[*alphabet.characters, text[:2]], mode="ngrams")
    assert decoder.decode(sure_line(text, alphabet, sure=0.6))[0].text == text
    assert len(asked) < 10_000


def test_endings_may_follow_figures_only(kernels: str, lines: Lines) -> None:
    allowed = re.compile("([1 ]|(?<![ab])ab(?![ab])|(?<=1)bb?(?![ab]))*")
    for line in lines(6, 5, 5, seed=8):
        truth = {text: math.log(p) for text, p in brute_force(line, "ab1 ").items() if allowed.fullmatch(text)}
        decoder = unlimited("ab1 ", lexicon=["ab"], endings=["b", "bb"], beam_width=1_000)
        found = decoder.decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth)


LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("mode", ["words", "ngrams"])
def test_ordinals_are_read_though_the_list_lacks_their_endings(mode: Any) -> None:
    alphabet = LETTERS + "0123456789 ,"
    decoder = WordBeam(alphabet, lexicon=["on", "the", "day", "d", "s", "May"], mode=mode)
    for text in ("on 2nd May", "the 3rd day", "21st May, 1st", "on the 4th, 5th", "the 2ND DAY"):
        assert decoder.decode(sure_line(text, alphabet))[0].text == text
    alone = decoder.decode(sure_line("on nd day", alphabet, sure=0.9))[0].text
    assert alone != "on nd day"
    french = WordBeam(alphabet, lexicon=["le", "mai"], endings=["er"])
    assert french.decode(sure_line("le 1er mai", alphabet))[0].text == "le 1er mai"


def test_an_unfinished_ending_is_not_whole() -> None:
    alphabet = "ndt2 "
    found = WordBeam(alphabet, lexicon=["t"], strict=True).decode(sure_line("2n", alphabet, sure=0.999), n_best=25)
    assert not any(one.text.endswith("n") for one in found)
    assert WordBeam(alphabet, lexicon=["t"]).decode(sure_line("2n", alphabet, sure=0.999))[0].text == "2n"


def test_small_letters_of_the_list_may_stand_in_capitals() -> None:
    alphabet = LETTERS + "' "
    words = ["the", "garden", "o'clock", "Kew", "McDonald"]
    decoder = WordBeam(alphabet, lexicon=words)
    for text in ("The garden", "THE GARDEN KEW", "O'clock", "the McDonald MCDONALD"):
        assert decoder.decode(sure_line(text, alphabet))[0].text == text
    for text in ("tHE", "kew", "Mcdonald"):
        assert decoder.decode(sure_line(text, alphabet, sure=0.9))[0].text != text
    small = WordBeam(alphabet, lexicon=words, capitals=False)
    assert small.decode(sure_line("The garden", alphabet, sure=0.9))[0].text == "the garden"


def test_accents_and_apostrophes_are_the_alphabets() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyzéà' "
    words = ["l\u2019été", "a\u0300", "e\u0301te\u0301"]
    decoder = WordBeam(alphabet, lexicon=words)
    for text in ("l'été", "à l'été", "été à"):
        assert decoder.decode(sure_line(text, alphabet))[0].text == text


def test_white_space_is_no_word_character() -> None:
    with pytest.raises(UsageError, match="white space"):
        WordBeam("abc ", lexicon=["a b"], word_characters="abc ")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"smoothing": 5.0}, "smoothing has no effect in the mode words"),
        ({"smoothing": 5.0, "corpus": "ab ab"}, "smoothing and corpus have no effect"),
        ({"seed": 3, "mode": "forecast"}, "seed has no effect"),
    ],
)
def test_options_without_effect_are_named(options: dict[str, Any], says: str) -> None:
    with pytest.warns(DecoderWarning, match=says):
        WordBeam("ab ", lexicon=["ab"], **options)


def test_options_with_effect_are_not(recwarn: pytest.WarningsRecorder) -> None:
    WordBeam("ab ", lexicon=["ab"], mode="ngrams", corpus="ab ab", smoothing=1.0)
    WordBeam("ab ", corpus="ab ab")
    WordBeam("ab ", corpus="ab ab", mode="forecast-sample", seed=3)
    assert not list(recwarn)


def test_it_can_be_handed_to_another_process(lines: Lines) -> None:
    decoder = WordBeam("ab ", lexicon=WORDS, corpus=CORPUS, mode="forecast", strict=True)
    drawn = lines(5, 20, 4)
    assert pickle.loads(pickle.dumps(decoder)).decode_batch(drawn, n_best=3) == decoder.decode_batch(drawn, n_best=3)


def test_no_allowed_text_is_possible() -> None:
    line = np.full((4, 5), -np.inf)
    line[[0, 1, 2, 3], [1, 0, 3, 2]] = 0.0  # "acb", and no word begins with ac
    found = WordBeam("abc ", lexicon=["ab"]).decode(line, n_best=3)
    assert found[0].text in ("a", "ab")
    assert found[0].score == -math.inf
    assert found[0].log_prob == -math.inf
    assert found[0].confidence == 0.0


def test_lexicons_by_path_words_and_text(tmp_path: Path) -> None:
    line = sure_line("of the", "efhot ", sure=0.9)
    plain, counted, packed = tmp_path / "plain.txt", tmp_path / "counted.txt", tmp_path / "packed.txt.gz"
    plain.write_text("of\nthe\n\nfoe\n", encoding="utf-8")
    counted.write_text("of\t20\nthe\t7\nfoe\t1\n", encoding="utf-8")
    packed.write_bytes(gzip.compress(b"of\nthe\nfoe\n"))
    for lexicon in (plain, str(plain), counted, packed, ["of", "the", "foe"], ("of", "the"), "of the foe"):
        assert WordBeam("efhot ", lexicon=lexicon).decode(line)[0].text == "of the"


def test_counts_of_the_lexicon_weigh_words_when_there_is_no_corpus(tmp_path: Path) -> None:
    line = np.log(np.array([[0.02, 0.5, 0.47, 0.01], [0.97, 0.01, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97]]))
    counted = tmp_path / "counted.txt"
    counted.write_text("a\t1\nb\t1000\n", encoding="utf-8")
    assert WordBeam("ab ", lexicon=counted, mode="words").decode(line)[0].text == "a "
    assert WordBeam("ab ", lexicon=counted, mode="ngrams").decode(line)[0].text == "b "
    assert WordBeam("ab ", lexicon=counted, corpus="a a a b", mode="ngrams").decode(line)[0].text == "a "


def test_word_characters_may_be_given() -> None:
    alphabet = "abc-'1 "
    line = sure_line("a-b c'a 1", alphabet)
    assert WordBeam(alphabet, lexicon=["a", "b", "c'a"]).decode(line)[0].text == "a-b c'a 1"
    hyphens = WordBeam(alphabet, lexicon=["a-b", "c", "a", "1"], word_characters="abc-1")
    assert hyphens.decode(line)[0].text == "a-b c'a 1"
    other = WordBeam(alphabet, lexicon=["a-c", "c", "a", "1"], word_characters="abc-1")
    assert other.decode(line)[0].text == "a-c c'a 1"


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"lexicon": "./absent.txt"}, UsageError, "absent"),
        ({"lexicon": ["xyz"]}, UsageError, "no word"),
        ({"lexicon": []}, UsageError, "no word"),
        ({"lexicon": ["ab"], "smoothing": -1.0}, UsageError, "smoothing"),
        ({"lexicon": ["ab"], "mode": "word"}, UsageError, "mode"),
        ({"lexicon": ["ab"], "beam_width": 0}, UsageError, "beam_width"),
        ({"lexicon": ["ab\tmany"]}, InputError, "count"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        WordBeam("ab ", **options)


def test_without_smoothing_what_was_never_seen_is_impossible(kernels: str) -> None:
    line = sure_line("b a ", "ab ", sure=0.8)
    assert WordBeam("ab ", lexicon=["a", "b"], corpus="a b a b", mode="ngrams").decode(line)[0].text == "b a "
    unsmoothed = WordBeam("ab ", lexicon=["a", "b"], corpus="b b b b", mode="ngrams", smoothing=0.0)
    assert unsmoothed.decode(line)[0].text == "b b "
