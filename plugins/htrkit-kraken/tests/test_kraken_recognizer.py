"""The model `kraken` with a small network made here; kraken and torch are not among what htrkit's tests need."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

kraken = pytest.importorskip("kraken", reason="kraken is not installed: pip install ./plugins/htrkit-kraken")
recognizer = pytest.importorskip("htrkit_kraken.recognizer", reason="pip install ./plugins/htrkit-kraken")

from htrkit import InputError, Line, Recognizer, UsageError  # noqa: E402
from htrkit.testing import check_encoder  # noqa: E402

CHARACTERS = "abcdef "


def line(text: str = "a bed") -> Line:
    pixels = np.full((60, 260), 235, np.uint8)
    cv2.putText(pixels, text, (15, 40), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.2, 40, 2, cv2.LINE_AA)
    return Line(text, pixels)


def network(codec: dict[str, list[int]]) -> Any:
    """A network without training: what it reads is noise, but kraken and htrkit have to read the same."""
    import torch
    from kraken.lib.vgsl import TorchVGSLModel

    torch.set_num_threads(1)
    torch.manual_seed(1)
    labels = max(label for one in codec.values() for label in one) + 1
    made = TorchVGSLModel(vgsl=f"[1,32,0,1 Cr3,3,4,2,2 S1(1x0)1,3 Lbx6 O1c{labels}]", codec=codec)
    for parameter in made.parameters():
        parameter.data.mul_(5)
    made.model_type, made.seg_type = ["recognition"], "baselines"
    return made


@pytest.fixture(scope="module", params=["net.safetensors", "net.mlmodel"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kraken.models.writers import write_coreml, write_safetensors

    path = tmp_path_factory.mktemp("kraken") / str(request.param)
    made = network({character: [label] for label, character in enumerate(CHARACTERS, start=1)})
    (write_coreml if path.suffix == ".mlmodel" else write_safetensors)([made], path)
    return path


def test_it_reads_what_kraken_reads(file: Path) -> None:
    from kraken.configs import RecognitionInferenceConfig
    from kraken.containers import BaselineLine, Segmentation
    from kraken.tasks import RecognitionTaskModel
    from PIL import Image

    shown = line()
    height, width = shown.pixels.shape
    whole = [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)]
    one = BaselineLine("x", baseline=[(0, 40), (width - 1, 40)], boundary=whole)
    page = Segmentation("baselines", "x.png", "horizontal-lr", False, lines=[one])
    task = RecognitionTaskModel.load_model(file)
    here: dict[str, Any] = {"accelerator": "cpu", "num_threads": 1, "num_line_workers": 0}  # forked ones may hang
    settings = RecognitionInferenceConfig(**here, bidi_reordering=False, return_logits=True)
    (record,) = task.predict(Image.fromarray(shown.pixels), page, settings)
    cut = np.ascontiguousarray(shown.pixels)
    found = Recognizer.load(f"kraken:file={file}", threads=1).read(cut)
    assert record.prediction
    assert found.text == record.prediction


def test_its_encoder_keeps_the_contract(file: Path) -> None:
    loaded = Recognizer.load(f"kraken:file={file}", threads=1)
    assert loaded.model.name == "net"
    assert loaded.model.alphabet.characters == CHARACTERS
    check_encoder(lambda: loaded.encoder, n_labels=len(CHARACTERS) + 1)


def test_every_decoder_reads_with_it(file: Path) -> None:
    for decoder in ("beam", "word-beam", "prefix"):
        (found,) = Recognizer.load(f"kraken:file={file}", decoder=decoder, threads=1).recognize([line()])
        assert set(found.text) <= set(CHARACTERS)


def test_labels_of_several_characters_are_left_out_and_named(tmp_path: Path) -> None:
    from kraken.models.writers import write_safetensors

    write_safetensors([network({"a": [1], "qu": [2], "b": [3], "e\u0301": [4]})], tmp_path / "net.safetensors")
    with pytest.warns(UserWarning, match="1 labels of several characters are left out: 'qu'"):
        model = recognizer.kraken_model(file=tmp_path / "net.safetensors")
    assert model.alphabet.characters == "abé"


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.mlmodel").write_bytes(b"no model")
    with pytest.raises(InputError, match=r"no\.mlmodel: kraken cannot read it"):
        Recognizer.load(f"kraken:file={tmp_path / 'no.mlmodel'}")
    with pytest.raises(InputError, match="no such file"):
        Recognizer.load(f"kraken:file={tmp_path / 'missing.mlmodel'}")
    with pytest.raises(UsageError, match="needs the option file"):
        Recognizer.load("kraken")
