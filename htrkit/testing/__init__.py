"""Conformance kits: each holds a component of one kind to its contract.

In a plugin's tests::

    from htrkit.testing import check_decoder

    def test_contract() -> None:
        check_decoder(MyDecoder)
"""

from __future__ import annotations

from htrkit.testing.architectures import check_architecture
from htrkit.testing.commands import check_command
from htrkit.testing.contract import NonconformityError
from htrkit.testing.decoders import check_decoder
from htrkit.testing.encoders import check_encoder
from htrkit.testing.lines import brute_force, sure_line
from htrkit.testing.pages import check_segmenter, check_source
from htrkit.testing.preprocessors import check_preprocessor
from htrkit.testing.readers import check_reader
from htrkit.testing.writers import check_writer

__all__ = [
    "NonconformityError",
    "brute_force",
    "check_architecture",
    "check_command",
    "check_decoder",
    "check_encoder",
    "check_preprocessor",
    "check_reader",
    "check_segmenter",
    "check_source",
    "check_writer",
    "sure_line",
]
