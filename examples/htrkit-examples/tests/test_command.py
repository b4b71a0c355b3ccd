"""The command, as htrkit finds it, on data written here."""

from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from htrkit import plugins
from htrkit.testing import check_command


def test_contract() -> None:
    check_command(plugins.factory("command", "letters"))


def test_characters_are_counted(tmp_path: Path) -> None:
    Image.fromarray(np.full((30, 90), 200, np.uint8)).save(tmp_path / "1.png")
    (tmp_path / "1.gt.txt").write_text("abba a", encoding="utf-8")
    ended = CliRunner().invoke(plugins.factory("command", "letters"), [str(tmp_path), "--least", "2"])
    assert (ended.exit_code, ended.output) == (0, "'a'\t3\n'b'\t2\n")
