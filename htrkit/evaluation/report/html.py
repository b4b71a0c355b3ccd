"""A comparison as one HTML file: no network, nothing beside it, every text escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from htrkit.errors import HtrkitError
from htrkit.evaluation.contest.comparison import Comparison
from htrkit.evaluation.encoded.cache import ArrayCache
from htrkit.evaluation.figures.confusions import Piece, align
from htrkit.evaluation.report import plots, tables
from htrkit.evaluation.report.pictures import HeatMap, heat_map, line_image
from htrkit.files import user_cache
from htrkit.preprocess.steps import apply_steps, build_steps
from htrkit.types import Line, Sample


@dataclass(frozen=True, slots=True)
class ShownReading:
    """One decoder's text of a line, aligned with the truth."""

    label: str
    text: str
    errors: int
    pieces: tuple[Piece, ...]
    failure: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in the report.

    Attributes
    ----------
    number
        Its place in the data, from 1.
    spread
        Character errors of the worst reading less those of the best.
    image, seen, heat
        The line as it came, after the steps that clean it, and what the network made of that; None where the pixels or
        the network's output are not to be had.
    """

    number: int
    id: str
    truth: str
    groups: dict[str, str]
    readings: tuple[ShownReading, ...]
    spread: int
    errors: int
    image: str | None
    seen: str | None
    heat: HeatMap | None


def to_html(
    comparison: Comparison, *, samples: Iterable[Sample] = (), cache: Path | None = None, lines: int = 100
) -> str:
    """The report, with the pictures and parameters that `htrkit.evaluation.write_report` takes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("htrkit.evaluation.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates = files("htrkit.evaluation.report") / "templates"
    style, script = ((templates / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        comparison=comparison,
        title=tables.title(comparison),
        shortened=tables.shortened,
        best=comparison.ranked[0].label if len(comparison.entries) > 1 else "",
        summary=tables.summary(comparison),
        pairs=tables.pairs(comparison),
        sweeps=[(curve, tables.sweep(curve)) for curve in comparison.sweeps],
        left_out=tables.left_out(comparison),
        described=[*tables.described(comparison), *comparison.notes],
        plots=[(caption, Markup(svg)) for caption, svg in plots.every(comparison)],
        lines=shown_lines(comparison, samples, cache, lines),
        disagreeing=len(_disagreeing(comparison)),
        style=Markup(style),
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def shown_lines(comparison: Comparison, samples: Iterable[Sample], cache: Path | None, count: int) -> list[ShownLine]:
    """The lines that the decoders read differently, those with the widest spread of errors first."""
    chosen = _disagreeing(comparison)[:count]
    wanted = {comparison.positions[i]: i for i in chosen}
    images = _images(comparison, wanted, samples)
    outputs = ArrayCache((user_cache() if cache is None else cache) / "log-probs")
    shown = []
    for i in chosen:
        log_probs = outputs.get(comparison.keys[i], len(comparison.alphabet) + 1)
        heat = None if log_probs is None or not len(log_probs) else heat_map(log_probs, comparison.alphabet)
        image, seen = images.get(i, (None, None))
        shown.append(_shown(comparison, i, image, seen, heat))
    return shown


def _images(
    comparison: Comparison, wanted: Mapping[int, int], samples: Iterable[Sample]
) -> dict[int, tuple[str, str | None]]:
    """Lines as they came, and as the network got them, unless that cannot be told any more."""
    images: dict[int, tuple[str, str | None]] = {}
    try:
        steps = build_steps(comparison.preprocess)
    except HtrkitError:
        steps = None
    for position, sample in enumerate(samples if wanted else ()):
        if position in wanted:
            cleaned = None if steps is None else apply_steps(steps, sample.line)
            seen = line_image(cleaned.pixels) if isinstance(cleaned, Line) else None
            images[wanted[position]] = (line_image(sample.line.pixels), seen)
            if len(images) == len(wanted):
                break
    return images


def _disagreeing(comparison: Comparison) -> list[int]:
    """The lines with more than one reading; of a single decoder, the lines that it did not read exactly."""
    evaluations = [entry.evaluation for entry in comparison.entries]

    def rank(i: int) -> tuple[int, int, int]:
        errors = [one.errors[i].character_errors for one in evaluations]
        return min(errors) - max(errors), -sum(errors), i

    def matters(i: int) -> bool:
        texts = {one.readings[i].text for one in evaluations}
        return len(texts) > 1 or (len(evaluations) == 1 and not evaluations[0].errors[i].exact)

    return sorted(filter(matters, range(comparison.n)), key=rank)


def _shown(comparison: Comparison, i: int, image: str | None, seen: str | None, heat: HeatMap | None) -> ShownLine:
    line = comparison.entries[0].evaluation.readings[i]
    readings = []
    for entry in comparison.entries:
        text = entry.evaluation.readings[i].text
        failure = dict(entry.failed).get(line.id, "")
        errors = entry.evaluation.errors[i].character_errors
        readings.append(ShownReading(entry.label, text, errors, tuple(align(line.truth, text)), failure))
    counts = [reading.errors for reading in readings]
    return ShownLine(
        number=comparison.positions[i] + 1,
        id=line.id,
        truth=line.truth,
        groups=dict(line.groups),
        readings=tuple(readings),
        spread=max(counts) - min(counts),
        errors=sum(counts),
        image=image,
        seen=seen,
        heat=heat,
    )
