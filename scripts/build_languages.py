"""Build what `plugins/htrkit-languages` ships: a character model and a word list for each of four languages.

    python scripts/build_languages.py french german spanish italian --novels NOVELS

NOVELS holds clones of ELTeC-fra, -deu, -spa and -ita of https://github.com/COST-ELTeC, whose texts are in the
public domain. The models want KenLM's ``lmplz`` on the PATH.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from build_english import broken, estimated, save_characters
from lxml import etree

from htrkit.language_models.counts import characters_of
from htrkit.lexicons import words_in

TEI = "{http://www.tei-c.org/ns/1.0}"
FOLDER = Path(__file__).resolve().parent.parent / "plugins" / "htrkit-languages" / "htrkit_languages" / "novels"
# As people write by hand; the dashes of dialogues stand between spaces.
PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "―": "-", "…": "...", "\u00ad": ""}
)
KNOWN_FROM = 3
"""A word that the novels hold less often is as often a slip, or a name."""
RARE_CHARACTER = 20
"""Lines with a character that occurs less often, Greek or a printer's ornament, are left out."""
PRUNED = ("0", "0", "0", "4", "8", "12")
"""N-grams of each order that occur no more often are left out: what is left is as small as the English model."""


class Language(StrEnum):
    """What there are novels of."""

    french = "french"
    german = "german"
    spanish = "spanish"
    italian = "italian"


COLLECTIONS = {"french": "fra", "german": "deu", "spanish": "spa", "italian": "ita"}


def paragraphs(collection: Path) -> Iterator[str]:
    """The text of novels in TEI, a paragraph or verse each, in plain quotes and dashes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    for path in sorted(collection.glob("level1/*.xml")):
        for body in etree.parse(path, parser).iter(f"{TEI}body"):
            for element in body.iter(f"{TEI}p", f"{TEI}l"):
                text = unicodedata.normalize("NFC", " ".join("".join(element.itertext()).split()))
                if text:
                    yield text.translate(PLAIN)


def written(collection: Path) -> list[str]:
    """The paragraphs that a writer of the language could have written."""
    texts = list(paragraphs(collection))
    counts = Counter(character for text in texts for character in text)
    rare = {character for character, count in counts.items() if count < RARE_CHARACTER}
    return [text for text in texts if rare.isdisjoint(text)]


def build_characters(texts: list[str], path: Path) -> None:
    """A character 6-gram, from text broken into lines as a writer would."""
    lines = (characters_of(line) for line in broken(texts))
    save_characters(estimated(lines, "-o", "6", "--prune", *PRUNED), path)


def build_words(texts: list[str], path: Path) -> None:
    """The words, with how often they occur, in the capitals in which they occur."""
    counts = Counter(word for text in texts for word in words_in(text))
    words = sorted(word for word, count in counts.items() if count >= KNOWN_FROM)
    path.write_text("".join(f"{word}\t{counts[word]}\n" for word in words), encoding="utf-8")
    print(f"{path}: {len(words):,} words, {path.stat().st_size / 1e6:.1f} MB")


def main(
    languages: list[Language],
    novels: Annotated[Path, typer.Option(help="The folder with the clones.")],
) -> None:
    """Build what is named."""
    for language in languages:
        texts = written(novels / f"ELTeC-{COLLECTIONS[language]}")
        print(f"{language}: {sum(len(text.split()) for text in texts):,} words of novels")
        build_characters(texts, FOLDER / f"{language}-characters-6gram.npz")
        build_words(texts, FOLDER / f"{language}-words.txt")


if __name__ == "__main__":
    typer.run(main)
