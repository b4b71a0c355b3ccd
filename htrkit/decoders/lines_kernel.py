"""The beam search of one line after the other, and the texts that it ends with.

Plain Python that numba compiles as it stands, as all of `htrkit.decoders.kernel`.
"""

from __future__ import annotations

from typing import Any

from htrkit.decoders.beams import Endings, Work, spell
from htrkit.decoders.grammar import Grammar
from htrkit.decoders.kernel import search
from htrkit.decoders.languages import Language


def search_lines(
    probabilities: Any,
    tops: Any,
    edges: Any,
    n_labels: int,
    width: int,
    label_threshold: float,
    beam_threshold: float,
    grammar: Grammar,
    language: Language,
    work: Work,
    endings: Endings,
) -> None:
    """`search` several lines and spell their beams: many lines a call, so that threads seldom wait for each other.

    Parameters
    ----------
    probabilities
        (frames * labels,) flat, blank first, of one line after the other.
    tops
        (frames,) the highest of each frame, but for the blank's.
    edges
        (lines + 1,) line ``i`` has the frames ``edges[i]`` to ``edges[i + 1] - 1``.
    endings
        The result.
    """
    place = len(endings.labels)
    for line in range(len(edges) - 1):
        first, n_frames = edges[line], edges[line + 1] - edges[line]
        count, bits, possible = search(
            probabilities,
            tops,
            first,
            n_frames,
            n_labels,
            width,
            label_threshold,
            beam_threshold,
            grammar,
            language,
            work,
        )
        endings.count[line] = count
        endings.bits[line] = bits
        for number in range(count):
            beam = work.alive[number]
            at = line * width + number
            endings.weight[at] = work.score[number] if possible else 0.0
            ending = work.ending[beam]
            endings.node[at] = 0 if ending > 0 and grammar.ending_is_word[ending - 1] else work.node[beam]
            endings.stop[at] = place
            place = spell(work.trail_parent, work.trail_label, work.trail[beam], endings.labels, place)
            endings.start[at] = place
