"""Network outputs kept by ``recognize``, decoded again without images or network."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from tests import tiny_model
from tests.drawing import save
from tests.strangers import declaring, htrkit, install


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model of bars, and three images."""
    tiny_model.write(tmp_path / "model")
    for text in ("ab", "bba", "a"):
        save(tmp_path / "scans" / f"{text}.png", tiny_model.draw(text))
    return tmp_path


def test_what_was_recognized_is_decoded_again(desk: Path) -> None:
    read = htrkit("recognize", "scans", "--model", "model", "--save-log-probs", "out.npz", cwd=desk)
    assert read.code == 0
    for name in ("scans/ab.png", "scans/bba.png", "scans/a.png"):
        (desk / name).unlink()
    decoded = htrkit("decode", "out.npz", cwd=desk)
    assert (decoded.code, decoded.out) == (0, read.out)
    beam = htrkit("decode", "out.npz", "--decoder", "beam", "-o", "beam_width=5", "--format", "jsonl", cwd=desk)
    assert beam.code == 0
    assert [line.split('"text": ')[1][:5] for line in beam.out.splitlines()] == ['"a", ', '"ab",', '"bba"']


def test_one_line_prints_its_text_alone(desk: Path) -> None:
    assert htrkit("recognize", "scans/ab.png", "--model", "model", "--save-log-probs", "x.npz", cwd=desk).out == "ab\n"
    assert htrkit("decode", "x.npz", cwd=desk).out == "ab\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nothing.npz"], 1, "nothing.npz: no such file"),
        (["scans/ab.png"], 1, "is no .npz file of network outputs"),
        (["empty.npz"], 1, "empty.npz holds no line"),
        (["nothing.npz", "--decoder", "beem"], 2, "no decoder named 'beem'; did you mean 'beam'?"),
        (["nothing.npz", "-o", "width=3"], 2, "has no option"),
    ],
)
def test_what_cannot_be_decoded_is_said(desk: Path, arguments: list[str], code: int, said: str) -> None:
    np.savez(
        desk / "empty.npz", alphabet="ab", ids=np.zeros(0, str), offsets=[0], log_probs=np.zeros((0, 3), np.float32)
    )
    run = htrkit("decode", *arguments, cwd=desk)
    assert (run.code, run.out) == (code, "")
    assert said in run.err
    assert "Traceback" not in run.err


MOODY = """
from htrkit.decoders.best_path import BestPath

class Moody:
    def __init__(self, alphabet):
        self.inner = BestPath(alphabet)

    def decode(self, log_probs, *, n_best=1):
        found = self.inner.decode(log_probs)
        if found[0].text == "bba":
            raise KeyError("bba")
        return found
"""


def test_a_line_on_which_a_decoder_fails_is_named_and_the_others_are_read(desk: Path) -> None:
    install(desk, "acme-htr", source=MOODY + dedent(declaring("decoder", "moody", "acme_htr:Moody")))
    read = htrkit(
        "recognize", "scans", "--model", "model", "--decoder", "moody", "--save-log-probs", "o.npz", path=desk, cwd=desk
    )
    decoded = htrkit("decode", "o.npz", "--decoder", "moody", path=desk, cwd=desk)
    for run in (read, decoded):
        assert run.code == 1
        assert run.out == "scans/a.png\ta\nscans/ab.png\tab\n"
        assert run.err.splitlines()[0] == "skipped scans/bba.png: decoder 'moody' raised KeyError: 'bba'"
    assert read.err.splitlines()[1:] == ["2 read, 1 failed"]
    alone = htrkit("recognize", "scans/bba.png", "--model", "model", "--decoder", "moody", path=desk, cwd=desk)
    assert (alone.code, alone.out) == (1, "")
    assert alone.err == "error: scans/bba.png: decoder 'moody' raised KeyError: 'bba'\n"
    debug = htrkit("decode", "o.npz", "--decoder", "moody", "--debug", path=desk, cwd=desk)
    assert debug.code == 1
    assert 'acme_htr.py", line' in debug.err
