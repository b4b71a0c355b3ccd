"""The ONNX encoder on networks made for the purpose, htrkit's kind and others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import htrkit
from htrkit.alphabet import Alphabet
from htrkit.encoders import onnx
from htrkit.encoders.input import InputRule
from htrkit.encoders.onnx import OnnxEncoder
from htrkit.errors import ModelError, PluginError
from htrkit.files import file_digest
from htrkit.model import NETWORK
from htrkit.spec import Spec
from htrkit.testing import check_encoder
from htrkit.types import Line, LogProbs
from tests import tiny_model
from tests.encoders import foreign

ANY = InputRule(height=32, width=None, frames_per_pixel=0.25)
TEXTS = ["ab", "", "bba", "a", "abab"]


def best_path(log_probs: LogProbs) -> str:
    labels = log_probs.argmax(axis=1)
    return "".join("-ab"[label] for i, label in enumerate(labels) if label and (i == 0 or labels[i - 1] != label))


def encoder(folder: Path, content: bytes | None = None, rule: InputRule = tiny_model.RULE, **options: Any) -> Any:
    model = tiny_model.write(folder, content=content, rule=rule)
    return Spec("encoder", "onnx", options).create(model, 2)


def bars(texts: list[str] = TEXTS, width: int = 128) -> list[Line]:
    return [Line(text, tiny_model.draw(text, width=width)) for text in texts]


def test_every_line_gets_its_own_frames_in_order(tmp_path: Path) -> None:
    encoded = encoder(tmp_path, batch_size=2).encode(bars())
    assert [log_probs.shape for log_probs in encoded] == [(32, 3)] * 5
    assert [log_probs.dtype for log_probs in encoded] == [np.float32] * 5
    assert [best_path(log_probs) for log_probs in encoded] == TEXTS


@pytest.mark.parametrize("rule", [tiny_model.RULE, ANY])
def test_it_keeps_to_the_contract(tmp_path: Path, rule: InputRule) -> None:
    check_encoder(lambda: encoder(tmp_path, rule=rule), n_labels=3)


def test_lines_of_any_width_are_read_as_if_alone(tmp_path: Path) -> None:
    made = encoder(tmp_path, rule=ANY, batch_size=3)
    rng = np.random.default_rng(0)
    lines = [Line(str(w), rng.integers(0, 256, (32, w), dtype=np.uint8)) for w in (40, 41, 64, 200, 17, 33, 64)]
    for line, log_probs in zip(lines, made.encode(lines), strict=True):
        assert len(log_probs) == line.pixels.shape[1] // 4
        np.testing.assert_array_equal(log_probs, made.encode([line])[0])


@pytest.mark.parametrize(
    ("content", "rule", "message"),
    [
        (b"no network", tiny_model.RULE, "cannot be loaded"),
        (b"", tiny_model.RULE, "cannot be loaded"),
        (tiny_model.network(), InputRule(64, 128, 0.25), "32 x 128 x 1"),
        (tiny_model.network(), InputRule(32, 256, 0.25), "32 x 128 x 1"),
        (tiny_model.network(), InputRule(32, 128, 0.5), "32 frames"),
        (tiny_model.network(channels=3), tiny_model.RULE, "x 3"),
        (foreign.network(lines=4), tiny_model.RULE, "fails on a line"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(tmp_path: Path, content: bytes, rule: InputRule, message: str) -> None:
    with pytest.raises(ModelError, match=message) as refusal:
        encoder(tmp_path, content, rule)
    assert str(tmp_path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_network_of_other_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="3 labels, the alphabet needs 4"):
        OnnxEncoder(replace(tiny_model.write(tmp_path), alphabet=Alphabet("abc")), 1)


@pytest.mark.parametrize("frames_per_pixel", [0.5, 0.125, 0.26, 0.24, 1e-300])
def test_frames_that_the_network_does_not_give_are_refused_before_anything_is_read(
    tmp_path: Path, frames_per_pixel: float
) -> None:
    with pytest.raises(ModelError, match=r"gives 64 frames for 256 columns, model\.json says"):
        encoder(tmp_path, rule=replace(ANY, frames_per_pixel=frames_per_pixel))


def test_a_difference_that_shows_on_long_lines_alone_is_refused_there(tmp_path: Path) -> None:
    made = encoder(tmp_path, rule=replace(ANY, frames_per_pixel=0.247))
    assert len(made.encode(bars(["ab"]))) == 1
    with pytest.raises(ModelError, match="gives 512 frames"):
        made.encode(bars(["ab"], width=2048))


@pytest.mark.parametrize(
    "options",
    [
        {"layout": "NCHW"},
        {"layout": "NWHC"},
        {"layout": "NCWH"},
        {"layout": "NHW"},
        {"layout": "NWH"},
        {"channels": 3},
        {"ink": (-1.0,), "paper": (1.0,)},
        {"ink": (0.0,), "paper": (255.0,)},
        {"channels": 3, "layout": "NCHW", "ink": (-2.0, -1.5, -1.0), "paper": (2.0, 2.5, 3.0)},
        {"output_layout": "TNC"},
        {"output_layout": "NCT"},
        {"values": "logits"},
        {"values": "probabilities"},
        {"blank": "last"},
        {
            "layout": "NCHW",
            "ink": (-1.0,),
            "paper": (1.0,),
            "output_layout": "TNC",
            "values": "logits",
            "blank": "last",
        },
    ],
)
def test_a_network_of_another_form_is_read_as_htrkits_own(tmp_path: Path, options: dict[str, Any]) -> None:
    own = encoder(tmp_path / "own").encode(bars())
    other = encoder(tmp_path / "other", foreign.network(**options), **options).encode(bars())
    for mine, theirs in zip(own, other, strict=True):
        np.testing.assert_allclose(np.exp(mine), np.exp(theirs), atol=1e-5)


def test_a_model_file_says_its_networks_form(tmp_path: Path) -> None:
    content = foreign.network(channels=3, layout="NCHW", ink=(0, 0, 0), paper=(1, 2, 3), values="logits", blank="last")
    written = "onnx:channels=3,layout=NCHW,ink=0,paper=1,2,3,values=logits,blank=last"
    model = tiny_model.write(tmp_path, content=content, encoder=written)
    results = htrkit.Recognizer.load(model.folder).recognize(bars())
    assert [result.text for result in results] == TEXTS


def test_logits_and_probabilities_are_not_taken_for_their_logarithms(tmp_path: Path) -> None:
    for values in ("logits", "probabilities"):
        with pytest.raises(ModelError, match="does not give log-probs"):
            encoder(tmp_path, foreign.network(values=values))


def test_values_for_other_channels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="option ink has 2 values for 3 channels"):
        encoder(tmp_path, foreign.network(channels=3), channels=3, ink=(1.0, 0.5))


def test_a_narrow_line_stands_where_the_network_was_taught_to_find_it(tmp_path: Path) -> None:
    narrow = bars(["ab"], width=32)
    centred, left = (encoder(tmp_path, align=align).encode(narrow)[0].argmax(axis=1) for align in ("centre", "left"))
    assert centred.tolist() == [0] * 12 + [1, 1, 0, 0, 2, 2, 0, 0] + [0] * 12
    assert left.tolist() == [1, 1, 0, 0, 2, 2, 0, 0] + [0] * 24


@pytest.mark.parametrize(("align", "width"), [("fill", 32), ("fill", 300), ("left", 64)])
def test_lines_may_be_made_wider_than_their_aspect(tmp_path: Path, align: str, width: int) -> None:
    """Either as wide as the input, or by a factor; the edges of frames follow."""
    narrow = Line("ab", np.ascontiguousarray(np.repeat(np.array([[0, 255, 150, 255]], np.uint8), 32, axis=0)))
    line = Line("ab", np.repeat(narrow.pixels, width // 4, axis=1))
    made = encoder(tmp_path, align=align, stretch=2.0 if align == "left" else 1.0)
    assert best_path(made.encode([line])[0]) == "ab"
    assert made.frame_edges(line)[[0, 16, 32]] == pytest.approx([0, width / 2, width])


def test_labels_that_are_not_wanted_are_left_out(tmp_path: Path) -> None:
    whole, kept = encoder(tmp_path / "whole"), replace(tiny_model.write(tmp_path / "b"), alphabet=Alphabet("b"))
    probabilities = np.exp(whole.encode(bars(["ab"]))[0])[:, [0, 2]]
    for values, blank, columns in (("logits", "first", (2,)), ("probabilities", "last", (1,))):
        model = tiny_model.write(tmp_path / values, content=foreign.network(values=values, blank=blank))
        sliced = OnnxEncoder(replace(model, alphabet=kept.alphabet), 1, values=values, blank=blank, labels=columns)
        found = np.exp(sliced.encode(bars(["ab"]))[0])
        np.testing.assert_allclose(found, probabilities / probabilities.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("labels", [(1,), (1, 1), (0, 1), (1, 3), (-1, 1)])
def test_labels_that_do_not_fit_are_refused(tmp_path: Path, labels: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="labels must name 2 of the network's 3 labels"):
        encoder(tmp_path, labels=labels)


def test_the_network_may_have_another_name(tmp_path: Path) -> None:
    model = tiny_model.write(tmp_path)
    (tmp_path / NETWORK).rename(tmp_path / "bars.onnx")
    model = replace(model, checksums={"bars.onnx": model.checksums[NETWORK]})
    assert best_path(OnnxEncoder(model, 1, network="bars.onnx").encode(bars(["ab"]))[0]) == "ab"


def test_beside_a_line_stands_what_the_network_was_taught_with(tmp_path: Path) -> None:
    read = encoder(tmp_path, align="left", beside=1.0).encode(bars(["ab"], width=32))[0].argmax(axis=1)
    assert read.tolist() == [1, 1, 0, 0, 2, 2, 0, 0] + [1] * 24


def test_one_of_several_outputs_is_named(tmp_path: Path) -> None:
    content = foreign.network(further_output=True)
    assert best_path(encoder(tmp_path, content, output="frames").encode(bars(["ab"]))[0]) == "ab"
    with pytest.raises(ModelError, match="outputs frames, mean: its encoder's option output must name one"):
        encoder(tmp_path, content)
    with pytest.raises(ModelError, match="there is no 'logits'"):
        encoder(tmp_path, content, output="logits")


def test_a_network_of_one_line_at_a_time_gets_one_line_at_a_time(tmp_path: Path) -> None:
    encoded = encoder(tmp_path, foreign.network(lines=1)).encode(bars())
    assert [best_path(log_probs) for log_probs in encoded] == TEXTS


class TestWeightsInOtherFiles:
    @pytest.mark.parametrize("where", ["absolute", "above", "folder", "working directory"])
    def test_a_file_that_the_model_does_not_list_is_not_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        for folder in (tmp_path, tmp_path / "model"):
            folder.mkdir(exist_ok=True)
            (folder / "weights.bin").write_bytes(foreign.WEIGHTS)
        locations = {"absolute": str(tmp_path / "weights.bin"), "above": "../weights.bin"}
        with pytest.raises(ModelError, match=r"weights\.bin.* is not among the files in model\.json"):
            encoder(tmp_path / "model", foreign.with_weights_in(locations.get(where, "weights.bin")))

    def test_a_file_that_the_model_lists_is_read_if_it_is_unaltered(self, tmp_path: Path) -> None:
        model = tiny_model.write(tmp_path, content=foreign.with_weights_in("weights.bin"))
        weights = tmp_path / "weights.bin"
        weights.write_bytes(foreign.WEIGHTS)
        model = replace(model, checksums={name: file_digest(tmp_path / name) for name in (NETWORK, "weights.bin")})
        assert best_path(OnnxEncoder(model, 1).encode(bars(["ab"]))[0]) == "ab"
        weights.write_bytes(bytes(len(foreign.WEIGHTS)))
        with pytest.raises(ModelError, match="altered"):
            OnnxEncoder(model, 1)


def test_a_network_without_end_is_stopped_and_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = encoder(tmp_path, foreign.with_loop(above=0.9))
    assert [best_path(log_probs) for log_probs in made.encode(bars())] == TEXTS
    monkeypatch.setattr(onnx, "SECONDS_A_LINE", 0.2)
    with pytest.raises(PluginError, match=r"^took longer than 0\.2 s a line, and was stopped$"):
        made.encode([Line("black", np.zeros((32, 128), np.uint8))])
    monkeypatch.setattr(onnx, "SECONDS_A_LINE", 1e6)
    with pytest.raises(PluginError, match="and was stopped"):
        made.encode(bars())


def test_networks_share_half_of_the_memory(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r": the network fails on a line: needed too much memory$"):
        encoder(tmp_path, foreign.with_constant(1 << 40))
