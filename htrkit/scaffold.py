"""Writes a package with components of one's own, copied from the project's examples."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from keyword import kwlist
from pathlib import Path

from htrkit import plugins
from htrkit.errors import InputError, UsageError
from htrkit.hookspecs import PROJECT, hook_name
from htrkit.host import normalised

DECODER, OTHERS = "plugins/htrkit-example-decoder", "examples/htrkit-examples"
EXAMPLES = {
    "decoder": DECODER,
    **dict.fromkeys(("preprocessor", "reader", "writer", "encoder", "source", "segmenter", "command"), OTHERS),
}
"""The package with an example of each kind, as its folder in a checkout."""

INIT = '''"""Declares components to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl
'''
README = """# {name}

Brings to htrkit

{brought}

    pip install .
    htrkit plugins

Licence: MIT.
"""


def write_plugin(name: str, kinds: Iterable[str], into: Path = Path()) -> Path:
    """Write a package that can be installed, with a component of each of some kinds and their tests.

    Raises UsageError if the name or a kind will not do, or the folder is there already; InputError if a file cannot be
    written.

    Parameters
    ----------
    name
        The package's, such as ``acme-htr``. The components are called so too, without a ``htrkit-`` before it.
    kinds
        Of `EXAMPLES`.
    into
        The folder that the package's folder comes to stand in.

    Returns
    -------
    The package's folder.
    """
    _check_name(name)
    files, folder = _files(name, [_Copy(kind, name) for kind in dict.fromkeys(kinds)]), into / name
    try:
        folder.mkdir(parents=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise UsageError(f"{folder} is there already; choose another name, or another folder with --into") from None
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from None
    return folder


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*", name):
        raise UsageError(f"{name!r} is no name for a package; take letters, digits and single dashes, such as acme-htr")
    module = _module(name)
    if module in {*sys.stdlib_module_names, *kwlist, PROJECT, "tests"} or getattr(find_spec(module), "origin", None):
        raise UsageError(f"{name!r} will not do: import {module} means something else already")


def _module(package: str) -> str:
    return normalised(package).replace("-", "_")


def _component(package: str) -> str:
    return normalised(package).removeprefix(f"{PROJECT}-")


def _read(example: str, path: str) -> str:
    """A file of an example, inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "_examples" / Path(example).name
    return ((installed if installed.exists() else package.parent / example) / path).read_text(encoding="utf-8")


class _Copy:
    """An example of one kind, under the names of another package."""

    def __init__(self, kind: str, name: str) -> None:
        if kind not in EXAMPLES:
            raise UsageError(f"there is no example of a {kind!r}; the kinds are: {', '.join(EXAMPLES)}")
        if _component(name) in plugins.names(kind):
            raise UsageError(f"there is a {kind} named {_component(name)!r} already; choose another name")
        self.kind, self.name, self.package = kind, name, Path(EXAMPLES[kind]).name
        hooks = self.read(f"{_module(self.package)}/__init__.py").split("\n\n\n")
        hook = next(hook for hook in hooks if f"def {hook_name(kind)}(" in hook)
        self.original, self.summary = re.findall(r'Component\("([^"]+)", "([^"]+)"', hook)[0]
        self.hook = self.renamed(hook).rstrip() + "\n"

    def read(self, path: str) -> str:
        """A file of the example."""
        return _read(EXAMPLES[self.kind], path)

    def renamed(self, text: str) -> str:
        """A text of the example, with its package, module and component called otherwise."""
        for old, new in (
            (self.package, self.name),
            (_module(self.package), _module(self.name)),
            (f'"{self.original}"', f'"{_component(self.name)}"'),
        ):
            text = text.replace(old, new)
        return text

    def files(self) -> dict[str, str]:
        """The component and its tests."""
        paths = (f"{_module(self.package)}/{self.kind}.py", f"tests/test_{self.kind}.py")
        return {self.renamed(path): self.renamed(self.read(path)) for path in paths}


def _files(name: str, copies: list[_Copy]) -> dict[str, str]:
    """The texts of a package's files by their paths."""
    module, kinds = _module(name), [copy.kind for copy in copies]
    project = _read(OTHERS, "pyproject.toml").replace("htrkit-examples", name)
    project = project.replace('examples = "htrkit_examples"', f'{_component(name)} = "{module}"')
    brought = [f"- the {copy.kind} `{_component(name)}`: {copy.summary}" for copy in copies]
    year = datetime.date.today().year
    files = {
        "pyproject.toml": re.sub('description = ".*"', f'description = "For htrkit: a {", a ".join(kinds)}"', project),
        "README.md": README.format(name=name, brought="\n".join(brought)),
        "LICENSE": re.sub("Copyright.*", f"Copyright (c) {year} the authors of {name}", _read(OTHERS, "LICENSE")),
        f"{module}/__init__.py": "\n\n".join([INIT, *(copy.hook for copy in copies)]),
        f"{module}/py.typed": "",
    }
    return files | {path: text for copy in copies for path, text in copy.files().items()}
