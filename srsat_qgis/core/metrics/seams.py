"""Seams of the tiles in which a raster was made: steps along their borders that are larger than elsewhere."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.histogram import power_of_two
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score

_BITS = 30  # of the data range: steps of floating-point rasters are rounded to whole multiples of it


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
    across, beside = [0, 0], [0, 0]  # sum, count
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
