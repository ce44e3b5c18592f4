"""Artefacts of processing: tile seams, clipped values, and values outside the range of the low-resolution raster."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.histogram import power_of_two
from srsat_qgis.core.metrics.score import (
    LOWRES,
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

NO_PIXELS = "no pixel holds a value"


class ClippedCounts(Accumulator):
    """How many values of each band lie at or beyond the limits."""

    summed = ("count", "low", "high")

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


CLIPPED = Family("clipped", frozenset(), 0, ClippedCounts)


@measure("Clipped", "share of clipped values", CLIPPED, unit="%")
def clipped(context: Context, state: ClippedCounts) -> Score:
    """Share of values at or beyond the smallest or largest value of the data type or the card; mean over bands."""
    if context.limits is None:
        return Score.absent("the smallest and largest possible value are unknown", bands=context.bands)
    if not state.count:
        return Score.absent(NO_PIXELS, bands=context.bands)
    low, high = ([100 * float(one) / state.count for one in counts] for counts in (state.low, state.high))
    shares: list[Value] = [a + b for a, b in zip(low, high)]
    return band_mean(shares, {}, limits=list(context.limits), low=low, high=high)


class OvershootSums(Accumulator):
    """How far values lie outside the range of the 3 x 3 low-resolution pixels around them.

    Counted where all of these pixels that are on the raster hold a value.
    """

    summed = ("count", "outside", "excess")

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
        super().merge(other)
        self.largest = np.maximum(self.largest, other.largest)


OVERSHOOT = Family("overshoot", LOWRES, lambda context: context.scale or 0, OvershootSums)


def _around(image: np.ndarray, choose: np.ufunc) -> np.ndarray:
    """Return ``choose`` over the 3 x 3 pixels around each one; at the border over those that exist."""
    rows, cols = image.shape
    padded = np.pad(image, 1, mode="edge")
    across = choose(choose(padded[:, :cols], padded[:, 1 : cols + 1]), padded[:, 2:])
    result: np.ndarray = choose(choose(across[:rows], across[1 : rows + 1]), across[2:])
    return result


@measure("Overshoot", "values outside the range of nearby input pixels", OVERSHOOT, unit="DN")
def overshoot(context: Context, state: OvershootSums) -> Score:
    """Mean distance of values outside the range of the 3 x 3 low-resolution pixels around them, over all values.

    Correct fine detail can also be outside this range: compare with bicubic. A measure of this project.
    """
    if not state.count:
        return Score.absent("no pixel is surrounded by valid low-resolution pixels", bands=context.bands)
    totals = state.excess.array()
    values: list[Value] = [float(total) / state.count if np.isfinite(total) else None for total in totals]
    share = [100 * float(one) / state.count for one in state.outside]
    why = {band: "values are too large" for band, value in enumerate(values) if value is None}
    return band_mean(values, why, share_percent=share, max=[float(one) for one in state.largest])


# Steps of floating-point rasters are rounded to multiples of about 2**-30 of the data range.
_BITS = 30


class StepProfiles(Accumulator):
    """Sums of absolute steps between neighbours, for every line between two columns and two rows, over all bands.

    Integers of at most 16 bits are summed as they are, other types in steps of about ``2**-30`` of the data range.
    """

    summed = ("steps", "counts")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.usable = context.integer or bool(context.data_range)
        self._quantum = 1.0 if context.integer else power_of_two(context.data_range or 1.0, _BITS)
        lengths = (context.rows, context.cols)
        self.steps = tuple(np.zeros(length, dtype=np.int64) for length in lengths)
        """For rows, then columns: at ``k`` the sum of the steps from line ``k - 1`` to line ``k``."""
        self.counts = tuple(np.zeros(length, dtype=np.int64) for length in lengths)

    def update(self, block: Block) -> None:
        """Count the steps that end in a block's core."""
        if not self.usable:
            return
        rows, cols = block.cut(block.core)
        for axis, lines in enumerate((rows, cols)):
            first = max(lines.start, 1)
            here, before = slice(first, lines.stop), slice(first - 1, lines.stop - 1)
            cut = (here, cols) if axis == 0 else (rows, here)
            back = (before, cols) if axis == 0 else (rows, before)
            pairs = block.valid[cut] & block.valid[back]
            start = (block.window.row, block.window.col)[axis]
            target = slice(start + first, start + lines.stop)
            self.counts[axis][target] += np.count_nonzero(pairs, axis=1 - axis)
            for band in block.test:
                self.steps[axis][target] += self._sizes(band[cut], band[back], pairs).sum(axis=1 - axis)

    def _sizes(self, here: np.ndarray, before: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        if self._context.integer:
            steps = np.abs(here.astype(np.int64) - before)
        else:
            difference = np.where(pairs, here, 0.0).astype(np.float64) - np.where(pairs, before, 0.0)
            # A step of 2**20 data ranges is not an image any more; it only must not overflow the sum.
            steps = np.rint(np.minimum(np.abs(difference) / self._quantum, 2.0**50)).astype(np.int64)
        return steps if pairs.all() else np.where(pairs, steps, 0)


STEPS = Family("steps", frozenset(), 1, StepProfiles)


@measure("Tile seams", "visibility of tile borders", STEPS, higher_is_better=None, perfect=1.0)
def seams(context: Context, state: StepProfiles) -> Score:
    """Mean step between pixels across tile borders, divided by the mean step one low-resolution pixel away from them.

    1: no seams are visible. The distance is a low-resolution pixel and not a pixel, because an upsampled image has
    steps of different size at each position within a low-resolution pixel. A measure of this project.
    """
    if context.tile is None:
        return Score.absent("the tiles in which it was made are unknown")
    if not state.usable:
        return Score.absent("the data range is unknown")
    apart = context.scale or 1
    # Sum and count of each.
    across, near = [0, 0], [0, 0]
    for axis, side in enumerate(context.tile):
        steps, counts = state.steps[axis], state.counts[axis]
        for line in range(side, len(steps) - apart, side):
            if line - apart < 1:
                continue
            across[0] += int(steps[line])
            across[1] += int(counts[line])
            for other in (line - apart, line + apart):
                near[0] += int(steps[other])
                near[1] += int(counts[other])
    if not across[1] or not near[1]:
        return Score.absent("no tile border lies on valid pixels")
    if not near[0]:
        return Score(1.0) if not across[0] else Score.absent("the raster is flat near the tile borders")
    return Score(across[0] * near[1] / (across[1] * near[0]), facts={"tile_px": list(context.tile)})
