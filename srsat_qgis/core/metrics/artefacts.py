"""What processing leaves behind: seams of tiles, values at the limits of the type or beyond the coarse raster's."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.histogram import power_of_two
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean
from srsat_qgis.core.metrics.windows import ExactSums

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


# Of the data range: steps of floating-point rasters are rounded to whole multiples of it.
_BITS = 30


class StepProfiles(Accumulator):
    """Sums of absolute steps between neighbours, for every line between two columns and two rows, over all bands.

    Integers of at most 16 bits are summed as they are, other types in steps of about ``2**-30`` of the data range.
    """

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
            # A step of 2**20 data ranges is no picture any more; it only must not overflow the sum.
            steps = np.rint(np.minimum(np.abs(difference) / self._quantum, 2.0**50)).astype(np.int64)
        return steps if pairs.all() else np.where(pairs, steps, 0)

    def merge(self, other: StepProfiles) -> None:
        """Add what another one has counted."""
        for mine, theirs in zip((*self.steps, *self.counts), (*other.steps, *other.counts)):
            mine += theirs


def seam_index(context: Context, state: StepProfiles) -> Score:
    """Return the mean step across the tiles' borders over the mean step one coarse pixel beside them.

    Beside by a coarse pixel, not by one pixel: an enlarged image has steps of its own size at each place within a
    coarse pixel, seams or not.
    """
    if context.tile is None:
        return Score.absent("the tiles that it was made in are not known")
    if not state.usable:
        return Score.absent("the data range is not known")
    apart = context.scale or 1
    # Sum, count.
    across, beside = [0, 0], [0, 0]
    for axis, side in enumerate(context.tile):
        steps, counts = state.steps[axis], state.counts[axis]
        for line in range(side, len(steps) - apart, side):
            if line - apart < 1:
                continue
            across[0] += int(steps[line])
            across[1] += int(counts[line])
            for other in (line - apart, line + apart):
                beside[0] += int(steps[other])
                beside[1] += int(counts[other])
    if not across[1] or not beside[1]:
        return Score.absent("no border between tiles lies on valid pixels")
    if not beside[0]:
        return Score(1.0) if not across[0] else Score.absent("the raster is flat beside the borders")
    return Score(across[0] * beside[1] / (across[1] * beside[0]), facts={"tile_px": list(context.tile)})
