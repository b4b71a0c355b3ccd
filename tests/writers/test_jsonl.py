from __future__ import annotations

import json
import math
import os

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from htrkit import plugins
from htrkit.contracts import Writer
from htrkit.types import Alternative, Hypothesis, Place, Result, Run, Word
from htrkit.writers.jsonl import Jsonl

# the lone surrogates are what Python makes of bytes in a path that are not UTF-8
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF))
FLOATS = st.floats() | st.floats(width=32).map(np.float32)

RESULT = Result(
    "a.png",
    (
        Hypothesis("word", score=-0.5, log_prob=-0.25, spans=((0, 2), (3, 4), (5, 6), (7, 9)), confidence=0.9),
        Hypothesis("ward", score=-1.5),
    ),
)


def said(writer: Writer, *results: Result) -> str:
    return "".join(writer(results))


def test_an_object_has_the_promised_keys_in_order() -> None:
    writer = plugins.create("writer", "jsonl", Run("english-words", "beam", several=False))
    assert list(json.loads(said(writer, RESULT)).items()) == [
        ("image", "a.png"),
        ("text", "word"),
        ("confidence", 0.9),
        ("model", "english-words"),
        ("decoder", "beam"),
    ]


def test_n_best_adds_the_hypotheses_asked_for_and_says_null_where_nothing_is_known() -> None:
    assert json.loads(said(Jsonl(Run("m", "d", n_best=5)), RESULT))["hypotheses"] == [
        {"text": "word", "score": -0.5, "log_prob": -0.25, "confidence": 0.9},
        {"text": "ward", "score": -1.5, "log_prob": None, "confidence": None},
    ]
    many = Result("a", tuple(Hypothesis(str(i), -float(i)) for i in range(9)))
    assert len(json.loads(said(Jsonl(Run("m", "d", n_best=3)), many))["hypotheses"]) == 3


def test_a_line_of_a_page_says_where_it_and_its_words_stand() -> None:
    box = ((1.04, 2.0), (9.0, 2.0), (9.0, 8.0))
    words = (Word("two", box, 0.5, (0, 2), (Alternative("to", 0.25),)), Word("words", (), None, has_ink=False))
    place = Place("p.png", 4, box, ((1.0, 7.0), (9.0, 7.0)), "r1", "l5")
    written = json.loads(
        said(Jsonl(Run("m", "d")), Result("p.png:5", (Hypothesis("two words", 0.0, words=words),), place, (box,)))
    )
    assert (written["image"], written["line"], written["region"]) == ("p.png", 5, "r1")
    assert written["baseline"] == [[1, 7], [9, 7]]
    assert written["words"] == [
        {
            "text": "two",
            "confidence": 0.5,
            "alternatives": [{"text": "to", "confidence": 0.25}],
            "polygon": [[1, 2], [9, 2], [9, 8]],
        },
        {"text": "words", "confidence": None, "alternatives": [], "polygon": None, "has_ink": False},
    ]
    assert written["unread"] == [[[1, 2], [9, 2], [9, 8]]]


def test_spans_come_when_asked_for() -> None:
    written = json.loads(said(Jsonl(Run("m", "d", n_best=2), spans=True), RESULT))
    assert written["spans"] == [[0, 2], [3, 4], [5, 6], [7, 9]]
    assert [h["spans"] for h in written["hypotheses"]] == [written["spans"], []]
    assert "spans" not in json.loads(said(Jsonl(Run("m", "d", n_best=2)), RESULT))


def test_what_is_not_finite_is_null_since_json_knows_no_infinity() -> None:
    hopeless = Result("a", (Hypothesis("x", -math.inf, log_prob=-math.inf, confidence=math.nan), Hypothesis("y", -1)))
    written = json.loads(said(Jsonl(Run("m", "d", n_best=2)), hopeless))
    assert written["confidence"] is None
    assert written["hypotheses"][0] == {"text": "x", "score": None, "log_prob": None, "confidence": None}


def test_a_path_that_is_not_utf8_can_be_had_back() -> None:
    name = os.fsdecode(b"scans/\xff\xfe.png")
    written = said(Jsonl(Run("m", "d")), Result(name, (Hypothesis("x", 0.0),)))
    assert os.fsencode(json.loads(written.encode("utf-8"))["image"]) == b"scans/\xff\xfe.png"


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@given(ANY_TEXT, ANY_TEXT, FLOATS, FLOATS)
def test_whatever_the_result_there_is_one_line_of_json_that_says_it(
    text: str, name: str, score: float, confidence: float
) -> None:
    written = said(Jsonl(Run("m", "d", n_best=2)), Result(name, (Hypothesis(text, score, confidence=confidence),)))
    assert len(written.encode("utf-8").decode("utf-8").splitlines()) == 1
    assert written.endswith("\n")
    read = json.loads(written, parse_constant=not_json)
    assert (read["image"], read["text"]) == (name, text)


def test_a_line_of_a_page_says_where_it_stands() -> None:
    place = Place("scan.png", 2, ((0.0, 1.5), (9.0, 1.5), (9.0, 8.0)), ((0.0, 7.0), (9.0, 7.0)), "r1")
    written = json.loads(said(Jsonl(Run("m", "d")), Result("scan.png:3", (Hypothesis("x", 0.0),), place)))
    assert (written["image"], written["line"], written["region"]) == ("scan.png", 3, "r1")
    assert written["polygon"] == [[0.0, 1.5], [9.0, 1.5], [9.0, 8.0]]
    assert written["baseline"] == [[0.0, 7.0], [9.0, 7.0]]
