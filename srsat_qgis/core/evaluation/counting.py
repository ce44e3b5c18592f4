"""Two-dimensional histograms of a band pair, and histograms of errors: whole numbers, whatever the order of blocks."""

from __future__ import annotations

import numpy as np

BINS = 128


class PairCounts:
    """How often each pair of values occurs in two rasters, band by band.

    Parameters
    ----------
    limits : ndarray, shape (bands, 2)
        Values between which almost all lie; values beyond are counted in the first and the last bin.
    whole : bool
        Whether the values are whole numbers: then each bin holds just as many of them.
    """

    def __init__(self, limits: np.ndarray, *, whole: bool) -> None:
        self.limits = _widened(limits, whole)
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
    limits, whole
        As for ``PairCounts``.
    """

    def __init__(self, limits: np.ndarray, *, whole: bool) -> None:
        self.limits = _widened(limits, whole)
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


def _widened(limits: np.ndarray, whole: bool) -> np.ndarray:
    """Return limits that lie apart, with a tenth of their distance added on both sides, but none below 0 to a 0."""
    low, high = limits[:, 0], limits[:, 1]
    margin = 0.1 * np.where(high > low, high - low, 1.0)
    start, end = np.where(low == 0, 0.0, low - margin), high + margin
    if whole:
        width = np.maximum(1.0, np.ceil((end - start) / BINS))
        start = np.floor(start) - 0.5
        end = start + BINS * width
    return np.stack([start, end], axis=1)
