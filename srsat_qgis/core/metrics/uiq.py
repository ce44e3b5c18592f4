"""Universal image quality index (Wang & Bovik 2002): 8 x 8 windows at every pixel."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.score import Context, Score
from srsat_qgis.core.metrics.windows import Sliding, WindowedSums, take

SIZE = 8
WINDOWS = Sliding(SIZE, 0)


def uiq_map(reference: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the index of every window that lies wholly on two planes.

    Parameters
    ----------
    reference, test : ndarray, shape (rows, cols)
        At least 8 rows and columns. Whole numbers of 16 bits are computed without rounding up to the last division.

    Returns
    -------
    ndarray of float64, shape (rows - 7, cols - 7)
        -1 to 1; at (0, 0) for the window whose first pixel is (0, 0). Windows flat in both planes get the ratio of
        means alone, ``2 a b / (a^2 + b^2)``, and 1 where both are 0.
    """
    x, y = np.asarray(reference, dtype=np.float64), np.asarray(test, dtype=np.float64)
    product = x * y
    energy = x * x
    energy += y * y
    sum_x, sum_y, squares, products = (_box(_box(one, 0), 1) for one in (x, y, energy, product))
    count = float(SIZE * SIZE)
    both = sum_x * sum_y
    sum_x *= sum_x
    sum_y *= sum_y
    sum_x += sum_y  # now the sum of the squared sums
    squares *= count
    squares -= sum_x  # variances, times count squared
    products *= count
    products -= both  # covariance, likewise
    flat = squares <= 0
    if flat.any():
        squares[flat] = 1.0
        products[flat] = 0.5
    dark = sum_x == 0
    if dark.any():
        sum_x[dark] = 1.0
        both[dark] = 0.5
    products *= both
    products *= 4
    squares *= sum_x
    products /= squares
    return products


def _box(plane: np.ndarray, axis: int) -> np.ndarray:
    """Return the sums of 8 values from each on along an axis: pairs, fours, eights."""
    for step in (1, 2, 4):
        length = plane.shape[axis] - step
        plane = take(plane, 0, length, axis) + take(plane, step, length, axis)
    return plane


class QualitySums(WindowedSums):
    """The sum of the map over windows that are wholly valid, owned by their top left pixel."""

    windows = WINDOWS

    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return ``uiq_map`` of two planes."""
        return uiq_map(reference, test)


def uiq(context: Context, state: QualitySums) -> Score:
    """Return the mean over windows and bands."""
    return state.sums.score("window of 8 x 8 pixels")
