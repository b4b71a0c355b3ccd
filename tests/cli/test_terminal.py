"""What commands say on the terminal, and what strangers cannot make them say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from htrkit.cli import terminal
from tests.strangers import declaring, htrkit, install

EVIL = "\x1b[2J\x07\x9b\u202e"


@pytest.mark.parametrize("say", [terminal.note, terminal.warning, terminal.error])
def test_controls_are_escaped_in_what_is_said(say: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(say)
    say(f"a{EVIL}b")
    said = capsys.readouterr().err
    assert said.endswith("a\\x1b[2J\\x07\\x9b\\u202eb\n")


def test_a_line_break_in_a_skipped_name_begins_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.failed("a\nerror: b.png: no image", None, alone=False)
    terminal.failed("a\nerror: b.png: no image", None, alone=True)
    assert capsys.readouterr().err == ("skipped a\\nerror: b.png: no image\nerror: a\\nerror: b.png: no image\n")


def test_further_lines_are_indented(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.error("no step", "available: x\ny")
    terminal.warning("one\ntwo")
    assert capsys.readouterr().err == "error: no step\n       available: x\\ny\nwarning: one\n         two\n"


def test_of_a_message_that_quotes_half_a_file_both_ends_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    for say in (terminal.note, terminal.warning, terminal.error):
        say(f"a.tsv: {'b' * 100_000}: no such file")
        said = capsys.readouterr().err
        assert len(said) < 2500
        assert "a.tsv: bbb" in said
        assert said.endswith("bbb: no such file\n")


def test_cells_of_a_table_stay_cells() -> None:
    assert terminal.table(("a", "b"), [("x\n", EVIL)]).splitlines()[1:] == ["x\\n  \\x1b[2J\\x07\\x9b\\u202e"]


def test_json_keeps_its_strings(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.put_json({"name": EVIL + "\udce9é"})
    said = capsys.readouterr().out
    assert json.loads(said) == {"name": EVIL + "\udce9é"}
    assert "é" in said
    assert "\x9b" not in said


def test_a_file_name_and_a_plugins_exception_steer_no_terminal(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source="raise ValueError('\\x1b[2J\\x07')")
    run = htrkit("recognize", f"a{EVIL}\nb.png", path=tmp_path)
    assert run.code == 1
    assert not set("\x1b\x07\x9b\u202e") & set(run.out + run.err)
    assert "a\\x1b[2J\\x07\\x9b\\u202e\\nb.png" in run.err
    assert len(run.err.splitlines()) == 2


def test_a_summary_and_a_help_text_steer_no_terminal(tmp_path: Path) -> None:
    source = declaring("decoder", "mine", "acme_htr:Mine").replace("what a stranger made", "\\x1b[2J\\nfake")
    install(tmp_path, "acme-htr", source=f"{source}\n        class Mine:\n            '''\\x1b[31m'''\n")
    for arguments in (["decoders"], ["decoders", "mine"], ["decoders", "--json"], ["plugins"]):
        run = htrkit(*arguments, path=tmp_path)
        assert run.code == 0
        assert "\x1b" not in run.out
        assert "\nfake" not in run.out
