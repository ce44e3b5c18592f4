"""cPSNR of the Proba-V challenge (Märtens et al. 2019): the best PSNR over small shifts, brightness bias removed."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from srsat_qgis.core.metrics.histogram import power_of_two
from srsat_qgis.core.metrics.pointwise import decibel
from srsat_qgis.core.metrics.score import (
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    Value,
    measure,
)
from srsat_qgis.core.types import Window

BORDER = 3
_LAGS = 2 * BORDER + 1
_BITS = 20
_EXACT = 1 << 53


class ShiftedSums(Accumulator):
    """Pixels, differences and squared differences for each of 49 shifts, exact.

    Types other than integers of at most 16 bits are rounded to multiples of a power of two, about 2**-20 of the data
    range, and summed as whole numbers; this limits cPSNR to about 130 dB.
    """

    summed = ("count", "first", "second")

    def __init__(self, context: Context) -> None:
        self._context = context
        self.count = np.zeros((_LAGS, _LAGS), dtype=object)
        self.first = np.zeros((context.bands, _LAGS, _LAGS), dtype=object)
        self.second = np.zeros((context.bands, _LAGS, _LAGS), dtype=object)
        self.too_large = False

    @property
    def quantum(self) -> float:
        """The unit of the whole numbers that are summed, in the raster's units."""
        return 1.0 if self._context.integer else power_of_two(self._context.data_range or 1.0, _BITS)

    def update(self, block: Block) -> None:
        """Count the pixels of a block's core that lie at least 3 pixels inside the raster."""
        if block.reference is None or not self._context.data_range or self.too_large:
            return
        core, context = block.core, self._context
        row, col = max(core.row, BORDER), max(core.col, BORDER)
        last_row = min(core.row + core.rows, context.rows - BORDER)
        last_col = min(core.col + core.cols, context.cols - BORDER)
        # So many rows at once that their arrays stay in the processor's cache.
        step = 64
        for start in range(row, last_row, step):
            if last_col > col:
                self._add(block, Window(start, col, min(step, last_row - start), last_col - col))

    def _add(self, block: Block, inner: Window) -> None:
        near, around = block.cut(inner), block.cut(inner.grown(BORDER))
        mask, mask_around = block.valid[near], block.valid[around]
        if not mask.any():
            return
        whole = bool(mask_around.all())
        counts = np.full((_LAGS, _LAGS), mask.size) if whole else lag_sums(mask, mask_around)
        self.count = self.count + _integers(counts)
        for band in range(self._context.bands):
            test = self._whole_numbers(block.test[band][near], mask)
            truth = self._whole_numbers(block.reference[band][around], mask_around)  # type: ignore[index]
            if test is None or truth is None:
                self.too_large = True
                return
            first, second = _differences(test, truth, None if whole else (mask, mask_around))
            self.first[band] += first
            self.second[band] += second

    def _whole_numbers(self, values: np.ndarray, mask: np.ndarray) -> np.ndarray | None:
        numbers = np.where(mask, values, 0).astype(np.float64)
        if self._context.integer:
            return numbers
        numbers = np.rint(numbers / self.quantum)
        return numbers if np.max(np.abs(numbers)) < 1 << 24 else None

    def merge(self, other: ShiftedSums) -> None:
        """Add what another one has counted."""
        super().merge(other)
        self.too_large |= other.too_large


SHIFTED = Family("shifted", REFERENCE, BORDER, ShiftedSums)


def _integers(sums: np.ndarray) -> np.ndarray:
    return np.array([[int(one) for one in line] for line in sums], dtype=object)


def _differences(
    test: np.ndarray, truth: np.ndarray, masks: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of ``truth - test`` and of its square for all shifts, as Python integers."""
    rows = max(
        1, int(_EXACT // max(1.0, float(np.max(np.abs(test))) * float(np.max(np.abs(truth))) * test.shape[1]))
    )
    first = np.zeros((_LAGS, _LAGS), dtype=object)
    second = np.zeros((_LAGS, _LAGS), dtype=object)
    for start in range(0, len(test), rows):
        one, other = test[start : start + rows], truth[start : start + rows + 2 * BORDER]
        if masks is None:
            sums_one, sums_other = one.sum(), box_sums(other)
            squares_one, squares_other = np.vdot(one, one), box_sums(other * other)
        else:
            near, around = masks[0][start : start + rows], masks[1][start : start + rows + 2 * BORDER]
            sums_one, sums_other = lag_sums(one, around), lag_sums(near, other)
            squares_one, squares_other = lag_sums(one * one, around), lag_sums(near, other * other)
        first += _integers(sums_other - sums_one)
        second += _integers(squares_other) + _integers(np.broadcast_to(squares_one, (_LAGS, _LAGS)))
        second -= 2 * _integers(lag_sums(one, other))
    return first, second


def lag_sums(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Return, for each of 7 x 7 shifts, the sum of the products of ``inner`` and the part of ``outer`` under it.

    Parameters
    ----------
    inner : ndarray, shape (rows, cols)
    outer : ndarray, shape (rows + 6, cols + 6)

    Returns
    -------
    ndarray of float64, shape (7, 7)
        Exact where the numbers are whole and no sum exceeds 2**53.
    """
    rows, cols = inner.shape
    width = cols + 2 * BORDER
    # With rows as long as the outer ones, each shift is one product of two contiguous vectors.
    padded = np.zeros((rows, width))
    padded[:, :cols] = inner
    a = padded.reshape(-1)[: rows * width - 2 * BORDER]
    b = np.ascontiguousarray(outer, dtype=np.float64).reshape(-1)
    starts = (row * width + col for row in range(_LAGS) for col in range(_LAGS))
    return np.array([a @ b[start : start + a.size] for start in starts]).reshape(_LAGS, _LAGS)


def box_sums(outer: np.ndarray) -> np.ndarray:
    """Return the sums of the 7 x 7 parts of ``outer`` that lie within 6 rows and columns of its end."""
    rows, cols = outer.shape[0] - 2 * BORDER, outer.shape[1] - 2 * BORDER
    lines = outer.sum(axis=1)
    result = np.empty((_LAGS, _LAGS))
    for col in range(_LAGS):
        part = lines - outer[:, :col].sum(axis=1) - outer[:, col + cols :].sum(axis=1)
        result[:, col] = [part[row : row + rows].sum() for row in range(_LAGS)]
    return result


@measure(
    "cPSNR",
    "PSNR at the best shift, without bias",
    SHIFTED,
    unit="dB",
    higher_is_better=True,
    perfect=math.inf,
)
def cpsnr(context: Context, state: ShiftedSums) -> Score:
    """PSNR after removal of each band's bias, the best over shifts of up to 3 pixels, without a border of 3 pixels.

    Märtens et al. 2019, doi:10.1007/s42064-019-0059-8.
    """
    if not context.data_range:
        return Score.absent("the data range is unknown", bands=context.bands)
    if state.too_large:
        return Score.absent("values are far outside the data range", bands=context.bands)
    places = [(row, col) for row in range(_LAGS) for col in range(_LAGS) if state.count[row, col]]
    if not places:
        return Score.absent("no valid pixel is at least 3 pixels inside the raster", bands=context.bands)
    unit = Fraction(state.quantum) ** 2

    def errors(place: tuple[int, int]) -> list[Fraction]:
        n = state.count[place]
        return [
            unit * (Fraction(state.second[(band, *place)], n) - Fraction(state.first[(band, *place)], n) ** 2)
            for band in range(context.bands)
        ]

    best = min(places, key=lambda place: (sum(errors(place)), _distance(place)))
    per_band = errors(best)
    peak = Fraction(context.data_range) ** 2
    values: tuple[Value, ...] = tuple(decibel(peak, error) for error in per_band)
    shift = [BORDER - best[0], BORDER - best[1]]
    return Score(decibel(peak, sum(per_band, Fraction()) / len(per_band)), values, facts={"shift_px": shift})


def _distance(place: tuple[int, int]) -> int:
    return (place[0] - BORDER) ** 2 + (place[1] - BORDER) ** 2
