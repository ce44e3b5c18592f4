"""Two-dimensional histograms of a band pair, and histograms of errors: whole numbers, whatever the order of blocks."""

from __future__ import annotations

import numpy as np

BINS = 128


class PairCounts:
    """How often each pair of values occurs in two rasters, band by band.

    Parameters
    ----------
    limits : ndarray, shape (bands, 2)
        Values at which the first bin begins and the last one ends; values beyond are counted in those two.
    """

    def __init__(self, limits: np.ndarray) -> None:
        self.limits = _widened(limits)
        self.counts = np.zeros((len(limits), BINS, BINS), np.int64)

    def of(self, first: np.ndarray, second: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the counts of a block, shape (bands, bins of the first, bins of the second)."""
        total = np.empty_like(self.counts)
        for band, (low, high) in enumerate(self.limits):
            rows, cols = (binned(image[band][valid], low, high) for image in (first, second))
            total[band] = np.bincount(rows.astype(np.intp) * BINS + cols, minlength=BINS * BINS).reshape(
                BINS, BINS
            )
        return total


class ValueCounts:
    """How often each value of a raster occurs, band by band.

    Parameters
    ----------
    limits : ndarray, shape (bands, 2)
        As for ``PairCounts``.
    """

    def __init__(self, limits: np.ndarray) -> None:
        self.limits = _widened(limits)
        self.counts = np.zeros((len(limits), BINS), np.int64)

    def of(self, image: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the counts of a block, shape (bands, bins)."""
        bins = (binned(band[valid], low, high) for band, (low, high) in zip(image, self.limits))
        return np.stack([np.bincount(one, minlength=BINS) for one in bins])


def binned(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the number of the bin of each value, 0 to ``BINS - 1``."""
    if values.dtype in (np.uint8, np.uint16):
        table = _bin(np.arange(np.iinfo(values.dtype).max + 1.0), low, high)
        return np.asarray(table[values])
    return _bin(values.astype(np.float64), low, high)


def _bin(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((values - low) * (BINS / (high - low)), 0, BINS - 1).astype(np.uint8)


def _widened(limits: np.ndarray) -> np.ndarray:
    """Return limits that lie apart, with a tenth of their distance added on both sides."""
    low, high = limits[:, 0], limits[:, 1]
    span = np.where(high > low, high - low, 1.0)
    return np.stack([low - 0.1 * span, high + 0.1 * span], axis=1)
