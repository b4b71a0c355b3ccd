"""The character model in flat arrays, and its file."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.decoders.language_kernel import ngram_step
from htrkit.errors import ModelError, UsageError
from htrkit.language_models import arpa, character_file, kneser_ney
from htrkit.language_models.character_file import load_characters
from htrkit.language_models.characters import CharacterModel, from_ngrams, symbols_of
from htrkit.language_models.counts import characters_of
from htrkit.language_models.ngrams import NgramModel
from tests.language_models.texts import VERSE, language_of, log_prob, plain_log_prob, table


def estimated(lines: list[str], order: int = 4, prune: tuple[int, ...] = ()) -> NgramModel:
    return kneser_ney.estimate([characters_of(line) for line in lines], order, prune=prune)


@pytest.fixture(scope="module")
def model() -> CharacterModel:
    return from_ngrams(estimated(VERSE))


@given(
    lines=st.lists(st.text("abc ", min_size=1, max_size=9), min_size=1, max_size=8).filter(
        lambda texts: any(map(str.strip, texts))
    ),
    text=st.text("abcx ", max_size=12),
    order=st.integers(1, 5),
    prune=st.integers(0, 2),
)
@settings(deadline=None, max_examples=80)
def test_gives_the_probabilities_of_the_ngrams(lines: list[str], text: str, order: int, prune: int) -> None:
    ngrams = estimated(lines, order, (0, prune)[:order])
    figures = table(ngrams)
    tokens = ["<space>" if character == " " else character for character in text]
    expected, history = 0.0, ("<s>",)
    for token in [*tokens, "</s>"]:
        context = history[max(0, len(history) - order + 1) :] if order > 1 else ()
        expected += plain_log_prob(figures, context, token)
        history = (*history, token if (token,) in figures else "<unk>")
    assert log_prob(from_ngrams(ngrams), text) == pytest.approx(expected, abs=1e-4)


def test_probabilities_add_up_to_one_in_every_state(model: CharacterModel) -> None:
    symbols = [0, *range(2, len(model.characters) + 3)]
    language = language_of(model)
    for state in {model.trie.start_state, *model.trie.next_states.tolist()}:
        total = sum(ngram_step(language.characters, state, symbol)[0] for symbol in symbols)
        assert total == pytest.approx(1.0, abs=1e-5)


def test_numba_compiles_it_as_it_stands(model: CharacterModel) -> None:
    numba = pytest.importorskip("numba")
    compiled, language = numba.njit(ngram_step), language_of(model)
    for state in set(model.trie.next_states.tolist()):
        for symbol in range(len(model.characters) + 3):
            assert compiled(language.characters, state, symbol) == ngram_step(language.characters, state, symbol)


def test_labels_become_symbols(model: CharacterModel) -> None:
    symbols = symbols_of(model.characters, Alphabet("t?e "))
    assert symbols.dtype == np.int32
    assert symbols.tolist() == [0, model.characters.index("t") + 3, 0, *(model.characters.index(c) + 3 for c in "e ")]


def test_prefers_what_it_has_read(model: CharacterModel) -> None:
    assert log_prob(model, "the shore") > log_prob(model, "teh shore")
    assert log_prob(model, "the shore") > log_prob(model, "t?e shore")


def test_word_models_are_refused() -> None:
    with pytest.raises(ModelError, match=r"token 'the'.*--characters"):
        from_ngrams(kneser_ney.estimate([line.split() for line in VERSE], 2))


class TestFile:
    @pytest.fixture
    def path(self, tmp_path: Path, model: CharacterModel) -> Path:
        path = tmp_path / "verse.npz"
        character_file.save(model, path)
        return path

    def test_keeps_the_model(self, path: Path, model: CharacterModel) -> None:
        loaded = character_file.load(path)
        assert (loaded.characters, loaded.trie.order, loaded.trie.start_state) == (
            model.characters,
            4,
            model.trie.start_state,
        )
        for text in ("the shore", "", "zzz the"):
            assert log_prob(loaded, text) == pytest.approx(log_prob(model, text), abs=0.004 * (len(text) + 1))
        np.testing.assert_array_equal(loaded.trie.next_states, model.trie.next_states)

    def test_is_found_by_path_and_by_name(self, path: Path, tmp_path: Path, model: CharacterModel) -> None:
        assert load_characters(path).characters == model.characters
        arpa.write(estimated(VERSE), tmp_path / "verse.arpa")
        assert load_characters(str(tmp_path / "verse.arpa")).characters == model.characters
        assert load_characters("english-characters").trie.order == 7
        arpa.write(kneser_ney.estimate([line.split() for line in VERSE], 2), tmp_path / "words.arpa")
        with pytest.raises(ModelError, match=r"words\.arpa: no character model: it has the token 'the'"):
            load_characters(tmp_path / "words.arpa")
        with pytest.raises(UsageError, match=r"no language model named 'englsh-characters'"):
            load_characters("englsh-characters")

    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("version", lambda a: np.uint8(9), "has format 9"),
            ("characters", lambda a: a[[0] * len(a)], "not distinct"),
            ("characters", lambda a: a + np.uint32(0x110000), "code points"),
            ("characters", lambda a: a[:-1], "add up"),
            ("log_probs", lambda a: np.where(np.arange(len(a)) == 3, np.float16(np.nan), a), "no log prob"),
            ("log_probs", lambda a: -a, "no log prob"),
            ("log_probs", lambda a: a[:-1], "differ in length"),
            ("log_probs", lambda a: a.astype(np.float64), "float64"),
            ("backoffs", lambda a: np.full_like(a, -np.inf), "no log prob"),
            ("backoffs", lambda a: np.full_like(a, 60_000.0), "no text leads to"),
            ("symbols", lambda a: a[::-1].copy(), "in order"),
            ("symbols", lambda a: a + np.uint16(1000), "in order"),
            ("child_counts", lambda a: np.zeros_like(a), "add up"),
            ("child_counts", lambda a: a[::-1].copy(), "add up"),
            ("child_counts", lambda a: a[None], "2 dimensions"),
        ],
    )
    def test_damage_is_found(self, path: Path, name: str, change: Any, message: str) -> None:
        with np.load(path) as archive:
            arrays = dict(archive)
        arrays[name] = change(arrays[name])
        np.savez(path, **arrays)
        with pytest.raises(ModelError, match=f"verse.npz.*{message}"):
            character_file.load(path)

    def test_a_suffix_that_is_missing_is_found(self, path: Path) -> None:
        whole = estimated(["ab"], 2)
        rows = (whole.rows[0], np.array([[3, 4]], np.int32), np.array([[1, 3, 4], [3, 4, 2]], np.int32))
        figures = tuple(np.full(len(level), -1.0) for level in rows)
        with pytest.raises(ModelError, match="without its first part"):
            from_ngrams(NgramModel(whole.vocabulary, rows, figures, figures))
        rows = (whole.rows[0], np.array([[3, 3]], np.int32), np.array([[3, 3, 4]], np.int32))
        figures = tuple(np.full(len(level), -1.0) for level in rows)
        with pytest.raises(ModelError, match="without its last part"):
            from_ngrams(NgramModel(whole.vocabulary, rows, figures, figures))

    def test_other_files_are_refused(self, path: Path, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="there is no language model"):
            character_file.load(tmp_path / "none.npz")
        content = path.read_bytes()
        for damaged in (b"", b"not a zip", content[:-30], content[: len(content) // 2]):
            path.write_bytes(damaged)
            with pytest.raises(ModelError, match=r"verse\.npz is no character model"):
                character_file.load(path)

    def test_nothing_is_unpickled(self, path: Path) -> None:
        bomb = np.array([_Bomb()], dtype=object)
        with np.load(path) as archive:
            arrays = dict(archive) | {"symbols": bomb}
        np.savez(path, **arrays)
        with pytest.raises(ModelError, match="no character model"):
            character_file.load(path)

    def test_a_file_that_claims_to_be_huge_is_not_unpacked(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        infos = zipfile.ZipFile.infolist

        def inflated(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
            entries = infos(archive)
            entries[0].file_size = 1 << 40
            return entries

        monkeypatch.setattr(zipfile.ZipFile, "infolist", inflated)
        with pytest.raises(ModelError, match="more than 1 GiB"):
            character_file.load(path)


class _Bomb:
    """Fails the test where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_the_bomb_works() -> None:
    with pytest.raises(pytest.fail.Exception):
        pickle.loads(pickle.dumps(_Bomb()))
