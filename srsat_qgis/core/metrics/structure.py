"""Structural similarity: SSIM, the universal quality index, and the experimental ISSM."""

from __future__ import annotations

import math

import numpy as np

from srsat_qgis.core.metrics.score import (
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    Value,
    band_mean,
    measure,
    slices,
)
from srsat_qgis.core.metrics.windows import Sliding, WindowedSums, take

SIZE, SIGMA, K1, K2 = 11, 1.5, 0.01, 0.03
WINDOWS = Sliding(SIZE, SIZE // 2)


def _half_weights() -> list[float]:
    """Return the weight of the centre and of one side; with both sides they add up to 1."""
    half = np.exp(-0.5 * (np.arange(SIZE // 2 + 1) / SIGMA) ** 2)
    return [float(one) for one in half / (half[0] + 2 * half[1:].sum())]


_WEIGHTS = _half_weights()


def ssim_map(reference: np.ndarray, test: np.ndarray, *, data_range: float) -> np.ndarray:
    """Return the index of every window that is completely on two planes.

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
    # In place, because every new array costs as much as the sum that fills it.
    both = mean_x * mean_y
    mean_x *= mean_x
    mean_y *= mean_y
    # Now the sum of the squared means.
    mean_x += mean_y
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
    """Return the map of a block's core, shape (bands, rows, cols); NaN where a window has invalid pixels."""
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
    """The sum of the map over windows with only valid pixels, owned by their centre pixel."""

    windows = WINDOWS

    def update(self, block: Block) -> None:
        """Count the windows whose centre lies in a block's core, where the data range is known."""
        if self._context.data_range:
            super().update(block)

    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return ``ssim_map`` of two planes."""
        return ssim_map(reference, test, data_range=self._context.data_range or 0.0)


STRUCTURE = Family("structure", REFERENCE, WINDOWS.halo, StructureSums)


@measure("SSIM", "structural similarity", STRUCTURE, higher_is_better=True, perfect=1.0)
def ssim(context: Context, state: StructureSums) -> Score:
    """Structural similarity of Gaussian windows of 11 x 11 pixels, sigma 1.5; mean over bands.

    Wang et al. 2004, doi:10.1109/TIP.2003.819861; population moments, K1 = 0.01, K2 = 0.03; only windows in which all
    pixels are valid.
    """
    if not context.data_range:
        return Score.absent("the data range is unknown", bands=context.bands)
    return state.sums.score("window of 11 x 11 pixels")


UIQ_SIZE = 8
UIQ_WINDOWS = Sliding(UIQ_SIZE, 0)


def uiq_map(reference: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the index of every window that is completely on two planes.

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
    count = float(UIQ_SIZE * UIQ_SIZE)
    both = sum_x * sum_y
    sum_x *= sum_x
    sum_y *= sum_y
    # Now the sum of the squared sums.
    sum_x += sum_y
    squares *= count
    # Variances, times count squared.
    squares -= sum_x
    products *= count
    # Covariance, times count squared.
    products -= both
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
    """The sum of the map over windows with only valid pixels, owned by their top left pixel."""

    windows = UIQ_WINDOWS

    def index(self, reference: np.ndarray, test: np.ndarray) -> np.ndarray:
        """Return ``uiq_map`` of two planes."""
        return uiq_map(reference, test)


QUALITY = Family("quality", REFERENCE, UIQ_WINDOWS.halo, QualitySums)


@measure("UIQ", "universal image quality index", QUALITY, higher_is_better=True, perfect=1.0)
def uiq(context: Context, state: QualitySums) -> Score:
    """Universal image quality index of windows of 8 x 8 pixels at every pixel; mean over bands.

    Wang & Bovik 2002, doi:10.1109/97.995823; only windows in which all pixels are valid; in flat windows, the ratio of
    the means.
    """
    return state.sums.score("window of 8 x 8 pixels")


A, B, C, E = 0.3, 0.5, 0.7, 1e-6
EDGE_SHARE = 0.01
"""Gradient, as a share of the data range per pixel, above which a pixel is an edge."""
LEVELS = 64
"""Levels of the joint histogram over the data range."""
ISSM_WINDOWS = Sliding(3, 1)


class EdgeCounts(Accumulator):
    """For each band: how often pixels are edges in both, one or none of the images; the joint histogram of values."""

    summed = ("edges", "joint")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.edges = np.zeros((context.bands, 4), dtype=np.int64)
        """Counts of: neither, test only, reference only, both."""
        self.joint = np.zeros((context.bands, LEVELS * LEVELS), dtype=np.int64)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        data_range = self._context.data_range
        if block.reference is None or not data_range:
            return
        for _, seen in ISSM_WINDOWS.strips(self._context, block):
            cut = block.cut(seen)
            usable = ISSM_WINDOWS.usable(block.valid[cut])
            for band in range(self._context.bands):
                r, s = (
                    _edges(image[band][cut], data_range)[usable] for image in (block.reference, block.test)
                )
                self.edges[band] += np.bincount(2 * r + s, minlength=4)
        cut = block.cut(block.core)
        valid = block.valid[cut]
        for band in range(self._context.bands):
            r, s = (self._levels(image[band][cut][valid]) for image in (block.reference, block.test))
            self.joint[band] += np.bincount(LEVELS * r + s, minlength=LEVELS * LEVELS)

    def _levels(self, values: np.ndarray) -> np.ndarray:
        share = (values.astype(np.float64) - self._context.lowest) / float(self._context.data_range or 1)
        return np.clip(np.floor(share * LEVELS), 0, LEVELS - 1).astype(np.intp)


EDGES = Family("edges", REFERENCE, WINDOWS.halo, EdgeCounts)


def _edges(plane: np.ndarray, data_range: float) -> np.ndarray:
    """Return 1 where the gradient by the Scharr operator is above the threshold, shape (rows - 2, cols - 2)."""
    values = plane.astype(np.float64)
    across, down = values[:, 2:] - values[:, :-2], values[2:] - values[:-2]
    x = (3 * across[:-2] + 10 * across[1:-1] + 3 * across[2:]) / 32
    y = (3 * down[:, :-2] + 10 * down[:, 1:-1] + 3 * down[:, 2:]) / 32
    limit = EDGE_SHARE * data_range
    return (x * x + y * y > limit * limit).astype(np.intp)


def edge_correlation(counts: np.ndarray) -> float:
    """Return the correlation of two edge maps from the counts (neither, test, reference, both), 0 to 1.

    Maps without any edge, or full of them, have no correlation: they get 1 if both are equal, else 0, like maps that
    exclude each other.
    """
    neither, test, reference, both = (int(count) for count in counts)
    if not test and not reference:
        return 1.0
    spread = (both + reference) * (neither + test) * (both + test) * (neither + reference)
    return max(0.0, (both * neither - test * reference) / math.sqrt(spread)) if spread else 0.0


def joint_entropy(counts: np.ndarray) -> float:
    """Return Shannon's entropy of a histogram, in bits."""
    seen = counts[counts > 0].astype(np.float64)
    shares = seen / seen.sum()
    return float(-(shares * np.log2(shares)).sum())


@measure(
    "ISSM (experimental)",
    "hybrid of edges, entropy and SSIM",
    EDGES,
    STRUCTURE,
    higher_is_better=True,
    perfect=1.0,
    default=False,
)
def issm(context: Context, edges: EdgeCounts, structure: StructureSums) -> Score:
    """Hybrid of edge correlation, joint entropy and SSIM; mean over bands.

    After Aljanabi et al. 2019 (doi:10.1080/22797254.2019.1628617), modified so that it rises with SSIM and is 1 for
    identical images: (rho H (A + B) + e) / (A rho H + B H + C (1 - SSIM) + e), A, B, C = 0.3, 0.5, 0.7; edges where the
    gradient exceeds 1 % of the data range, entropy of 64 x 64 levels in bits.
    """
    similarity = ssim(context, structure)
    if not similarity.applies:
        return Score.absent(f"no SSIM: {similarity.reason}", bands=context.bands)
    values: list[Value] = []
    for band, likeness in enumerate(similarity.per_band):
        if likeness is None:
            values.append(None)
            continue
        rho, entropy = edge_correlation(edges.edges[band]), joint_entropy(edges.joint[band])
        alike = rho * entropy * (A + B) + E
        # The denominator is written so that it is bit-equal to the numerator for identical images.
        values.append(alike / (alike + B * entropy * (1 - rho) + C * (1 - likeness)))
    return band_mean(values, dict.fromkeys(range(context.bands), "no SSIM"), experimental=True)
