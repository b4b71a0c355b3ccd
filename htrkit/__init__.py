"""htrkit reads handwriting, and lets its user swap every stage. The public names are imported on first use."""

from __future__ import annotations
