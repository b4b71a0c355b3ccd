"""The folder in which inputs are read: a tiny model, good lines, and the files of which bad ones are made."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from htrkit import host
from htrkit.cli.app import run
from htrkit.encoders.input import InputRule
from htrkit.resources import resource
from tests import tiny_model
from tests.strangers import declaring, install
from tests.synth import written

FAST = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where folders are best made: on a disk, making and removing one takes longer than reading the input in it."""
TEXTS = ("aab", "ab", "b", "ba")
DATA, PAGE = "lines", "page"
COMPARE = (
    "compare-decoders",
    DATA,
    "--model",
    "bars",
    "--cache",
    "compared",
    "--decoders",
    "best-path",
    "--resamples",
    "100",
)
TUNE = (
    "tune",
    DATA,
    "--model",
    "bars",
    "--cache",
    "tuned",
    "--decoder",
    "beam",
    "-o",
    "beam_width=1:9",
    "--trials",
    "2",
)
SYNTH = (
    "synth",
    "--out",
    "drawn",
    "--strokes",
    "strokes.npz",
    "--font",
    "blocks.ttf",
    "--text",
    "text.txt",
    "--count",
    "3",
)
IMPORT = (
    "import-model",
    "plain/encoder.onnx",
    "--alphabet",
    "labels.txt",
    "--sample",
    "good.png",
    "--text",
    "aab",
    "--out",
    "imported",
)
BIG_LEXICON = "cached.txt"
"""Large enough for its trie to be cached."""


def draw(folder: Path) -> None:
    """Draw it; it takes some seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    with inside(folder):
        steps = json.loads((resource("model", "open") / "model.json").read_bytes())["preprocess"]
        tiny_model.write(
            Path("bars"), rule=InputRule(height=32, width=None, frames_per_pixel=0.25), preprocess=tuple(steps)
        )
        tiny_model.write(Path("plain"), rule=InputRule(height=32, width=None, frames_per_pixel=0.25))
        for text in TEXTS:
            Path(DATA).mkdir(exist_ok=True)
            Image.fromarray(tiny_model.draw(text)).save(f"{DATA}/{text}.png")
            Path(f"{DATA}/{text}.gt.txt").write_text(f"{text}\n")
        Image.fromarray(tiny_model.draw("aab")).save("good.png")
        Image.fromarray(_page()).save("page.png")
        for place, page_format in ((PAGE, "page-xml"), ("alto", "alto")):
            Path(place).mkdir()
            shutil.copy("page.png", f"{place}/bars.png")
            written_as = (f"--format={page_format}", f"--output={place}")
            _made("recognize", f"{place}/bars.png", "--segmenter=ridges", "--model=plain", *written_as)
        Image.fromarray(_page()).save("bars.pdf", save_all=True, append_images=[Image.open("good.png")])
        Path("labels.txt").write_text("a\nb\n")
        written.write_font(Path("blocks.ttf"))
        written.write_strokes(Path("strokes.npz"), {"one": "a b", "two": "bab"})
        iam = Path("iam/lines/a01/a01-000/a01-000-00.png")
        iam.parent.mkdir(parents=True)
        iam.write_bytes(Path("good.png").read_bytes())
        Path("site").mkdir()
        install(Path("site"), "acme-htr", source=declaring("decoder", "acme"))
        words = sorted({bin(n)[3:].replace("0", "a").replace("1", "b") for n in range(2, 12_000)})
        Path("words.txt").write_text("".join(f"{word}\t{i % 7}\n" for i, word in enumerate(words[:200])))
        Path(BIG_LEXICON).write_text("".join(f"{word}\t1000000\n" for word in words[:5000]))
        Path("text.txt").write_text("\n".join(f"{a} {b} {a}" for a in words[1:40] for b in words[1:9]))
        _made(
            "recognize",
            *(f"{DATA}/{text}.png" for text in TEXTS),
            "--model",
            "plain",
            "--save-log-probs",
            "outputs.npz",
        )
        _made("lm", "build", "text.txt", "--out", "words.arpa")
        _made("lm", "build", "text.txt", "--out", "characters.npz", "--characters")
        _made("lm", "build", "text.txt", "--out", "characters.arpa", "--characters", "--order", "3")
        _made("decode", "outputs.npz", "--decoder", f"word-beam:lexicon={BIG_LEXICON}")
        _made(*SYNTH)
        with patch.object(Path, "unlink"):  # journals stay, as those of killed runs do
            _made(*COMPARE)
            _made(*TUNE)


def _page() -> NDArray[np.uint8]:
    """A page with four words, two on each line."""
    pixels = np.full((360, 640), 255, np.uint8)
    for number, text in enumerate(("badge", "cabbage", "decade", "facade")):
        place = (60 + 280 * (number % 2), 120 + 150 * (number // 2))
        cv2.putText(pixels, text, place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.5, 0, 2, cv2.LINE_AA)
    return pixels


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """The current folder, with htrkit's cache in it, and fonts that do not say when they were made."""
    environment = {"HTRKIT_CACHE": "cache", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "0"}
    with contextlib.chdir(folder), patch.dict(os.environ, environment):
        os.environ.pop("HTRKIT_PLUGINS", None)
        yield


@contextlib.contextmanager
def beside_plugin() -> Iterator[None]:
    """With the plugin in ``site`` installed."""
    host.plugins.cache_clear()
    with patch.object(sys, "path", ["site", *sys.path]):
        yield
    host.plugins.cache_clear()


def restore(scratch: Path, folder: Path) -> None:
    """Make ``scratch`` the copy of ``folder`` that it was: what has another size or time than there is laid anew."""
    found, wanted = _stamps(scratch), _stamps(folder)
    for path in sorted(found, reverse=True):
        if wanted.get(path) != found[path]:
            (scratch / path).unlink() if found[path] else (scratch / path).rmdir()
    for path in sorted(wanted):
        if wanted[path] != found.get(path):
            shutil.copy2(folder / path, scratch / path) if wanted[path] else (scratch / path).mkdir()


def _stamps(folder: Path) -> dict[str, tuple[int, ...]]:
    """The size and time of each file in a folder and below, by its path there; nothing for the folders."""
    found = dict[str, tuple[int, ...]]()
    for place, _, files in os.walk(folder):
        inside = os.path.relpath(place, folder)
        found[inside] = ()
        for file in files:
            stat = os.lstat(f"{place}/{file}")
            found[f"{inside}/{file}"] = stat.st_size, stat.st_mtime_ns
    return found


def _made(*arguments: str) -> None:
    code, _, err = command(arguments)
    if code:
        raise RuntimeError(f"htrkit {' '.join(arguments)} ends with {code}: {err}")


def command(arguments: Sequence[str], stdin: bytes = b"") -> tuple[int, str, str]:
    """The exit code of a command, run in this process, and what it says on standard output and standard error."""
    out, err, typed = (io.TextIOWrapper(io.BytesIO(content), "utf-8") for content in (b"", b"", stdin))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), patch("sys.stdin", typed):
        try:
            code = run(arguments)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode("utf-8", "surrogateescape"))  # type: ignore[attr-defined]
    return code, said[0], said[1]
