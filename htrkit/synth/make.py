"""A folder of drawn lines: images and the table that training reads, whole after every step and resumable."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from htrkit.errors import HtrkitError, InputError, UsageError
from htrkit.files import whole
from htrkit.synth.fonts import Font, find_fonts, write_line
from htrkit.synth.look import photographed, restroked, scaled, slanted
from htrkit.synth.phrases import Phrases
from htrkit.synth.strokes import StrokeFile, draw_strokes
from htrkit.texts import lines, lines_of
from htrkit.types import Pixels

TABLE, SETTINGS = "table.tsv", "synth.json"
HEADER = "image\ttext\tsource\n"
# Images between two writings of the table: what a kill costs at most.
STEP = 200
PER_FOLDER = 1000
# Texts that are tried for a font before it is given up: most fonts lack a few characters.
TRIES = 50


@dataclass(frozen=True, slots=True)
class SynthSettings:
    """What to draw.

    Attributes
    ----------
    count
        Lines in the end.
    fonts, texts
        Font files or folders, and text files to take words from; both or neither.
    strokes
        Files of pen strokes, which bring their own texts.
    stroke_share
        Share of the lines drawn from strokes, where there are both strokes and fonts.
    without
        Beginnings of the names of stroke lines to leave out.
    height
        Of the images, in pixels.
    """

    count: int
    fonts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    strokes: tuple[str, ...] = ()
    stroke_share: float = 0.5
    without: tuple[str, ...] = ()
    height: int = 96
    seed: int = 1

    def __post_init__(self) -> None:
        if bool(self.fonts) != bool(self.texts):
            raise UsageError("fonts need a text to write, and a text needs fonts: give both --font and --text")
        if not self.fonts and not self.strokes:
            raise UsageError("there is nothing to draw with: give --font and --text, or --strokes")
        if self.count < 1 or not 16 <= self.height <= 512:
            raise UsageError("count must be at least 1, and height between 16 and 512")
        if not 0.0 <= self.stroke_share <= 1.0:
            raise UsageError(f"the share of strokes must lie between 0 and 1, not {self.stroke_share}")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line."""

    pixels: Pixels
    text: str
    source: str


class Drawer:
    """Draws line number so and so; what it looks like depends on the seed and the number alone.

    Raises
    ------
    InputError, UsageError
        If a font, a text or strokes cannot be read.
    """

    def __init__(self, settings: SynthSettings) -> None:
        self.settings = settings
        self.fonts = find_fonts([Path(path) for path in settings.fonts])
        texts = lines_of([Path(path) for path in settings.texts])
        self.phrases = Phrases(texts, lambda character: any(font.covers(character) for font in self.fonts))
        self.strokes = [StrokeFile(Path(path), settings.without) for path in settings.strokes]
        if self.fonts and not self.phrases:
            why = self.phrases.left_out or "there is no word"
            raise InputError(f"nothing in {', '.join(settings.texts)} can be drawn: {why}")
        if self.phrases.left_out:
            warnings.warn(self.phrases.left_out, stacklevel=2)

    def draw(self, number: int) -> Drawn:
        """Line ``number``, counted from 0."""
        rng = np.random.default_rng((self.settings.seed, number))
        if self.strokes and (not self.fonts or rng.random() < self.settings.stroke_share):
            return self._from_strokes(rng)
        return self._from_font(rng)

    def _from_strokes(self, rng: np.random.Generator) -> Drawn:
        sizes = [len(strokes) for strokes in self.strokes]
        file = self.strokes[int(rng.choice(len(sizes), p=[size / sum(sizes) for size in sizes]))]
        line = file[int(rng.integers(len(file)))]
        ink = scaled(draw_strokes(line, rng), self.settings.height)
        return Drawn(photographed(ink, rng), line.text, f"strokes {line.name}")

    def _from_font(self, rng: np.random.Generator) -> Drawn:
        text, font = self.text_and_font(rng)
        ink = restroked(write_line(text, font, rng), rng)
        ink = scaled(slanted(ink, rng), self.settings.height)
        return Drawn(photographed(ink, rng), text, f"font {font.path.stem}")

    def text_and_font(self, rng: np.random.Generator) -> tuple[str, Font]:
        """Some words, and a font that has their characters."""
        for _ in range(TRIES):
            text, font = self.phrases.draw(rng), self.fonts[int(rng.integers(len(self.fonts)))]
            if font.covers(text):
                return text, font
        raise InputError(f"the fonts lack characters of the texts; {font.path} for instance cannot write: {text}")

    def text_for(self, font: Font, rng: np.random.Generator) -> str:
        """Some words that a font has the characters of; those that it has of some words, if it lacks most."""
        for _ in range(TRIES):
            text = self.phrases.draw(rng)
            if font.covers(text):
                return text
        return "".join(character for character in text if font.covers(character)) or "o"


def make(settings: SynthSettings, out: Path, tick: Callable[[int], None]) -> Path:
    """Draw the lines into ``out`` and give the path of their table; go on where an earlier call was stopped.

    ``tick`` is told how many lines there are, first of all those that are there already.

    Raises
    ------
    UsageError
        If ``out`` holds lines drawn with other settings.
    HtrkitError
        If an image or the table cannot be written.
    """
    table = out / TABLE
    try:
        claim(out, asdict(settings))
        rows = [f"{row}\n" for row in lines(table)][1:] if table.exists() else []
        drawer = Drawer(settings)
        tick(len(rows))
        while len(rows) < settings.count:
            for number in range(len(rows), min(len(rows) + STEP, settings.count)):
                drawn = drawer.draw(number)
                name = f"{number // PER_FOLDER:04}/{number:07}.png"
                (out / name).parent.mkdir(exist_ok=True)
                Image.fromarray(drawn.pixels).save(out / name)  # not yet in the table: half a file is drawn again
                rows.append(f"{name}\t{drawn.text}\t{drawn.source}\n")
                tick(len(rows))
            _write(table, HEADER + "".join(rows))
    except OSError as error:
        raise HtrkitError(f"cannot write into {out}: {error.strerror or error}; run it again to go on") from error
    return table


def claim(out: Path, settings: Mapping[str, object]) -> None:
    """Make the folder for what is drawn with settings, or see that it holds what was drawn with the same.

    Raises
    ------
    UsageError
        If it holds anything else.
    """
    said = json.loads(json.dumps(settings))
    path = out / SETTINGS
    out.mkdir(parents=True, exist_ok=True)
    if path.exists():
        try:
            before = dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise InputError(f"{path} is damaged ({error}): choose another folder") from error
        other = [key for key in {**said, **before} if key != "count" and said.get(key) != before.get(key)]
        if other:
            raise UsageError(f"{out} holds what was drawn with another {', '.join(other)}: name another folder")
    elif any(out.iterdir()):
        raise UsageError(f"{out} is not empty, and not from htrkit synth: name another folder")
    _write(path, json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
