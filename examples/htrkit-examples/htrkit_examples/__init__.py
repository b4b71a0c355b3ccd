"""Declares the components to htrkit; imports nothing that it declares."""

from htrkit import Component, hookimpl


@hookimpl
def htrkit_preprocessors() -> list[Component]:
    """A step."""
    return [Component("margin", "more paper around the line", "htrkit_examples.preprocessor:Margin")]


@hookimpl
def htrkit_readers() -> list[Component]:
    """A reader."""
    return [Component("listed", "a folder with images and their texts in texts.txt", "htrkit_examples.reader:Listed")]


@hookimpl
def htrkit_writers() -> list[Component]:
    """A writer."""
    return [Component("csv", "comma-separated values, with a count at the end", "htrkit_examples.writer:Csv")]


@hookimpl
def htrkit_encoders() -> list[Component]:
    """An encoder."""
    return [Component("softened", "ONNX Runtime, less sure of itself", "htrkit_examples.encoder:Softened")]


@hookimpl
def htrkit_sources() -> list[Component]:
    """A source."""
    return [Component("arrays", "pages in NumPy's .npy files", "htrkit_examples.source:Arrays")]


@hookimpl
def htrkit_segmenters() -> list[Component]:
    """A segmenter."""
    return [Component("gaps", "lines parted by rows without ink", "htrkit_examples.segmenter:Gaps")]


@hookimpl
def htrkit_commands() -> list[Component]:
    """A command."""
    return [Component("letters", "Count the characters of data with known text.", "htrkit_examples.command:app")]
