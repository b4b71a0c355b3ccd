"""Images in, text out, through the real command."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from htrkit.cli import app as cli
from htrkit.types import Pixels
from tests import tiny_model
from tests.drawing import save, writing
from tests.strangers import Run, declaring, htrkit, install

TEXTS = ("aab", "abab", "bb")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, and a folder of scans that read as they are called."""
    desk = tmp_path_factory.mktemp("desk")
    tiny_model.write(desk / "model")
    for text in TEXTS:
        save(desk / "scans" / f"{text}.png", tiny_model.draw(text))
    return desk


def recognize(desk: Path, *args: str, stdin: str = "") -> Run:
    run = htrkit("recognize", "--model", "model", *args, cwd=desk, stdin=stdin)
    assert "Traceback" not in run.err
    return run


def test_one_image_prints_its_text_alone(desk: Path) -> None:
    run = recognize(desk, "scans/aab.png")
    assert (run.code, run.out, run.err) == (0, "aab\n", "")


@pytest.mark.parametrize("paths", [["scans"], ["scans/*.png"], [f"scans/{text}.png" for text in TEXTS]])
def test_folders_globs_and_lists_print_path_and_text(here: Callable[..., Run], paths: list[str]) -> None:
    run = here(*paths)
    assert run.code == 0
    assert run.out == "".join(f"scans/{text}.png\t{text}\n" for text in TEXTS)
    assert run.err == "3 read, 0 failed\n"


def test_a_list_of_paths_on_standard_input(desk: Path) -> None:
    run = recognize(desk, "-", stdin="scans/bb.png\nscans/aab.png\n")
    assert run.out == "scans/bb.png\tbb\nscans/aab.png\taab\n"


def test_the_pages_of_one_file_are_told_apart(desk: Path) -> None:
    pages = [Image.fromarray(tiny_model.draw(text)) for text in TEXTS]
    pages[0].save(desk / "pages.tif", save_all=True, append_images=pages[1:])
    assert recognize(desk, "pages.tif").out == "pages.tif#1\taab\npages.tif#2\tabab\npages.tif#3\tbb\n"


def test_jsonl(desk: Path) -> None:
    run = recognize(desk, "scans/bb.png", "--format", "jsonl", "--n-best", "2")
    (result,) = map(json.loads, run.out.splitlines())
    assert (result["image"], result["text"]) == ("scans/bb.png", "bb")
    assert (result["model"], result["decoder"]) == ("bars", "best-path")
    assert 0 < result["confidence"] <= 1
    assert set(result["hypotheses"][0]) >= {"text", "score", "log_prob", "confidence"}


def test_a_writers_options_stand_behind_its_name(desk: Path) -> None:
    run = recognize(desk, "scans/bb.png", "--format", "jsonl:spans=yes")
    assert len(json.loads(run.out)["spans"]) == 2
    assert recognize(desk, "scans/bb.png", "--format", "jsonl:spam=yes").code == 2


@pytest.fixture
def here(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Runs the command in this process, which saves a start for each of many mistakes."""
    monkeypatch.chdir(desk)

    def run(*args: str) -> Run:
        code = cli.run(["recognize", "--model", "model", *args])
        return Run(code, *capsys.readouterr())

    return run


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


BAD = {
    "blot.png": b"",
    "letter.png": b"Dear Sir,\n",
    "torn.png": png(tiny_model.draw("ab"))[:-40],
    "speck.png": png(np.zeros((1, 1), np.uint8)),
    "vast.png": png_header(30_000, 30_000),
    "noise.jpg": bytes(range(256)) * 9,
    "half.tif": b"II*\x00\x08\x00",
}


def test_bad_images_are_named_and_the_others_are_read(desk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    for text in TEXTS:
        save(folder / f"{text}.png", tiny_model.draw(text))
    for name, content in BAD.items():
        (folder / name).write_bytes(content)
    run = recognize(desk, str(folder), str(tmp_path / "nowhere.png"))
    assert run.code == 1
    assert run.out == "".join(f"{folder / text}.png\t{text}\n" for text in TEXTS)
    *skipped, summary = run.err.splitlines()
    assert summary == f"3 read, {len(BAD) + 1} failed"
    assert len(skipped) == len(BAD) + 1
    for name in [*BAD, "../nowhere.png"]:
        path = (folder / name).resolve()
        assert any(line.startswith(f"skipped {path}: ") for line in skipped), name
    assert f"skipped {folder / 'blot.png'}: the file is empty" in skipped


@pytest.mark.parametrize("name", [*BAD, "nowhere.png"])
def test_one_bad_image_alone_is_an_error(here: Callable[..., Run], tmp_path: Path, name: str) -> None:
    if name in BAD:
        (tmp_path / name).write_bytes(BAD[name])
    run = here(str(tmp_path / name))
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(f"error: {tmp_path / name}: ")
    assert run.err.count("\n") == 1


def test_a_folder_without_images(desk: Path, tmp_path: Path) -> None:
    run = recognize(desk, str(tmp_path))
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(f"error: {tmp_path}: a folder in which no image")


def test_an_empty_list_on_standard_input(desk: Path) -> None:
    run = recognize(desk, "-")
    assert (run.code, run.out, run.err) == (1, "", "error: no image found in -\n")


def test_results_in_a_file(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "read.tsv").write_text("of yesterday")
    refused = recognize(desk, "scans", "--output", str(tmp_path / "read.tsv"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"error: {tmp_path / 'read.tsv'} is there already: --force writes over it\n"
    assert (tmp_path / "read.tsv").read_text() == "of yesterday"
    run = recognize(desk, "scans", "--output", str(tmp_path / "read.tsv"), "--force")
    assert (run.code, run.out) == (0, "")
    assert (tmp_path / "read.tsv").read_text() == "".join(f"scans/{text}.png\t{text}\n" for text in TEXTS)
    assert [path.name for path in tmp_path.iterdir()] == ["read.tsv"]


def test_results_and_network_outputs_want_two_files(desk: Path) -> None:
    run = recognize(desk, "scans", "--output", "x", "--save-log-probs", "./x")
    assert (run.code, run.err) == (2, "error: --output and --save-log-probs name one file: name two\n")
    assert not (desk / "x").exists()


def test_a_file_that_cannot_be_written(desk: Path) -> None:
    run = recognize(desk, "scans", "--output", "nowhere/read.tsv")
    assert (run.code, run.out) == (1, "")
    assert "error: cannot write nowhere/read.tsv: No such file or directory" in run.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["--decoder", "best-paths"],
            2,
            "no decoder named 'best-paths'; did you mean 'best-path'?\n       available: ",
        ),
        (["--decoder", "best-path", "-o", "width=50"], 2, "decoder 'best-path' has no option 'width'"),
        (["-o", "width=50"], 2, "decoder 'best-path' has no option 'width'"),
        (["-o", "width"], 2, "'width' is not an option of decoder 'best-path': write it as key=value"),
        (
            ["--decoder", "beam", "-o", "beam_width=5", "-o", "beam-width=9"],
            2,
            "option 'beam_width' of decoder 'beam' is given twice",
        ),
        (["--preprocess", "crop:margin=0,margin=1"], 2, "option 'margin' of preprocessor 'crop' is given twice"),
        (["--preprocess", "crop,inwert"], 2, "no preprocessor named 'inwert'; did you mean 'invert'?"),
        (["--preprocess", "crop:margin=wide"], 2, "option 'margin' of preprocessor 'crop' must be float, not 'wide'"),
        (["--format", "tx"], 2, "no writer named 'tx'; did you mean 'txt'?"),
        (["--model", "nowhere"], 2, "no model named 'nowhere'"),
        (["--model", "scans"], 1, "scans"),
        (["--n-best", "0"], 2, "invalid value for '--n-best'"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    here: Callable[..., Run], arguments: list[str], code: int, said: str
) -> None:
    run = here("scans/aab.png", *arguments)
    assert (run.code, run.out) == (code, "")
    assert run.err.startswith(f"error: {said}")


def test_preprocessing_instead_of_the_models_own(desk: Path) -> None:
    save(desk / "negative.png", np.invert(np.roll(tiny_model.draw("aab"), 32, axis=1)))
    assert recognize(desk, "negative.png", "--preprocess", "invert").out == "aab\n"
    assert recognize(desk, "scans/aab.png", "--preprocess", "none").out == "aab\n"


DECODER = """

class Mine:
    '''A decoder.

    Parameters
    ----------
    text
        What it reads everywhere.
    '''

    calls = 0

    def __init__(self, alphabet, *, text: str = "mine"):
        self.text = text

    def decode(self, log_probs, *, n_best=1):
        import time
        from htrkit import Hypothesis

        Mine.calls += 1
        if self.text == "raise" and Mine.calls > 64:
            raise ValueError("out of ink")
        if self.text == "sleep" and Mine.calls > 64:
            time.sleep(60)
        return [Hypothesis(self.text, 0.0)]
"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the path, with a decoder that may fail or fall asleep after 64 lines, and a broken plugin."""
    folder = tmp_path_factory.mktemp("strangers")
    install(folder, "acme-htr", source=declaring("decoder", "mine", "acme_htr:Mine"))
    with (folder / "acme_htr.py").open("a") as file:
        file.write(DECODER)
    return install(folder, "brand-htr", source="import brand_core")


def test_a_strangers_decoder_reads_beside_a_broken_plugin(desk: Path, stranger: Path) -> None:
    run = htrkit(
        "recognize", "scans/bb.png", "--model", "model", "--decoder", "mine", "-o", "text=x y", cwd=desk, path=stranger
    )
    assert (run.code, run.out) == (0, "x y\n")
    assert run.err == "warning: plugin brand-htr 0.3 is skipped: No module named 'brand_core'\n"


def test_a_taken_name_is_warned_of_and_nobody_shadows_a_builtin(desk: Path, tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source=declaring("decoder", "best-path", "acme_htr:Nothing"))
    run = htrkit("recognize", "scans/bb.png", "--model", "model", cwd=desk, path=tmp_path)
    assert (run.code, run.out) == (0, "bb\n")
    assert run.err.startswith("warning: acme-htr 0.3 also declares a decoder named 'best-path'; htrkit ")
    assert run.err.count("\n") == 1


def copies(folder: Path, count: int) -> None:
    for i in range(count):
        save(folder / f"{i:03}.png", tiny_model.draw("a"))


def test_a_decoder_that_fails_on_some_lines_loses_no_other(desk: Path, stranger: Path, tmp_path: Path) -> None:
    copies(tmp_path / "many", 70)
    arguments = ["recognize", str(tmp_path / "many"), "--decoder", "mine", "-o", "text=raise", "--model", "model"]
    run = htrkit(*arguments, cwd=desk, path=stranger)
    assert (run.code, run.out.count("\n")) == (1, 64)
    assert run.err.count(": decoder 'mine' raised ValueError: out of ink\n") == 6
    assert run.err.endswith("\n64 read, 6 failed\n")
    run = htrkit(*arguments, "--output", str(tmp_path / "read.tsv"), cwd=desk, path=stranger)
    assert (run.code, run.out) == (1, "")
    assert (tmp_path / "read.tsv").read_text().count("\n") == 64


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to send there")
def test_an_interruption_keeps_what_was_read(desk: Path, stranger: Path, tmp_path: Path) -> None:
    copies(tmp_path / "many", 70)
    command = [sys.executable, "-m", "htrkit", "recognize", str(tmp_path / "many"), "--model", "model"]
    env = os.environ | {"PYTHONPATH": str(stranger)}
    with subprocess.Popen(
        [*command, "--decoder", "mine", "-o", "text=sleep"],
        cwd=desk,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # what runs in the background of a shell inherits that it ignores interruptions
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout
        read = [process.stdout.readline() for _ in range(64)]
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert all(line.endswith("\tsleep\n") for line in read)
    assert rest == ""
    # the interruption may fall between the last line and its being counted
    assert "64 read, 0 failed" in err or "63 read, 0 failed" in err
    assert err.endswith("interrupted\n")
    assert "Traceback" not in err


def test_the_bar_counts_on_standard_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from htrkit.cli.bars import bar

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err, out = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    with bar("reading", 3, beside_results=True) as progress:
        progress.at(1, 4)
        progress.done()
        print("a result")
        print("a note", file=sys.stderr)
    assert "2/4" in err.getvalue()
    assert "a note" in err.getvalue()
    assert out.getvalue() == "a result\n"


def test_there_is_no_bar_where_nobody_looks_or_results_scroll_by(monkeypatch: pytest.MonkeyPatch) -> None:
    from htrkit.cli.bars import Bar, Lines, bar

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with bar("reading", 3) as progress:
        assert type(progress) is Lines
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    with bar("reading", 3, beside_results=True) as progress:
        assert type(progress) is Bar


def test_each_image_is_a_page_or_a_line_unless_the_user_says_what_it_is(desk: Path, tmp_path: Path) -> None:
    lines = np.vstack([writing("Often brown letters said why") for _ in range(3)])
    page = str(save(tmp_path / "page.png", lines))
    line = str(save(tmp_path / "line.png", lines[: len(lines) // 3]))
    run = htrkit("recognize", page, line, "-v", "--model", "model", cwd=desk)
    assert run.code == 0
    assert [row.split("\t")[0] for row in run.out.splitlines()] == [page] * 3 + [line]
    assert run.err.splitlines() == [
        f"{page}: a page of 3 lines, found by lines",
        f"{line}: one line",
        "4 read, 0 failed",
    ]
    run = htrkit("recognize", page, "--segmenter", "none", "--model", "model", cwd=desk)
    assert (run.code, run.out.count("\n"), run.err) == (0, 1, "")


def test_images_of_every_kind_are_read_rightly(desk: Path, tmp_path: Path) -> None:
    pixels = tiny_model.draw("aab")
    grey, folder = Image.fromarray(pixels), tmp_path / "kinds"
    folder.mkdir()
    Image.fromarray(pixels.astype(np.uint16) * 257).save(folder / "deep.png")
    grey.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    grey.quantize(256).save(folder / "palette.png")
    Image.fromarray(np.dstack([np.zeros((*pixels.shape, 3), np.uint8), 255 - pixels])).save(folder / "alpha.png")
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held upright
    grey.transpose(Image.Transpose.ROTATE_90).save(folder / "exif.jpg", quality=95, exif=turned)
    grey.save(folder / "pages.tif", save_all=True, append_images=[Image.fromarray(tiny_model.draw("bb"))])
    run = htrkit("recognize", str(folder), "--model", "model", cwd=desk)
    assert run.code == 0, run.err
    read = dict(line.split("\t") for line in run.out.splitlines())
    assert read.pop(f"{folder / 'pages.tif'}#2") == "bb"
    assert len(read) == 6
    assert set(read.values()) == {"aab"}
