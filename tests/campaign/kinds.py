"""The kinds of input that strangers hand to htrkit: one table of what is mutated, how, and which command reads it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from htrkit.foreign import SECONDS
from tests.campaign.drawn import image
from tests.campaign.ground import BIG_LEXICON, COMPARE, DATA, IMPORT, PAGE, SYNTH, TUNE

ARGUMENT = "{}"
"""In a command: the input's own text."""
STDIN = "-"
PLAIN = ("--model", "plain")
STARTS_PROCESSES = {"share": 0.05, "seconds": 60.0}
DECODE = ("decode", "outputs.npz", "--decoder")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of input.

    Attributes
    ----------
    name
        Unlike every other's.
    place
        The file that is mutated, or a pattern of them, in the folder that `ground.draw` drew.
    command
        What reads it.
    forms
        Of `mutations.MUTATIONS`.
    draw
        A good input; by default the file that lies there.
    beside
        What stands on standard output whatever becomes of the input.
    share
        How often it is tried, against the others.
    seconds
        In which it has to be read.
    plugin
        Whether it is of a plugin, so that plugins are looked for anew.
    seal
        Makes what belongs to the input fit it, in the folder.
    """

    name: str
    place: str
    command: tuple[str, ...]
    forms: tuple[str, ...]
    draw: Callable[[Random], bytes] | None = None
    beside: str = ""
    share: float = 1.0
    seconds: float = 5.0
    plugin: bool = False
    seal: Callable[[Path], None] = lambda folder: None


def kinds() -> list[Kind]:
    """All of them."""
    return [
        *(*_images(), *_pages(), *_outputs(), *_data(), *_words(), *_models(), *_kept(), *_written(), *_drawing()),
        *_plugins(),
    ]


def _images() -> list[Kind]:
    suffixes = {"PNG": "png", "JPEG": "jpg", "TIFF": "tif", "WEBP": "webp", "BMP": "bmp", "GIF": "gif", "PPM": "ppm"}
    more = {"PNG": ("png", "png"), "PPM": ("text",)}
    return [
        Kind(
            f"{name} image",
            f"bad.{suffixes.get(name, 'jp2')}",
            ("recognize", f"bad.{suffixes.get(name, 'jp2')}", "good.png", "--model", "bars"),
            ("bytes", "bytes", "size", *more.get(name, ())),
            partial(image, image_format=name),
            beside="good.png\t",
            share=2.0,
        )
        for name in ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000")
    ]


def _pages() -> list[Kind]:
    xml = {"PAGE": f"{PAGE}/bars.xml", "ALTO": "alto/bars.xml"}
    return [
        *(
            Kind(
                f"{name} file",
                file,
                ("recognize", file, "good.png", "--model", "bars"),
                ("xml", "xml", "xml", "text", "bytes"),
                beside="good.png\t",
            )
            for name, file in xml.items()
        ),
        Kind(
            "PAGE file to measure by",
            xml["PAGE"],
            ("evaluate", PAGE, *PLAIN, "--resamples", "100"),
            ("xml", "xml", "text", "bytes"),
        ),
        Kind(
            "picture of a PAGE file",
            f"{PAGE}/bars.png",
            ("recognize", xml["PAGE"], "good.png", "--model", "bars"),
            ("bytes", "size", "png"),
            beside="good.png\t",
        ),
        Kind("page to segment", "page.png", ("segment", "page.png"), ("bytes", "size", "png")),
        Kind(
            "PDF",
            "bars.pdf",
            ("recognize", "bars.pdf", "good.png", "--model", "bars"),
            ("bytes", "bytes", "text"),
            beside="good.png\t",
        ),
    ]


def _outputs() -> list[Kind]:
    decoders = ("best-path", "beam", "prefix", "word-beam:lexicon=words.txt", "lexicon:lexicon=words.txt")
    return [
        Kind(
            f"outputs for {decoder}", "outputs.npz", (*DECODE, decoder, "--n-best", "3"), ("bytes", "arrays", "arrays")
        )
        for decoder in (*decoders, "token-passing:lexicon=words.txt", "beam-lm:language_model=words.arpa")
    ]


def _data() -> list[Kind]:
    measure = (*PLAIN, "--resamples", "100")
    rows = [("image", "text", "writer", "x0", "y0", "x1", "y1")]
    rows += [
        (f"{DATA}/{text}.png", text, "me", *box) for text in ("aab", "ab", "b") for box in (("",) * 4, tuple("0899"))
    ]
    table = "\n".join("\t".join(row) for row in rows).encode() + b"\n"
    listed = b"# IAM\na01-000-00 ok 154 19 408 746 1661 89 a|ab\na01-000-01 err 154 19 408 746 1661 89 a\n"
    return [
        Kind("TSV table", "t.tsv", ("evaluate", "t.tsv", *measure), ("text", "bytes"), lambda rng: table),
        Kind(
            "CSV table",
            "t.csv",
            ("evaluate", "t.csv", *measure, "--by", "writer"),
            ("text", "bytes"),
            lambda rng: table.replace(b"\t", rng.choice((b",", b";"))),
        ),
        Kind("folder with texts", f"{DATA}/aab.gt.txt", ("evaluate", DATA, *measure), ("text", "bytes")),
        Kind("IAM list", "iam/lines.txt", ("evaluate", "iam", *measure), ("text", "bytes"), lambda rng: listed),
        Kind(
            "list of paths",
            STDIN,
            ("recognize", "-", *PLAIN),
            ("text", "bytes"),
            lambda rng: b"good.png\nlines/ab.png\n",
        ),
    ]


def _words() -> list[Kind]:
    packings: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        ".gz": partial(gzip.compress, mtime=0),
        ".xz": lzma.compress,
        ".bz2": bz2.compress,
    }
    words = "".join(f"{'ab' * (i % 5)}{'ba' * (i % 3)}a\t{i}\n" for i in range(30)).encode()
    readers: dict[str, Callable[[str], tuple[str, ...]]] = {
        "word-beam": lambda file: (*DECODE, f"word-beam:lexicon={file},mode=ngrams"),
        "word-beam, as a corpus": lambda file: (*DECODE, f"word-beam:corpus={file},mode=forecast"),
        "token-passing": lambda file: (*DECODE, f"token-passing:lexicon={file}"),
        "lexicon": lambda file: (*DECODE, f"lexicon:lexicon={file}"),
        "lexicon build": lambda file: ("lexicon", "build", file, "--out", "built.txt", "--counts"),
        "lm build": lambda file: ("lm", "build", file, "--out", "built.arpa"),
        "lm build --characters": lambda file: ("lm", "build", file, "--out", "built.npz", "--characters"),
    }
    return [
        Kind(
            f"words{suffix} for {reader}",
            f"w{suffix}",
            command(f"w{suffix}"),
            ("text", "bytes", *([suffix[1:]] * 2 if suffix else ())),
            partial(_packed, pack=pack, content=words),
            share=0.3,
        )
        for suffix, pack in packings.items()
        for reader, command in readers.items()
    ]


def _packed(rng: Random, pack: Callable[[bytes], bytes], content: bytes) -> bytes:
    return pack(content)


def _models() -> list[Kind]:
    read = ("recognize", "good.png", *PLAIN)
    tried: dict[str, Any] = {"share": 3.0, "seconds": SECONDS + 10.0}  # in a process of their own first
    return [
        Kind("model description", "plain/model.json", read, ("json", "json", "json", "text", "bytes"), **tried),
        Kind("network", "plain/encoder.onnx", read, ("bytes", "text"), seal=_seal_network, **tried),
        Kind("network to import", "plain/encoder.onnx", IMPORT, ("bytes", "text"), **tried | {"share": 0.5}),
        Kind("labels to import", "labels.txt", IMPORT, ("text", "bytes"), **tried | {"share": 0.5}),
        Kind("character model", "characters.npz", (*DECODE, "beam:language_model=characters.npz"), ("arrays", "bytes")),
        Kind(
            "character ARPA",
            "characters.arpa",
            (*DECODE, "beam:language_model=characters.arpa"),
            ("text", "text", "bytes"),
        ),
        Kind("word ARPA", "words.arpa", (*DECODE, "beam-lm:language_model=words.arpa"), ("text", "text", "bytes")),
    ]


def _seal_network(folder: Path) -> None:
    """The description says that this is the network."""
    description = folder / "plain" / "model.json"
    described = json.loads(description.read_bytes())
    described["sha256"]["encoder.onnx"] = hashlib.sha256((folder / "plain" / "encoder.onnx").read_bytes()).hexdigest()
    description.write_text(json.dumps(described))


def _kept() -> list[Kind]:
    cached = (*DECODE, f"word-beam:lexicon={BIG_LEXICON}")
    return [
        Kind("cached network output", "compared/log-probs/*/*.npy", COMPARE, ("bytes", "text")),
        Kind("cached trie", "cache/tries/*.npz", cached, ("bytes", "arrays"), beside="\t", share=0.5),
        Kind(
            "journal of a comparison", "compared/runs/*.jsonl", COMPARE, ("json", "text", "bytes"), **STARTS_PROCESSES
        ),
        Kind("journal of tuning", "tuned/runs/*.jsonl", TUNE, ("json", "text", "bytes"), **STARTS_PROCESSES),
        Kind("settings of synth", "drawn/synth.json", SYNTH, ("json", "text", "bytes"), share=0.3),
        Kind("table of synth", "drawn/table.tsv", SYNTH, ("text", "bytes"), share=0.3),
    ]


def _written() -> list[Kind]:
    """What people write on the command line."""
    read = ("recognize", "good.png", *PLAIN)
    texts: dict[str, tuple[tuple[str, ...], Sequence[str]]] = {
        "decoder": (
            (*DECODE, ARGUMENT),
            (
                "beam:beam_width=5",
                "word-beam:lexicon=words.txt,mode=ngrams,smoothing=0.1",
                "prefix",
                "allowed:characters=a",
            ),
        ),
        "decoder's option": ((*DECODE, "beam", "-o", ARGUMENT), ("beam_width=5", "language_model_weight=0.5")),
        "preprocess": (
            (*read, "--preprocess", ARGUMENT),
            ("crop:margin=0.1,deskew,contrast", "sauvola", "deslant", "invert,otsu", "none"),
        ),
        "format": ((*DECODE, "best-path", "--format", ARGUMENT), ("txt", "jsonl:spans=true", "jsonl")),
        "model": (("recognize", "good.png", "--model", ARGUMENT), ("plain", "./bars", "open", "iam")),
        "reader": (
            ("evaluate", DATA, *PLAIN, "--resamples", "100", "--reader", ARGUMENT),
            ("folder", "iam:level=lines"),
        ),
        "ignore": (
            ("evaluate", DATA, *PLAIN, "--resamples", "100", "--ignore", ARGUMENT),
            ("case,spaces", "punctuation"),
        ),
        "prune": (("lm", "build", "words.txt", "--out", "b.arpa", "--prune", ARGUMENT), ("0,0,1", "0")),
        "range": ((*TUNE[:-4], "--trials", "1", "-o", ARGUMENT), ("beam_width=1:9:log", "language_model_weight=0:2")),
        "path": (("recognize", ARGUMENT, "good.png", *PLAIN), ("good.png", "lines/*.png", "nowhere.png")),
    }
    return [
        Kind(
            f"written {name}",
            ARGUMENT,
            command,
            ("text",),
            partial(_one_of, texts=examples),
            **(STARTS_PROCESSES if name == "range" else {}),
        )
        for name, (command, examples) in texts.items()
    ]


def _one_of(rng: Random, texts: Sequence[str]) -> bytes:
    return rng.choice(texts).encode()


def _drawing() -> list[Kind]:
    out = ("--count", "2", "--out", "anew")
    return [
        Kind("strokes", "strokes.npz", ("synth", "--strokes", "strokes.npz", *out), ("arrays", "bytes")),
        Kind("font", "blocks.ttf", ("synth", "--font", "blocks.ttf", "--text", "text.txt", *out), ("bytes",)),
    ]


def _plugins() -> list[Kind]:
    read = (*DECODE, "best-path")
    return [
        Kind(
            f"plugin's {file}", f"site/acme_htr-0.3.dist-info/{file}", read, ("text", "bytes"), beside="\t", plugin=True
        )
        for file in ("entry_points.txt", "METADATA")
    ]
