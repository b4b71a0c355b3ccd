"""The segmenter `lines`: a network that marks base lines, and plain code that makes lines of the marks."""
