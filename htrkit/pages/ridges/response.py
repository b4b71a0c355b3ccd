"""How much each place of a page is the middle of a line, and how steep that line is there."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from htrkit.pages.page_ink import Floats

STEEPEST, STEP = 20, 4
"""Degrees: lines that are looked for are at most so steep, in steps of so many."""
ACROSS, ALONG = 0.2, 1.2
"""Of the spacing: the deviations of the blur across and along a line."""
NEIGHBOURHOOD = 3.0
"""Spacings over which lines run alike."""


def ridge_response(ink: Floats, spacing: float) -> tuple[Floats, Floats]:
    """Where a dark ridge runs once the page is blurred along its lines.

    The blur is an anisotropic Gaussian; minus its second derivative across the lines is large in the middle of a line
    and negative between lines (Bukhari, Shafait and Breuel, "Script-independent handwritten textlines segmentation
    using active contours", ICDAR 2009). Of some angles, the one is taken to which the ridges around answer most.

    Parameters
    ----------
    ink
        (height, width), 0 to 1.
    spacing
        Pixels from line to line.

    Returns
    -------
    response, slope
        (height, width) each; a slope is in pixels down for each pixel to the right.
    """
    angles = np.radians(np.arange(-STEEPEST, STEEPEST + 1, STEP))
    response, slope, most = (np.zeros(ink.shape, np.float32) for _ in range(3))
    for angle in angles:
        at_angle = cv2.filter2D(ink, cv2.CV_32F, _kernel(spacing, float(angle)), borderType=cv2.BORDER_CONSTANT)
        around = cv2.GaussianBlur(np.maximum(at_angle, 0.0) ** 2, (0, 0), NEIGHBOURHOOD * spacing)
        better = around > most
        response, most = np.where(better, at_angle, response), np.where(better, around, most)
        slope[better] = math.tan(angle)
    return response, slope


def _kernel(spacing: float, angle: float) -> NDArray[np.float32]:
    across, along = ACROSS * spacing, ALONG * spacing
    reach = int(3 * along)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    u, v = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    blur = np.exp(-((u / along) ** 2 + (v / across) ** 2) / 2.0)
    kernel = (1.0 - (v / across) ** 2) * blur / blur.sum()
    return np.asarray(kernel - kernel.mean(), np.float32)
