from __future__ import annotations

from collections.abc import Callable

import pytest

from htrkit import plugins
from htrkit.errors import UsageError
from htrkit.spec import Spec
from tests.strangers import declaring

STEP = """
        class Mine:
            def __init__(self, *, window: int = 15, path: str = "", names: tuple[str, ...] = ()):
                self.window, self.path, self.names = window, path, names
"""


@pytest.fixture
def mine(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", declaring("preprocessor", "mine", "acme_htr:Mine") + STEP)


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("mine", {}),
        ("mine:window=31", {"window": 31}),
        (" mine: window=31, path=a b", {"window": 31, "path": "a b"}),
        ("mine:window=31:path=C:\\x", {"window": 31, "path": "C:\\x"}),
        ("mine:names=a,b,window=3", {"names": ("a", "b"), "window": 3}),
    ],
)
def test_a_component_is_named_with_its_options(text: str, options: dict[str, object]) -> None:
    spec = Spec.parse("preprocessor", text)
    assert (spec.name, spec.options) == ("mine", options)
    assert Spec.parse("preprocessor", str(spec)) == spec


@pytest.mark.usefixtures("mine")
def test_further_options_add_to_those_in_the_text() -> None:
    spec = Spec.parse("preprocessor", "mine:path=x", ["window=3"])
    assert spec.options == {"window": 3, "path": "x"}
    assert spec.create().window == 3


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("text", "further"),
    [
        ("mine:window=31,window=3", []),
        ("mine:window=3:window=3", []),
        ("mine", ["window=31", " window =3"]),
        ("mine:window=31,path=x", ["window=3"]),
    ],
)
def test_an_option_that_is_given_twice_is_refused(text: str, further: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^option 'window' of preprocessor 'mine' is given twice$"):
        Spec.parse("preprocessor", text, further)
    if not further:
        with pytest.raises(UsageError, match="'window' of preprocessor 'mine' is given twice"):
            Spec.parse_list("preprocessor", f"crop,{text}")


@pytest.mark.usefixtures("mine")
def test_whoever_gives_a_list_one_by_one_is_told_how_lists_are_written() -> None:
    with pytest.raises(UsageError, match=r"'names' .* is given twice; a list is written with commas: names=a,b,c$"):
        Spec.parse("preprocessor", "mine", ["names=a,b", "names=c"])


@pytest.mark.usefixtures("mine")
def test_components_in_a_row_are_parted_by_commas() -> None:
    specs = Spec.parse_list("preprocessor", "crop:margin=0.1,speck=0.02, mine:window=3,invert")
    assert [str(spec) for spec in specs] == ["crop:margin=0.1,speck=0.02", "mine:window=3", "invert"]
    assert Spec.parse_list("preprocessor", "none") == Spec.parse_list("preprocessor", "") == ()


@pytest.mark.usefixtures("mine")
def test_what_does_not_exist_or_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="no preprocessor named 'yours'"):
        Spec.parse("preprocessor", "yours:window=3")
    with pytest.raises(UsageError, match=r"no option 'windows'; did you mean 'window'"):
        Spec.parse("preprocessor", "mine:windows=3")
    with pytest.raises(UsageError, match=r"option 'window' of preprocessor 'mine' must be int, not 1.5"):
        Spec("preprocessor", "mine", {"window": 1.5}).checked()
    with pytest.raises(UsageError, match=r"no option 'windows'; did you mean 'window'"):
        plugins.create("preprocessor", "mine", windows=7)
