"""Comparisons as people read them: Markdown, and one HTML file that needs nothing else."""
