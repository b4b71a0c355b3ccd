"""The model ppocr, with htrkit's decoders, against RapidOCR itself: the same network on the same lines.

python -m benchmarks.ppocr TABLE [TABLE …] [--every 10] [--model ppocr:alphabet=ascii] [--decoder SPEC …]

RapidOCR scales, reads and decodes the lines in its own way, with what it is unsure of kept. Needs htrkit-rapidocr.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
from rapidocr import RapidOCR

from htrkit.evaluation.figures.metrics import Errors, line_errors
from htrkit.readers import open_samples
from htrkit.recognizer import Recognizer
from htrkit.spec import Spec
from htrkit.types import Encoded, Result, Sample

DECODERS = (
    "best-path",
    "word-beam",
    "beam-lm",
    "beam:language_model=english-characters",
    "beam:language_model=english-characters,language_model_weight=0.8,beam_width=50",
    "beam:language_model=english-characters,language_model_weight=0.8,beam_width=50,character_bonus=3",
)


def main() -> None:
    """A table for each file of samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, nargs="+", help="tables of lines, as `htrkit evaluate` reads them")
    parser.add_argument("--every", type=int, default=1, help="read one line in so many")
    parser.add_argument("--model", default="ppocr:alphabet=ascii")
    parser.add_argument("--decoder", action="append", help="instead of the usual ones; may be repeated")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    recognizer = Recognizer.load(given.model, threads=given.threads)
    for table in given.tables:
        samples = list(islice(open_samples([table]), 0, None, given.every))
        print(f"\n{table.parent.name}/{table.name}, {len(samples)} lines\n")
        print("| decoder | CER | WER | characters wrong | words wrong |\n|---|---|---|---|---|", flush=True)
        theirs = errors(samples, rapidocr_texts(samples, given.threads))
        show("RapidOCR itself", theirs, theirs)
        encoded = list(recognizer.encode(sample.line for sample in samples))
        for written in given.decoder or DECODERS:
            recognizer.decoder = Spec.parse("decoder", written).create(recognizer.model.alphabet)
            show(f"`{written}`", errors(samples, texts(recognizer, encoded)), theirs)


def rapidocr_texts(samples: Sequence[Sample], threads: int) -> Iterator[str]:
    """What RapidOCR's recogniser reads on each line."""
    settings = {"Global.log_level": "critical", "Global.text_score": 0.0}
    engine = RapidOCR(params={**settings, "EngineConfig.onnxruntime.intra_op_num_threads": threads})
    for sample in samples:
        colour = cv2.cvtColor(sample.line.pixels, cv2.COLOR_GRAY2BGR)
        found = engine(colour, use_det=False, use_cls=False, use_rec=True)
        yield "".join(getattr(found, "txts", None) or ())


def texts(recognizer: Recognizer, encoded: Sequence[object]) -> Iterator[str]:
    """What the recogniser's decoder reads; nothing where a line failed."""
    for found in recognizer.decode((one for one in encoded if isinstance(one, Encoded)), words=False):
        yield found.text if isinstance(found, Result) else ""


def errors(samples: Sequence[Sample], read: Iterator[str]) -> Errors:
    """All lines' errors together."""
    return Errors.of(line_errors(sample.text, text) for sample, text in zip(samples, read, strict=True))


def show(name: str, ours: Errors, theirs: Errors) -> None:
    """A row: rates, and how many characters and words are wrong, against RapidOCR's."""
    counts = ((ours.character_errors, theirs.character_errors), (ours.word_errors, theirs.word_errors))
    changes = " | ".join(f"{count:,} ({count / max(1, before) - 1:+.0%})" for count, before in counts)
    print(f"| {name} | {ours.cer:.1%} | {ours.wer:.1%} | {changes} |", flush=True)


if __name__ == "__main__":
    main()
