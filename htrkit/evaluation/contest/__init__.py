"""Decoders against each other on the same network outputs, and one decoder against itself with other options."""
