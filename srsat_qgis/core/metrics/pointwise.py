"""Measures of pixels on their own: errors, their ratios to signal and range, correlation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from srsat_qgis.core.metrics.exact import ExactSums
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean

_R, _S, _RR, _SS, _RS, _ABS, _D, _DD = range(8)
_SUMS = 8
_CHUNK = 1 << 20  # whole numbers of 16 bits: the sum of this many squares is exact in float64
NO_PIXELS = "no pixel holds a value in both rasters"
TOO_LARGE = "values are too large to be squared"


class PointSums(Accumulator):
    """Counts and sums of the valid pixels, one set a band; r is the reference, s the raster under test.

    Integers of at most 16 bits are summed exactly. Other types are taken as float64; their sums are exact too, and
    errors are summed as ``s - r``, never as a difference of large sums.
    """

    def __init__(self, context: Context) -> None:
        self.bands = context.bands
        self.count = 0
        self._sums = [ExactSums(_SUMS) for _ in range(context.bands)]
        self.lowest = np.full((2, context.bands), np.inf)
        self.highest = np.full((2, context.bands), -np.inf)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if block.reference is None:
            return
        cut = block.cut(block.core)
        self.add(block.reference[(slice(None), *cut)], block.test[(slice(None), *cut)], block.valid[cut])

    def add(self, reference: np.ndarray, test: np.ndarray, valid: np.ndarray) -> None:
        """Count arrays (bands, rows, cols) where ``valid`` (rows, cols) is True."""
        count = int(np.count_nonzero(valid))
        self.count += count
        if not count:
            return
        whole = count == valid.size
        for band in range(self.bands):
            r, s = (image[band] if whole else image[band][valid] for image in (reference, test))
            for row, values in enumerate((r, s)):
                self.lowest[row, band] = min(self.lowest[row, band], values.min())
                self.highest[row, band] = max(self.highest[row, band], values.max())
            exact = all(values.dtype.kind in "iu" and values.dtype.itemsize <= 2 for values in (r, s))
            r, s = (np.asarray(values, dtype=np.float64).reshape(-1) for values in (r, s))
            (_add_integers if exact else _add_floats)(self._sums[band], r, s)

    def merge(self, other: PointSums) -> None:
        """Add what another one has counted."""
        self.count += other.count
        for mine, theirs in zip(self._sums, other._sums):
            mine.merge(theirs)
        self.lowest = np.minimum(self.lowest, other.lowest)
        self.highest = np.maximum(self.highest, other.highest)

    def mean(self, band: int, which: int) -> Fraction | None:
        """Return the mean of one of the summed quantities, or None where it is not finite."""
        total = self._sums[band].fraction(which)
        return None if total is None or not self.count else total / self.count

    def constant(self, band: int) -> str:
        """Return which raster is constant in a band ('reference', 'test', 'both'), or ''."""
        flat = [
            name
            for name, row in (("reference", 0), ("test", 1))
            if self.lowest[row, band] == self.highest[row, band]
        ]
        return "both" if len(flat) == 2 else "".join(flat)


def _add_integers(sums: ExactSums, r: np.ndarray, s: np.ndarray) -> None:
    for first in range(0, r.size, _CHUNK):
        a, b = r[first : first + _CHUNK], s[first : first + _CHUNK]
        sum_r, sum_s, sum_abs = int(a.sum()), int(b.sum()), int(np.abs(b - a).sum())
        rr, ss, rs = int(a @ a), int(b @ b), int(a @ b)
        sums.add_whole([sum_r, sum_s, rr, ss, rs, sum_abs, sum_s - sum_r, rr + ss - 2 * rs])


def _add_floats(sums: ExactSums, r: np.ndarray, s: np.ndarray) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        error = s - r
        quantities = (r, s, r * r, s * s, r * s, np.abs(error), error, error * error)
    for index, values in enumerate(quantities):
        sums.add(index, values)


def _per_band(context: Context, sums: PointSums, which: int) -> Score | list[Fraction]:
    """Return every band's mean of a quantity, or why there is none."""
    if not sums.count:
        return Score.absent(NO_PIXELS, bands=context.bands)
    means = [sums.mean(band, which) for band in range(context.bands)]
    known = [mean for mean in means if mean is not None]
    return known if len(known) == len(means) else Score.absent(TOO_LARGE, bands=context.bands)


def _root(value: Fraction) -> float:
    return math.sqrt(value)


def rmse(context: Context, sums: PointSums) -> Score:
    """Return the root of the mean squared error; pooled over bands."""
    mse = _per_band(context, sums, _DD)
    if isinstance(mse, Score):
        return mse
    return Score(_root(sum(mse, Fraction()) / len(mse)), tuple(map(_root, mse)), facts={"pixels": sums.count})


def mae(context: Context, sums: PointSums) -> Score:
    """Return the mean absolute error; pooled over bands."""
    return _mean_of(context, sums, _ABS)


def bias(context: Context, sums: PointSums) -> Score:
    """Return the mean of test - reference; pooled over bands."""
    return _mean_of(context, sums, _D)


def _mean_of(context: Context, sums: PointSums, which: int) -> Score:
    means = _per_band(context, sums, which)
    if isinstance(means, Score):
        return means
    facts = {"pixels": sums.count}
    return Score(
        float(sum(means, Fraction()) / len(means)), tuple(float(mean) for mean in means), facts=facts
    )


def _decibel(power: float | Fraction, noise: Fraction) -> float:
    return math.inf if not noise else 10 * math.log10(power / noise)


def psnr(context: Context, sums: PointSums) -> Score:
    """Return the peak signal-to-noise ratio in dB; the mean squared error is pooled over bands."""
    mse = _per_band(context, sums, _DD)
    if isinstance(mse, Score):
        return mse
    if not context.data_range:
        return Score.absent("the data range is not known", bands=context.bands)
    peak = Fraction(context.data_range) ** 2
    return Score(_decibel(peak, sum(mse, Fraction()) / len(mse)), tuple(_decibel(peak, one) for one in mse))


def sre(context: Context, sums: PointSums) -> Score:
    """Return the signal-to-reconstruction-error ratio in dB, the mean over bands."""
    mse, means = _per_band(context, sums, _DD), _per_band(context, sums, _R)
    if isinstance(mse, Score) or isinstance(means, Score):
        return Score.absent(TOO_LARGE if sums.count else NO_PIXELS, bands=context.bands)
    why = {band: "the reference's mean is 0" for band, mean in enumerate(means) if not mean and mse[band]}
    values: list[Value] = [
        None if band in why else _decibel(mean * mean, noise)
        for band, (mean, noise) in enumerate(zip(means, mse))
    ]
    return band_mean(values, why)


def ergas(context: Context, sums: PointSums) -> Score:
    """Return the relative dimensionless global error in synthesis; one number for all bands."""
    mse, means = _per_band(context, sums, _DD), _per_band(context, sums, _R)
    if isinstance(mse, Score) or isinstance(means, Score):
        return Score.absent(TOO_LARGE if sums.count else NO_PIXELS)
    if not context.scale:
        return Score.absent("the scale (coarse pixel by fine pixel) is not known")
    zero = [str(band + 1) for band, mean in enumerate(means) if not mean]
    if zero:
        return Score.absent(f"the reference's mean is 0 in band {', '.join(zero)}")
    ratios = sum((noise / (mean * mean) for mean, noise in zip(means, mse)), Fraction())
    return Score(100 / context.scale * _root(ratios / len(mse)))


def correlation(context: Context, sums: PointSums) -> Score:
    """Return Pearson's correlation coefficient, the mean over bands."""
    if not sums.count:
        return Score.absent(NO_PIXELS, bands=context.bands)
    values: list[Value] = []
    why: dict[int, str] = {}
    for band in range(context.bands):
        flat = sums.constant(band)
        value = None if flat else _pearson(*(sums.mean(band, which) for which in (_R, _S, _RR, _SS, _RS)))
        if value is None:
            why[band] = f"constant ({flat})" if flat else TOO_LARGE
        values.append(value)
    return band_mean(values, why)


def _pearson(
    r: Fraction | None, s: Fraction | None, rr: Fraction | None, ss: Fraction | None, rs: Fraction | None
) -> Value:
    if r is None or s is None or rr is None or ss is None or rs is None:
        return None
    spread = (rr - r * r) * (ss - s * s)
    if spread <= 0:
        return None
    covariance = rs - r * s
    squared = float(covariance * covariance / spread)
    return math.copysign(min(1.0, math.sqrt(squared)), covariance)
