#!/usr/bin/env bash
# After a change of model, options or messages: makes anew everything in docs/ that follows from them. What needs data with
# known texts is measured by scripts/model_figures.py (cards, README.md) and scripts/compare_all_decoders.py.
set -euo pipefail
cd "$(dirname "$0")/.."
python scripts/reference_tables.py docs
python scripts/doc_commands.py --write docs/*.md plugins/*/README.md
python scripts/draw_pictures.py docs/pictures
python scripts/terminal_pictures.py docs/pictures
