"""What beam-lm reads, with either search."""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path
from typing import Any

import made_lines as lines
import numpy as np
import pytest
from htrkit_kenlm.decoder import BeamLM, beam_lm
from hypothesis import given, settings
from hypothesis import strategies as st

import htrkit
from htrkit import ShapeError, UsageError, ctc
from htrkit.decoders import DecoderWarning
from htrkit.testing import check_decoder

ALPHABET = "abcdehmnogst ,_|"
MODULES = {"pyctcdecode": "pyctcdecode", "native": "ctc_beam_decoder"}


def need(backend: str) -> None:
    if not importlib.util.find_spec(MODULES[backend]):
        pytest.skip(f"{MODULES[backend]} is not installed")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lines.word_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(params=sorted(MODULES))
def backend(request: pytest.FixtureRequest) -> str:
    need(request.param)
    return str(request.param)


@pytest.fixture(scope="module")
def pair(model: Path) -> tuple[BeamLM, BeamLM]:
    for name in MODULES:
        need(name)
    options = {"language_model": model, "hotwords": ["tab", "dog"], "hotword_weight": 2.0, "unknown_score": -3.0}
    return tuple(BeamLM(ALPHABET, backend=name, **options) for name in ("native", "pyctcdecode"))  # type: ignore


def test_contract(model: Path, backend: str) -> None:
    check_decoder(
        lambda alphabet: BeamLM(alphabet, language_model=model, backend=backend),
        allowed=lambda text: text == " ".join(text.split()),
        sure=lambda text: text == "a",  # a word of the model; it would rather see that than nothing
    )


def test_within_a_word_and_without_weights_it_is_exact(model: Path, backend: str) -> None:
    check_decoder(
        lambda alphabet: BeamLM(
            alphabet, language_model=model, backend=backend, alpha=0.0, beta=0.0, unknown_score=0.0, beam_width=500
        ),
        alphabet="ab",
        exact=True,
        long=False,
    )


@given(seed=st.integers(0, 10_000), frames=st.integers(0, 30), spread=st.sampled_from([1.0, 3.0, 6.0]))
@settings(deadline=None, max_examples=50)
def test_both_searches_say_the_same(pair: tuple[BeamLM, BeamLM], seed: int, frames: int, spread: float) -> None:
    line = lines.random_line(seed, frames, len(ALPHABET) + 1, spread)
    native, python = (decoder.decode(line, n_best=3) for decoder in pair)
    # Texts whose scores are equal may come in any order.
    assert [h.score for h in native] == pytest.approx([h.score for h in python], abs=1e-3)
    if len(python) == 1 or python[0].score - python[1].score > 1e-3:
        assert native[0].text == python[0].text


def test_pyctcdecode_itself_says_the_same(model: Path) -> None:
    need("pyctcdecode")
    from pyctcdecode import build_ctcdecoder

    letters = "abcdehmnogst ,"
    words = sorted({word for sentence in lines.SENTENCES for word in sentence.split()})
    published = build_ctcdecoder(["", *letters], str(model), words, alpha=0.7, beta=1.0, unk_score_offset=-4.0)
    ours = BeamLM(
        letters, language_model=model, alpha=0.7, beta=1.0, unknown_score=-4.0, beam_width=20, backend="pyctcdecode"
    )
    for seed in range(10):
        line = lines.random_line(seed, 25, len(letters) + 1)
        expected = published.decode_beams(line, beam_width=20)[0]
        found = ours.decode(line)[0]
        assert (found.text, found.score) == (expected[0], pytest.approx(expected[-1], abs=1e-5))


def test_the_word_model_decides_between_words_that_look_alike(model: Path, backend: str) -> None:
    line = lines.spelled("the mat sat", ALPHABET, doubt={4: "c"})
    assert BeamLM(ALPHABET, language_model=model, backend=backend).decode(line)[0].text == "the cat sat"
    line = lines.spelled("the cat and", ALPHABET, doubt={4: "m"})
    assert BeamLM(ALPHABET, language_model=model, backend=backend, alpha=2.0).decode(line)[0].text == "the mat and"


def test_hypotheses_are_whole(model: Path, backend: str) -> None:
    line = lines.random_line(7, 20, len(ALPHABET) + 1, 2.0)
    found = BeamLM(ALPHABET, language_model=model, backend=backend).decode(line, n_best=5)
    texts = [hypothesis.text for hypothesis in found]
    assert 1 < len(texts) == len(set(texts)) <= 5
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    for hypothesis in found:
        labels = [ALPHABET.index(character) + 1 for character in hypothesis.text]
        assert hypothesis.log_prob == pytest.approx(ctc.log_prob(line, labels))
        assert hypothesis.spans == ctc.align(line, labels)
        assert hypothesis.confidence == pytest.approx(ctc.confidence(hypothesis.log_prob or 0.0, len(labels)))


@pytest.mark.parametrize(
    ("alphabet", "text"),
    [
        ("ab_|", "a|b_a"),  # without a space "|" would become one, and "_" the blank
        ("ab_| ", "a_ |b"),
        ("▁ab ", "▁a b▁"),  # "▁" would turn the alphabet into word pieces
        ("ab\t\u00a0 ", "a\tb \u00a0a"),
        ("ab\0⁇", "a\0b⁇"),
        ("ab\ue000▁", "\ue000a▁"),
    ],
)
def test_every_character_is_an_ordinary_one(model: Path, backend: str, alphabet: str, text: str) -> None:
    decoder = BeamLM(alphabet, language_model=model, backend=backend, unknown_score=0.0, beta=0.0, alpha=0.01)
    assert decoder.decode(lines.spelled(text, alphabet))[0].text == text


def test_blanks_alone_and_no_frames_read_as_nothing(model: Path, backend: str) -> None:
    decoder = BeamLM(ALPHABET, language_model=model, backend=backend)
    blanks = np.full((5, len(ALPHABET) + 1), np.log(1e-6), np.float32)
    blanks[:, 0] = 0.0
    assert decoder.decode(blanks)[0].text == ""
    nothing = decoder.decode(blanks[:0])
    assert [(h.text, h.log_prob) for h in nothing] == [("", 0.0)]


def test_impossible_labels_do_not_disturb(model: Path, backend: str) -> None:
    line = np.full((3, len(ALPHABET) + 1), -np.inf, np.float32)
    line[[0, 1, 2], [1, 0, 2]] = 0.0
    decoder = BeamLM(ALPHABET, language_model=model, backend=backend)
    found = decoder.decode(line)[0]
    assert (found.text, found.log_prob) == ("ab", 0.0)


def test_htrkit_searches_without_kenlm(model: Path) -> None:
    check_decoder(lambda alphabet: beam_lm(alphabet, language_model=model), long=False)
    line = lines.spelled("the mat sat", ALPHABET, doubt={4: "c"})
    assert beam_lm(ALPHABET, language_model=model).decode(line)[0].text == "the cat sat"
    line = lines.spelled("the cat", ALPHABET, doubt={6: "b"})
    assert beam_lm(ALPHABET, language_model=model, hotwords=["cab"]).decode(line)[0].text == "the cab"
    random = lines.random_line(1, 20, len(ALPHABET) + 1)
    assert beam_lm(ALPHABET, alpha=0).decode(random) == htrkit.decoder("beam", ALPHABET).decode(random)
    english = beam_lm(ALPHABET)
    assert english.decode(lines.spelled("a cat and a dog", ALPHABET, doubt={3: "e"}))[0].text == "a cat and a dog"


def test_hotwords_are_favoured(model: Path, backend: str) -> None:
    line = lines.spelled("the cat", ALPHABET, doubt={6: "b"})
    plain = BeamLM(ALPHABET, language_model=model, backend=backend)
    hot = BeamLM(ALPHABET, language_model=model, backend=backend, hotwords=["cab"])
    assert (plain.decode(line)[0].text, hot.decode(line)[0].text) == ("the cat", "the cab")


def test_unknown_words_cost_what_is_asked(model: Path, backend: str) -> None:
    line = lines.spelled("the cat", ALPHABET, doubt={6: "b"})
    scores = [
        next(
            hypothesis.score
            for hypothesis in BeamLM(
                ALPHABET, language_model=model, backend=backend, unknown_score=cost, alpha=1.0
            ).decode(line, n_best=10)
            if hypothesis.text == "the cab"
        )
        for cost in (-1.0, -2.0)
    ]
    assert scores[0] - scores[1] == pytest.approx(np.log(10), abs=1e-3)


def test_without_weight_the_model_is_ignored(model: Path, backend: str) -> None:
    line = lines.spelled("gnotach tomed", ALPHABET, doubt={9: " ", 3: "_"})
    decoder = BeamLM(ALPHABET, language_model=model, backend=backend, alpha=0.0, beta=0.0)
    plain = BeamLM(ALPHABET, language_model=model, backend=backend, alpha=0.0, beta=0.0, unknown_score=0.0)
    assert decoder.decode(line, n_best=3) == plain.decode(line, n_best=3)
    assert decoder.decode(line)[0].score == pytest.approx(decoder.decode(line)[0].log_prob, abs=0.1)
    with pytest.warns(DecoderWarning, match="unknown_score has no effect with alpha=0"):
        BeamLM(ALPHABET, language_model=model, backend=backend, alpha=0.0, unknown_score=-3.0)


@pytest.mark.parametrize(("known", "read"), ["'\u2019", "\u2019'"])
def test_apostrophes_are_one_to_the_model(tmp_path: Path, backend: str, known: str, read: str) -> None:
    path = lines.word_model(tmp_path, [f"do{known}t go", f"do{known}t stop", "dot"])
    decoder = BeamLM(f"dontgsp {read}", language_model=path, backend=backend, hotwords=[f"don{known}t"])
    line = lines.spelled(f"do{read}t go", f"dontgsp {read}", doubt={2: "n"})
    assert decoder.decode(line)[0].text == f"do{read}t go"
    line = lines.spelled(f"dont{read} go", f"dontgsp {read}", doubt={3: read, 4: "t"})
    assert decoder.decode(line)[0].text == f"don{read}t go"


def test_a_network_with_both_apostrophes_keeps_them_apart(tmp_path: Path, backend: str) -> None:
    alphabet = "dontgsp \u2019'"
    path = lines.word_model(tmp_path, ["do't go", "do't stop", "dot"])
    decoder = BeamLM(alphabet, language_model=path, backend=backend)
    line = lines.spelled("do\u2019t do't go", alphabet, doubt={2: "n", 8: "n"})
    found = decoder.decode(line)[0]
    assert found.text == "do\u2019t do't go"
    assert found.log_prob == pytest.approx(ctc.log_prob(line, decoder.alphabet.encode(found.text)))


@pytest.mark.parametrize(("sentence", "kind"), [("THE CAT SAT", "small letters"), ("the cat sat", "capitals")])
def test_a_model_in_other_capitals_is_named(tmp_path: Path, backend: str, sentence: str, kind: str) -> None:
    path = lines.word_model(tmp_path, [sentence])
    with pytest.warns(DecoderWarning, match=f"has hardly a word with {kind}"):
        BeamLM("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ", language_model=path, backend=backend)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"hotwords": ["Zürich"]}, "hotword 'Zürich' has no effect: the network does not read 'Z' 'i' 'r' 'ü'"),
        ({"hotword_weight": 3.0}, "hotword_weight has no effect without hotwords"),
    ],
)
def test_options_without_effect_are_named(model: Path, backend: str, options: dict[str, Any], says: str) -> None:
    with pytest.warns(DecoderWarning, match=says):
        BeamLM(ALPHABET, language_model=model, backend=backend, **options)


def test_it_can_be_handed_to_another_process(model: Path, backend: str) -> None:
    decoder = BeamLM(ALPHABET, language_model=model, backend=backend, hotwords=iter(["tab"]), alpha=0.7, beam_width=9)
    line = lines.random_line(3, 25, len(ALPHABET) + 1)
    assert pickle.loads(pickle.dumps(decoder)).decode(line, n_best=3) == decoder.decode(line, n_best=3)


def test_four_thousand_frames(model: Path, backend: str) -> None:
    line = lines.spelled("the cat sat on the mat " * 87, ALPHABET)[:4000]
    found = BeamLM(ALPHABET, language_model=model, backend=backend, beam_width=5).decode(line)[0]
    assert found.text.startswith("the cat sat on the mat the cat")
    assert np.isfinite(found.score)


def test_refuses_what_cannot_work(model: Path, backend: str) -> None:
    with pytest.raises(UsageError, match="beam_width is 0"):
        BeamLM(ALPHABET, language_model=model, backend=backend, beam_width=0)
    with pytest.raises(UsageError, match="must be htrkit, pyctcdecode or native"):
        beam_lm(ALPHABET, language_model=model, backend="gpu")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"no language model named 'englsh-words'.*english-words"):
        beam_lm(ALPHABET, language_model="englsh-words", backend=backend)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="wants a KenLM model of your own"):
        beam_lm(ALPHABET, backend=backend)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="columns"):
        BeamLM(ALPHABET, language_model=model, backend=backend).decode(np.zeros((3, 4), np.float32))


def test_a_backend_that_is_missing_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctc_beam_decoder", None)
    monkeypatch.delitem(sys.modules, "htrkit_kenlm.native_search", raising=False)
    with pytest.raises(UsageError, match="pip install ctc-beam-decoder"):
        BeamLM(ALPHABET, language_model=model, backend="native")
