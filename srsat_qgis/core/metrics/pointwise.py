"""Measures of single pixels: errors, ratios to signal and range, correlation, spectral angle, band indices."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

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
)
from srsat_qgis.core.metrics.windows import ExactSums

_R, _S, _RR, _SS, _RS, _ABS, _D, _DD = range(8)
_SUMS = 8
# The sum of this many squares of whole numbers of 16 bits is exact in float64.
_CHUNK = 1 << 20
NO_PIXELS = "no pixel holds a value in both rasters"
TOO_LARGE = "values are too large to be squared"


class PointSums(Accumulator):
    """Counts and sums of the valid pixels, one set per band; r is the reference, s the raster under test.

    Integers of at most 16 bits are summed exactly. Other types are taken as float64; their sums are exact too, and
    errors are summed as ``s - r``, never as a difference of large sums.
    """

    summed = ("count", "_sums")

    def __init__(self, context: Context) -> None:
        self.bands = context.bands
        self.count = 0
        self._sums = tuple(ExactSums(_SUMS) for _ in range(context.bands))
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
        super().merge(other)
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


POINTS = Family("points", REFERENCE, 0, PointSums)


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


@measure("RMSE", "root mean square error", POINTS, unit="DN")
def rmse(context: Context, sums: PointSums) -> Score:
    """Root of the mean squared difference; over all bands together, in the raster's units."""
    mse = _per_band(context, sums, _DD)
    if isinstance(mse, Score):
        return mse
    return Score(_root(sum(mse, Fraction()) / len(mse)), tuple(map(_root, mse)), facts={"pixels": sums.count})


@measure("MAE", "mean absolute error", POINTS, unit="DN")
def mae(context: Context, sums: PointSums) -> Score:
    """Mean absolute difference over all bands together."""
    return _mean_of(context, sums, _ABS)


@measure("Bias", "mean difference", POINTS, unit="DN", higher_is_better=None)
def bias(context: Context, sums: PointSums) -> Score:
    """Mean of test minus reference over all bands together."""
    return _mean_of(context, sums, _D)


def _mean_of(context: Context, sums: PointSums, which: int) -> Score:
    means = _per_band(context, sums, which)
    if isinstance(means, Score):
        return means
    facts = {"pixels": sums.count}
    return Score(
        float(sum(means, Fraction()) / len(means)), tuple(float(mean) for mean in means), facts=facts
    )


def decibel(power: float | Fraction, noise: Fraction) -> float:
    """Return a ratio of powers in dB; infinity without noise."""
    if not noise:
        return math.inf
    ratio = Fraction(power) / noise
    # Of the two whole numbers: their ratio may be beyond what a float holds.
    return 10 * (math.log10(ratio.numerator) - math.log10(ratio.denominator))


@measure("PSNR", "peak signal-to-noise ratio", POINTS, unit="dB", higher_is_better=True, perfect=math.inf)
def psnr(context: Context, sums: PointSums) -> Score:
    """10 log10(L^2 / MSE), where L is the data range, and MSE is over all bands together."""
    mse = _per_band(context, sums, _DD)
    if isinstance(mse, Score):
        return mse
    if not context.data_range:
        return Score.absent("the data range is unknown", bands=context.bands)
    peak = Fraction(context.data_range) ** 2
    return Score(decibel(peak, sum(mse, Fraction()) / len(mse)), tuple(decibel(peak, one) for one in mse))


@measure(
    "SRE", "signal-to-reconstruction-error ratio", POINTS, unit="dB", higher_is_better=True, perfect=math.inf
)
def sre(context: Context, sums: PointSums) -> Score:
    """10 log10(mean^2 / MSE) with the reference's mean; mean over bands.

    Lanaras et al. 2018, doi:10.1016/j.isprsjprs.2018.09.018.
    """
    mse, means = _per_band(context, sums, _DD), _per_band(context, sums, _R)
    if isinstance(mse, Score) or isinstance(means, Score):
        return Score.absent(TOO_LARGE if sums.count else NO_PIXELS, bands=context.bands)
    why = {band: "the reference's mean is 0" for band, mean in enumerate(means) if not mean and mse[band]}
    values: list[Value] = [
        None if band in why else decibel(mean * mean, noise)
        for band, (mean, noise) in enumerate(zip(means, mse))
    ]
    return band_mean(values, why)


@measure("ERGAS", "relative global error", POINTS)
def ergas(context: Context, sums: PointSums) -> Score:
    """100 / scale * root of the mean over bands of (RMSE / mean of the reference)^2 (Wald 2000)."""
    mse, means = _per_band(context, sums, _DD), _per_band(context, sums, _R)
    if isinstance(mse, Score) or isinstance(means, Score):
        return Score.absent(TOO_LARGE if sums.count else NO_PIXELS)
    if not context.scale:
        return Score.absent("the scale factor is unknown")
    zero = [str(band + 1) for band, mean in enumerate(means) if not mean]
    if zero:
        return Score.absent(f"the reference's mean is 0 in band {', '.join(zero)}")
    ratio = sum((noise / (mean * mean) for mean, noise in zip(means, mse)), Fraction()) / len(mse)
    if ratio > sys.float_info.max:
        return Score.absent("the reference's mean is almost 0")
    return Score(100 / context.scale * _root(ratio))


@measure("CC", "correlation coefficient", POINTS, higher_is_better=True, perfect=1.0)
def cc(context: Context, sums: PointSums) -> Score:
    """Pearson's correlation coefficient; mean over bands."""
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

    summed = ("sums", "count", "zero", "histogram")

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
        # So many pixels at once that intermediate arrays stay in the processor's cache.
        step = 1 << 15
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

    def percentile(self, share: float) -> float:
        """Return the angle below which ``share`` (0 to 1) of the pixels lie, to 0.01 degrees."""
        index = int(np.searchsorted(np.cumsum(self.histogram), share * self.count))
        return (index + 0.5) / _BINS_PER_DEGREE if index else 0.0


ANGLES = Family("angles", REFERENCE, 0, AngleSums)


@measure("SAM", "spectral angle", ANGLES, unit="°")
def sam(context: Context, state: AngleSums) -> Score:
    """Mean angle between the spectra of each pixel; pixels that are zero in all bands are left out."""
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


class IndexSums(Accumulator):
    """The sums of each index as if it were a band, over pixels where the sum of both bands is above 0."""

    summed = ("sums",)

    def __init__(self, context: Context) -> None:
        self._context = context
        one = Context(1, context.rows, context.cols)
        self.sums = {name: PointSums(one) for name in context.indices}

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if block.reference is None:
            return
        cut = block.cut(block.core)
        for name, (a, b) in self._context.indices.items():
            truth, known = normalised_difference(block.reference[a][cut], block.reference[b][cut])
            test, also = normalised_difference(block.test[a][cut], block.test[b][cut])
            self.sums[name].add(truth[None], test[None], block.valid[cut] & known & also)


INDICES = Family("indices", REFERENCE, 0, IndexSums)


def normalised_difference(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(a - b) / (a + b)`` and where it is defined: where ``a + b`` is finite and above 0. 0 elsewhere."""
    first, second = a.astype(np.float64), b.astype(np.float64)
    total = first + second
    known = np.isfinite(total) & (total > 0)
    difference = np.subtract(first, second, out=np.zeros_like(total), where=known)
    return np.divide(difference, total, out=difference, where=known), known


@measure("Index error", "error of spectral indices", INDICES)
def index_mae(context: Context, state: IndexSums) -> Score:
    """Mean absolute difference of the normalised differences (a - b) / (a + b), such as NDVI, and mean over these.

    Pixels where a + b is above 0 in both rasters.
    """
    if not state.sums:
        return Score.absent("no index is given")
    one = Context(1, context.rows, context.cols)
    facts: dict[str, dict[str, Value]] = {}
    for name, sums in state.sums.items():
        scores = {"mae": mae(one, sums), "bias": bias(one, sums), "cc": cc(one, sums)}
        facts[name] = {**{key: score.value for key, score in scores.items()}, "pixels": sums.count}
    why = dict.fromkeys(range(len(facts)), NO_PIXELS)
    return band_mean([entry["mae"] for entry in facts.values()], why, **facts)
