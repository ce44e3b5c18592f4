"""Grain: what a result adds to, or takes from, the noise of flat ground."""

from __future__ import annotations

import numpy as np

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
    overlap,
)
from srsat_qgis.core.metrics.windows import ExactSums
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample
from srsat_qgis.core.types import Window

SIDE = 16
"""Of a window, in low-resolution pixels."""
QUIETEST = 0.1
"""Share of the windows that stands for flat ground: those where bicubic upsampling varies least."""
LEAST_WINDOWS = 4
# Windows are sorted into classes of their variance, a quarter of an octave each, so that no list of them is kept.
_CLASSES, _PER_OCTAVE, _LOWEST = 401, 4, -160


def window_variances(image: np.ndarray, side: int) -> np.ndarray:
    """Return the variance of each window of ``side x side`` pixels, from the first pixel on.

    Parameters
    ----------
    image : ndarray, shape (bands, rows, cols)
        Rows and columns beyond the last whole window are left out.

    Returns
    -------
    ndarray of float64, shape (bands, rows // side, cols // side)
    """
    bands, rows, cols = image.shape
    down, across = rows // side, cols // side
    parts = image[:, : down * side, : across * side].astype(np.float64)
    return np.asarray(parts.reshape(bands, down, side, across, side).var(axis=(2, 4)))


class GrainSums(Accumulator):
    """Variances of the raster and of bicubic upsampling in windows, summed by the class of the latter.

    Windows lie on a lattice from the raster's first pixel. Those with an invalid pixel, those at the raster's edges,
    and those that are constant do not count.
    """

    summed = ("counts", "ours", "plain")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.counts = np.zeros((context.bands, _CLASSES), np.int64)
        self.ours, self.plain = (ExactSums(context.bands * _CLASSES) for _ in range(2))

    def update(self, block: Block) -> None:
        """Count the windows whose first pixel lies in a block's core."""
        scale = self._context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return
        side, edge = SIDE * scale, HALO * scale
        windows = [
            Window(row, col, side, side)
            for row in _starts(block.core.row, block.core.rows, side)
            for col in _starts(block.core.col, block.core.cols, side)
        ]
        for window in windows:
            seen = window.grown(edge)
            if overlap(seen, block.window) != seen:
                continue
            coarse_cut = block.coarse_cut(seen, scale)
            if not block.lowres_valid[coarse_cut].all() or not block.valid[block.cut(window)].all():
                continue
            smooth = bicubic_upsample(
                block.lowres[(slice(None), *coarse_cut)].astype(np.float64), scale=scale
            )
            plain = window_variances(smooth[:, edge:-edge, edge:-edge], side)[:, 0, 0]
            ours = window_variances(block.test[(slice(None), *block.cut(window))], side)[:, 0, 0]
            self._count(plain, ours)

    def _count(self, plain: np.ndarray, ours: np.ndarray) -> None:
        for band in np.flatnonzero(plain > 0):
            place = int(np.floor(_PER_OCTAVE * np.log2(plain[band]))) - _LOWEST
            place = min(max(place, 0), _CLASSES - 1)
            self.counts[band, place] += 1
            index = int(band) * _CLASSES + place
            self.ours.add(index, ours[band : band + 1])
            self.plain.add(index, plain[band : band + 1])


def _starts(first: int, length: int, side: int) -> range:
    return range(-(-first // side) * side, first + length, side)


GRAIN = Family("grain", LOWRES, lambda context: (SIDE + HALO) * (context.scale or 1), GrainSums)


@measure("Grain", "noise on flat ground, bicubic is 1", GRAIN)
def grain(context: Context, state: GrainSums) -> Score:
    """Spread (standard deviation) on flat ground, divided by that of bicubic upsampling of the low-resolution raster.

    Flat ground: the tenth of the windows of 16 x 16 low-resolution pixels in which bicubic upsampling varies least.
    Below 1: smoother than bicubic; above 1: grain was added, or detail too faint to be told from it. Mean over bands. A
    measure of this project.
    """
    ours, plain = (sums.array().reshape(context.bands, _CLASSES) for sums in (state.ours, state.plain))
    values: list[Value] = []
    why = {}
    for band, counts in enumerate(state.counts):
        total = int(counts.sum())
        if total < LEAST_WINDOWS:
            values.append(None)
            why[band] = (
                f"fewer than {LEAST_WINDOWS} windows of {SIDE} x {SIDE} low-resolution pixels hold variation"
            )
            continue
        wanted = max(LEAST_WINDOWS, QUIETEST * total)
        last = int(np.searchsorted(np.cumsum(counts), wanted)) + 1
        values.append(float(np.sqrt(ours[band, :last].sum() / plain[band, :last].sum())))
    return band_mean(values, why, windows=[int(counts.sum()) for counts in state.counts])
