"""Network outputs in a file: written and read back, by any program, and refused when they make no sense."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit.alphabet import Alphabet
from htrkit.errors import HtrkitError, InputError
from htrkit.outputs import load_outputs, save_outputs

AB = Alphabet("ab")


def log_probs(frames, seed=0):
    scores = np.random.default_rng(seed).normal(size=(frames, 3))
    return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))).astype(np.float32)


@given(
    st.lists(st.tuples(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers(0, 5)))
)
def test_what_is_saved_is_loaded(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("outputs") / "x.npz"
    arrays = [log_probs(frames, seed) for seed, (_, frames) in enumerate(lines)]
    save_outputs(path, AB, [name for name, _ in lines], arrays)
    loaded = load_outputs(path)
    assert (loaded.alphabet, loaded.ids) == (AB, tuple(name for name, _ in lines))
    assert len(loaded.log_probs) == len(arrays)
    for ours, theirs in zip(loaded.log_probs, arrays, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [file.name for file in path.parent.iterdir()] == ["x.npz"]


def test_labels_of_several_characters_come_back(tmp_path):
    several = Alphabet(["a", "ch"])
    save_outputs(tmp_path / "x.npz", several, ["x"], [log_probs(4)])
    assert load_outputs(tmp_path / "x.npz").alphabet == several


def test_another_programs_plain_arrays_are_read(tmp_path):
    probabilities = np.array([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]])  # of float64, and blank last, as many networks have it
    blank_first = np.log(np.roll(probabilities, 1, axis=1))
    np.savez(tmp_path / "x.npz", alphabet="ab", ids=["one"], offsets=[0, 2], log_probs=blank_first)
    loaded = load_outputs(tmp_path / "x.npz")
    np.testing.assert_allclose(np.exp(loaded.log_probs[0]), np.roll(probabilities, 1, axis=1), rtol=1e-6)


GOOD = {"alphabet": "ab", "ids": ["x", "y"], "offsets": [0, 2, 5], "log_probs": log_probs(5)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alphabet": "abc"}, "3 columns, but 4 are wanted: does the alphabet list the blank too"),
        ({"alphabet": "a"}, "a blank and 2 characters; the alphabet is one too short"),
        ({"alphabet": "abcde"}, "3 columns, but 6"),
        ({"alphabet": "abcd", "log_probs": log_probs(5)}, "turn its axes, frames come first"),
        ({"log_probs": log_probs(5) + 5}, "raw scores need a log-softmax"),
        ({"log_probs": log_probs(5) / np.float32(np.log(10))}, "do not sum to one"),
        ({"alphabet": "aa"}, "twice"),
        ({"alphabet": 5}, "alphabet is neither one text"),
        ({"alphabet": [["a", "b"]]}, "alphabet is neither one text"),
        ({"ids": [1, 2]}, "ids is not"),
        ({"offsets": [0, 5]}, "offsets must be 3"),
        ({"offsets": [0.0, 2.0, 5.0]}, "offsets must be 3"),
        ({"offsets": [0, 4, 3]}, "offsets must rise"),
        ({"offsets": [0, -1, 5]}, "offsets must rise"),
        ({"offsets": [1, 2, 5]}, "offsets must rise"),
        ({"offsets": [0, 2, 6]}, "offsets must rise"),
        ({"log_probs": np.exp(log_probs(5))}, "probabilities, not natural logarithms"),
        ({"log_probs": np.full((5, 3), np.nan)}, "nan"),
        ({"log_probs": np.zeros(5)}, "shape"),
        ({"log_probs": np.array([[object()] * 3] * 5)}, "no .npz file of network outputs"),
        ({"ids": None}, "ids is missing"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path, changes, message):
    arrays = {name: value for name, value in (GOOD | changes).items() if value is not None}
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputError, match=message):
        load_outputs(tmp_path / "x.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"hello"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"no \.npz file"):
        load_outputs(tmp_path / "x.npz")
    with pytest.raises(InputError, match="no such file"):
        load_outputs(tmp_path / "y.npz")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(HtrkitError, match="cannot write"):
        save_outputs(tmp_path / "no" / "x.npz", AB, [], [])


def test_a_blank_that_seems_to_be_the_last_label_is_said(tmp_path):
    scores = np.full((40, 4), -5.0, np.float32)
    scores[:, 0] = 0.0
    scores[::3] = (-5.0, -5.0, 0.0, -5.0)
    scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
    path = tmp_path / "turned.npz"
    save_outputs(path, Alphabet("abc"), ["x"], [np.roll(scores, -1, axis=1)])
    with pytest.warns(
        UserWarning, match=r"turned\.npz: the last label is the best in 65% of the frames, the first in 0%"
    ):
        load_outputs(path)
    save_outputs(path, Alphabet("abc"), ["x"], [scores])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_outputs(path)
