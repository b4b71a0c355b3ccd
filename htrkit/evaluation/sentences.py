"""What can honestly be said of decoders that were compared: who reads better, by how much, and who cannot be told."""

from __future__ import annotations

from htrkit.evaluation.comparison import Comparison, Difference, Pair

WHAT = {"wer": "words", "cer": "characters"}


def sentences(comparison: Comparison) -> tuple[str, ...]:
    """Every decoder against the first one, then the pairs among the others that cannot be told apart in words."""
    if len(comparison.entries) < 2:
        return ()
    first = comparison.entries[0].label
    against = [pair for pair in comparison.pairs if pair.first == first]
    said = [_sentence(pair, comparison) for pair in against]
    alike = [pair for pair in comparison.pairs if pair.first != first and not pair.wer.real]
    said += [f"{pair.first} and {pair.second} cannot be told apart {_on(comparison)}." for pair in alike]
    return tuple(said)


def _sentence(pair: Pair, comparison: Comparison) -> str:
    words, characters = pair.wer, pair.cer
    if not words.real and not characters.real:
        return (
            f"{pair.second} and {pair.first} cannot be told apart {_on(comparison)}: "
            f"{_points(words)} points in words, {_points(characters)} in characters."
        )
    if words.real and characters.real:
        return (
            f"{pair.second} reads {_points(words)} points {_more(words)} words wrong than {pair.first}, "
            f"and {_points(characters)} points {_more(characters)} characters."
        )
    real, other = ("wer", "cer") if words.real else ("cer", "wer")
    shown, unsure = getattr(pair, real), getattr(pair, other)
    return (
        f"{pair.second} reads {_points(shown)} points {_more(shown)} {WHAT[real]} wrong than {pair.first}; "
        f"in {WHAT[other]} they cannot be told apart {_on(comparison)} ({_points(unsure)} points)."
    )


def _points(difference: Difference) -> str:
    """``3.1 ± 0.4``: percentage points, and half the width of the interval."""
    value = abs(difference.figure.value) * 100
    low, high = difference.figure.low, difference.figure.high
    if low is None or high is None:
        return f"{value:.1f}"
    half = (high - low) * 50
    digits = 1 if half >= 0.1 or half == 0 else 2
    return f"{value:.{digits}f} ± {half:.{digits}f}"


def _more(difference: Difference) -> str:
    """The difference is first minus second, the sentence is about the second."""
    return "fewer" if difference.figure.value > 0 else "more"


def _on(comparison: Comparison) -> str:
    if comparison.resampling.by:
        return f"on {comparison.n} lines of {comparison.units} groups by {comparison.resampling.by}"
    return f"on {comparison.n} lines"
