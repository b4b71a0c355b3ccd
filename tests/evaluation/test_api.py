"""The public names of `htrkit.evaluation`."""

from __future__ import annotations

import htrkit.evaluation


def test_every_public_name_is_there_and_listed() -> None:
    for name in htrkit.evaluation.__all__:
        found = getattr(htrkit.evaluation, name)
        assert found.__name__ == name
        assert found.__doc__
    assert set(htrkit.evaluation.__all__) <= set(dir(htrkit.evaluation))


def test_other_names_are_not() -> None:
    assert not hasattr(htrkit.evaluation, "nonsense")
