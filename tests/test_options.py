"""A factory's keyword-only arguments, as options."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htrkit import PluginError, UsageError
from htrkit.option_types import convert, describe, fits
from htrkit.options import REQUIRED, check, did_you_mean, options_of, parse


class Beam:
    """A decoder.

    Parameters
    ----------
    alphabet
        The characters.
    beam_width
        Hypotheses kept per frame. More cost more
        time.
    lexicon, corpus
        A shipped name, a path, or words.
    mode : str
        N-grams or words.

    Raises
    ------
    strict
        Not a parameter.
    """

    def __init__(
        self,
        alphabet: str,
        extra: int = 0,
        *,
        beam_width: int = 25,
        lexicon: str | Path | Iterable[str] = "english",
        corpus: tuple[str, ...] | None = None,
        mode: Literal["words", "ngrams"] = "words",
        cut: float = 1e-3,
        strict: bool = False,
        folder: Path = Path("x"),
        of_a_type_only_for_checkers: Mystery | None = None,  # type: ignore[name-defined]  # noqa: F821
    ) -> None: ...


def parsed(*texts: str) -> dict[str, object]:
    return parse("decoder", "beam", Beam, texts)


def test_options_are_the_keyword_only_arguments_with_type_default_and_help() -> None:
    described = [str(option) for option in options_of(Beam)]
    assert described == [
        "beam_width (int, default 25: hypotheses kept per frame)",
        "lexicon (str or path or list of str, default english: a shipped name, a path, or words)",
        "corpus (list of str or none, default none: a shipped name, a path, or words)",
        "mode (words|ngrams, default words: N-grams or words)",
        "cut (float, default 0.001)",
        "strict (bool, default false)",
        "folder (path, default x)",
        "of_a_type_only_for_checkers (Mystery | None, default none)",
    ]


def test_a_factory_may_be_a_function_or_have_no_signature() -> None:
    def make(*, size: int) -> int:
        return size

    (option,) = options_of(make)
    assert (option.name, option.type, option.default, option.help) == ("size", "int", REQUIRED, "")
    assert options_of(type) == []


def test_values_are_converted_as_the_annotations_say() -> None:
    values = parsed("beam-width=50", "lexicon=a,b", "corpus=a, b", "mode=ngrams", "cut=1e-4", "strict=yes", "folder=y")
    assert values == {
        "beam_width": 50,
        "lexicon": "a,b",
        "corpus": ("a", "b"),
        "mode": "ngrams",
        "cut": 1e-4,
        "strict": True,
        "folder": Path("y"),
    }
    assert parsed("corpus=none") == {"corpus": None}
    assert parsed("lexicon=a=b") == {"lexicon": "a=b"}


@pytest.mark.parametrize(
    "text", ["beam_width=wide", "beam_width=2.5", "beam_width=", "mode=word", "cut=nan", "strict=perhaps"]
)
def test_an_ill_typed_value_lists_the_valid_options(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text)
    first, *rest = str(caught.value).splitlines()
    key, _, value = text.partition("=")
    assert first.startswith(f"option '{key}' of decoder 'beam' must be ")
    assert first.endswith(f"not {value!r}")
    assert "  beam_width (int, default 25: hypotheses kept per frame)" in rest


def test_an_unknown_option_says_what_was_probably_meant_and_lists_the_others() -> None:
    with pytest.raises(UsageError) as caught:
        parsed("width=50")
    first, *rest = str(caught.value).splitlines()
    assert first == (
        "decoder 'beam' has no option 'width'; did you mean 'beam_width' (int, default 25: hypotheses kept per frame)?"
    )
    assert "  strict (bool, default false)" in rest


def test_an_option_without_a_value_says_how_to_write_it() -> None:
    with pytest.raises(UsageError, match="write it as key=value"):
        parsed("strict")


def test_an_option_without_a_type_makes_the_factory_unusable() -> None:
    with pytest.raises(PluginError, match="its option 'flag' has no type annotation"):
        options_of(lambda alphabet, *, flag=False: None)


def test_a_private_argument_is_no_option() -> None:
    assert options_of(lambda *, _flag=False: None) == []


def test_an_argument_by_position_is_said_to_be_no_option() -> None:
    with pytest.raises(
        UsageError, match=r"has no option 'extra': it takes extra by position, and options stand after a \*"
    ):
        parsed("extra=1")


def test_no_text_fits_a_class_that_stands_for_no_text() -> None:
    def make(*, words: frozenset[str] | Mapping[str, int], back: complex) -> None: ...

    assert parse("decoder", "m", make, ["words=a,b"]) == {"words": frozenset("ab")}
    with pytest.raises(UsageError, match="option 'back' of decoder 'm' must be complex, not '1j'"):
        parse("decoder", "m", make, ["back=1j"])


def test_a_component_without_options_says_so() -> None:
    with pytest.raises(UsageError, match="it has no options at all"):
        parse("decoder", "plain", lambda alphabet: None, ["x=1"])


def test_values_given_in_python_are_checked_too() -> None:
    check("decoder", "beam", Beam, {"beam_width": 3, "cut": 1, "lexicon": ["a"], "corpus": None, "folder": "x"})
    for wrong in ({"beam_width": "3"}, {"beam_width": True}, {"cut": "x"}, {"corpus": "ab"}, {"mode": "x"}, {"no": 1}):
        with pytest.raises(UsageError):
            check("decoder", "beam", Beam, wrong)


def test_a_required_option_is_missed() -> None:
    def make(*, size: int) -> int:
        return size

    with pytest.raises(UsageError, match=r"model 'm' needs the option size \(int, required\)"):
        check("model", "m", make, {})


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int | None, "int or none"),
        (None | str, "str or none"),
        (list[int], "list of int"),
        (tuple[int, int], "list of int"),
        (Literal["a", 2], "a|2"),
        (Any, "any"),
        (Annotated[int | None, "of frames"], "int or none"),
        (complex, "complex"),
        ("X | None", "X | None"),
    ],
)
def test_types_in_words(annotation: object, words: str) -> None:
    assert describe(annotation) == words


@given(st.integers() | st.floats(allow_nan=False) | st.booleans())
def test_a_number_comes_back_from_its_text(value: float) -> None:
    annotation = type(value)
    assert convert(str(value), annotation) == value
    assert convert(str(value), annotation | None) == value
    assert fits(value, annotation)


@given(st.lists(st.text(string.ascii_letters, min_size=1)))
def test_a_list_comes_back_from_its_text(values: list[str]) -> None:
    assert convert(",".join(values), list[str]) == values
    assert convert(",".join(values), tuple[str, ...]) == tuple(values)


@given(st.text(), st.sampled_from([int, float, bool, int | None, Literal["a", 1], tuple[int, int], list[float]]))
def test_any_text_fits_its_type_or_is_refused(text: str, annotation: Any) -> None:
    try:
        value = convert(text, annotation)
    except ValueError:
        return
    assert fits(value, annotation)
    assert not (isinstance(value, float) and math.isnan(value))


@given(st.text(), st.sampled_from([str, str | None, str | Path, str | Iterable[str]]))
def test_any_text_is_a_str(text: str, annotation: Any) -> None:
    assert convert(text, annotation) == (None if annotation == str | None and text.strip().lower() == "none" else text)


def test_what_was_probably_meant() -> None:
    assert did_you_mean("beem", ["best-path", "beam", "prefix"]) == "beam"
    assert did_you_mean("path", ["best-path", "beam"]) == "best-path"
    assert did_you_mean("zzz", ["best-path", "beam"]) is None
    assert did_you_mean("", ["best-path"]) is None
