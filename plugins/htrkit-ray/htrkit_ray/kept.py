"""A page's network outputs, kept beside its results: what another decoder reads without the network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from htrkit import Alphabet, Failed, HtrkitError, Outline, Page, Place, Region
from htrkit.files import arrays_in
from htrkit.outputs import LARGEST, load_outputs, save_outputs
from htrkit.types import Encoded

LAYOUT, EDGES, INK = "layout", "edges", "ink"


def kept(items: Sequence[Page | Encoded | Failed], alphabet: Alphabet, digest: str) -> bytes:
    """An ``.npz`` file of what `Recognizer.encode` gave for a page, which `htrkit decode` reads too.

    Parameters
    ----------
    items
        The page, and after it its lines.
    digest
        Of the page and all that its outputs depend on.
    """
    page, *lines = items
    assert isinstance(page, Page)
    encoded = [line for line in lines if isinstance(line, Encoded)]
    layout = {
        "digest": digest,
        "segmenter": page.segmenter,
        "regions": [asdict(region) for region in page.regions],
        "places": [place and asdict(place) for place, _ in page.lines],
        "lines": [_line(line) for line in lines if not isinstance(line, Page)],
    }
    edges = [line.edges for line in encoded if line.edges is not None]
    ink = [line.ink for line in encoded if line.ink is not None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.npz")
        save_outputs(
            path,
            alphabet,
            [line.id for line in encoded],
            [line.log_probs for line in encoded],
            layout=np.array(json.dumps(layout)),
            edges=np.concatenate([np.zeros((0, 2, 2)), *edges]),
            ink=np.concatenate([np.zeros(0), *ink]),
        )
        return path.read_bytes()


def _line(line: Encoded | Failed) -> dict[str, Any]:
    if isinstance(line, Failed):
        return {"id": line.id, "reason": line.reason}
    known = {"has_edges": line.edges is not None, "has_ink": line.ink is not None}
    return {"place": line.place and asdict(line.place), **known}


def from_kept(content: bytes, page: Page, digest: str) -> list[Page | Encoded | Failed] | None:
    """What `kept` was given; None if it was kept of another page, or of other options, or is damaged.

    Parameters
    ----------
    page
        As its source gives it, before its lines are found.
    """
    try:
        with tempfile.NamedTemporaryFile(suffix=".npz") as file:
            file.write(content)
            file.flush()
            arrays = arrays_in(Path(file.name), (LAYOUT, EDGES, INK), most=LARGEST)
            layout, edges, ink = json.loads(str(arrays[LAYOUT])), arrays[EDGES], arrays[INK]
            if layout["digest"] != digest:
                return None
            saved = load_outputs(Path(file.name))
        regions = tuple(Region(**{**region, "polygon": _outline(region["polygon"])}) for region in layout["regions"])
        places = tuple((_place(place), None) for place in layout["places"])
        found = replace(page, regions=regions, lines=places, segmenter=layout["segmenter"])
        outputs = iter(zip(saved.ids, saved.log_probs, strict=True))
        return [found, *_lines(layout["lines"], outputs, edges, ink)]
    except (HtrkitError, ValueError, TypeError, LookupError, StopIteration, RuntimeError, OSError):
        return None


def _lines(
    lines: Sequence[dict[str, Any]],
    outputs: Iterator[tuple[str, NDArray[np.float32]]],
    edges: NDArray[np.float64],
    ink: NDArray[np.float64],
) -> Iterator[Encoded | Failed]:
    for line in lines:
        if "reason" in line:
            yield Failed(line["id"], line["reason"])
            continue
        id_, log_probs = next(outputs)
        frames, borders = len(log_probs) * line["has_ink"], (len(log_probs) + 1) * line["has_edges"]
        places = edges[:borders] if line["has_edges"] else None
        yield Encoded(id_, log_probs, _place(line["place"]), places, ink[:frames] if line["has_ink"] else None)
        edges, ink = edges[borders:], ink[frames:]


def _place(place: dict[str, Any] | None) -> Place | None:
    if place is None:
        return None
    return Place(**{**place, "polygon": _outline(place["polygon"]), "baseline": _outline(place["baseline"])})


def _outline(points: Sequence[Sequence[float]]) -> Outline:
    return tuple((x, y) for x, y in points)
