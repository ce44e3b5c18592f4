"""Whether the parts of two images show one shift: the bright and the dark parts of each, apart.

Clouds that have moved between two images, or stand high above the ground, are stronger than the ground, and give their
own shift with a high confidence. They are brighter or colder than the ground, so that a threshold parts the two, and
the smaller part's shift shows that the other one's is not the scene's.
"""

from __future__ import annotations

import math

import numpy as np

from srsat_qgis.core.registration.correlation import masked_fit, vertex
from srsat_qgis.core.registration.images import Pixels
from srsat_qgis.core.types import Window

CLOSE_STEPS, LOOSE_STEPS = 0.6, 1.5
"""Pixels, or steps of averaged images, that the shift of a part may be off that of the whole: of temperatures and a
guide, which are to lie on each other to a part of a pixel; and of any two images, whose bright and dark parts may be a
pixel apart without clouds, by relief, shadows and the warps of their suppliers."""
# A correlation of so many standard deviations of those at distant shifts is that of a shift.
_SIGNIFICANT = 5.0
# Steps from the origin at which correlations are those of unrelated images.
_DISTANT = (6.0, 16.0)
# Pixels at a part's edges that the other part's detail reaches into.
_EDGE_PX = 3
# Of the histogram that is cut in two.
_BINS = 256
# Largest side of the image that the threshold is found in.
_SIDE = 512


class Stratum:
    """The pixels of an image whose values lie in a range, without those at its edges, as ``Pixels``.

    Parameters
    ----------
    pixels : Pixels
    low, high : float
        Values from ``low`` on and below ``high`` belong to it.
    """

    def __init__(self, pixels: Pixels, low: float, high: float) -> None:
        self._pixels, self._low, self._high = pixels, low, high
        self.extent = pixels.extent

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return means over steps, and which of them lie in the range."""
        values, valid = self._pixels.read(window, step)
        return values, eroded(valid & (values >= self._low) & (values < self._high))


def farthest_stratum(
    reference: Pixels,
    test: Pixels,
    shift: tuple[float, float],
    max_shift_px: float,
    mode: str,
    origin: tuple[float, float],
) -> tuple[float, float]:
    """Return by how much the shift of a part is off that of the whole at most, in steps and in pixels; 0 if none is.

    A step is as many pixels as are averaged along an axis of a large image: no shift of a part is known better.

    Parameters
    ----------
    reference, test : Pixels
    shift : tuple of float
        Rows and columns on the lattice, of the whole.
    max_shift_px, mode, origin
        As of the search that found it.
    """
    farthest = (0.0, 0.0)
    for image, other in ((reference, test), (test, reference)):
        threshold = _threshold(image)
        if threshold is None:
            continue
        for low, high in ((-math.inf, threshold), (threshold, math.inf)):
            part = Stratum(image, low, high)
            first, second = (part, other) if image is reference else (other, part)
            found = _own_shift(first, second, max_shift_px, mode, origin)
            if found is not None:
                rows, cols, step = found
                away = math.hypot(rows - shift[0], cols - shift[1])
                farthest = max(farthest, (away / step, away))
    return farthest


def split(values: np.ndarray) -> float | None:
    """Return the threshold that parts values into two classes of the least variance within; None if all are equal.

    References
    ----------
    Otsu 1979, doi:10.1109/TSMC.1979.4310076.
    """
    if values.size == 0 or values.min() == values.max():
        return None
    counts, edges = np.histogram(values, _BINS)
    share = np.cumsum(counts)[:-1] / values.size
    means = np.cumsum(counts * (edges[1:] + edges[:-1]) / 2) / values.size
    between = (means[-1] * share - means[:-1]) ** 2 / np.maximum(share * (1 - share), 1e-12)
    return float(edges[1 + int(np.argmax(between))])


def eroded(mask: np.ndarray) -> np.ndarray:
    """Return a mask without the pixels within a few of its edges, beyond the image's own."""
    for _ in range(_EDGE_PX):
        grown = np.pad(mask, 1, constant_values=True)
        mask = mask & grown[:-2, 1:-1] & grown[2:, 1:-1] & grown[1:-1, :-2] & grown[1:-1, 2:]
    return mask


def _threshold(pixels: Pixels) -> float | None:
    box = pixels.extent
    step = max(1, math.ceil(max(box.rows, box.cols) / _SIDE))
    row, col = -(-box.row // step), -(-box.col // step)
    window = Window(row, col, (box.row + box.rows) // step - row, (box.col + box.cols) // step - col)
    if min(window.rows, window.cols) < 1:
        return None
    values, valid = pixels.read(window, step)
    return split(values[valid])


def _own_shift(
    reference: Pixels, test: Pixels, max_shift_px: float, mode: str, origin: tuple[float, float]
) -> tuple[float, float, int] | None:
    """Return rows, columns and the step of the best correlation, to a part of a step; None where it shows no shift."""
    fit, rows, cols, step = masked_fit(reference, test, max_shift_px, mode, origin)
    steps = np.hypot(rows[:, np.newaxis] - origin[0], cols[np.newaxis, :] - origin[1]) / step
    distant = (steps > _DISTANT[0]) & (steps <= _DISTANT[1]) & (fit != 0)
    if not distant.any():
        return None
    noise = math.sqrt(float((fit[distant] ** 2).mean()))
    strength = np.abs(fit) if mode == "intensity" else fit
    within = steps <= max_shift_px / step + 0.5
    top = np.unravel_index(int(np.argmax(np.where(within, strength, -np.inf))), fit.shape)
    if strength[top] < _SIGNIFICANT * noise:
        return None
    around = np.arange(-1, 2)
    down = strength[:, top[1]].take(top[0] + around, mode="wrap")
    across = strength[top[0]].take(top[1] + around, mode="wrap")
    return (
        float(rows[top[0]]) + step * vertex(down, 1),
        float(cols[top[1]]) + step * vertex(across, 1),
        step,
    )
