"""Decoders compared through the real command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import tiny_model
from tests.drawing import save
from tests.evaluation.strangers import SOURCE
from tests.strangers import htrkit, install

TEXTS = ["aab", "a", "bb", "ba", "b", "ab", "aaa", "bab", "abb", "bba"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and a table of ten lines and one without its image."""
    desk = tmp_path_factory.mktemp("desk")
    tiny_model.write(desk / "model")
    rows = ["image\ttext\twriter"]
    for i, text in enumerate(TEXTS):
        save(desk / f"{text}.png", tiny_model.draw(text))
        rows.append(f"{text}.png\t{text if i % 3 else text + 'b'}\t{i % 4}")
    rows += ["nope.png\tbb\t1", "a.png\t\t1"]
    (desk / "data.tsv").write_text("\n".join(rows) + "\n")
    return desk


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("site"), "acme-htr", source=SOURCE)


def compare(desk: Path, cache: Path, *arguments: str, site: Path | None = None, data: str = "data.tsv"):  # type: ignore[no-untyped-def]
    common = ("--model", "model", "--cache", str(cache), "--resamples", "500")
    return htrkit("compare-decoders", data, *common, *arguments, cwd=desk, path=site)


def test_tables_sentences_and_what_was_skipped(desk: Path, tmp_path: Path) -> None:
    run = compare(desk, tmp_path, "--decoders", "best-path,beam", "--decoder", "beam: beam_width=2")
    assert run.code == 0, run
    assert run.out.startswith("Decoders\ndecoder ")
    assert "beam:beam_width=2" in run.out
    assert "Pairs: first minus second" in run.out
    apart = "beam and best-path cannot be told apart on 10 lines of 4 groups by writer: "
    assert f"{apart}+0.00 (+0.00 to +0.00) points (p 1.000) in words, " in run.out
    assert "Model bars, preprocessing: none; every decoder read the same network outputs." in run.out
    assert run.err.startswith("10 read, 2 skipped: missing image (1, first: data.tsv:12: nope.png); empty text (1")
    assert "note: only 4 groups by writer: the intervals are rough" in run.err


def test_intervals_are_by_writer_unless_lines_are_asked_for(desk: Path, tmp_path: Path) -> None:
    default, lines = (
        json.loads(compare(desk, tmp_path, "--decoders", "best-path", "--json", *by).out)["intervals"]
        for by in ((), ("--by", "line"))
    )
    assert (default["by"], default["units"]) == ("writer", 4)
    assert (lines["by"], lines["units"]) == ("line", 10)


def test_json_has_every_figure_and_the_second_run_skips_the_network(desk: Path, tmp_path: Path) -> None:
    first, second = (compare(desk, tmp_path, "--decoders", "best-path,beam", "--json") for _ in range(2))
    values, again = json.loads(first.out), json.loads(second.out)
    assert (values["encoder"]["lines"], again["encoder"]["lines"]) == (10, 0)
    for one in (values, again):
        del one["encoder"]
        for entry in one["decoders"]:
            del entry["seconds_per_line"]
    assert values == again
    best = values["decoders"][0]
    assert best["cer"]["low"] <= best["cer"]["value"] <= best["cer"]["high"]
    assert values["pairs"][0]["wer"]["p_value"] == pytest.approx(1.0)
    assert values["lines"][0]["texts"] == {"best-path": "aab", "beam": "aab"}


def test_decoders_of_a_list_may_have_options(desk: Path, tmp_path: Path) -> None:
    run = compare(desk, tmp_path, "--decoders", "beam:beam_width=3,beam_threshold=0.01,best-path", "--json")
    decoders = json.loads(run.out)["decoders"]
    assert [(one["name"], one["options"]) for one in decoders] == [
        ("beam", {"beam_width": 3, "beam_threshold": 0.01}),
        ("best-path", {}),
    ]


def test_reports_are_written(desk: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    reports = [argument for kind in ("html", "md", "json") for argument in ("--report", str(tmp_path / f"r.{kind}"))]
    run = compare(
        desk, tmp_path, "--decoders", "best-path,beam", "--sweep", "beam_width=1,2", "--by", "writer", *reports
    )
    assert run.code == 0, run
    assert "beam by beam_width" in run.out
    assert "resample" not in run.err
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    assert "4 groups by writer" in (tmp_path / "r.md").read_text()
    assert json.loads((tmp_path / "r.json").read_text())["sweeps"][0]["points"][1]["value"] == 2


def test_decoders_that_misbehave_are_named_and_the_rest_compared(desk: Path, site: Path, tmp_path: Path) -> None:
    run = compare(
        desk, tmp_path, "--decoders", "best-path,beem,raises,good,crashes-on-b", "--time-limit", "2", site=site
    )
    assert run.code == 1, run
    assert "warning: left out beem: no decoder named 'beem'; did you mean 'beam'?" in run.err
    assert "warning: left out raises: failed on every line: raised ValueError: no idea whatsoever" in run.err
    assert (
        "note: crashes-on-b failed on 8 of 10 lines, which count as read empty (first: aab.png: crashed (SIGABRT))"
        in run.err
    )
    assert "good and best-path cannot be told apart" in run.out
    assert "Traceback" not in run.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--decoders", "beem"], 2, "no decoder named 'beem'"),
        (["--decoder", "beam: width=3"], 2, "decoder 'beam' has no option 'width'; did you mean 'beam_width'"),
        (["--decoders", "beam", "--report", "r.pdf"], 2, "r.pdf: a report is a file ending in .html, .md, .json"),
        (["--decoders", "beam", "--sweep", "width=3"], 2, "none of beam has an option 'width' to sweep"),
        (["--decoders", "beam", "--by", "hand"], 2, "10 of 10 lines have no 'hand' to resample by"),
        (["--decoders", "beam", "--ignore", "ink"], 2, "cannot ignore 'ink'"),
        (["--decoders", "beam", "--preprocess", "bleach"], 2, "no preprocessor named 'bleach'"),
    ],
)
def test_wrong_usage_is_one_clear_sentence(
    desk: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    run = compare(desk, tmp_path, *arguments)
    assert (run.code, run.out) == (code, ""), run
    assert message in run.err
    assert "Traceback" not in run.err


def test_data_without_a_single_text(desk: Path, tmp_path: Path) -> None:
    (desk / "none.tsv").write_text("image\ttext\na.png\t\n")
    run = compare(desk, tmp_path, "--decoders", "beam", data="none.tsv")
    assert (run.code, run.out) == (1, "")
    assert run.err.endswith("error: none.tsv: nothing to measure: there are no lines with known text\n")


def test_two_lines_of_one_name(desk: Path, tmp_path: Path) -> None:
    (desk / "twice.tsv").write_text("image\ttext\na.png\ta\na.png\tb\nb.png\tb\n")
    run = compare(desk, tmp_path, "--decoders", "best-path,beam", data="twice.tsv")
    assert run.code == 0
    assert "2 lines share the name" in run.err
    assert "each line counts" in run.err


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_killed_outright_it_goes_on_and_ends_the_same(desk: Path, site: Path, tmp_path: Path) -> None:
    (desk / "few.tsv").write_text("image\ttext\na.png\ta\nab.png\tb\nb.png\tb\n")
    arguments = ("--decoders", "best-path,slow,beam", "--json", "--n-best", "2")
    command = [sys.executable, "-m", "htrkit", "compare-decoders", "few.tsv", "--model", "model"]
    command += ["--cache", str(tmp_path / "killed"), "--resamples", "500", *arguments]
    process = subprocess.Popen(command, cwd=desk, env=os.environ | {"PYTHONPATH": str(site)}, stdout=subprocess.PIPE)
    for _ in range(600):
        if len(list((tmp_path / "killed").glob("runs/*.jsonl"))) > 1:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    journals = list((tmp_path / "killed").glob("runs/*.jsonl"))
    assert len(journals) == 2
    resumed = json.loads(compare(desk, tmp_path / "killed", *arguments, site=site, data="few.tsv").out)
    whole = json.loads(compare(desk, tmp_path / "whole", *arguments, site=site, data="few.tsv").out)
    assert resumed["encoder"]["lines"] == 0
    for one in (resumed, whole):
        del one["encoder"]
        for entry in one["decoders"]:
            del entry["seconds_per_line"]
    assert resumed == whole
