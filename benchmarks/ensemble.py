"""Whether two models read a line better together than the better one alone, by their texts weighed under both.

python -m benchmarks.ensemble TABLE [--models latin-script ppocr:alphabet=ascii] [--every 10] [--n-best 30]

Each model proposes its n best texts, found with the same character language model. Every text is weighed by what both
networks give it exactly, ln P summed over all alignments, and by the language model. The weights stand in the table.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from htrkit import ctc
from htrkit.decoders.beam import Beam
from htrkit.evaluation.figures.metrics import Errors, line_errors
from htrkit.readers import open_samples
from htrkit.recognizer import Recognizer
from htrkit.types import Encoded

LANGUAGE_MODEL, WEIGHT = "english-characters", 0.6
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0)
WEIGHTS = (0.5, 0.6, 0.7, 0.8, 0.9)
IMPOSSIBLE = -1e3


@dataclass(frozen=True)
class Proposal:
    """A text with ln P under each network, and under the language model."""

    text: str
    networks: tuple[float, float]
    language: float


def main() -> None:
    """A table: error rates by the second model's share and by the weight of the language model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="a table of lines, as `htrkit evaluate` reads it")
    parser.add_argument("--models", nargs=2, default=["latin-script", "ppocr:alphabet=ascii"])
    parser.add_argument("--every", type=int, default=1, help="read one line in so many")
    parser.add_argument("--n-best", type=int, default=30)
    given = parser.parse_args()
    samples = list(islice(open_samples([given.table]), 0, None, given.every))
    readers = [Recognizer.load(name, threads=1) for name in given.models]
    beams = [
        Beam(one.model.alphabet, beam_width=50, language_model=LANGUAGE_MODEL, language_model_weight=WEIGHT)
        for one in readers
    ]
    encoded = zip(*(reader.encode(sample.line for sample in samples) for reader in readers), strict=True)
    lines = []
    for sample, pair in zip(samples, encoded, strict=True):
        outputs = [one for one in pair if isinstance(one, Encoded)]
        if len(outputs) == len(readers):
            lines.append((sample.text, proposals(readers, beams, outputs, given.n_best)))
    print(f"{given.table.name}, {len(lines)} lines, {' and '.join(given.models)}: CER / WER in %\n")
    print("| share of the second | " + " | ".join(f"language model {weight}" for weight in WEIGHTS) + " |")
    print("|---" * (1 + len(WEIGHTS)) + "|")
    for share in SHARES:
        cells = [read_with(lines, share, weight) for weight in WEIGHTS]
        print(f"| {share} | " + " | ".join(f"{100 * one.cer:.2f} / {100 * one.wer:.2f}" for one in cells) + " |")


def proposals(readers: list[Recognizer], beams: list[Beam], outputs: list[Encoded], n_best: int) -> list[Proposal]:
    """The texts that both models propose."""
    language = {}
    for beam, output in zip(beams, outputs, strict=True):
        for found in beam.decode(output.log_probs, n_best=n_best):
            language[found.text] = (found.score - (found.log_prob or 0.0)) / WEIGHT
    under = [exact(reader, output, list(language)) for reader, output in zip(readers, outputs, strict=True)]
    return [Proposal(text, (under[0][text], under[1][text]), given) for text, given in language.items()]


def exact(reader: Recognizer, output: Encoded, texts: list[str]) -> dict[str, float]:
    """ln P of each text under a network, a large negative number where it cannot spell it."""
    alphabet = reader.model.alphabet
    spelt = [text for text in texts if not alphabet.unknown(text)]
    found = ctc.log_prob_batch(output.log_probs, [alphabet.encode(text) for text in spelt]) if spelt else []
    return dict.fromkeys(texts, IMPOSSIBLE) | {
        text: max(log_prob, IMPOSSIBLE) for text, log_prob in zip(spelt, found, strict=True)
    }


def read_with(lines: list[tuple[str, list[Proposal]]], share: float, weight: float) -> Errors:
    """All lines' errors where the best text is taken."""

    def total(one: Proposal) -> float:
        return (1 - share) * one.networks[0] + share * one.networks[1] + weight * one.language

    return Errors.of(line_errors(truth, max(found, key=total).text) for truth, found in lines)


if __name__ == "__main__":
    main()
