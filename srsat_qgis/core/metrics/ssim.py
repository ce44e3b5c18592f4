"""Structural similarity (Wang et al. 2004): Gaussian windows, population moments, whole windows only."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.score import Block, Context, Score, slices
from srsat_qgis.core.metrics.windows import Sliding, WindowedSums, take

SIZE, SIGMA, K1, K2 = 11, 1.5, 0.01, 0.03
WINDOWS = Sliding(SIZE, SIZE // 2)


def _half_weights() -> list[float]:
    """Return the centre's weight and those beside it; as of both sides together they add up to 1."""
    half = np.exp(-0.5 * (np.arange(SIZE // 2 + 1) / SIGMA) ** 2)
    return [float(one) for one in half / (half[0] + 2 * half[1:].sum())]


_WEIGHTS = _half_weights()


def ssim_map(reference: np.ndarray, test: np.ndarray, *, data_range: float) -> np.ndarray:
    """Return the index of every window that lies wholly on two planes.

    Parameters
    ----------
    reference, test : ndarray, shape (rows, cols)
        At least 11 rows and columns.
    data_range : float
        L of the definition.

    Returns
    -------
    ndarray of float64, shape (rows - 10, cols - 10)
        -1 to 1; at (0, 0) for the window whose centre is (5, 5). Exactly 1 where the windows are identical.
    """
    x, y = np.asarray(reference, dtype=np.float64), np.asarray(test, dtype=np.float64)
    product = x * y
    # The index needs the sum of the variances only: four planes are smoothed, not five.
    energy = x * x
    energy += y * y
    mean_x, mean_y, squares, products = (_smoothed(_smoothed(one, 0), 1) for one in (x, y, energy, product))
    c1, c2 = (K1 * data_range) ** 2, (K2 * data_range) ** 2
    # In place, since every new array costs as much as the sum that fills it.
    both = mean_x * mean_y
    mean_x *= mean_x
    mean_y *= mean_y
    mean_x += mean_y  # now the sum of the squared means
    squares -= mean_x
    squares += c2
    mean_x += c1
    squares *= mean_x
    products -= both
    products *= 2
    products += c2
    both *= 2
    both += c1
    products *= both
    products /= squares
    return products


def _smoothed(plane: np.ndarray, axis: int) -> np.ndarray:
    """Return the weighted means along an axis, each summed in one order wherever its window lies."""
    radius = SIZE // 2
    length = plane.shape[axis] - 2 * radius
    total = take(plane, radius, length, axis) * _WEIGHTS[0]
    pair = np.empty_like(total)
    for distance in range(1, radius + 1):
        before = take(plane, radius - distance, length, axis)
        np.add(before, take(plane, radius + distance, length, axis), out=pair)
        pair *= _WEIGHTS[distance]
        total += pair
    return total


def ssim_block(context: Context, block: Block) -> np.ndarray:
    """Return the map of a block's core, for a raster: shape (bands, rows, cols), NaN without a whole valid window."""
    core = block.core
    result = np.full((context.bands, core.rows, core.cols), np.nan, dtype=np.float32)
    if block.reference is None or not context.data_range:
        return result
    for owners, seen in WINDOWS.strips(context, block):
        cut = block.cut(seen)
        usable = WINDOWS.usable(block.valid[cut])
        place = slices(owners, core)
        for band in range(context.bands):
            values = ssim_map(
                block.reference[band][cut], block.test[band][cut], data_range=context.data_range
            )
            result[(band, *place)] = np.where(usable, values, np.nan)
    return result


class StructureSums(WindowedSums):
    """The sum of the map over windows that are wholly valid, owned by their centre pixel."""

    windows = WINDOWS

    def update(self, block: Block) -> None:
        """Count the windows whose centre lies in a block's core, where the data range is known."""
        if self._context.data_range:
            super().update(block)

    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return ``ssim_map`` of two planes."""
        return ssim_map(reference, test, data_range=self._context.data_range or 0.0)


def ssim(context: Context, state: StructureSums) -> Score:
    """Return the mean over windows and bands."""
    if not context.data_range:
        return Score.absent("the data range is not known", bands=context.bands)
    return state.sums.score("window of 11 x 11 pixels")
