"""Results as pandas data frames, for those who have pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from htrkit.errors import HtrkitError

if TYPE_CHECKING:
    import pandas


def frame(rows: Iterable[Mapping[str, Any]]) -> pandas.DataFrame:
    """A data frame with one row a mapping. Raises HtrkitError if pandas is not installed."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise HtrkitError("data frames need pandas; install it with: pip install pandas") from None
    return pandas.DataFrame(list(rows))
