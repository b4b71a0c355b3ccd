"""The conformance kit: holds a decoder to its contract, and to brute force over every path of tiny lines.

In a plugin's tests::

    from htrkit.testing import check_decoder

    def test_contract() -> None:
        check_decoder(MyDecoder)
"""

from __future__ import annotations

from htrkit.testing.contract import NonconformityError
from htrkit.testing.decoders import check_decoder
from htrkit.testing.lines import brute_force, sure_line

__all__ = ["NonconformityError", "brute_force", "check_decoder", "sure_line"]
