"""How much detail there is, and how much of it is correct: power ratio and Fourier ring correlation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from srsat_qgis.core.metrics.score import (
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    Value,
    band_mean,
    measure,
)
from srsat_qgis.core.metrics.windows import ExactSums, largest_fitting
from srsat_qgis.core.registration.images import hann
from srsat_qgis.core.types import Window

SIDES = (256, 128, 64)
"""Sides of the windows: the largest that fits twice into the raster."""
LEVEL = 0.5
"""Ring correlation below which detail counts as lost."""
# In cycles per pixel.
NYQUIST = 0.5
_REFERENCE, _TEST, _CROSS = range(3)


def window_side(context: Context) -> int:
    """Return the side of the windows, 0 where the raster is smaller than all of them."""
    return largest_fitting(SIDES, min(context.rows, context.cols))


def spectrum_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core to contain all windows whose middle lies in it."""
    return window_side(context) // 2


class RingSums(Accumulator):
    """Spectral power and cross power by ring of frequency, summed over windows.

    Windows have a Hann taper, overlap by half and start at the raster's first pixel; those with an invalid pixel are
    left out. Each is transformed separately, so that the blocks do not influence the result.
    """

    summed = ("_sums", "windows", "wanted")

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
            return Score.absent(
                f"no window of {self.side} x {self.side} pixels contains only valid pixels", bands=bands
            )
        return None

    @property
    def facts(self) -> dict[str, float]:
        """The number of windows, their side, and their share of all places."""
        return {"windows": self.windows, "side_px": self.side, "usable_share": self.windows / self.wanted}


RINGS = Family("rings", REFERENCE, spectrum_halo, RingSums)


@lru_cache(maxsize=4)
def _ring_order(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the half spectrum's pixels by ring, how often each occurs in the whole, and the rings' starts."""
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
    taper = hann(side)
    total = taper.sum()
    spectra = []
    for image in (reference, test):
        values = image.astype(np.float64)
        # A flat image must become exactly zero: otherwise the rounding of its mean would be its only detail.
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


@measure(
    "FRC resolution",
    "resolution by Fourier ring correlation",
    RINGS,
    unit="cycles/px",
    higher_is_better=True,
    perfect=NYQUIST,
)
def frc(context: Context, state: RingSums) -> Score:
    """Frequency at which the Fourier ring correlation with the reference falls to 0.5; mean over bands.

    In cycles per pixel; 0.5 is the highest possible. Hann windows of 256 pixels, smaller if they do not fit twice, that
    overlap by half.
    """
    absent = state.absent()
    if absent is not None:
        return absent
    values = [_crossing(state.frequencies, _correlation(band)) for band in state.powers()]
    why = {band: "flat" for band, value in enumerate(values) if value is None}
    return band_mean(values, why, **state.facts)


@measure("Fine-detail power", "power of fine detail", RINGS, unit="dB", higher_is_better=None)
def spectrum_ratio(context: Context, state: RingSums) -> Score:
    """10 log10 of the power of the test over that of the reference at high frequencies; mean over bands.

    High are frequencies above the low resolution's Nyquist frequency (above 0.25 cycles per pixel if the scale is
    unknown). Below 0: too smooth; above 0: too rough.
    A measure of this project.
    """
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
