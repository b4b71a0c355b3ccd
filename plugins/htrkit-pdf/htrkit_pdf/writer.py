"""The format `pdf`: a page's picture, and on it, invisible, each word where it stands."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from htrkit import Outline, Page, Result, Run
from htrkit.geometry import bounds, box, within

POINTS = 72.0
"""Units of a PDF in an inch."""
LONGEST = 14_400.0
"""Units on a side, more than which readers need not show."""
FARTHEST = 1e6
"""Pixels from the page's corner, beyond which no word stands."""
INVISIBLE = 3
"""The text rendering mode that draws nothing."""
GLYPH = 500
"""Width of every glyph, in thousandths of its height."""
CODES = 256
"""Characters that one simple font has room for."""
DESCENT = 0.2
"""The share of a word's box that lies below its base line."""


class Pdf:
    """A PDF that looks as the page does, and whose words can be searched, marked and copied, in reading order.

    Parameters
    ----------
    resolution
        Dots per inch of the picture, which says how large the page is on paper.
    quality
        Of the picture, 1 to 95, as JPEG knows it.

    Raises
    ------
    ValueError
        If the resolution or the quality cannot be.
    """

    suffix = ".pdf"

    def __init__(self, run: Run, *, resolution: int = 300, quality: int = 75) -> None:
        if not 1 <= resolution <= 10_000:
            raise ValueError(f"resolution is {resolution}; it must be 1 to 10,000")
        if not 1 <= quality <= 95:
            raise ValueError(f"quality is {quality}; it must be 1 to 95")
        self._run, self._resolution, self._quality = run, resolution, quality

    def __call__(self, results: Iterable[Result], page: Page) -> Iterator[bytes]:
        """The file of a page."""
        return self.book([(page, list(results))])

    def book(self, pages: Iterable[tuple[Page, Sequence[Result]]]) -> Iterator[bytes]:
        """One file of pages."""
        with pikepdf.new() as document:
            segmenters: dict[str, None] = {}
            for page, results in pages:
                self._add(document, page, results)
                segmenters[page.segmenter] = None
            document.docinfo["/Producer"] = f"htrkit {version('htrkit')}"
            made_by = f"model {self._run.model}; decoder {self._run.decoder}"
            document.docinfo["/Creator"] = made_by + "".join(f"; segmenter {name}" for name in segmenters if name)
            data = io.BytesIO()
            document.save(data, deterministic_id=True)
        yield data.getvalue()

    def _add(self, document: pikepdf.Pdf, page: Page, results: Sequence[Result]) -> None:
        rows, columns = page.pixels.shape
        scale = min(POINTS / self._resolution, LONGEST / max(rows, columns))
        width, height = columns * scale, rows * scale
        fonts = _Fonts(document)
        words = [_word(fonts, *word, rows, scale) for result in results for word in _words(result, page)]
        drawn = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Picture Do Q BT {INVISIBLE} Tr {' '.join(words)} ET"
        sheet = document.add_blank_page(page_size=(width, height))
        sheet.Contents = document.make_stream(drawn.encode("ascii"))
        sheet.Resources = Dictionary(XObject=Dictionary(Picture=_picture(document, page, self._quality)))
        sheet.Resources.Font = fonts.resources()


def _words(result: Result, page: Page) -> Iterator[tuple[str, Outline]]:
    """The words of a line with their boxes; the line as one word where nothing says where its words stand."""
    best = result.hypotheses[0]
    if best.words and all(word.outline for word in best.words):
        yield from ((f"{word.text} ", word.outline) for word in best.words)
    elif best.text:
        yield f"{best.text} ", _box(result.place.polygon if result.place else (), page)


def _box(polygon: Outline, page: Page) -> Outline:
    """The corners of an upright box around a polygon, or of the page."""
    rows, columns = page.pixels.shape
    return box(*bounds(within(polygon, columns, rows) or ((0.0, 0.0), (columns, rows))))


def _word(fonts: _Fonts, text: str, outline: Outline, rows: int, scale: float) -> str:
    """What shows a word in its box: the box's axes are those of the text."""
    corners = np.array(outline, float)[:4]
    if not (np.abs(corners) < FARTHEST).all():  # nor is NaN
        return ""
    corners[:, 1] = rows - corners[:, 1]  # upwards, as PDF counts
    upper_left, upper_right, _, lower_left = corners * scale
    up, along = upper_left - lower_left, upper_right - upper_left
    along = along / ((len(text) - 1 or 1) * GLYPH / 1000)  # the space behind the word stands outside its box
    numbers = " ".join(f"{number:.4f}" for number in (*along, *up, *(lower_left + DESCENT * up)))
    return " ".join([f"{numbers} Tm", *fonts.shown(text)])


class _Fonts:
    """Fonts of empty glyphs, for whatever characters a page has: each tells which character it stands for.

    Source: ISO 32000-1, 9.6.5 (Type 3 fonts) and 9.10.3 (ToUnicode).
    """

    def __init__(self, document: pikepdf.Pdf) -> None:
        self._document = document
        self._codes: dict[str, int] = {}

    def shown(self, text: str) -> Iterator[str]:
        """Operators that show a text, one for each run of characters of one font."""
        codes = [self._codes.setdefault(character, len(self._codes)) for character in text]
        run: list[int] = []
        for code, following in zip(codes, [*codes[1:], -1], strict=True):
            run.append(code % CODES)
            if following < 0 or following // CODES != code // CODES:
                yield f"/F{code // CODES} 1 Tf <{bytes(run).hex()}> Tj"
                run = []

    def resources(self) -> Dictionary:
        """The fonts, by name."""
        characters = list(self._codes)
        parts = [characters[start : start + CODES] for start in range(0, len(characters), CODES)]
        return Dictionary({f"/F{number}": self._font(part) for number, part in enumerate(parts)})

    def _font(self, characters: list[str]) -> pikepdf.Object:
        names = [Name(f"/g{code}") for code in range(len(characters))]
        below, above = round(-1000 * DESCENT), round(1000 * (1.0 - DESCENT))
        # its box is told: PDFium finds no turned text whose glyphs have no height
        empty = self._document.make_indirect(
            self._document.make_stream(f"{GLYPH} 0 0 {below} {GLYPH} {above} d1".encode())
        )
        return self._document.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type3,
                FontBBox=Array([0, below, GLYPH, above]),
                FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
                FirstChar=0,
                LastChar=len(characters) - 1,
                Widths=Array([GLYPH] * len(characters)),
                CharProcs=Dictionary({str(name): empty for name in names}),
                Encoding=Dictionary(Type=Name.Encoding, Differences=Array([0, *names])),
                Resources=Dictionary(),
                ToUnicode=self._document.make_stream(_to_unicode(characters)),
            )
        )


def _to_unicode(characters: list[str]) -> bytes:
    """A CMap from codes of one byte to characters, at most 100 in a block, as its grammar asks."""
    pairs = [f"<{code:02x}> <{one.encode('utf-16-be').hex()}>" for code, one in enumerate(characters)]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /Characters def /CMapType 2 def",
        "1 begincodespacerange <00> <ff> endcodespacerange",
        *(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(lines).encode("ascii")


def _picture(document: pikepdf.Pdf, page: Page, quality: int) -> pikepdf.Object:
    rows, columns = page.pixels.shape
    data = io.BytesIO()
    Image.fromarray(page.pixels).save(data, "JPEG", quality=quality)
    return document.make_stream(
        data.getvalue(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=columns,
        Height=rows,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
