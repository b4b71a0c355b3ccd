"""The segmenter ``ridges``: lines of writing are dark ridges of the blurred page; no network, nothing trained."""
