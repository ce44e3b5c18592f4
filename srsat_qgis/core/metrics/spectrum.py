"""What detail is there, and what of it is true: power spectrum ratio and Fourier ring correlation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean
from srsat_qgis.core.metrics.windows import ExactSums, largest_fitting
from srsat_qgis.core.types import Window

SIDES = (256, 128, 64)
"""Sides of the windows: the largest that fits twice into the raster."""
LEVEL = 0.5
"""Ring correlation at which detail counts as lost."""
# Cycles per pixel.
NYQUIST = 0.5
_REFERENCE, _TEST, _CROSS = range(3)


def window_side(context: Context) -> int:
    """Return the side of the windows, 0 where the raster is smaller than all of them."""
    return largest_fitting(SIDES, min(context.rows, context.cols))


def spectrum_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to hold all windows whose middle lies in it."""
    return window_side(context) // 2


class RingSums(Accumulator):
    """Spectral power and cross power by ring of frequency, summed over windows.

    Windows have a Hann taper, overlap by half and are counted from the raster's first pixel; those with an invalid
    pixel are left out. Each is transformed on its own, so that blocks change nothing.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.side = window_side(context)
        self.rings = self.side // 2 + 1
        self._sums = ExactSums(3 * context.bands * self.rings)
        self.windows = 0
        self.wanted = 0

    def update(self, block: Block) -> None:
        """Count the windows whose middle lies in a block's core."""
        if block.reference is None or not self.side:
            return
        for window in self._owned(block.core):
            cut = block.cut(window)
            self.wanted += 1
            if not block.valid[cut].all():
                continue
            self.windows += 1
            rows = [
                _rings(block.reference[band][cut], block.test[band][cut], self.side)
                for band in range(self._context.bands)
            ]
            self._sums.add_row(np.concatenate(rows))

    def _owned(self, core: Window) -> Iterator[Window]:
        for row in self._starts(core.row, core.rows, self._context.rows):
            for col in self._starts(core.col, core.cols, self._context.cols):
                yield Window(row, col, self.side, self.side)

    def _starts(self, first: int, length: int, limit: int) -> range:
        """Return where windows start whose middle lies among ``length`` lines from ``first`` on."""
        step = self.side // 2
        low = max(0, -(-(first - step) // step) * step)
        return range(low, min(first - step + length, limit - self.side + 1), step)

    def merge(self, other: RingSums) -> None:
        """Add what another one has counted."""
        self._sums.merge(other._sums)
        self.windows += other.windows
        self.wanted += other.wanted

    def powers(self) -> np.ndarray:
        """Return the sums, shape (bands, 3, rings): power of reference and test, and cross power."""
        return self._sums.array().reshape(self._context.bands, 3, self.rings)

    @property
    def frequencies(self) -> np.ndarray:
        """Frequency of each ring, in cycles per pixel: 0 to 0.5."""
        return np.arange(self.rings) / max(1, self.side)

    def curves(self) -> dict[str, Any]:
        """Return frequencies, and a band each the ring correlation and the power ratio; None where undefined."""
        powers = self.powers()
        return {
            "frequency": [float(one) for one in self.frequencies],
            "frc": [_correlation(band) for band in powers],
            "ratio": [
                [float(t / r) if r > 0 else None for r, t in zip(band[_REFERENCE], band[_TEST])]
                for band in powers
            ],
        }

    def absent(self) -> Score | None:
        """Return why there is no spectrum, or None."""
        bands = self._context.bands
        if not self.side:
            return Score.absent(f"the raster is smaller than {SIDES[-1]} x {SIDES[-1]} pixels", bands=bands)
        if not self.windows:
            return Score.absent(f"no window of {self.side} x {self.side} pixels is wholly valid", bands=bands)
        return None

    @property
    def facts(self) -> dict[str, float]:
        """The number of windows, their side, and their share of all places."""
        return {"windows": self.windows, "side_px": self.side, "usable_share": self.windows / self.wanted}


@lru_cache(maxsize=4)
def _taper(side: int) -> np.ndarray:
    wave = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2
    return np.outer(wave, wave)


@lru_cache(maxsize=4)
def _ring_order(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the half spectrum's pixels ordered by ring, how often each stands in the whole, and the rings' starts."""
    rows = np.fft.fftfreq(side, 1 / side)[:, np.newaxis]
    cols = np.arange(side // 2 + 1)[np.newaxis, :]
    rings = np.rint(np.hypot(rows, cols)).astype(np.intp).reshape(-1)
    twice = np.broadcast_to(np.where((cols == 0) | (cols == side // 2), 1.0, 2.0), (side, cols.size)).reshape(
        -1
    )
    order = np.argsort(rings, kind="stable")
    order = order[rings[order] <= side // 2]
    starts = np.searchsorted(rings[order], np.arange(side // 2 + 1))
    return order, twice[order], starts


def _rings(reference: np.ndarray, test: np.ndarray, side: int) -> np.ndarray:
    """Return the ring sums of one window, shape (3 * rings,)."""
    taper = _taper(side)
    total = taper.sum()
    spectra = []
    for image in (reference, test):
        values = image.astype(np.float64)
        # A flat image becomes zero to the bit: the rounding of its mean would be its only detail.
        values -= values[0, 0]
        values -= (values * taper).sum() / total
        spectra.append(np.fft.rfft2(values * taper))
    a, b = spectra
    order, twice, starts = _ring_order(side)
    quantities = (
        a.real * a.real + a.imag * a.imag,
        b.real * b.real + b.imag * b.imag,
        a.real * b.real + a.imag * b.imag,
    )
    sums = [np.add.reduceat(one.reshape(-1)[order] * twice, starts) for one in quantities]
    return np.concatenate(sums)


def _correlation(powers: np.ndarray) -> list[Value]:
    """Return the ring correlation of a band, None in rings without power."""
    size = np.sqrt(powers[_REFERENCE]) * np.sqrt(powers[_TEST])
    return [float(np.clip(x / s, -1, 1)) if s > 0 else None for x, s in zip(powers[_CROSS], size)]


def _crossing(frequencies: np.ndarray, values: list[Value]) -> Value:
    """Return the lowest frequency at which the correlation falls to ``LEVEL``; None without any power."""
    before: tuple[float, float] | None = None
    for frequency, value in zip(frequencies[1:], values[1:]):
        if value is None:
            continue
        if value < LEVEL:
            if before is None:
                return float(frequency)
            low, high = before
            return float(low + (frequency - low) * (high - LEVEL) / (high - value))
        before = (float(frequency), value)
    return NYQUIST if before is not None else None


def frc(context: Context, state: RingSums) -> Score:
    """Return the frequency at which the Fourier ring correlation falls to 0.5, in cycles per pixel, mean over bands."""
    absent = state.absent()
    if absent is not None:
        return absent
    values = [_crossing(state.frequencies, _correlation(band)) for band in state.powers()]
    why = {band: "flat" for band, value in enumerate(values) if value is None}
    return band_mean(values, why, **state.facts)


def spectrum_ratio(context: Context, state: RingSums) -> Score:
    """Return the power of test over that of the reference beyond the coarse Nyquist frequency, in dB, mean of bands."""
    absent = state.absent()
    if absent is not None:
        return absent
    limit = NYQUIST / (context.scale or 2)
    fine = state.frequencies > limit
    values: list[Value] = []
    why: dict[int, str] = {}
    for band, powers in enumerate(state.powers()):
        truth, test = float(powers[_REFERENCE][fine].sum()), float(powers[_TEST][fine].sum())
        flat = [name for name, power in (("reference", truth), ("test", test)) if not power > 0]
        values.append(None if flat else 10 * math.log10(test / truth))
        if flat:
            why[band] = f"no fine detail ({' and '.join(flat)})"
    return band_mean(values, why, above_cycles_per_pixel=limit, **state.facts)
