"""The model `ppocr`: PP-OCRv6's recogniser, with the characters that a user wants."""

from __future__ import annotations

import unicodedata
from importlib.util import find_spec
from pathlib import Path

import onnxruntime

from htrkit import Alphabet, UsageError
from htrkit.decoders import text_lines
from htrkit.encoders.input import InputRule
from htrkit.files import file_digest
from htrkit.model import Model

NETWORK = "PP-OCRv6_rec_small.onnx"
ALL = "all"
SCRIPTS: dict[str, tuple[str, ...]] = {
    "ascii": (),
    "latin": ("LATIN ",),
    "greek": ("GREEK ",),
    "chinese": ("CJK ", "IDEOGRAPHIC ", "FULLWIDTH "),
    "japanese": ("CJK ", "IDEOGRAPHIC ", "FULLWIDTH ", "HIRAGANA ", "KATAKANA", "HALFWIDTH KATAKANA"),
}
"""How the Unicode names of each script's characters begin; ASCII belongs to all of them."""
WESTERN = range(0xA0, 0x2E80)
"""Where the punctuation and signs of money stand that are no one's script's."""
STEPS = ("border", "invert", "contrast", "deskew", "deslant", "crop")
ENCODER = f"onnx:network={NETWORK},layout=NCHW,channels=3,ink=-1,paper=1,beside=0,values=probabilities,batch_size=1"


def ppocr(*, alphabet: tuple[str, ...] = (ALL,), characters: str = "", stretch: float = 1.25) -> Model:
    """PP-OCRv6's recogniser, which knows print and handwriting in dozens of languages.

    The network comes with the package rapidocr. Characters that are not wanted are left out before a decoder sees them,
    and their probability is shared out among the others; the space always stays.

    Parameters
    ----------
    alphabet
        The scripts that are wanted, ``ascii``, ``latin``, ``greek``, ``chinese``, ``japanese``, or ``all``; or a text
        file with the characters.
    characters
        The characters themselves, instead of an alphabet.
    stretch
        How much wider lines are made than their aspect, which helps with narrow handwriting; 1 is rapidocr's way.

    Raises
    ------
    UsageError
        If there is no such script or file, or the network knows none of the characters.

    Notes
    -----
    Source: PaddleOCR 3.x, PP-OCRv6. Grey values, height and padding are rapidocr's, the steps that clean are htrkit's.
    """
    folder = _folder()
    known = network_characters(folder / NETWORK)
    wanted = set(characters) or set[str]().union(*(_wanted(name, known) for name in alphabet))
    kept = [label for label, character in enumerate(known, start=1) if character in wanted or character == " "]
    if len(kept) < 2:
        raise UsageError("the network knows none of the characters that are wanted")
    encoder = f"{ENCODER},stretch={stretch:g}"
    if len(kept) < len(known):
        encoder += f",labels={','.join(map(str, kept))}"
    return Model(
        folder=folder,
        name="ppocr",
        alphabet=Alphabet("".join(known[label - 1] for label in kept)),
        input_rule=InputRule(height=48, width=None, frames_per_pixel=0.125),
        encoder=encoder,
        preprocess=STEPS,
        decoder="best-path",
        architecture="",
        architecture_options={},
        checksums={NETWORK: file_digest(folder / NETWORK)},
    )


def network_characters(network: Path) -> str:
    """The characters of the network's labels 1, 2 …, which it names itself, but for the space, the last."""
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(network, settings, providers=["CPUExecutionProvider"])
    return "".join(session.get_modelmeta().custom_metadata_map["character"].splitlines()) + " "


def _folder() -> Path:
    """Where rapidocr keeps its networks; it is not imported, which takes a second."""
    found = find_spec("rapidocr")
    folder = Path(found.origin or "").parent / "models" if found else Path()
    if not (folder / NETWORK).is_file():
        raise UsageError(f"the package rapidocr has no {NETWORK}: this plugin reads with that of rapidocr 3.10")
    return folder


def _wanted(name: str, known: str) -> set[str]:
    """The characters of a script, or in a file."""
    if name == ALL:
        return set(known)
    if name in SCRIPTS:
        return {character for character in known if _belongs(character, SCRIPTS[name])}
    if not Path(name).is_file():
        raise UsageError(f"alphabet is {name!r}, but it must be a file or one of {ALL}, {', '.join(SCRIPTS)}")
    return set[str]().union(*text_lines(Path(name)))


def _belongs(character: str, beginnings: tuple[str, ...]) -> bool:
    if character.isascii() or unicodedata.name(character, "").startswith(beginnings):
        return True
    category = unicodedata.category(character)
    return bool(beginnings) and ord(character) in WESTERN and (category.startswith("P") or category == "Sc")
