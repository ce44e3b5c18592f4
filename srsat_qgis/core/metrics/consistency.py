"""Consistency with the coarse input, and the shift against a reference, as a whole and from place to place."""

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
from srsat_qgis.core.metrics.pointwise import AngleSums, PointSums, bias, correlation, mae, rmse, sam
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, slices
from srsat_qgis.core.metrics.windows import largest_fitting
from srsat_qgis.core.registration.correlation import CrossSpectrum
from srsat_qgis.core.registration.measure import SURE
from srsat_qgis.core.types import Window


def degradation_text(context: Context) -> str:
    """Return how the raster is made coarse, in words."""
    if context.mtf is not None:
        return f"Gaussian of MTF {_listed(context.mtf)} at the coarse Nyquist frequency, sampled"
    if context.sigma is not None and any(context.sigma):
        return f"Gaussian of {_listed(context.sigma)} coarse pixels, then the area mean"
    return "area mean"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def degradation_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to be made coarse."""
    scale = context.scale or 1
    if context.mtf is not None:
        return scale * mtf_halo(scale=scale, mtf=context.mtf)
    if context.sigma is not None and any(context.sigma):
        return scale * gaussian_area_halo(scale=scale, sigma=context.sigma)
    return 0


def made_coarse(context: Context, image: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an image on the coarse grid and where it holds a value.

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
    """Return block means summed in one order; exact sums for whole numbers, unlike those of a filter."""
    total = np.zeros((len(values), values.shape[1] // scale, values.shape[2] // scale))
    for row in range(scale):
        for col in range(scale):
            total += values[:, row::scale, col::scale]
    return total / (scale * scale)


class ConsistencySums(Accumulator):
    """Point and angle sums of the coarse raster (reference) and the raster under test made coarse (test)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.points = PointSums(context)
        self.angles = AngleSums(context)

    def update(self, block: Block) -> None:
        """Count the coarse pixels of a block's core."""
        scale = self._context.scale
        if block.lowres is None or block.lowres_valid is None or scale is None:
            return
        seen = block.around(degradation_halo(self._context))
        cut = block.cut(seen)
        coarse, valid = made_coarse(self._context, block.test[(slice(None), *cut)], block.valid[cut])
        own = slices(block.core.divided(scale), seen.divided(scale))
        coarse_cut = block.coarse_cut(block.core, scale)
        truth = block.lowres[(slice(None), *coarse_cut)]
        coarse, mask = coarse[(slice(None), *own)], valid[own] & block.lowres_valid[coarse_cut]
        self.points.add(truth, coarse, mask)
        if self._context.bands > 1:
            self.angles.add(truth, coarse, mask)

    def merge(self, other: ConsistencySums) -> None:
        """Add what another one has counted."""
        self.points.merge(other.points)
        self.angles.merge(other.angles)


def lr_consistency(context: Context, state: ConsistencySums) -> Score:
    """Return the mean absolute difference to the coarse raster, over all bands together."""
    score = mae(context, state.points)
    if not score.applies:
        return Score.absent("no coarse pixel is wholly covered by valid pixels", bands=context.bands)
    others = {"rmse": rmse, "bias": bias, "cc": correlation}
    facts = {name: measure(context, state.points).value for name, measure in others.items()}
    facts["pixels"] = state.points.count
    return Score(score.value, score.per_band, facts={**facts, "degradation": degradation_text(context)})


def lr_angle(context: Context, state: ConsistencySums) -> Score:
    """Return the mean spectral angle to the coarse raster, in degrees."""
    return sam(context, state.angles)


SIDES = (256, 128, 64, 32)
COARSE_SIDES = (64, 32)
MOST_WINDOWS = 12
"""Windows along one axis: more make no shift any surer."""
LARGEST_PX = 32
LOCAL_LARGEST_PX = 8
# Decimals of a pixel: sums of spectra differ in the last bits with the order of the blocks.
_PLACES = 3


def _side(sides: tuple[int, ...], rows: int, cols: int) -> int:
    return largest_fitting(sides, min(rows, cols))


def _starts(length: int, side: int) -> list[int]:
    count = min(MOST_WINDOWS, 1 + math.ceil((length - side) / (side / 2)))
    return [round(float(start)) for start in np.linspace(0, length - side, count)]


class ShiftSums(Accumulator):
    """The summed cross-spectrum of windows spread evenly over the raster, of the mean over its bands.

    A shift of half a pixel or more calls for a second pass, whose windows are taken where they show the same ground.
    """

    def __init__(self, context: Context, moved: tuple[int, int] = (0, 0)) -> None:
        self.context = context
        self.moved = moved
        self.rows, self.cols, self.side = self._grid()
        self.largest = min(LARGEST_PX, self.side // 4)
        self.spectrum = CrossSpectrum(self.side) if self.side else None
        self.identical = True
        """Whether all windows were alike to the bit: then they fit without a shift, whatever else fits as well."""
        self.local: dict[tuple[int, int], tuple[float, float]] = {}
        """Shift (rows, cols) by the first pixel of each window where it is sure; of the first pass."""

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
        if peak is not None and (identical or peak.confidence >= SURE):
            self.local[(window.row, window.col)] = (0.0, 0.0) if identical else (peak.rows_px, peak.cols_px)

    def _core(self, block: Block) -> Window:
        return block.core

    def _owned(self, core: Window) -> Iterator[Window]:
        half = self.side // 2
        for row in _starts(self.rows, self.side):
            for col in _starts(self.cols, self.side):
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
        """Return the second pass where the images lie half a pixel apart or more."""
        if self.moved != (0, 0) or self.identical or self.spectrum is None or not self.spectrum.windows:
            return None
        peak = self.spectrum.peak(max_shift_px=self.largest)
        if peak is None or peak.confidence < SURE:
            return None
        moved = (round(peak.rows_px), round(peak.cols_px))
        if moved == (0, 0):
            return None
        again = type(self)(self.context, moved)
        again.local = dict(self.local)
        return again

    def shift(self) -> tuple[float, float, float] | str:
        """Return (rows, cols, confidence) of what must be added to the test's coordinates, or why there is none."""
        if self.spectrum is None:
            return "the raster is too small"
        if not self.spectrum.windows:
            return f"undetermined: no window of {self.side} x {self.side} pixels is wholly valid"
        peak = self.spectrum.peak(max_shift_px=self.largest)
        if peak is None:
            return "undetermined: one of the images is flat"
        if self.identical:
            return 0.0, 0.0, 1.0
        if peak.confidence < SURE:
            return "undetermined: no shift fits clearly better than others"
        rows, cols = (
            round(self.moved[0] + peak.rows_px, _PLACES),
            round(self.moved[1] + peak.cols_px, _PLACES),
        )
        return rows + 0.0, cols + 0.0, round(peak.confidence, _PLACES)


class CoarseShiftSums(ShiftSums):
    """The same between the coarse raster and the raster under test made coarse; in coarse pixels, in one pass."""

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
        coarse, _ = made_coarse(self.context, block.test[(slice(None), *cut)], block.valid[cut])
        test = coarse[(slice(None), *slices(window, seen.divided(scale)))].mean(axis=0)
        return block.lowres[(slice(None), *coarse_cut)].mean(axis=0, dtype=np.float64), test

    def following(self) -> ShiftSums | None:
        """Return None: coarse rasters that lie far apart are no input and output of one model."""
        return None


def shift_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to hold its windows, moved or not."""
    return _side(SIDES, context.rows, context.cols) // 2 + LARGEST_PX


def coarse_shift_halo(context: Context) -> int:
    """Return the pixels that a block needs beyond its core to hold its coarse windows."""
    scale = context.scale or 1
    return scale * _side(COARSE_SIDES, context.rows // scale, context.cols // scale) + degradation_halo(
        context
    )


def _along(axis: int, state: ShiftSums) -> Score:
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    return Score(found[axis], facts={"confidence": found[2]})


def shift_x(context: Context, state: ShiftSums) -> Score:
    """Return how many columns must be added to the test's coordinates to lie on the reference."""
    return _along(1, state)


def shift_y(context: Context, state: ShiftSums) -> Score:
    """Return how many rows must be added to the test's coordinates to lie on the reference."""
    return _along(0, state)


def shift_length(context: Context, state: ShiftSums) -> Score:
    """Return the length of the shift."""
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    return Score(math.hypot(*found[:2]), facts={"rows": found[0], "cols": found[1], "confidence": found[2]})


def local_shift(context: Context, state: ShiftSums) -> Score:
    """Return how far 95 % of the windows' own shifts lie from the shift as a whole, at most."""
    found = state.shift()
    if isinstance(found, str):
        return Score.absent(found)
    if not state.local:
        return Score.absent("no window's own shift is sure")
    apart = sorted(math.hypot(row - found[0], col - found[1]) for row, col in state.local.values())
    p95 = apart[min(len(apart) - 1, math.ceil(0.95 * len(apart)) - 1)]
    places = [
        [*place, *(round(one, _PLACES) + 0.0 for one in shift)]
        for place, shift in sorted(state.local.items())
    ]
    return Score(
        round(p95, _PLACES), facts={"windows": len(apart), "side_px": state.side, "row_col_rows_cols": places}
    )
