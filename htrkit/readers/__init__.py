"""What brings data in: samples whose text is known, for training and evaluation."""

from __future__ import annotations

from htrkit.readers.samples import Reader, Report, Samples, Skipped, open_samples

__all__ = ["Reader", "Report", "Samples", "Skipped", "open_samples"]
