"""Lines read word by word with a network that knows words only."""

from itertools import islice

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit import Recognizer
from htrkit.alphabet import Alphabet
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.encoders.wordwise import WordwiseEncoder, words
from htrkit.errors import ModelError, UsageError
from htrkit.testing import check_encoder
from htrkit.types import Line
from tests import tiny_model
from tests.encoders import foreign

ALPHABET = Alphabet("ab ")


class BlackOrGrey:
    """A network of one frame, with the label of black (1) or of grey (2)."""

    def encode(self, lines):
        frames = []
        for line in lines:
            row = np.full((1, 4), -20.0, np.float32)
            row[0, 1 if np.median(line.pixels[line.pixels < 200]) < 100 else 2] = 0.0
            frames.append(row)
        return frames


def written(text, *, gap=40, letter_gap=5, slant=0.0):
    """A line of upright bars, black or grey, with gaps for spaces."""
    columns = []
    for word in text.split(" "):
        for character in word:
            bar = np.full((30, 10), 255, np.uint8)
            bar[5:25] = {"a": 0, "b": 120}[character]
            columns += [bar, np.full((30, letter_gap), 255, np.uint8)]
        columns.append(np.full((30, gap), 255, np.uint8))
    pixels = np.hstack(columns)
    shear = np.array([[1.0, -slant, 15 * slant], [0.0, 1.0, 0.0]])
    return cv2.warpAffine(pixels, shear, pixels.shape[::-1], borderValue=255)


@pytest.mark.parametrize("slant", [0.0, 0.3])
@pytest.mark.parametrize("text", ["aaa bbb aa bbb aaaa", "a bb aaaaaa bbbb a", "aaaaaa bbbbbb aaaaaa"])
def test_a_line_is_cut_at_its_spaces_and_joined_by_them(text, slant):
    pixels = written(text, slant=slant)
    pieces, spaces = words(Line("x", pixels))
    assert len(pieces) == text.count(" ") + 1
    assert min(spaces) > 0.5
    log_probs = WordwiseEncoder(BlackOrGrey(), ALPHABET).encode([Line("x", pixels)])[0]
    expected = [1 if word[0] == "a" else 2 for word in text.split()]
    read = log_probs.argmax(axis=1).tolist()
    assert read[::2] == expected
    assert set(read[1::2]) == {3}
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1.0, atol=1e-5)


def test_it_keeps_to_the_contract(tmp_path):
    written = tiny_model.write(tmp_path)
    check_encoder(lambda: WordwiseEncoder(OnnxEncoder(written, 1), Alphabet(" a")), n_labels=3)


def test_a_model_names_it_with_the_encoder_of_its_words(tmp_path):
    content = foreign.network(blank="last")
    model = tiny_model.write(
        tmp_path, content=content, alphabet=Alphabet("a "), encoder="wordwise:encoder=onnx;blank=last"
    )
    encoder = Recognizer.load(model.folder).encoder
    assert isinstance(encoder, WordwiseEncoder)
    assert encoder.encode([Line("x", tiny_model.draw("a"))])[0].argmax(axis=1)[:3].tolist() == [1, 1, 0]
    tiny_model.write(tmp_path, encoder="wordwise")
    with pytest.raises(ModelError, match="its alphabet has no space"):
        Recognizer.load(tmp_path)
    tiny_model.write(tmp_path, alphabet=Alphabet("a "), encoder="wordwise:encoder=nothing")
    with pytest.raises(UsageError, match="no encoder named 'nothing'"):
        Recognizer.load(tmp_path)


def test_a_word_image_goes_to_the_network_as_it_is(tmp_path):
    pixels = tiny_model.draw("ab")
    network = OnnxEncoder(tiny_model.write(tmp_path), 1)
    encoded = WordwiseEncoder(network, ALPHABET).encode([Line("x", pixels)])
    np.testing.assert_array_equal(encoded[0], network.encode([Line("x", pixels)])[0])


def test_lines_and_words_mixed_keep_their_order():
    lines = [Line("0", written("aaa bbb aaa bbb")), Line("1", written("b")), Line("2", written("aaaa bbbb aaaa"))]
    encoded = WordwiseEncoder(BlackOrGrey(), ALPHABET).encode(lines)
    assert [len(log_probs) for log_probs in encoded] == [7, 1, 5]
    assert WordwiseEncoder(BlackOrGrey(), ALPHABET).encode([]) == []


@given(st.integers(1, 40), st.integers(1, 400), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_any_image_is_cut_into_at_least_one_piece(height, width, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.choice(np.array([0, 255], np.uint8), (height, width), p=[0.1, 0.9])
    pieces, spaces = words(Line("x", pixels))
    assert len(pieces) == len(spaces) + 1
    assert all(piece.pixels.size for piece in pieces)
    assert all(0.0 <= space <= 1.0 for space in spaces)


def test_real_lines_are_cut_about_where_their_spaces_are(shared_data):
    from htrkit.preprocess.steps import build_steps
    from htrkit.readers import open_samples

    steps = build_steps(["invert", "contrast", "crop"])
    off = spaces = 0
    for sample in islice(open_samples([shared_data / "iam-lines" / "valid.tsv"]), 0, 300, 4):
        line = sample.line
        for step in steps:
            line = step(line)
        off += abs(len(words(line)[0]) - len(sample.text.split()))
        spaces += len(sample.text.split())
    assert off / spaces < 0.15
