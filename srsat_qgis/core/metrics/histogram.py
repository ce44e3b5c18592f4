"""Histograms of values and errors, and what follows from them: distance of distributions, percentiles of errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.metrics.pointwise import NO_PIXELS
from srsat_qgis.core.metrics.score import REFERENCE as NEEDS_REFERENCE
from srsat_qgis.core.metrics.score import (
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    Value,
    band_mean,
    measure,
)

# The lowest value of a signed integer of 16 bits.
_LOWEST = -(1 << 15)
_WHOLE_BINS = (1 << 16) - _LOWEST
_VALUE_BITS, _ERROR_BITS = 14, 16
REFERENCE, TEST, ERROR = range(3)


@dataclass(frozen=True)
class Binning:
    """Bins of one width around ``low``, ``low + width``, ...; the first and the last include all values beyond."""

    low: float
    width: float
    count: int
    whole: bool = False
    """Whether each whole number has its own bin, and no other number occurs."""

    def index(self, values: np.ndarray) -> np.ndarray:
        """Return each value's bin."""
        if values.dtype.kind in "iu" and self.whole:
            return values.astype(np.intp).reshape(-1) - int(self.low)
        bins = np.rint((values.reshape(-1).astype(np.float64) - self.low) / self.width)
        return np.clip(bins, 0, self.count - 1).astype(np.intp)

    def counts(self, values: np.ndarray) -> np.ndarray:
        """Return how many values lie in each bin."""
        return np.bincount(self.index(values), minlength=self.count)

    def value(self, index: float) -> float:
        """Return the value in a bin's middle."""
        return float(self.low + index * self.width)


def binning(context: Context, low: float, bits: int) -> Binning:
    """Return about ``2**bits`` bins for a data range; their width is a power of two.

    Whole numbers in a floating-point raster are then in the middle of their bins, if the range is not larger.
    """
    span = context.data_range or 1.0
    return Binning(low, float(power_of_two(span, bits)), round(span / power_of_two(span, bits)) + 2)


def power_of_two(span: float, bits: int) -> float:
    """Return the power of two of which it takes more than ``2**(bits - 1)``, at most ``2**bits``, to fill a range."""
    return float(np.ldexp(1.0, int(np.ceil(np.log2(span))) - bits))


class Histograms(Accumulator):
    """Counts of reference, test and absolute error of each band, over the valid pixels."""

    summed = ("values", "errors", "count")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.usable = context.integer or bool(context.data_range)
        whole = context.integer
        self.bins = (
            Binning(_LOWEST, 1, _WHOLE_BINS, True) if whole else binning(context, context.lowest, _VALUE_BITS)
        )
        self.error_bins = Binning(0, 1, _WHOLE_BINS, True) if whole else binning(context, 0, _ERROR_BITS)
        self.values = np.zeros((2, context.bands, self.bins.count), dtype=np.int64)
        self.errors = np.zeros((context.bands, self.error_bins.count), dtype=np.int64)
        self.largest = np.zeros(context.bands)
        self.count = 0

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if block.reference is None or not self.usable:
            return
        cut = block.cut(block.core)
        valid = block.valid[cut]
        count = int(np.count_nonzero(valid))
        if not count:
            return
        self.count += count
        for band in range(self._context.bands):
            r, s = (image[band][cut] for image in (block.reference, block.test))
            if count < valid.size:
                r, s = r[valid], s[valid]
            kind = np.int32 if self._context.integer else np.float64
            error = np.abs(s.astype(kind) - r.astype(kind))
            self.values[REFERENCE, band] += self.bins.counts(r)
            self.values[TEST, band] += self.bins.counts(s)
            self.errors[band] += self.error_bins.counts(error)
            self.largest[band] = max(self.largest[band], float(error.max()))

    def merge(self, other: Histograms) -> None:
        """Add what another one has counted."""
        super().merge(other)
        self.largest = np.maximum(self.largest, other.largest)

    def error_percentile(self, band: int | None, share: float) -> float:
        """Return the absolute error that ``share`` (0 to 1) of a band's pixels do not exceed; None: of all bands."""
        counts = self.errors.sum(axis=0) if band is None else self.errors[band]
        index = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
        largest = float(self.largest.max() if band is None else self.largest[band])
        return min(self.error_bins.value(index), largest)

    def coarse(self, which: int, band: int, bins: int) -> tuple[list[float], list[int]]:
        """Return a chart's histogram of ``REFERENCE``, ``TEST`` or ``ERROR``: bin edges and counts.

        The edges span the values that occur in reference and test.
        """
        binned = self.error_bins if which == ERROR else self.bins
        counts = self.errors[band] if which == ERROR else self.values[which, band]
        shown = counts if which == ERROR else self.values[:, band].sum(axis=0)
        seen = np.flatnonzero(shown)
        if not seen.size:
            return [], []
        first, step = int(seen[0]), max(1, -(-(int(seen[-1]) - int(seen[0]) + 1) // bins))
        starts = np.arange(first, int(seen[-1]) + 1, step)
        edges = [binned.value(float(index) - 0.5) for index in (*starts, starts[-1] + step)]
        return edges, [int(counts[start : start + step].sum()) for start in starts]


HISTOGRAMS = Family("histograms", NEEDS_REFERENCE, 0, Histograms)


def _missing(context: Context, state: Histograms) -> Score | None:
    if not state.usable:
        return Score.absent("the data range is unknown", bands=context.bands)
    return None if state.count else Score.absent(NO_PIXELS, bands=context.bands)


@measure("Histogram distance", "distance of the histograms", HISTOGRAMS, unit="DN")
def wasserstein(context: Context, state: Histograms) -> Score:
    """Earth mover's (Wasserstein) distance of the histograms of test and reference; mean over bands."""
    missing = _missing(context, state)
    if missing is not None:
        return missing
    running = np.cumsum(state.values, axis=2)
    moved = np.abs(running[TEST] - running[REFERENCE]).sum(axis=1)
    values: list[Value] = [float(one) * state.bins.width / state.count for one in moved]
    return band_mean(values, {})


@measure("95 % error", "error that 95 % of the values do not exceed", HISTOGRAMS, unit="DN")
def error_p95(context: Context, state: Histograms) -> Score:
    """Absolute difference that 95 % of all values do not exceed."""
    missing = _missing(context, state)
    if missing is not None:
        return missing
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    facts: dict[str, float] = {name: state.error_percentile(None, share) for name, share in shares.items()}
    facts["max"] = float(state.largest.max())
    per_band = tuple(state.error_percentile(band, 0.95) for band in range(context.bands))
    return Score(facts["p95"], per_band, facts=facts)
