"""What TensorBoard is given to draw."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from htrkit.errors import UsageError
from htrkit.training.tensorboard import Logs

ROW = {"epoch": 3, "loss": 1.5, "valid_cer": 0.125, "valid_wer": 0.5, "valid_exact": 0.25, "seconds": 61.2}


def written(folder: Path) -> Iterator[tuple[int, Any]]:
    """(step, value) of all that is in the event files: records of length, checksum, event, checksum."""
    from tensorboardX.proto.event_pb2 import Event

    for path in sorted(folder.glob("events.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            event = Event.FromString(content[12 : 12 + length])
            yield from ((event.step, value) for value in event.summary.value)
            content = content[16 + length :]


def test_the_figures_the_lines_and_the_readings_of_an_epoch_are_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="logs for TensorBoard need tensorboardX")
    logs = Logs(tmp_path, steps=10, done=20)
    logs.step(2.5)
    logs.epoch(ROW, 1e-3, [(np.ones((8, 20), np.float32), "a|b", "ab"), (np.zeros((8, 30), np.float32), "c", "c")])
    logs.close()
    values = list(written(tmp_path))
    scalars = {value.tag: (step, value.simple_value) for step, value in values if value.HasField("simple_value")}
    assert scalars == {
        "train/loss_so_far": (21, 2.5),
        "train/loss": (30, 1.5),
        "train/learning_rate": (30, pytest.approx(1e-3)),
        "valid/CER": (30, 0.125),
        "valid/WER": (30, 0.5),
        "valid/exact": (30, 0.25),
    }
    (image,) = [value.image for _, value in values if value.HasField("image")]
    assert (image.height, image.width) == (24, 30)
    (text,) = [value.tensor.string_val[0].decode() for _, value in values if value.tensor.string_val]
    assert "| a\\|b | ab |" in text


def test_the_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(UsageError, match="--tensorboard needs tensorboardX: pip install tensorboardX tensorboard"):
        Logs(tmp_path, steps=1, done=0)
