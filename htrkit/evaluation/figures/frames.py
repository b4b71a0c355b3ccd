"""Results as pandas data frames, for those who have pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from htrkit.errors import HtrkitError

if TYPE_CHECKING:
    import pandas


def frame(rows: Iterable[Mapping[str, Any]]) -> pandas.DataFrame:
    """A data frame with one row a mapping; of a figure ``cer``, the columns are ``cer``, ``cer_low`` and ``cer_high``.

    Raises HtrkitError if pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError:
        raise HtrkitError("data frames need pandas; install it with: pip install pandas") from None
    nested = pandas.json_normalize(list(rows), sep="_")
    return nested.rename(columns=lambda name: name.removesuffix("_value"))
