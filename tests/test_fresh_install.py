"""What a stranger's package goes through: built, installed by pip beside an installed htrkit, and used by its name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from htrkit import plugins
from tests import tiny_model

ROOT = Path(__file__).parent.parent
PACKAGES = (ROOT, ROOT / "plugins" / "htrkit-example-decoder")


def run(*command: str | Path, cwd: Path | None = None, code: int = 0) -> str:
    """What a command prints; its own errors if it does not exit with ``code``."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HTRKIT_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**environment, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment in which pip has installed both wheels, and nothing else of htrkit.

    The libraries that htrkit needs are lent by the environment that runs the tests, so that nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("fresh")
    for package in PACKAGES:
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "wheels", package)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    lent = folder / "lent"
    lent.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("htrkit", "_htrkit", "__editable__")) and entry.suffix != ".pth":
            (lent / entry.name).symlink_to(entry)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "venv" / "lib" / version / "site-packages" / "lent.pth").write_text(f"{lent}\n")
    programs = folder / "venv" / "bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--no-index", "--no-deps", *sorted((folder / "wheels").glob("*.whl")))
    return programs


def test_the_plugin_is_listed_with_its_package(fresh: Path, tmp_path: Path) -> None:
    listed = {entry["name"]: entry for entry in json.loads(run(fresh / "htrkit", "decoders", "--json", cwd=tmp_path))}
    assert listed["allowed"]["from"] == "htrkit-example-decoder"
    assert listed["best-path"]["from"] == "htrkit"
    assert not any(entry["broken"] for entry in listed.values())


def test_htrkit_runs_from_the_wheel(fresh: Path, tmp_path: Path) -> None:
    where = run(fresh / "python", "-c", "import htrkit; print(htrkit.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(fresh.parent)


def test_an_image_is_read_with_the_decoder_of_the_plugin(fresh: Path, tmp_path: Path) -> None:
    import cv2

    tiny_model.write(tmp_path / "bars")
    cv2.imwrite(str(tmp_path / "line.png"), tiny_model.draw("abba"))
    read: list[str | Path] = [fresh / "htrkit", "recognize", "line.png", "--model", "bars", "--decoder"]
    assert run(*read, "best-path", cwd=tmp_path) == "abba\n"
    assert run(*read, "allowed", cwd=tmp_path) == "abba\n"
    assert set(run(*read, "allowed", "-o", "characters=b", cwd=tmp_path)) <= set("b\n")
    run(*read, "allowed", "-o", "characters=z", cwd=tmp_path, code=2)


def test_what_htrkit_ships_is_in_the_wheel(fresh: Path, tmp_path: Path) -> None:
    for kind in ("models", "lexicons", "language-models"):
        ours = {entry.component.name for entry in plugins.declared(kind.removesuffix("s").replace("-", " "))}
        listed = json.loads(run(fresh / "htrkit", kind, "--json", cwd=tmp_path))
        assert {entry["name"] for entry in listed} <= ours
        for entry in listed:
            path = Path(json.loads(run(fresh / "htrkit", kind, entry["name"], "--json", cwd=tmp_path))["path"])
            assert path.exists()
            assert path.is_relative_to(fresh.parent)


def test_a_sample_is_read_with_the_shipped_model(fresh: Path, tmp_path: Path) -> None:
    if not any(plugins.create("model", name).exists() for name in plugins.names("model")):
        pytest.skip("no model is in this checkout")
    image = ROOT / "samples" / "number.png"
    read = run(
        fresh / "htrkit", "recognize", image, "--decoder", "allowed", "-o", "characters=0123456789", cwd=tmp_path
    )
    assert read.strip().isdigit()
