"""What is installed, from which package, with which options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from htrkit.alphabet import Alphabet
from htrkit.builtin import LISTINGS
from htrkit.cli.app import run
from htrkit.hookspecs import KINDS
from tests import tiny_model
from tests.strangers import Run, declaring, htrkit, install


def rows(ended: Run) -> list[list[str]]:
    """The cells of a listing, without its header."""
    assert ended.code == 0, ended
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in ended.out.splitlines()[1:]]


def test_every_kind_has_its_listing() -> None:
    assert {listing.removesuffix("s").replace("-", " ") for listing in LISTINGS} == {"plugin", *KINDS}


@pytest.mark.parametrize("listing", LISTINGS)
def test_every_listing_is_there_as_text_and_as_json(listing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([listing]) == 0
    assert capsys.readouterr().out.strip()
    assert run([listing, "--json"]) == 0
    assert all(entry["from"] for entry in json.loads(capsys.readouterr().out))


def test_decoders_are_listed_with_their_origin(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source=declaring("decoder", "mine", "acme_core:X"))
    listed = rows(htrkit("decoders", path=tmp_path))
    assert ["mine", "acme-htr 0.3", "what a stranger made"] in listed
    assert any(name == "best-path" and origin.startswith("htrkit ") for name, origin, _ in listed)


def test_a_broken_plugin_stands_in_the_listing_with_its_reason_and_is_not_warned_of_as_well(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source="import acme_core", name="my-decoder")
    for listing in ("decoders", "plugins"):
        ended = htrkit(listing, path=tmp_path)
        (row,) = [row for row in rows(ended) if "acme-htr 0.3" in row]
        assert "my-decoder" in row
        assert row[-1] == "broken: No module named 'acme_core'"
        assert ended.err == ""
    (entry,) = [entry for entry in json.loads(htrkit("plugins", "--json", path=tmp_path).out) if entry["broken"]]
    assert entry == {
        "plugin": "my-decoder",
        "from": "acme-htr",
        "version": "0.3",
        "components": {},
        "broken": "No module named 'acme_core'",
    }


def test_the_plugins_listing_says_what_each_brings(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source=declaring("decoder", "mine"))
    install(tmp_path, "idle-htr", source="")
    brings = {row[0]: row[-1] for row in rows(htrkit("plugins", path=tmp_path))}
    assert brings["acme-htr 0.3"] == "decoder mine"
    assert brings["idle-htr 0.3"] == "nothing"


def test_the_switch_lists_only_htrkits_own(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source="raise RuntimeError")
    assert "acme" not in htrkit("plugins", path=tmp_path, HTRKIT_PLUGINS="none").out


def test_taken_names_are_marked(tmp_path: Path) -> None:
    install(tmp_path, "acme-htr", source=declaring("decoder", "best-path"))
    install(tmp_path, "brand-htr", source=declaring("decoder", "twin"))
    install(tmp_path, "chip-htr", source=declaring("decoder", "twin"))
    what = {(row[0], row[1]): row[2] for row in rows(htrkit("decoders", path=tmp_path))}
    assert what["best-path", "acme-htr 0.3"] == "not used: htrkit has this name"
    assert what["twin", "brand-htr 0.3"] == "clash: also declared by chip-htr 0.3"
    ended = htrkit("decoders", "twin", path=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: decoder 'twin' is declared by brand-htr 0.3 and chip-htr 0.3")


SOURCE = """

    class Mine:
        '''A decoder.

        Parameters
        ----------
        beam_width
            Hypotheses kept per frame.
        '''

        def __init__(self, alphabet, *, beam_width: int = 25, words: tuple[str, ...] = (), lexicon: str): ...
    """


def test_one_component_is_shown_with_its_options(tmp_path: Path) -> None:
    install(
        tmp_path,
        "acme-htr",
        source=declaring("decoder", "mine", "acme_htr:Mine").rstrip(" ") + SOURCE.replace("\n    ", "\n        "),
    )
    ended = htrkit("decoders", "mine", path=tmp_path)
    assert ended.out.splitlines() == [
        "mine (decoder, from acme-htr 0.3): what a stranger made",
        "",
        "option      type         default   what",
        "beam_width  int          25        hypotheses kept per frame",
        "words       list of str  empty",
        "lexicon     str          required",
    ]
    shown = json.loads(htrkit("decoders", "mine", "--json", path=tmp_path).out)
    assert shown["options"][0] == {
        "name": "beam_width",
        "type": "int",
        "required": False,
        "default": 25,
        "help": "hypotheses kept per frame",
    }
    assert shown["options"][2]["required"] is True


def test_a_component_that_is_a_file_is_shown_with_its_path(tmp_path: Path) -> None:
    install(
        tmp_path,
        "acme-htr",
        source="""
        from pathlib import Path
        from htrkit import Component, hookimpl

        @hookimpl
        def htrkit_lexicons():
            return [Component("plants", "names of plants", "acme_htr:plants")]

        def plants():
            return Path(__file__).with_name("plants.txt")
        """,
    )
    (tmp_path / "plants.txt").write_text("rose\n")
    ended = htrkit("lexicons", "plants", path=tmp_path)
    assert ended.out.splitlines()[1] == str(tmp_path / "plants.txt")
    assert json.loads(htrkit("lexicons", "plants", "--json", path=tmp_path).out)["path"] == str(tmp_path / "plants.txt")


def test_a_lexicon_is_shown_with_what_a_model_can_spell_of_it(tmp_path: Path) -> None:
    tiny_model.write(tmp_path / "model", alphabet=Alphabet("abé'"), content=b"not looked at")
    (tmp_path / "words.txt").write_text("ab\ne\u0301a\nb\u2019a\nac\ndad\n", encoding="utf-8")
    ended = htrkit("lexicons", "words.txt", "--model", "model", "--json", cwd=tmp_path)
    account = json.loads(ended.out)
    assert sorted(account.pop("missing")) == ["c", "d"]
    assert account == {
        "path": "words.txt", "model": "bars", "entries": 5, "as_written": 1, "respelt": 2, "left_out": 2
    }  # fmt: skip
    assert ended.err.startswith("warning: the lexicon words.txt: 2 of 5 entries are left out")
    rows = htrkit("lexicons", "words.txt", "--model", "model", cwd=tmp_path).out.splitlines()
    assert [row.split()[-1] for row in rows[:5]] == ["words.txt", "5", "1", "2", "2"]


def test_an_unknown_name_says_what_was_probably_meant() -> None:
    ended = htrkit("preprocessors", "corp")
    assert (ended.code, ended.out) == (2, "")
    first, second = ended.err.splitlines()
    assert first == "error: no preprocessor named 'corp'; did you mean 'crop'?"
    assert second.startswith("       available: ")
