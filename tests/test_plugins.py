"""Components by name, and plugins that are broken in every way we could think of."""

from __future__ import annotations

import doctest
import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from htrkit import PluginError, UsageError, hookspecs, host, plugins
from tests.strangers import declaring, install


def broken_reason() -> tuple[str, str]:
    """The one broken plugin's origin and reason, after checking the warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (broken,) = [plugin for plugin in host.plugins() if plugin.broken]
    (warning,) = caught
    assert warning.category is host.PluginWarning
    assert str(warning.message) == f"plugin {broken.origin} is skipped: {broken.broken}"
    assert "\n" not in str(warning.message)
    assert not broken.components
    assert broken.broken
    return broken.origin, broken.broken


def test_htrkit_declares_its_own_components_first() -> None:
    own = host.plugins()[0]
    assert (own.distribution, own.broken, own.is_builtin) == ("htrkit", None, True)
    assert "crop" in plugins.names("preprocessor")


def test_every_builtin_component_has_a_factory() -> None:
    for kind, components in host.plugins()[0].components.items():
        if kind == "architecture":
            pytest.importorskip("keras", reason="architectures need htrkit[train]")
        for component in components:
            assert callable(plugins.factory(kind, component.name))


def test_a_strangers_component_is_declared_and_imported_only_when_asked_for(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", declaring("decoder", "my-decoder", "acme_htr_no_such_module:X"))
    (entry,) = [entry for entry in plugins.declared("decoder") if entry.plugin.distribution == "acme-htr"]
    assert (entry.component.name, entry.origin, entry.broken) == ("my-decoder", "acme-htr 0.3", None)


@pytest.mark.parametrize("kind", hookspecs.KINDS)
def test_every_kind_of_component_has_its_hook(stranger: Callable[..., None], kind: str) -> None:
    stranger("acme-htr", declaring(kind, "thing", "pathlib:PurePosixPath"))
    assert plugins.create(kind, "thing", "1/2").name == "2"


def test_a_plugin_that_fails_to_import_is_skipped_with_its_reason(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", "import acme_core")
    assert broken_reason() == ("acme-htr 0.3", "No module named 'acme_core'")
    assert "crop" in plugins.names("preprocessor")


UNSAYABLE = "class Odd(BaseException):\n    def __str__(self):\n        raise self\n    __repr__ = __str__\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise BaseException('no')", "BaseException: no"),
        ("import os; os._exit(7)", "SystemExit: os._exit(7)"),
        (f"{UNSAYABLE}raise Odd", "Odd"),
        ("raise ValueError('\x1b[2J\x07 a\u202eb\\nc')", "ValueError: \\x1b[2J\\x07 a\\u202eb c"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("def :", "SyntaxError: invalid syntax (acme_htr.py, line 1)"),
    ],
)
def test_whatever_a_plugin_raises_on_import_is_skipped(stranger: Callable[..., None], source: str, said: str) -> None:
    stranger("acme-htr", source)
    assert broken_reason() == ("acme-htr 0.3", said)
    assert "crop" in plugins.names("preprocessor")


def test_an_interruption_while_a_plugin_is_loaded_names_it_and_goes_on(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", "raise KeyboardInterrupt")
    with pytest.warns(host.PluginWarning, match=r"acme-htr 0.3 was being loaded"), pytest.raises(KeyboardInterrupt):
        host.plugins()


def test_a_plugin_may_ask_for_components_while_it_is_loaded(stranger: Callable[..., None]) -> None:
    asking = "from htrkit import plugins\nfound = plugins.names('decoder')\n"
    stranger("acme-htr", asking + HOOK + "return [Component('mine', 'x', 'a:b')]")
    assert "mine" in plugins.names("decoder")
    assert "beam" in importlib.import_module("acme_htr").found


def test_what_a_plugin_prints_is_no_result(stranger: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    stranger("acme-htr", "print('welcome to acme')")
    host.plugins()
    assert capsys.readouterr() == ("", "welcome to acme\n")


def test_a_child_that_a_plugin_forks_may_end(stranger: Callable[..., None], tmp_path: Path) -> None:
    stranger("acme-htr", "import os\nif not (child := os.fork()):\n    os._exit(7)\nended = os.waitpid(child, 0)[1]")
    assert all(plugin.broken is None for plugin in host.plugins())
    assert importlib.import_module("acme_htr").ended == 7 << 8


def spoilt(folder: Path, **files: bytes | None) -> None:
    """Replace or remove files of a distribution's description."""
    for name, content in files.items():
        path = folder / "acme_htr-0.3.dist-info" / {"metadata": "METADATA", "points": "entry_points.txt"}[name]
        path.unlink()
        if content is not None:
            path.write_bytes(content)


@pytest.mark.parametrize("metadata", [None, b"", b"\xff\xfe", b"Version: 1\n"])
def test_a_plugin_without_its_metadata_works(
    stranger: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: bytes | None
) -> None:
    stranger("acme-htr", declaring("decoder", "mine"))
    spoilt(tmp_path, metadata=metadata)
    assert plugins.find("decoder", "mine").origin.startswith("unknown package acme_htr-0.3")
    monkeypatch.setenv(host.SWITCH, "none")
    host.plugins.cache_clear()
    assert {plugin.distribution for plugin in host.plugins()} == {"htrkit"}


@pytest.mark.parametrize(
    "points", [b"[htrkit]\nfoo\n", b"\xff\xfe[htrkit]\nx = y\n", b"[htrkit]\nx = = =\n", b"[htrkit]\nx =\n"]
)
def test_a_plugin_whose_entry_points_are_damaged_is_skipped(
    stranger: Callable[..., None], tmp_path: Path, points: bytes
) -> None:
    stranger("acme-htr", declaring("decoder", "mine"))
    spoilt(tmp_path, points=points)
    assert broken_reason()[0] == "acme-htr 0.3"


def test_the_first_of_two_copies_on_the_path_is_the_plugin(
    stranger: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    stranger("acme-htr", declaring("decoder", "mine"))
    install(tmp_path / "first", "acme-htr", "0.4", source=declaring("decoder", "mine"))
    monkeypatch.syspath_prepend(str(tmp_path / "first"))
    assert plugins.find("decoder", "mine").origin == "acme-htr 0.4"


HOOK = "from htrkit import Component, hookimpl\n@hookimpl\ndef htrkit_decoders():\n    "


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (HOOK + "raise ValueError('no\\nlicence')", "its hook htrkit_decoders raised ValueError: no licence"),
        (HOOK + "yield 1 / 0", "its hook htrkit_decoders raised ZeroDivisionError: division by zero"),
        (HOOK + "raise SystemExit", "its hook htrkit_decoders raised SystemExit"),
        (HOOK + "import os; os._exit(0)", "its hook htrkit_decoders raised SystemExit: os._exit(0)"),
        (UNSAYABLE + HOOK + "raise Odd", "its hook htrkit_decoders raised Odd"),
        (UNSAYABLE + HOOK + "return [Odd()]", "its hook htrkit_decoders returned Odd, which is no Component"),
        (
            HOOK + "while True: yield Component('a', 'b', 'c:d')",
            "its hook htrkit_decoders gives more than 1,000 components",
        ),
        (HOOK + "return [Component('my\\x1b[2J', 'x', 'a:b')]", "whose name is empty or has a space, a control"),
        (HOOK + "return [Component('a\\u202eb', 'x', 'a:b')]", "whose name is empty or has a space, a control"),
        (HOOK.replace("@hookimpl", "") + "return []", "its function htrkit_decoders lacks @hookimpl"),
        (HOOK + "pass", "its hook htrkit_decoders returned None instead of a list of Component"),
        (HOOK + "return 'beam'", "its hook htrkit_decoders returned 'beam' instead of a list of Component"),
        (HOOK + "return [('beam', 'x', 'a:b')]", "('beam', 'x', 'a:b'), which is no Component"),
        (HOOK + "return [Component('my decoder', 'x', 'a:b')]", "whose name is empty or has a space"),
        (HOOK + "return [Component('mine', 'x', 'a.b')]", "whose factory is not 'module:attribute'"),
        (HOOK + "return [Component('mine', None, 'a:b')]", "are not all strings"),
        (HOOK.replace("decoders", "decoder") + "return []", "no hook htrkit_decoder; did you mean htrkit_decoders?"),
        (HOOK.replace("()", "(alphabet)") + "return []", "alphabet"),
    ],
)
def test_a_plugin_whose_hook_fails_is_skipped(stranger: Callable[..., None], source: str, reason: str) -> None:
    stranger("acme-htr", source)
    origin, said = broken_reason()
    assert origin == "acme-htr 0.3"
    assert reason in said


def test_a_hook_of_a_later_htrkit_may_be_marked_optional(stranger: Callable[..., None]) -> None:
    stranger(
        "acme-htr", HOOK.replace("@hookimpl", "@hookimpl(optionalhook=True)").replace("decoders", "wizards") + "pass"
    )
    assert all(plugin.broken is None for plugin in host.plugins())


def test_a_broken_plugin_is_warned_of_once(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", "raise RuntimeError")
    broken_reason()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        host.plugins()
        plugins.names("decoder")


def test_two_strangers_with_one_name_clash_only_when_it_is_asked_for(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", declaring("decoder", "twin"))
    stranger("brand-htr", declaring("decoder", "twin"))
    stranger("third-htr", declaring("decoder", "single"))
    assert plugins.find("decoder", "single").plugin.distribution == "third-htr"
    with pytest.raises(PluginError, match=r"acme-htr 0.3 and brand-htr 0.3"):
        plugins.find("decoder", "twin")
    assert "twin" not in plugins.names("decoder")


def test_one_distribution_that_declares_a_name_twice_is_named(stranger: Callable[..., None]) -> None:
    component = "Component('twin', 'x', 'a:b')"
    stranger("acme-htr", HOOK + f"return [{component}, {component}]")
    with pytest.raises(PluginError, match=r"by acme-htr 0.3, twice"):
        plugins.find("decoder", "twin")


def test_nobody_shadows_a_builtin(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", declaring("preprocessor", "crop"))
    with pytest.warns(host.PluginWarning, match=r"acme-htr 0.3 also declares .*'crop'; htrkit .*'s own is used"):
        assert plugins.factory("preprocessor", "crop").__module__.startswith("htrkit.")
    (rival,) = [entry for entry in plugins.declared("preprocessor") if entry.plugin.distribution == "acme-htr"]
    assert rival.broken == "not used: htrkit has this name"


ODD_FACTORIES = """
def __getattr__(name):
    if name == "Exits":
        raise SystemExit(0)
    raise AttributeError(name)

def untyped(alphabet, *, flag=False): ...

def exits(): raise SystemExit(0)

def nothing(): ...
"""


@pytest.mark.parametrize(
    ("factory", "reason"),
    [
        ("acme_core.decoder:Mine", "No module named 'acme_core'"),
        ("json:Mine", "module 'json' has no attribute 'Mine'"),
        ("json:__name__", "is no factory"),
        ("acme_htr:Exits", "SystemExit: 0"),
        ("acme_htr:untyped", "its option 'flag' has no type annotation"),
        ("acme_htr_raises:Mine", "No module named 'acme_htr_raises'"),
    ],
)
def test_a_factory_that_does_not_exist_is_said_with_its_distribution(
    stranger: Callable[..., None], factory: str, reason: str
) -> None:
    stranger("acme-htr", dedent(declaring("decoder", "mine", factory)) + ODD_FACTORIES)
    with pytest.raises(PluginError, match=r"^decoder 'mine' of acme-htr 0.3 cannot be loaded: ") as caught:
        plugins.factory("decoder", "mine")
    assert reason in str(caught.value)


def test_a_factory_that_raises_is_said_with_its_distribution(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", declaring("decoder", "mine", "fractions:Fraction"))
    with pytest.raises(PluginError, match=r"decoder 'mine' of acme-htr 0.3 cannot be made: ValueError: .*'abc'"):
        plugins.create("decoder", "mine", "abc")


@pytest.mark.parametrize(
    ("factory", "reason"),
    [("exits", "SystemExit: 0"), ("nothing", "TypeError: its factory gave None instead of a path")],
)
def test_a_factory_that_ends_the_process_or_gives_no_path_is_said(
    stranger: Callable[..., None], factory: str, reason: str
) -> None:
    stranger("acme-htr", dedent(declaring("lexicon", "mine", f"acme_htr:{factory}")) + ODD_FACTORIES)
    with pytest.raises(PluginError, match=rf"^lexicon 'mine' of acme-htr 0.3 cannot be made: {reason}$"):
        plugins.create("lexicon", "mine")


def test_the_extra_that_brings_a_missing_module_is_named(stranger: Callable[..., None], tmp_path: Path) -> None:
    stranger("acme-htr", declaring("decoder", "mine", "acme_core.fast:Mine"))
    with (tmp_path / "acme_htr-0.3.dist-info" / "METADATA").open("a") as file:
        file.write("Requires-Dist: numpy>=1\nRequires-Dist: acme-core>=2; extra == 'fast'\n")
    with pytest.raises(PluginError, match=r"install it with: pip install 'acme-htr\[fast\]'"):
        plugins.factory("decoder", "mine")


def test_the_switch_leaves_only_htrkits_own(stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    stranger("acme-htr", "raise RuntimeError('must not be imported')")
    monkeypatch.setenv(host.SWITCH, "none")
    assert {plugin.distribution for plugin in host.plugins()} == {"htrkit"}


def test_the_switch_takes_no_other_value(stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(host.SWITCH, "nein")
    host.plugins.cache_clear()
    with pytest.raises(UsageError, match="'nein'"):
        host.plugins()


def test_an_unknown_name_lists_what_there_is_and_what_was_probably_meant() -> None:
    with pytest.raises(UsageError, match=r"no preprocessor named 'corp'; did you mean 'crop'\?\navailable: .*crop"):
        plugins.find("preprocessor", "corp")


def test_an_unknown_name_tells_of_plugins_that_were_skipped(stranger: Callable[..., None]) -> None:
    stranger("acme-htr", "import acme_core")
    broken_reason()
    with pytest.raises(UsageError, match=r"skipped: acme-htr 0.3: No module named 'acme_core'"):
        plugins.find("decoder", "acme-beam")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("far-away", "no decoder named 'far-away'; it comes with acme-htr: {}\navailable: "),
        ("faraway", "no decoder named 'faraway'; did you mean 'far-away'? that comes with acme-htr: {}\n"),
    ],
)
def test_a_component_known_to_live_elsewhere_comes_with_its_pip_install(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setitem(plugins.ELSEWHERE, ("decoder", "far-away"), "acme-htr")
    with pytest.raises(UsageError) as caught:
        plugins.find("decoder", name)
    assert str(caught.value).startswith(
        said.format("in a clone of htrkit's repository, pip install ./plugins/acme-htr")
    )


def test_the_pip_install_is_not_named_where_the_package_is_there_but_broken(
    stranger: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plugins.ELSEWHERE, ("decoder", "far-away"), "acme-htr")
    stranger("acme-htr", "import acme_core")
    broken_reason()
    with pytest.raises(UsageError) as caught:
        plugins.find("decoder", "far-away")
    assert "pip install" not in str(caught.value)
    assert "skipped: acme-htr 0.3: No module named 'acme_core'" in str(caught.value)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="no kind of component named 'wizard'"):
        plugins.find("wizard", "merlin")


def test_every_hook_has_an_example_that_runs() -> None:
    finder = doctest.DocTestFinder(exclude_empty=False)
    examples = {test.name.rpartition(".")[2]: test for test in finder.find(hookspecs)}
    for name in ("hookspecs", *map(hookspecs.hook_name, hookspecs.KINDS)):
        test = examples[name]
        assert test.examples, f"{test.name} has no example"
        assert doctest.DocTestRunner().run(test).failed == 0


def test_what_lives_elsewhere_has_its_folder() -> None:
    folder = Path(__file__).parent.parent / "plugins"
    for package in plugins.ELSEWHERE.values():
        assert (folder / package / "pyproject.toml").exists()
