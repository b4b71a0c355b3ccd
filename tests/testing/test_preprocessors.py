"""The kit for steps: it lets htrkit's own pass and catches each kind of wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from htrkit import Line, UsageError, plugins
from htrkit.testing import NonconformityError, check_preprocessor

STEPS = [entry.component.name for entry in plugins.declared("preprocessor") if not entry.broken]


@pytest.mark.parametrize("name", STEPS)
def test_installed_steps_keep_the_contract(name: str) -> None:
    check_preprocessor(lambda: plugins.create("preprocessor", name))


def refuse() -> Any:
    raise UsageError("no licence")


def write_into(line: Line) -> Line:
    line.pixels[0] = 0
    return line


def force_into(line: Line) -> Line:
    line.pixels.flags.writeable = True
    line.pixels[:] = 255
    return line


def fail_on_one_pixel(line: Line) -> Line:
    return replace(line, pixels=line.pixels[:, : 1 // (line.pixels.size - 1) or None])


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda line: None, "the step gave None instead of the line, cleaned on a plain line"),
        (lambda line: Line("other", line.pixels), "instead of the line, cleaned on a plain line"),
        (lambda line: Line(line.id, line.pixels / 255), "pixels are of type float64, but uint8 is wanted"),
        (lambda line: Line(line.id, line.pixels[:0]), "have shape"),
        (lambda line: Line(line.id, np.dstack([line.pixels] * 3)), "have shape"),
        (write_into, "the step writes into its input"),
        (force_into, "the step changes its input"),
        (fail_on_one_pixel, "the step raised ZeroDivisionError: .* on one pixel"),
        (lambda line: replace(line, pixels=line.pixels[20:]), r"ink that stood at \(.*\) on its page stands at"),
        (lambda line: replace(line, pixels=255 - line.pixels), "ink that stood at"),
        (lambda line: replace(line, pixels=np.full_like(line.pixels, 255)), "no ink is left of a plain line"),
        (lambda line: replace(line, to_page=((1.0, 0.0), (0.0, 1.0))), "to_page is no map"),
        (lambda line: replace(line, to_page=((np.nan, 0.0, 0.0), (0.0, 1.0, 0.0))), "to_page is no map"),
        (
            lambda line: replace(
                line, pixels=line.pixels - np.random.default_rng().integers(0, 9, line.pixels.shape, np.uint8)
            ),
            "the step answers differently the second time on a plain line",
        ),
    ],
)
def test_faults_are_caught(step: Callable[[Line], Line], says: str) -> None:
    with pytest.raises(NonconformityError, match=says):
        check_preprocessor(lambda: step)


def test_a_factory_that_raises_is_caught() -> None:
    with pytest.raises(NonconformityError, match="the factory raised UsageError: no licence"):
        check_preprocessor(refuse)
