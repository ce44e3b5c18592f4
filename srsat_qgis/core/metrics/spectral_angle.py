"""Spectral angle: how differently the bands of a pixel are mixed, in degrees."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.exact import ExactSums
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score

_BINS_PER_DEGREE = 100
_BINS = 180 * _BINS_PER_DEGREE


def spectral_angles(reference: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the angle between the spectra of each pixel, in degrees.

    Parameters
    ----------
    reference, test : ndarray of float64, shape (bands, pixels)

    Returns
    -------
    ndarray of float64, shape (pixels,)
        0 to 180; NaN where a spectrum is zero in all bands and has no direction.

    Notes
    -----
    ``2 atan2(|a |b| - b |a||, |a |b| + b |a||)`` (Kahan) instead of an arc cosine, which is off by 1e-6 degrees near 0:
    identical spectra give exactly 0.
    """
    length_a, length_b = (np.sqrt(_squared_length(one)) for one in (reference, test))
    apart, along = np.zeros_like(length_a), np.zeros_like(length_a)
    for a, b in zip(reference, test):
        first, second = a * length_b, b * length_a
        apart += (first - second) ** 2
        along += (first + second) ** 2
    angles = np.degrees(2 * np.arctan2(np.sqrt(apart), np.sqrt(along)))
    angles[(length_a == 0) | (length_b == 0)] = np.nan
    return angles


def _squared_length(spectra: np.ndarray) -> np.ndarray:
    total = np.zeros(spectra.shape[1])
    for band in spectra:
        total += band * band
    return total


class AngleSums(Accumulator):
    """The sum and a histogram of the angles of valid pixels whose spectra are not zero."""

    def __init__(self, context: Context) -> None:
        self.sums = ExactSums(1)
        self.count = 0
        self.zero = 0
        """Pixels left out because a spectrum is zero."""
        self.histogram = np.zeros(_BINS, dtype=np.int64)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if block.reference is None or len(block.test) < 2:
            return
        cut = block.cut(block.core)
        self.add(block.reference[(slice(None), *cut)], block.test[(slice(None), *cut)], block.valid[cut])

    def add(self, reference: np.ndarray, test: np.ndarray, valid: np.ndarray) -> None:
        """Count arrays (bands, rows, cols) where ``valid`` (rows, cols) is True."""
        if not valid.any():
            return
        a, b = (np.ascontiguousarray(image[:, valid], dtype=np.float64) for image in (reference, test))
        step = 1 << 15  # pixels at once: intermediate arrays stay in the processor's cache
        for first in range(0, a.shape[1], step):
            with np.errstate(over="ignore", invalid="ignore"):
                self._add_angles(spectral_angles(a[:, first : first + step], b[:, first : first + step]))

    def _add_angles(self, angles: np.ndarray) -> None:
        known = angles[~np.isnan(angles)]
        self.zero += angles.size - known.size
        self.count += known.size
        self.sums.add(0, known)
        bins = np.minimum((known * _BINS_PER_DEGREE).astype(np.int64), _BINS - 1)
        self.histogram += np.bincount(bins, minlength=_BINS)

    def merge(self, other: AngleSums) -> None:
        """Add what another one has counted."""
        self.sums.merge(other.sums)
        self.count += other.count
        self.zero += other.zero
        self.histogram += other.histogram

    def percentile(self, share: float) -> float:
        """Return the angle below which ``share`` (0 to 1) of the pixels lie, to 0.01 degrees."""
        index = int(np.searchsorted(np.cumsum(self.histogram), share * self.count))
        return (index + 0.5) / _BINS_PER_DEGREE if index else 0.0


def sam(context: Context, state: AngleSums) -> Score:
    """Return the mean angle in degrees."""
    if context.bands < 2:
        return Score.absent("one band has no spectrum")
    if not state.count:
        why = "every spectrum is zero" if state.zero else "no pixel holds a value in both rasters"
        return Score.absent(why, zero_pixels=state.zero)
    total = state.sums.fraction(0)
    if total is None:
        return Score.absent("values are too large to be squared")
    note = f"{state.zero} pixels left out: zero in all bands" if state.zero else ""
    facts = {"p95": state.percentile(0.95), "pixels": state.count, "zero_pixels": state.zero}
    return Score(float(total / state.count), (), note, facts)
