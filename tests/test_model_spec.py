"""What a model's description names stays within its folder, unless the user names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from htrkit import Recognizer
from htrkit.errors import ModelError, UsageError
from htrkit.evaluation.contest.tuning import save
from htrkit.model import Model, load_model
from htrkit.model_spec import model_spec
from htrkit.types import Line
from tests import tiny_model
from tests.strangers import declaring

READS_FILES = """
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Literal

    class Reader:
        def __init__(self, alphabet, *, file: Path | None = None, files: list[Path] = (), words: str = "",
                     mode: Literal["words", "lines"] = "words", width: int = 3):
            self.file, self.files, self.words, self.mode, self.width = file, files, words, mode, width
    """


@pytest.fixture
def desk(tmp_path: Path, stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model's folder with a word list; another list lies in the working directory; a decoder reads such files."""
    stranger("acme-files", dedent(declaring("decoder", "files", "acme_files:Reader")) + dedent(READS_FILES))
    folder = tiny_model.write(tmp_path / "model").folder
    (folder / "own.txt").write_text("ab\n")
    (tmp_path / "secret.txt").write_text("ba\n")
    monkeypatch.chdir(tmp_path)
    return folder


def described(desk: Path, decoder: str) -> Model:
    tiny_model.write(desk, decoder=decoder)
    return load_model(desk)


@pytest.mark.parametrize("component", ["word-beam:lexicon", "files:words", "files:file"])
def test_a_file_of_the_folder_is_found_from_anywhere(desk: Path, component: str) -> None:
    model = described(desk, f"{component}=own.txt")
    spec = model_spec(model, "decoder", model.decoder)
    assert [str(value) for value in spec.options.values()] == [str(desk / "own.txt")]


@pytest.mark.parametrize(
    "written",
    [
        "word-beam:lexicon={}/secret.txt",
        "word-beam:lexicon=../secret.txt",
        "word-beam:lexicon=secret.txt",
        "word-beam:lexicon=link.txt",
        "word-beam:lexicon=/dev/zero",
        "word-beam:lexicon=english,corpus=secret.txt",
        "beam:language_model=secret.txt",
        "beam:language_model=model/../secret.txt",
        "files:words=secret.txt",
        "files:file=secret.txt",
        "files:file=not-there.txt",
        "files:file=english",
        "files:files=own.txt,secret.txt",
    ],
)
def test_a_file_outside_the_folder_is_refused_by_name(desk: Path, written: str) -> None:
    (desk / "link.txt").symlink_to(desk.parent / "secret.txt")
    described(desk, written.format(desk.parent))
    with pytest.raises(ModelError, match=r"neither a declared name nor a file in the model's folder") as refusal:
        Recognizer.load(desk)
    assert "model" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("step", ["files:file=secret.txt", "files:words=secret.txt"])
def test_steps_and_encoders_are_no_exception(desk: Path, step: str, stranger: Callable[..., None]) -> None:
    for kind in ("preprocessor", "encoder"):
        source = READS_FILES.replace("self, alphabet, *", "self, *") if kind == "preprocessor" else READS_FILES
        stranger(f"acme-{kind}", dedent(declaring(kind, "files", f"acme_{kind}:Reader")) + dedent(source))
    tiny_model.write(desk, preprocess=(step,))
    with pytest.raises(ModelError, match="secret"):
        Recognizer.load(desk)
    tiny_model.write(desk, encoder=step)
    with pytest.raises(ModelError, match="secret"):
        Recognizer.load(desk)


def tuned(decoder: str) -> Any:
    """As much of a tuning as is saved."""
    return SimpleNamespace(decoder=decoder)


def test_a_tuned_decoder_is_not_saved_where_it_could_not_be_loaded(desk: Path) -> None:
    before = (desk / "model.json").read_text()
    for decoder in ("word-beam:lexicon=secret.txt", f"word-beam:lexicon={desk.parent / 'secret.txt'}"):
        with pytest.raises(ModelError, match="neither a declared name nor a file in the model's folder"):
            save(tuned(decoder), desk)
    assert (desk / "model.json").read_text() == before
    save(tuned(f"word-beam:lexicon={desk / 'own.txt'}"), desk)
    assert Recognizer.load(desk).decoder_name == "word-beam"


def test_the_user_may_name_any_file(desk: Path) -> None:
    described(desk, "word-beam:lexicon=secret.txt,beam_width=5")
    read = Recognizer.load(desk, options={"lexicon": str(desk.parent / "secret.txt")}).recognize
    assert next(read([Line("x", tiny_model.draw("ba"))])).text == "ba"
    assert Recognizer.load(desk, decoder="word-beam", options={"lexicon": "secret.txt"})
    assert Recognizer.load(desk, decoder="word-beam:lexicon=secret.txt")


def test_what_is_no_file_is_left_alone(desk: Path) -> None:
    (desk.parent / "words").mkdir()
    for words in ("ab/c", "", ".", "a" * 5000, "é,;-"):
        model = described(desk, f"files:words={words},mode=words,width=5")
        assert model_spec(model, "decoder", model.decoder).options == {"words": words, "mode": "words", "width": 5}
    for name in ("english", "english-characters"):
        model = described(desk, f"files:words={name}")
        (desk.parent / name).write_text("a file of that name")
        assert model_spec(model, "decoder", model.decoder).options == {"words": name}


def test_what_does_not_exist_is_told_as_ever(desk: Path) -> None:
    described(desk, "word-beam:lexikon=own.txt")
    with pytest.raises(UsageError, match="did you mean 'lexicon'"):
        Recognizer.load(desk)
    tiny_model.write(desk, encoder="open-vino")
    with pytest.raises(UsageError, match="no encoder named 'open-vino'"):
        Recognizer.load(desk)
