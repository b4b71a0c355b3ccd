"""``python -m htrkit`` is the command ``htrkit``."""

from htrkit.cli.app import main

if __name__ == "__main__":
    main()
