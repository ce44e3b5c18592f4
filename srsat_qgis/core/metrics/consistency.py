"""Consistency with the low-resolution input, and the global and local shift against a reference."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from srsat_qgis.core.degradation.kernels import (
    area_valid,
    gaussian_area,
    gaussian_area_halo,
    mtf_decimate,
    mtf_halo,
)
from srsat_qgis.core.metrics.pointwise import AngleSums, PointSums, bias, cc, mae, rmse, sam
from srsat_qgis.core.metrics.score import (
    LOWRES,
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    measure,
    slices,
)
from srsat_qgis.core.metrics.windows import largest_fitting
from srsat_qgis.core.registration.correlation import CrossSpectrum
from srsat_qgis.core.registration.measure import MIN_CONFIDENCE, starts
from srsat_qgis.core.types import Window


def degradation_text(context: Context) -> str:
    """Return how the raster is degraded, as text."""
    if context.mtf is not None:
        return f"Gaussian of MTF {_listed(context.mtf)} at the low resolution's Nyquist frequency, sampled"
    if context.sigma is not None and any(context.sigma):
        return f"Gaussian of {_listed(context.sigma)} low-resolution pixels, then the area mean"
    return "area mean"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def degradation_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to be degraded."""
    scale = context.scale or 1
    if context.mtf is not None:
        return scale * mtf_halo(scale=scale, mtf=context.mtf)
    if context.sigma is not None and any(context.sigma):
        return scale * gaussian_area_halo(scale=scale, sigma=context.sigma)
    return 0


def degraded(context: Context, image: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an image on the low-resolution grid and where it holds a value.

    Parameters
    ----------
    context : Context
        Scale and degradation.
    image : ndarray, shape (bands, rows, cols)
        Rows and columns are multiples of the scale.
    valid : ndarray of bool, shape (rows, cols)

    Returns
    -------
    ndarray of float64, shape (bands, rows / scale, cols / scale), and ndarray of bool, shape (rows, cols) / scale
        Invalid pixels are 0.
    """
    scale = context.scale or 1
    coarse_valid = area_valid(valid, scale=scale)
    values = image.astype(np.float64)
    if context.mtf is not None:
        coarse = mtf_decimate(values, scale=scale, mtf=context.mtf, valid=valid)
    elif context.sigma is not None and any(context.sigma):
        coarse = gaussian_area(values, scale=scale, sigma=context.sigma, valid=valid)
    else:
        coarse = _area_mean(values, scale)
    return np.where(coarse_valid, coarse, 0.0), coarse_valid


def _area_mean(values: np.ndarray, scale: int) -> np.ndarray:
    """Return block means, always summed in the same order; for whole numbers exact, unlike those of a filter."""
    total = np.zeros((len(values), values.shape[1] // scale, values.shape[2] // scale))
    for row in range(scale):
        for col in range(scale):
            total += values[:, row::scale, col::scale]
    return total / (scale * scale)


class ConsistencySums(Accumulator):
    """Point and angle sums of the low-resolution raster (reference) and the degraded raster (test)."""

    summed = ("points", "angles")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.points = PointSums(context)
        self.angles = AngleSums(context)

    def update(self, block: Block) -> None:
        """Count the low-resolution pixels of a block's core."""
        scale = self._context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return
        seen = block.around(degradation_halo(self._context))
        cut = block.cut(seen)
        coarse, valid = degraded(self._context, block.test[(slice(None), *cut)], block.valid[cut])
        own = slices(block.core.divided(scale), seen.divided(scale))
        coarse_cut = block.coarse_cut(block.core, scale)
        truth = block.lowres[(slice(None), *coarse_cut)]
        coarse, mask = coarse[(slice(None), *own)], valid[own] & block.lowres_valid[coarse_cut]
        self.points.add(truth, coarse, mask)
        if self._context.bands > 1:
            self.angles.add(truth, coarse, mask)


CONSISTENCY = Family("consistency", LOWRES, degradation_halo, ConsistencySums)


@measure("LR consistency", "difference to the low-resolution input", CONSISTENCY, unit="DN")
def lr_consistency(context: Context, state: ConsistencySums) -> Score:
    """Mean absolute difference between the degraded raster and the low-resolution raster, over all bands together.

    The report gives the degradation. Rounding to whole numbers alone causes up to 0.25.
    """
    score = mae(context, state.points)
    if not score.applies:
        return Score.absent("no low-resolution pixel contains only valid pixels", bands=context.bands)
    others = {"rmse": rmse, "bias": bias, "cc": cc}
    facts = {name: score_of(context, state.points).value for name, score_of in others.items()}
    facts["pixels"] = state.points.count
    return Score(score.value, score.per_band, facts={**facts, "degradation": degradation_text(context)})


@measure("LR spectral angle", "spectral angle to the low-resolution input", CONSISTENCY, unit="°")
def lr_sam(context: Context, state: ConsistencySums) -> Score:
    """Mean spectral angle between the degraded raster and the low-resolution raster."""
    return sam(context, state.angles)


SIDES = (256, 128, 64, 32)
COARSE_SIDES = (64, 32)
LARGEST_PX = 32
LOCAL_LARGEST_PX = 8
# Shifts are rounded to this many decimals, since sums of spectra depend on the order of the blocks in their last bits.
_PLACES = 3


def _side(sides: tuple[int, ...], rows: int, cols: int) -> int:
    return largest_fitting(sides, min(rows, cols))


class ShiftSums(Accumulator):
    """The summed cross-spectrum of evenly spread windows, of the mean over the bands.

    A shift of half a pixel or more needs a second pass, in which the windows of the test are moved by whole pixels.
    """

    def __init__(self, context: Context, moved: tuple[int, int] = (0, 0)) -> None:
        self.context = context
        self.moved = moved
        self.rows, self.cols, self.side = self._grid()
        self.largest = min(LARGEST_PX, self.side // 4)
        self.spectrum = CrossSpectrum(self.side) if self.side else None
        self.identical = True
        """Whether all windows were bit-equal: then there is no shift, even if other shifts also fit."""
        self.local: dict[tuple[int, int], tuple[float, float]] = {}
        """Shift (rows, cols) of each window with enough confidence, by its first pixel; from the first pass."""

    def _grid(self) -> tuple[int, int, int]:
        context = self.context
        return context.rows, context.cols, _side(SIDES, context.rows, context.cols)

    def update(self, block: Block) -> None:
        """Count the windows whose middle lies in a block's core."""
        if self.spectrum is None:
            return
        for window in self._owned(self._core(block)):
            pair = self._pair(block, window)
            if pair is None:
                continue
            one = CrossSpectrum(self.side)
            one.update(*pair)
            self.spectrum.merge(one)
            identical = np.array_equal(*pair)
            self.identical &= identical
            if self.moved == (0, 0):
                self._note(window, one, identical)

    def _note(self, window: Window, one: CrossSpectrum, identical: bool) -> None:
        peak = one.peak(max_shift_px=min(LOCAL_LARGEST_PX, self.largest))
        if peak is not None and (identical or peak.confidence >= MIN_CONFIDENCE):
            self.local[(window.row, window.col)] = (0.0, 0.0) if identical else (peak.rows_px, peak.cols_px)

    def _core(self, block: Block) -> Window:
        return block.core

    def _owned(self, core: Window) -> Iterator[Window]:
        half = self.side // 2
        for row in starts(self.rows, self.side):
            for col in starts(self.cols, self.side):
                if 0 <= row + half - core.row < core.rows and 0 <= col + half - core.col < core.cols:
                    yield Window(row, col, self.side, self.side)

    def _pair(self, block: Block, window: Window) -> tuple[np.ndarray, np.ndarray] | None:
        back = window._replace(row=window.row - self.moved[0], col=window.col - self.moved[1])
        inside = 0 <= back.row <= self.rows - self.side and 0 <= back.col <= self.cols - self.side
        if block.reference is None or not inside:
            return None
        here, there = block.cut(window), block.cut(back)
        if not (block.valid[here].all() and block.valid[there].all()):
            return None
        truth = block.reference[(slice(None), *here)].mean(axis=0, dtype=np.float64)
        return truth, block.test[(slice(None), *there)].mean(axis=0, dtype=np.float64)

    def merge(self, other: ShiftSums) -> None:
        """Add what another one has counted."""
        if self.spectrum is not None and other.spectrum is not None:
            self.spectrum.merge(other.spectrum)
        self.identical &= other.identical
        self.local.update(other.local)

    def following(self) -> ShiftSums | None:
        """Return the second pass if the shift is half a pixel or more."""
        if self.moved != (0, 0) or self.identical or self.spectrum is None or not self.spectrum.windows:
            return None
        peak = self.spectrum.peak(max_shift_px=self.largest)
        if peak is None or peak.confidence < MIN_CONFIDENCE:
            return None
        moved = (round(peak.rows_px), round(peak.cols_px))
        if moved == (0, 0):
            return None
        again = type(self)(self.context, moved)
        again.local = dict(self.local)
        return again

    def shift(self) -> tuple[float, float, float] | str:
        """Return (rows, cols, confidence) of the shift to add to the test's coordinates, or why it is undetermined."""
        if self.spectrum is None:
            return "the raster is too small"
        if not self.spectrum.windows:
            return f"undetermined: no window of {self.side} x {self.side} pixels contains only valid pixels"
        peak = self.spectrum.peak(max_shift_px=self.largest)
        if peak is None:
            return "undetermined: one of the images is flat"
        if self.identical:
            return 0.0, 0.0, 1.0
        if peak.confidence < MIN_CONFIDENCE:
            return "undetermined: no shift fits clearly better than others"
        rows, cols = (
            round(self.moved[0] + peak.rows_px, _PLACES),
            round(self.moved[1] + peak.cols_px, _PLACES),
        )
        return rows + 0.0, cols + 0.0, round(peak.confidence, _PLACES)


class CoarseShiftSums(ShiftSums):
    """The same between the low-resolution raster and the degraded raster, in low-resolution pixels, in one pass."""

    def _grid(self) -> tuple[int, int, int]:
        scale = self.context.scale or 1
        rows, cols = self.context.rows // scale, self.context.cols // scale
        return rows, cols, _side(COARSE_SIDES, rows, cols)

    def _core(self, block: Block) -> Window:
        return block.core.divided(self.context.scale or 1)

    def _pair(self, block: Block, window: Window) -> tuple[np.ndarray, np.ndarray] | None:
        scale = self.context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return None
        fine = window.scaled(scale)
        coarse_cut = block.coarse_cut(fine, scale)
        if not (block.lowres_valid[coarse_cut].all() and block.valid[block.cut(fine)].all()):
            return None
        seen = block.around(degradation_halo(self.context), fine)
        cut = block.cut(seen)
        coarse, _ = degraded(self.context, block.test[(slice(None), *cut)], block.valid[cut])
        test = coarse[(slice(None), *slices(window, seen.divided(scale)))].mean(axis=0)
        return block.lowres[(slice(None), *coarse_cut)].mean(axis=0, dtype=np.float64), test

    def following(self) -> ShiftSums | None:
        """Return None: with a large shift, the rasters cannot be input and output of one model."""
        return None


def shift_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to contain its windows, moved or not."""
    return _side(SIDES, context.rows, context.cols) // 2 + LARGEST_PX


def coarse_shift_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to contain its low-resolution windows."""
    scale = context.scale or 1
    return scale * _side(COARSE_SIDES, context.rows // scale, context.cols // scale) + degradation_halo(
        context
    )


SHIFT = Family("shift", REFERENCE, shift_halo, ShiftSums)
COARSE_SHIFT = Family("coarse shift", LOWRES, coarse_shift_halo, CoarseShiftSums)


def _along(axis: int, state: ShiftSums) -> Score:
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    return Score(found[axis], facts={"confidence": found[2]})


@measure("Shift x", "shift along the columns", SHIFT, unit="px", higher_is_better=None)
def shift_x(context: Context, state: ShiftSums) -> Score:
    """Columns to add to the raster's coordinates to align it with the reference. Never corrected.

    From the summed, un-whitened cross-spectrum of band-passed windows.
    """
    return _along(1, state)


@measure("Shift y", "shift along the rows", SHIFT, unit="px", higher_is_better=None)
def shift_y(context: Context, state: ShiftSums) -> Score:
    """Rows (downwards) to add to the raster's coordinates to align it with the reference. Never corrected."""
    return _along(0, state)


@measure("LR shift", "shift against the low-resolution input", COARSE_SHIFT, unit="LR px")
def lr_shift(context: Context, state: ShiftSums) -> Score:
    """Length of the shift between the low-resolution raster and the degraded raster, in low-resolution pixels."""
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    return Score(math.hypot(*found[:2]), facts={"rows": found[0], "cols": found[1], "confidence": found[2]})


@measure("Local shift", "local misregistration", SHIFT, unit="px")
def local_shift(context: Context, state: ShiftSums) -> Score:
    """Distance from the global shift that 95 % of the shifts of single windows do not exceed."""
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    if not state.local:
        return Score.absent("no single window gives a shift with enough confidence")
    apart = sorted(math.hypot(row - found[0], col - found[1]) for row, col in state.local.values())
    p95 = apart[min(len(apart) - 1, math.ceil(0.95 * len(apart)) - 1)]
    places = [
        [*place, *(round(one, _PLACES) + 0.0 for one in shift)]
        for place, shift in sorted(state.local.items())
    ]
    return Score(
        round(p95, _PLACES), facts={"windows": len(apart), "side_px": state.side, "row_col_rows_cols": places}
    )
