"""The ONNX encoder on a network made for the purpose."""

import numpy as np
import pytest

from htrkit.encoders.input import InputRule
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import ModelError
from htrkit.types import Line
from tests import tiny_model

ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)


def best_path(log_probs):
    labels = log_probs.argmax(axis=1)
    return "".join("-ab"[label] for i, label in enumerate(labels) if label and (i == 0 or labels[i - 1] != label))


def test_every_line_gets_its_own_frames_in_order():
    encoder = OnnxEncoder(tiny_model.network(), tiny_model.RULE, 3, batch_size=2)
    texts = ["ab", "", "bba", "a", "abab"]
    encoded = encoder.encode([Line(text, tiny_model.draw(text)) for text in texts])
    assert [log_probs.shape for log_probs in encoded] == [(32, 3)] * 5
    assert [log_probs.dtype for log_probs in encoded] == [np.float32] * 5
    assert [best_path(log_probs) for log_probs in encoded] == texts


def test_no_lines_give_nothing():
    assert OnnxEncoder(tiny_model.network(), tiny_model.RULE, 3).encode([]) == []


def test_lines_of_any_width_are_read_as_if_alone():
    encoder = OnnxEncoder(tiny_model.network(width=None), ANY, 3, batch_size=3)
    rng = np.random.default_rng(0)
    lines = [Line(str(w), rng.integers(0, 256, (32, w), dtype=np.uint8)) for w in (40, 41, 64, 200, 17, 33, 64)]
    together = encoder.encode(lines)
    for line, log_probs in zip(lines, together, strict=True):
        assert len(log_probs) == line.pixels.shape[1] // 4
        np.testing.assert_array_equal(log_probs, encoder.encode([line])[0])


@pytest.mark.parametrize(
    ("content", "rule", "n_labels", "message"),
    [
        (b"no network", tiny_model.RULE, 3, "cannot be loaded"),
        (b"", tiny_model.RULE, 3, "cannot be loaded"),
        (tiny_model.network(), tiny_model.RULE, 4, "3 labels"),
        (tiny_model.network(), InputRule(64, 128, 0.25), 3, "32 x 128 x 1"),
        (tiny_model.network(), InputRule(32, 256, 0.25), 3, "32 x 128 x 1"),
        (tiny_model.network(), InputRule(32, 128, 0.5), 3, "32 frames"),
        (tiny_model.network(channels=3), tiny_model.RULE, 3, "x 3"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(content, rule, n_labels, message):
    with pytest.raises(ModelError, match=message):
        OnnxEncoder(content, rule, n_labels)
