"""Whether what draws and renders HTML reports is installed; a comparison without one does not need it."""

from __future__ import annotations

from importlib.util import find_spec

from htrkit.errors import UsageError


def check_installed() -> None:
    """Refuse with the command that installs what is missing, before an hour of decoding is lost.

    Raises
    ------
    UsageError
        If Jinja2 or Matplotlib is missing.
    """
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise UsageError(f"an HTML report needs {' and '.join(missing)}; install it with: pip install 'htrkit[report]'")
