"""The writer: htrkit's conformance kit, then results made here."""

from htrkit import Hypothesis, Result, Run, plugins
from htrkit.testing import check_writer

RESULTS = [
    Result("a.png", (Hypothesis('say "a", b', -1.0, confidence=0.5),)),
    Result("b.png", (Hypothesis("c", -2.0),)),
]


def test_keeps_the_contract() -> None:
    check_writer(lambda run: plugins.create("writer", "csv", run))


def test_rows_and_their_count() -> None:
    writer = plugins.create("writer", "csv", Run("iam", "beam"), delimiter=";")
    assert "".join(writer(RESULTS)).splitlines() == [
        "line;text;confidence",
        'a.png;"say ""a"", b";0.500',
        "b.png;c;",
        "2 lines;read with iam;",
    ]
