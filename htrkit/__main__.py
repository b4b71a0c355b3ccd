"""``python -m htrkit`` and the command ``htrkit``; interrupted while it is loaded, it shows no traceback."""

import sys


def main() -> None:
    """Run the command with this process' arguments, and exit."""
    try:
        from htrkit.cli import app
    except KeyboardInterrupt:
        sys.exit(130)
    app.main()


if __name__ == "__main__":
    main()
