"""Handwriting drawn by the machine: lines from fonts, and pen strokes drawn anew."""
