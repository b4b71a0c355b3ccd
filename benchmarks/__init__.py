"""Measurements, each side by side in one run and told as a ratio: python -m benchmarks.NAME."""
