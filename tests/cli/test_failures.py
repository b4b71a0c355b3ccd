"""A component that misbehaves on one line costs that line, in every command: the message names both."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from htrkit.cli import app as cli
from tests import hostile, tiny_model
from tests.drawing import save
from tests.strangers import Run, htrkit, install

TEXTS = ("a", "ab", "bba")
READ = "scans/a.png\ta\nscans/ab.png\tab\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A model of bars, three images and a table of them."""
    tiny_model.write(tmp_path / "model")
    for text in TEXTS:
        save(tmp_path / "scans" / f"{text}.png", tiny_model.draw(text))
    (tmp_path / "data.tsv").write_text("image\ttext\n" + "".join(f"scans/{text}.png\t{text}\n" for text in TEXTS))
    return tmp_path


@pytest.fixture
def here(
    desk: Path, stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Runs a command in this process, which saves a start for each of many misdeeds."""
    stranger("acme-htr", hostile.SOURCE)
    monkeypatch.chdir(desk)

    def run(*arguments: str) -> Run:
        code = cli.run(arguments)
        return Run(code, *capsys.readouterr())

    return run


def check_evaluation(run: Run) -> None:
    assert run.code == 1, run
    assert "CER          50.00% " in run.out
    assert "note: could not be read: 1 line, counted as read empty; the first: scans/bba.png: " in run.err


@pytest.mark.parametrize("deed", hostile.DECODER_DEEDS)
def test_a_decoder(here: Callable[..., Run], deed: str) -> None:
    decoder = ("--decoder", f"hostile:deed={deed}")
    skipped = "skipped scans/bba.png: decoder 'hostile' " + ("raised " if deed in hostile.ERRORS else "gave ")
    read = here("recognize", "scans", "--model", "model", *decoder, "--save-log-probs", "outputs.npz")
    decoded = here("decode", "outputs.npz", *decoder)
    for run in (read, decoded):
        assert (run.code, run.out) == (1, READ), run
        assert run.err.startswith(skipped)
    assert read.err.endswith("\n2 read, 1 failed\n")
    evaluated = here("evaluate", "data.tsv", "--model", "model", *decoder)
    assert evaluated.err.startswith(skipped)
    check_evaluation(evaluated)


@pytest.mark.parametrize("deed", hostile.STEP_DEEDS)
def test_a_preprocessing_step(here: Callable[..., Run], deed: str) -> None:
    steps = ("--preprocess", f"hostile:deed={deed}", "--model", "model")
    skipped = "skipped scans/bba.png: preprocessor 'hostile' " + ("raised " if deed in hostile.ERRORS else "gave ")
    read = here("recognize", "scans", *steps)
    assert (read.code, read.out) == (1, READ), read
    assert read.err.startswith(skipped)
    assert read.err.endswith("\n2 read, 1 failed\n")
    evaluated = here("evaluate", "data.tsv", *steps)
    assert evaluated.err.startswith(skipped)
    check_evaluation(evaluated)
    compared = here("compare-decoders", "data.tsv", "--decoders", "best-path,beam", "--cache", "cache", *steps)
    assert compared.code == 1, compared
    assert compared.err.startswith(skipped)
    assert "note: could not be read: 1 line, counted as read empty; the first: scans/bba.png: " in compared.err
    assert "3 lines of data.tsv" in compared.out
    assert re.search(r"^best-path ★ +50\.00 ", compared.out, re.MULTILINE)
    alone = here("recognize", "scans/bba.png", *steps)
    assert (alone.code, alone.out) == (1, "")
    assert alone.err.startswith("error: scans/bba.png: preprocessor 'hostile' ")


@pytest.mark.parametrize("deed", hostile.ENCODER_DEEDS)
def test_an_encoder(here: Callable[..., Run], desk: Path, deed: str) -> None:
    tiny_model.write(desk / "model", encoder=f"hostile:deed={deed}")
    skipped = "skipped scans/bba.png: encoder 'hostile' " + ("raised " if deed in hostile.ERRORS else "gave unusable ")
    read = here("recognize", "scans", "--model", "model")
    assert (read.code, read.out) == (1, READ), read
    assert read.err.startswith(skipped)
    assert read.err.endswith("\n2 read, 1 failed\n")
    evaluated = here("evaluate", "data.tsv", "--model", "model")
    assert evaluated.err.startswith(skipped)
    check_evaluation(evaluated)


@pytest.mark.parametrize("deed", ["decoder none", "exit"])
def test_a_decoder_in_a_process_of_its_own(desk: Path, tmp_path_factory: pytest.TempPathFactory, deed: str) -> None:
    site = install(tmp_path_factory.mktemp("site"), "acme-htr", source=hostile.SOURCE)
    arguments = ("--model", "model", "--decoder", f"hostile:deed={deed}")
    run = htrkit("recognize", "scans/bba.png", "scans/a.png", *arguments, cwd=desk, path=site)
    assert (run.code, run.out) == (1, "scans/a.png\ta\n")
    assert run.err.startswith("skipped scans/bba.png: decoder 'hostile' ")
    alone = htrkit("recognize", "scans/bba.png", *arguments, cwd=desk, path=site)
    assert (alone.code, alone.out) == (1, "")
    assert alone.err.startswith("error: scans/bba.png: decoder 'hostile' ")
    assert "Traceback" not in run.err + alone.err
