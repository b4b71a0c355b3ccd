"""A network's outputs on many lines, computed once and kept on disk."""
