"""The documentation says what the code does: hooks, contracts, options, commands, and what commands print."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import doc_commands
import pytest
import terminal_pictures
import typer

from htrkit import contracts, hookspecs, plugins, types
from htrkit.cli import app as command_line
from htrkit.readers import Reader

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
EVERYTHING = [ROOT / "README.md", *PAGES, ROOT / "samples" / "README.md", *sorted(ROOT.glob("plugins/*/README.md"))]
HOW = "run: python scripts/reference_tables.py docs"

HOOKS = (DOCS / "hooks.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH on which the packages of plugins/ are found as if they were installed."""
    return doc_commands.as_if_installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def model() -> None:
    """A test that reads an image is skipped where no model comes with htrkit."""
    if not plugins.create("model", plugins.default("model")).exists():
        pytest.skip("no model is in this checkout")


def section(title: str, text: str = HOOKS) -> str:
    """What stands under a heading of the third level."""
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/hooks.md has no section {title}"
    return found[1]


def first_cells(text: str) -> list[str]:
    """The first column of a table, without its code marks."""
    rows = re.findall(r"^\| ?(.+?) ?\|", text, re.MULTILINE)
    return [row.strip("`") for row in rows if row.startswith("`")]


def test_every_hook_is_described_with_its_arguments() -> None:
    described = re.findall(r"^### (htrkit_\w+)$", HOOKS, re.MULTILINE)
    assert described == [hookspecs.hook_name(kind) for kind in hookspecs.KINDS]
    for name in described:
        for argument in inspect.signature(getattr(hookspecs, name)).parameters:
            assert f"`{argument}`" in section(name)


@pytest.mark.parametrize(
    "contract",
    [
        hookspecs.Component,
        types.Page,
        types.Region,
        types.Place,
        types.Line,
        types.Sample,
        types.Hypothesis,
        types.Word,
        types.Result,
        types.Run,
    ],
)
def test_every_field_of_a_contract_is_described(contract: Any) -> None:
    title = contract.__name__
    text = section(title) if f"### {title}\n" in HOOKS else HOOKS.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert first_cells(text) == [field.name for field in dataclasses.fields(contract)]
    for name, value in vars(contract).items():
        assert not isinstance(value, property) or f"`{name}`" in text


@pytest.mark.parametrize(
    "contract",
    [
        contracts.Source,
        contracts.Segmenter,
        contracts.Preprocessor,
        contracts.Encoder,
        contracts.Decoder,
        contracts.Writer,
        contracts.PageWriter,
        Reader,
    ],
)
def test_every_method_of_a_contract_is_described_with_its_arguments(contract: Any) -> None:
    text = section(contract.__name__)
    methods = {name: value for name, value in vars(contract).items() if inspect.isfunction(value)}
    methods = {name: value for name, value in methods.items() if name == "__call__" or not name.startswith("_")}
    known = {
        contracts.Source: {"picture", "pages_from"},
        contracts.Encoder: {"frame_edges"},
        contracts.Decoder: {"decode_batch"},
        contracts.PageWriter: {"book"},
    }
    optional = known.get(contract, set())
    assert set(first_cells(text)) - optional == set(methods)
    for name, method in methods.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        for argument in list(inspect.signature(method).parameters)[1:]:
            assert f"`{argument}`" in row, f"docs/hooks.md: {contract.__name__}.{name} lacks its argument {argument}"


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The generated pages, made anew, and what was said about components that cannot be loaded here."""
    folder = tmp_path_factory.mktemp("tables")
    command = [sys.executable, str(ROOT / "scripts" / "reference_tables.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder, "\n".join(line for line in done.stderr.splitlines() if line.startswith("left out"))


def sections(text: str) -> dict[tuple[str, str], str]:
    """Sections of the third level by the headings above them."""
    found = {}
    for kind, part in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE):
        for name, body in re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", part, re.DOTALL | re.MULTILINE):
            found[kind, name] = body.strip()
    return found


def test_every_component_is_described_with_its_options(tables: tuple[Path, str]) -> None:
    folder, left_out = tables
    written = sections((DOCS / "components.md").read_text(encoding="utf-8"))
    made = sections((folder / "components.md").read_text(encoding="utf-8"))
    for (kind, name), body in made.items():
        assert written.get((kind, name)) == body, f"docs/components.md is behind on the {kind} {name}; {HOW}"
        for row in re.findall(r"^\| `\w+` \|.*$", body, re.MULTILINE):
            assert not row.endswith("|  |"), f"{kind} {name}: its docstring says nothing of an option: {row}"
    for _, name in set(written) - set(made):
        assert f"'{name.strip('`')}'" in left_out, f"docs/components.md: there is no {name} any more; {HOW}"


def test_every_command_is_described_with_its_options(tables: tuple[Path, str]) -> None:
    written = (DOCS / "command-line.md").read_text(encoding="utf-8")
    assert written == (tables[0] / "command-line.md").read_text(encoding="utf-8"), f"command-line.md is behind; {HOW}"


def htrkit_commands() -> Iterator[tuple[str, list[str]]]:
    """Each htrkit command in the documentation, as the page's name and the words after ``htrkit``."""
    for page in EVERYTHING:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        blocks += re.findall(r"^(?: {4}.*\n)+", text, re.MULTILINE)
        inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
        for line in [line for block in blocks for line in block.replace("\\\n", " ").splitlines()] + inline:
            for part in re.split(r"&&|\||>|;|\$ ", line):
                words = part.split()
                while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                    del words[0]
                if words[:1] == ["htrkit"] and len(words) > 1 and not words[1].isupper():
                    yield page.name, words[1:]


def test_commands_in_the_documentation_exist_with_their_options() -> None:
    root: Any = typer.main.get_command(command_line.app)
    checked = 0
    for page, words in htrkit_commands():
        if page == "write-a-component.md":  # it runs its commands, one of which comes from an example
            continue
        command, rest = root, list(words)
        while hasattr(command, "commands") and rest and not rest[0].startswith("-") and rest[0] != "…":
            names = command.list_commands(None)
            assert rest[0] in names, f"{page}: there is no command htrkit {' '.join(words)}"
            context = typer.Context(command, info_name="htrkit")
            command = command.resolve_command(context, rest)[1]
            del rest[0]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in rest:
            option = word.partition("=")[0]
            if option.startswith("-") and option != "-":
                assert option in known | {"--help", "--debug"}, f"{page}: no option {option}: htrkit {' '.join(words)}"
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("page", EVERYTHING, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_command_is_run_by_a_test_or_says_why_not(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for before, language, block in re.findall(r"([^\n]*)\n *```(\w*)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
        if language in ("", "sh", "bash") and re.search(r"^ *(htrkit|pip|python|pytest) ", block, re.MULTILINE):
            marked = re.search(r"<!-- (not run: .+|command \d) -->", before)
            assert marked, f"{page.name}: make it a console block, or say why it is not run:\n{block}"


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "page",
    [page for page in EVERYTHING if doc_commands.commands_of(page)],
    ids=lambda page: f"{page.parent.name}/{page.name}",
)
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    for command, printed in doc_commands.run(page, tmp_path):
        assert command.agrees(printed), f"{command}\n--- prints\n{printed}\n(scripts/doc_commands.py --write {page})"


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", terminal_pictures.PICTURES)
def test_pictures_of_the_terminal_show_what_commands_print(name: str, beside: str, tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    shown = terminal_pictures.texts((DOCS / "pictures" / f"terminal-{name}.svg").read_text(encoding="utf-8"))
    made = terminal_pictures.texts(terminal_pictures.draw(name, tmp_path, beside))
    assert shown == made, "run: python scripts/terminal_pictures.py docs/pictures"


def python_of(page: Path) -> list[str]:
    """The Python listings of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "page", [page for page in [*PAGES, ROOT / "README.md"] if python_of(page)], ids=lambda page: page.stem
)
def test_python_in_the_documentation_runs(page: Path, beside: str, tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(python_of(page))],
        env={**os.environ, "PYTHONPATH": beside, "HTRKIT_CACHE": str(tmp_path / "cache")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", EVERYTHING, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name} links to {target}"
