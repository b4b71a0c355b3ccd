"""A run that is killed at any moment and resumed ends as the run that is not: ``killed.py``, in a process of its own.

Twenty kills, also while the model is written: ``python -m tests.training.killed FOLDER --thorough``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="needs the train extra")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes that are killed are forked")
def test_a_killed_run_ends_as_it_would_have_ended(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.killed", str(tmp_path), "--kills", "3"],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("killed after") == 3
