"""Values at the limits of their type, and values beyond those of the coarse raster around them."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.exact import ExactSums
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean

NO_PIXELS = "no pixel holds a value"


class ClippedCounts(Accumulator):
    """How many values lie at or beyond the limits, a band."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.count = 0
        self.low = np.zeros(context.bands, dtype=np.int64)
        self.high = np.zeros(context.bands, dtype=np.int64)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if self._context.limits is None:
            return
        low, high = self._context.limits
        cut = block.cut(block.core)
        valid = block.valid[cut]
        self.count += int(np.count_nonzero(valid))
        for band in range(self._context.bands):
            values = block.test[band][cut]
            self.low[band] += np.count_nonzero(valid & (values <= low))
            self.high[band] += np.count_nonzero(valid & (values >= high))

    def merge(self, other: ClippedCounts) -> None:
        """Add what another one has counted."""
        self.count += other.count
        self.low += other.low
        self.high += other.high


def clipped(context: Context, state: ClippedCounts) -> Score:
    """Return the share of values at the limits, in percent, the mean over bands."""
    if context.limits is None:
        return Score.absent("the smallest and largest value possible are not known", bands=context.bands)
    if not state.count:
        return Score.absent(NO_PIXELS, bands=context.bands)
    low, high = ([100 * float(one) / state.count for one in counts] for counts in (state.low, state.high))
    shares: list[Value] = [a + b for a, b in zip(low, high)]
    return band_mean(shares, {}, limits=list(context.limits), low=low, high=high)


class OvershootSums(Accumulator):
    """How far values lie outside the range of the 3 x 3 coarse pixels about them.

    Counted where all of these coarse pixels (those on the raster) hold a value.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.count = 0
        self.outside = np.zeros(context.bands, dtype=np.int64)
        self.excess = ExactSums(context.bands)
        self.largest = np.zeros(context.bands)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        scale = self._context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return
        cut, coarse_cut = block.cut(block.core), block.coarse_cut(block.core, scale)
        around = _around(block.lowres_valid, np.logical_and)[coarse_cut]
        valid = block.valid[cut] & around.repeat(scale, axis=0).repeat(scale, axis=1)
        count = int(np.count_nonzero(valid))
        self.count += count
        if not count:
            return
        for band in range(self._context.bands):
            values = block.test[band][cut].astype(np.float64)
            coarse = block.lowres[band].astype(np.float64)
            beyond = np.zeros_like(values)
            for choose, sign in ((np.maximum, 1.0), (np.minimum, -1.0)):
                limit = _around(coarse, choose)[coarse_cut].repeat(scale, axis=0).repeat(scale, axis=1)
                np.maximum(beyond, sign * (values - limit), out=beyond)
            excess = beyond[valid & (beyond > 0)]
            self.outside[band] += excess.size
            self.excess.add(band, excess)
            self.largest[band] = max(self.largest[band], float(excess.max()) if excess.size else 0.0)

    def merge(self, other: OvershootSums) -> None:
        """Add what another one has counted."""
        self.count += other.count
        self.outside += other.outside
        self.excess.merge(other.excess)
        self.largest = np.maximum(self.largest, other.largest)


def _around(image: np.ndarray, choose: np.ufunc) -> np.ndarray:
    """Return ``choose`` over the 3 x 3 pixels about each one; at the border over those that exist."""
    rows, cols = image.shape
    padded = np.pad(image, 1, mode="edge")
    across = choose(choose(padded[:, :cols], padded[:, 1 : cols + 1]), padded[:, 2:])
    result: np.ndarray = choose(choose(across[:rows], across[1 : rows + 1]), across[2:])
    return result


def overshoot(context: Context, state: OvershootSums) -> Score:
    """Return the mean distance outside the local coarse range, in the raster's units, the mean over bands."""
    if not state.count:
        return Score.absent("no pixel lies among coarse pixels that all hold a value", bands=context.bands)
    totals = state.excess.array()
    values: list[Value] = [float(total) / state.count if np.isfinite(total) else None for total in totals]
    share = [100 * float(one) / state.count for one in state.outside]
    why = {band: "values are too large" for band, value in enumerate(values) if value is None}
    return band_mean(values, why, share_percent=share, max=[float(one) for one in state.largest])
