"""Prefix beam search: against brute force, with and without a character language model."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest

from htrkit.alphabet import Alphabet
from htrkit.contracts import Decoder
from htrkit.decoders.beam import Beam
from htrkit.decoders.notices import DecoderWarning
from htrkit.errors import ModelError, UsageError
from htrkit.language_models import character_file, characters, kneser_ney
from htrkit.language_models.ngrams import NgramModel
from htrkit.testing import brute_force, check_decoder, sure_line
from tests.decoders.conftest import Lines
from tests.language_models.texts import log_prob
from tests.time_limits import processor_time_within


def unlimited(alphabet: str) -> Decoder:
    return Beam(alphabet, beam_width=400, label_threshold=0.0, beam_threshold=0.0)


def test_contract(kernels: str) -> None:
    check_decoder(Beam)


def test_contract_of_one_beam(kernels: str) -> None:
    check_decoder(lambda alphabet: Beam(alphabet, beam_width=1), long=False)


def test_without_limits_it_is_exact(kernels: str) -> None:
    check_decoder(unlimited, alphabet="ab", exact=True, long=False)


def test_without_limits_the_whole_list_is_brute_force(kernels: str, lines: Lines) -> None:
    for line in lines(10, 5, 3):
        truth = brute_force(line, "ab")
        found = unlimited("ab").decode(line, n_best=10_000)
        assert [one.text for one in found] == list(truth)
        assert [one.score for one in found] == pytest.approx([math.log(p) for p in truth.values()])


def test_many_paths_outweigh_the_best_one(kernels: str) -> None:
    line = np.log(np.array([[0.6, 0.4, 1e-30], [0.6, 0.4, 1e-30]]))
    for width in (2, 3, 25):
        found = Beam("ab", beam_width=width).decode(line)[0]
        assert found.text == "a"
        assert math.exp(found.score) == pytest.approx(0.64)
        assert found.log_prob == pytest.approx(found.score)


def test_few_beams_that_are_sorted_and_many_in_a_heap_read_the_same(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = [line[: 3 * frames] for frames, line in enumerate(lines(20, 60, 30))]
    decoder = Beam("".join(map(chr, range(97, 126))), beam_width=7)
    monkeypatch.setattr("htrkit.decoders.beam_search.kernels_for", lambda frames: None)
    sorted_beams = decoder.decode_batch(drawn, n_best=7)
    monkeypatch.setattr("htrkit.decoders.beams.SORTED", 0)
    assert decoder.decode_batch(drawn, n_best=7) == sorted_beams


def test_compiled_and_interpreted_agree_to_the_bit(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [line[: 3 * frames] for frames, line in enumerate(lines(20, 60, 30))]
    alphabet = "".join(map(chr, range(97, 126)))
    for options in ({}, {"beam_width": 3}, {"beam_width": 60, "label_threshold": 0.0, "beam_threshold": 0.0}):
        decoder = Beam(alphabet, **options)
        results = []
        for patience in (10**9, 0):
            monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", patience)
            results.append(decoder.decode_batch(drawn, n_best=4))
        assert results[0] == results[1]


def test_results_do_not_depend_on_threads_or_order(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htrkit.decoders.compiled.PATIENCE", 0)
    drawn = lines(70, 30, 20)
    decoder = Beam("".join(map(chr, range(97, 116))))
    one = decoder.decode_batch(drawn, n_best=2)
    assert decoder.decode_batch(drawn, n_best=2, threads=4) == one
    assert decoder.decode_batch(drawn[::-1], n_best=2, threads=0) == one[::-1]


def test_the_default_thresholds_cost_nothing_on_peaky_lines(lines: Lines) -> None:
    drawn = lines(10, 60, 30)
    alphabet = "".join(map(chr, range(97, 126)))
    for line in drawn:
        pruned = Beam(alphabet).decode(line)[0]
        assert pruned.text == Beam(alphabet, label_threshold=0.0, beam_threshold=0.0).decode(line)[0].text


def test_a_long_line_does_not_underflow(kernels: str, lines: Lines) -> None:
    line = np.tile(lines(1, 100, 5)[0], (40, 1))
    found = Beam("abcd").decode(line)[0]
    assert -math.inf < found.score < -745
    assert found.log_prob is not None
    assert found.score <= found.log_prob + 1e-6
    assert len(found.spans) == len(found.text)


@pytest.mark.parametrize(
    "options", [{"beam_width": 0}, {"beam_width": 10**20}, {"label_threshold": -1.0}, {"beam_threshold": 1.0}]
)
def test_options_that_make_no_sense(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        Beam("ab", **options)  # type: ignore[arg-type]


@pytest.fixture
def bigrams(tmp_path: Path) -> Path:
    """A character model over a and b by hand: after a comes b, after b comes anything."""
    vocabulary = ("<unk>", "<s>", "</s>", "a", "b")
    unigrams = np.log([0.1, 1e-9, 0.1, 0.4, 0.4])
    rows = np.array([[3, 3], [3, 4], [4, 3]], np.int32)
    model = NgramModel(
        vocabulary,
        (np.arange(5, dtype=np.int32)[:, None], rows),
        (unigrams, np.log([0.05, 0.9, 0.5])),
        (np.log([1.0, 1.0, 1.0, 0.1, 0.8]), np.zeros(3)),
    )
    path = tmp_path / "ab.npz"
    character_file.save(characters.from_ngrams(model), path)
    return path


@pytest.mark.parametrize("weight", [0.3, 1.0])
def test_with_a_language_model_the_whole_list_is_brute_force(
    kernels: str, lines: Lines, bigrams: Path, weight: float
) -> None:
    decoder = Beam(
        "abc",
        beam_width=400,
        label_threshold=0.0,
        beam_threshold=0.0,
        language_model=str(bigrams),
        language_model_weight=weight,
    )
    model = character_file.load(bigrams)
    for line in lines(5, 4, 4):
        truth = {
            text: math.log(p) + weight * log_prob(model, text, end=False) + 0.3 * len(text)
            for text, p in brute_force(line, "abc").items()
        }
        found = decoder.decode(line, n_best=10_000)
        assert {one.text: one.score for one in found} == pytest.approx(truth)
        assert [one.score for one in found] == sorted(truth.values(), reverse=True) or len(found) == len(truth)
        assert found[0].text == max(truth, key=truth.__getitem__)


def test_a_language_model_of_no_weight_changes_nothing(lines: Lines, bigrams: Path) -> None:
    (line,) = lines(1, 20, 3)
    plain = Beam("ab").decode(line, n_best=3)
    assert Beam("ab", language_model=str(bigrams), language_model_weight=0.0).decode(line, n_best=3) == plain


def test_a_language_model_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError):
        Beam("ab", language_model=str(tmp_path / "broken.npz"))
    with pytest.raises(UsageError):
        Beam("ab", language_model=str(tmp_path / "absent.npz"))
    with pytest.raises(UsageError, match="weight"):
        Beam("ab", language_model_weight=-1.0)


def test_a_weight_without_a_language_model_is_named() -> None:
    with pytest.warns(DecoderWarning, match="language_model_weight has no effect without language_model"):
        Beam("ab", language_model_weight=5.0)


@pytest.mark.parametrize(("known", "read"), ["'\u2019", "\u2019'", "'\u02bc"])
def test_apostrophes_are_one_to_a_language_model(tmp_path: Path, lines: Lines, known: str, read: str) -> None:
    tokens = [["a", known, "b"], ["a", known, "b"], ["b", "a"]]
    character_file.save(characters.from_ngrams(kneser_ney.estimate(tokens, 2)), tmp_path / "m.npz")
    (line,) = lines(1, 12, 4)
    same, other = (
        Beam("ab" + apostrophe, language_model=str(tmp_path / "m.npz")).decode(line, n_best=3)
        for apostrophe in (known, read)
    )
    assert [(one.text.replace(read, known), one.score) for one in other] == [(one.text, one.score) for one in same]


@pytest.mark.parametrize(("text", "kind"), [("THE END", "small letters"), ("the end", "capitals")])
def test_a_language_model_in_other_capitals_is_named(tmp_path: Path, text: str, kind: str) -> None:
    tokens = [["<space>" if character == " " else character for character in text]]
    character_file.save(characters.from_ngrams(kneser_ney.estimate(tokens, 2)), tmp_path / "m.npz")
    with pytest.warns(DecoderWarning, match=kind):
        Beam("THEND thend", language_model=str(tmp_path / "m.npz"))


@pytest.mark.parametrize("flat", [False, True])
def test_many_labels(flat: bool) -> None:
    """A second a line, the first one, which is interpreted."""
    alphabet = Alphabet("".join(map(chr, range(0x4E00, 0x4E00 + 18_384))))
    text = alphabet.characters[:: 18_384 // 30]
    line = sure_line(text, alphabet, sure=0.6 if flat else 0.95)
    decoder = Beam(alphabet)
    with processor_time_within(1.0):
        found = decoder.decode(line)[0]
    assert found.text == text


def test_it_can_be_handed_to_another_process(lines: Lines, bigrams: Path) -> None:
    decoder = Beam("ab", language_model=str(bigrams), beam_width=4)
    drawn = lines(5, 20, 3)
    assert pickle.loads(pickle.dumps(decoder)).decode_batch(drawn, n_best=3) == decoder.decode_batch(drawn, n_best=3)


def test_decoders_take_an_alphabet_too(lines: Lines) -> None:
    (line,) = lines(1, 20, 3)
    assert Beam(Alphabet("ab")).decode(line) == Beam("ab").decode(line)
