"""The model `ppocr`, through htrkit's plugin host, on lines drawn here."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from htrkit_rapidocr.recognizer import ppocr

from htrkit import Line, Recognizer, UsageError, plugins
from htrkit.testing import check_encoder


def line(text: str) -> Line:
    """A line of print."""
    pixels = np.full((64, 30 + 22 * len(text)), 235, np.uint8)
    cv2.putText(pixels, text, (15, 44), cv2.FONT_HERSHEY_DUPLEX, 1.1, 30, 2, cv2.LINE_AA)
    return Line(text, pixels)


@pytest.fixture(scope="module")
def latin() -> Recognizer:
    return Recognizer.load("ppocr:alphabet=latin", threads=1)


def test_it_reads_print(latin: Recognizer) -> None:
    for text in ("The garden of 1912", "word"):
        assert latin.read(line(text).pixels).text == text


def test_its_encoder_keeps_the_contract(latin: Recognizer) -> None:
    check_encoder(lambda: latin.encoder, n_labels=latin.model.alphabet.n_labels)


def test_characters_that_are_not_wanted_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "digits.txt").write_text("0123456789\n")
    from_file, listed = (
        Recognizer.load(f"ppocr:{option}", threads=1, preprocess=())
        for option in (f"alphabet={tmp_path / 'digits.txt'}", "characters=0123456789")
    )
    for digits in (from_file, listed):
        assert sorted(digits.model.alphabet.characters) == sorted(" 0123456789")
        (encoded,) = digits.encode([line("in 1912")])
        assert np.logaddexp.reduce(encoded.log_probs, axis=1) == pytest.approx(0.0, abs=1e-4)
        (result,) = digits.decode([encoded])
        assert result.text.endswith("1912")
        assert set(result.text) <= set(" 0123456789")


def test_alphabets_hold_what_their_names_say() -> None:
    whole, ascii_, latin, both = (
        ppocr(alphabet=names).alphabet.characters for names in (("all",), ("ascii",), ("latin",), ("latin", "greek"))
    )
    assert len(whole) == 18709
    assert "".join(sorted(ascii_)) == "".join(map(chr, range(32, 127)))
    assert set(ascii_) < set(latin) < set(both) < set(whole)
    assert set("éßſœ€—’") <= set(latin)
    assert not set("αβ語あ，。") & set(latin)
    assert set("αβ") <= set(both)
    assert set("語あア，。") <= set(ppocr(alphabet=("japanese",)).alphabet.characters)


def test_what_cannot_be_wanted_is_told() -> None:
    with pytest.raises(UsageError, match="alphabet is 'latein', but it must be a file or one of all, ascii, latin"):
        plugins.create("model", "ppocr", alphabet=["latein"])
    with pytest.raises(UsageError, match="none of the characters"):
        plugins.create("model", "ppocr", characters="ѣ")
    with pytest.raises(UsageError, match="no option 'alphabets'; did you mean 'alphabet'"):
        Recognizer.load("ppocr:alphabets=latin")
