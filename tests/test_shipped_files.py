"""What htrkit ships is found in a checkout, and in a wheel that was built from the source archive."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from htrkit import plugins
from htrkit.language_models.character_file import load_characters
from htrkit.model import CARD, MARGINS, TRAINABLE
from htrkit.recognizer import Recognizer
from tests.language_models.texts import log_prob

ROOT = Path(__file__).parent.parent
SHIPPED = (
    "english/words.txt",
    "english/README.md",
    "english-characters/characters-7gram.npz",
    "english-words/words-3gram.npz",
    "european-characters/characters-7gram.npz",
)


def test_every_shipped_file_is_in_the_checkout() -> None:
    for kind in ("lexicon", "language model"):
        for entry in plugins.declared(kind):
            path = plugins.create(kind, entry.component.name)
            assert path.is_file()
            assert (path.parent / "README.md").is_file(), "sources and terms stand beside it"


@pytest.mark.parametrize("name", ["latin-script", "iam-words", "open"])
def test_a_shipped_model_is_whole_reads_and_says_its_terms(name: str) -> None:
    recognizer = Recognizer.load(name)
    assert isinstance(recognizer.read(ROOT / "samples" / "line.png").text, str)
    model = recognizer.model
    assert model.name == name
    assert model.file(TRAINABLE), "its checksum is that of the file"
    card = (model.folder / CARD).read_text(encoding="utf-8")
    assert f"```\n{model.alphabet.characters}\n```" in card
    margins = {name: share for name in MARGINS if (share := getattr(model.input_rule, name))}
    assert f"after: {', '.join(model.preprocess)}{';' if margins else ' |'}" in card
    assert all(f"(`{name}` {share:g})" in card for name, share in margins.items())
    assert "## Terms" in card


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("english-characters", "the colour of the sea", "hte colour of the sea"),
        ("european-characters", "the colour of the sea", "hte colour of the sea"),
        ("european-characters", "les garçons étaient partis", "les garcons étaienf partis"),
        ("european-characters", "die Straße nach Köln", "die Straßc nach Koln"),
        ("european-characters", "el niño no lo sabía", "el nino no lo sabía"),
        ("european-characters", "perché non è vero", "perchè non é vero"),
    ],
)
def test_a_shipped_character_model_knows_its_languages(name: str, right: str, wrong: str) -> None:
    model = load_characters(name)
    assert log_prob(model, right) > log_prob(model, wrong) + 2
    assert model.characters.count(" ") == 1


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked wheel, built from an unpacked source archive."""
    folder = tmp_path_factory.mktemp("archive")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder))
    subprocess.run([*build, "--sdist", str(ROOT)], check=True, capture_output=True, timeout=120)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        # Python 3.11 has had filters since its fourth patch
        packed.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        packed.extractall(folder)
    source = folder / archive.name.removesuffix(".tar.gz")
    subprocess.run([*build, "--wheel", str(source)], check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as packed_wheel:
        packed_wheel.extractall(folder / "wheel")
    return folder / "wheel"


@pytest.mark.parametrize("file", SHIPPED)
def test_the_source_archive_brings_them_into_the_wheel(wheel: Path, file: str) -> None:
    assert (wheel / "htrkit" / "_lexicons" / file).read_bytes() == (ROOT / "lexicons" / file).read_bytes()


def test_the_wheel_finds_its_own(wheel: Path) -> None:
    look = (
        "from htrkit import lexicons; from htrkit.language_models import character_file; "
        "print(lexicons.english(), character_file.english_characters())"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=wheel, capture_output=True, text=True, check=True, timeout=60
    )
    assert [Path(path).relative_to(wheel).parts[:2] for path in done.stdout.split()] == [("htrkit", "_lexicons")] * 2
