"""Where a correlation surface peaks, to a hundredth of a pixel, and how far that peak stands out."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.registration.detail import COARSE_SIGMA_PX, hann

LOBE_PX = 2 * COARSE_SIGMA_PX
"""A peak's own surroundings: the detail's own correlation has died away at this distance."""
_CELL_PX = 1.5  # distance at which two places of the surface say something of their own
_GRADIENT_TAILS = (
    1.25  # edges run in lines, so their chance correlations reach higher than those of noise: measured
)
_RIVALS_WITHIN = 0.375  # of the windows' side: farther out, tapered windows share too little to compare
_LEAST_OVERLAP = (
    0.2  # of windows on each other along one axis, beyond which a correlation is not scaled any further
)
_STEPS = (
    (0.1, 10),
    (0.01, 15),
)  # pixels and number of steps on either side, for one refinement after the other


@dataclass(frozen=True)
class Peak:
    """The best fit of two images."""

    rows_px: float
    cols_px: float
    correlation: float
    """Correlation of the detail at the peak, -1 to 1."""
    correlation_at_offset: float
    """The same where the search began."""
    confidence: float
    """``1 - other / peak``, 0 to 1: 0 means that a correlation like this is to be had elsewhere or by chance.

    ``other`` is the larger of two correlations: the highest one farther than ``LOBE_PX`` from the peak, also beyond
    the largest shift allowed; and the highest one that unrelated images of these spectra are expected to show
    somewhere in the search: ``noise * sqrt(2 ln M + 2)`` for M independent places. The noise of the correlation
    follows from the spectra of the single windows, as if their phases had nothing in common.
    """


def find_peak(
    cross: np.ndarray,
    *,
    noise: float,
    max_shift_px: float,
    searched_px: float,
    offset: tuple[float, float],
    signed: bool,
) -> Peak:
    """Return the highest point of the correlation within ``max_shift_px`` of ``offset``.

    Parameters
    ----------
    cross : ndarray, shape (size, size)
        Summed cross-spectrum, not whitened, in the order of ``numpy.fft.fft2``; its sum is the correlation at 0.
    noise : float
        Standard deviation of the correlation of unrelated images, as a mean over all shifts.
    max_shift_px : float
    searched_px : float
        Radius of the whole search, for the number of places at which chance has been tried.
    offset : tuple of float
        Rows and columns.
    signed : bool
        Whether a negative correlation is no fit.

    Notes
    -----
    The refinement evaluates the inverse transform on ever finer grids by a product of matrices: Guizar-Sicairos et
    al. 2008, doi:10.1364/OL.33.000156.
    """
    size = cross.shape[0]
    shared = _shared(size)
    # Windows that lie apart share less under their tapers, in signal as in noise.
    surface = np.real(np.fft.ifft2(cross)) * (size * size) / (shared / shared[0, 0])
    strength = surface if signed else np.abs(surface)
    axis = np.fft.fftfreq(size, 1 / size)
    within = np.hypot(axis[:, np.newaxis] - offset[0], axis[np.newaxis, :] - offset[1]) <= max_shift_px + 0.5
    index = np.unravel_index(int(np.argmax(np.where(within, strength, -np.inf))), strength.shape)
    row, col = float(axis[index[0]]), float(axis[index[1]])
    fit = cross if signed or surface[index] >= 0 else -cross
    places = max(1.0, (searched_px / _CELL_PX) ** 2)
    chance = noise * float(shared[0, 0]) * math.sqrt(2 * math.log(places) + 2)
    other = max(_strongest_rival(strength, axis, (row, col)), chance * (_GRADIENT_TAILS if signed else 1.0))
    confidence = 1.0 - other / float(strength[index]) if strength[index] > other else 0.0
    for step, count in _STEPS:
        row, col = _refined(fit, row, col, step, count)
    value, start = (
        float(correlation_at(cross, np.array([at[0]]), np.array([at[1]]))[0, 0])
        for at in ((row, col), offset)
    )
    return Peak(row, col, value, start, confidence)


@functools.lru_cache(maxsize=8)
def _shared(size: int) -> np.ndarray:
    """Return the root of what two squared tapers share at every shift, its square being 1 on average."""
    squared = np.abs(np.fft.fft(hann(size)[size // 2] ** 2, 2 * size)) ** 2
    line = np.real(np.fft.ifft(squared))[np.abs(np.fft.fftfreq(size, 1 / size)).astype(int)]
    line = line * size / np.sum(hann(size)[size // 2] ** 2) ** 2
    return np.sqrt(np.outer(line, line))


def correlation_at(cross: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return the correlation at fractional ``rows`` x ``cols``, as of windows without a taper.

    Tapered windows show less of each other the farther they are shifted, which would draw the peak towards 0.
    """
    size = cross.shape[0]
    frequency = np.fft.fftfreq(size)
    left = np.exp(2j * np.pi * np.outer(rows, frequency)) / _overlap(rows / size)[:, np.newaxis]
    right = np.exp(2j * np.pi * np.outer(frequency, cols)) / _overlap(cols / size)
    return np.real(left @ cross @ right)


def _overlap(share: np.ndarray) -> np.ndarray:
    """Return the correlation of a Hann taper with itself, shifted by shares of its length below 1."""
    u = np.abs(share)
    turn = 2 * np.pi * u
    return np.maximum((1 - u) * (2 + np.cos(turn)) / 3 + np.sin(turn) / (2 * np.pi), _LEAST_OVERLAP)


def _refined(cross: np.ndarray, row: float, col: float, step: float, count: int) -> tuple[float, float]:
    """Return the peak on a finer grid, and between its points where a parabola has its top."""
    offsets = step * np.arange(-count, count + 1)
    surface = correlation_at(cross, row + offsets, col + offsets)
    top = np.unravel_index(int(np.argmax(surface)), surface.shape)
    return (
        row + float(offsets[top[0]]) + step * _vertex(surface[:, top[1]], int(top[0])),
        col + float(offsets[top[1]]) + step * _vertex(surface[top[0]], int(top[1])),
    )


def _vertex(line: np.ndarray, top: int) -> float:
    """Return how far beside ``top`` the parabola through it and its neighbours is highest, -0.5 to 0.5."""
    if not 0 < top < len(line) - 1:
        return 0.0
    before, at, after = (float(value) for value in line[top - 1 : top + 2])
    bend = before - 2 * at + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def _strongest_rival(strength: np.ndarray, axis: np.ndarray, peak: tuple[float, float]) -> float:
    """Return the largest correlation that is not part of the peak itself; 0 where the windows hold no other."""
    size = len(axis)
    near = np.hypot(axis[:, np.newaxis] - peak[0], axis[np.newaxis, :] - peak[1]) <= LOBE_PX
    reach = np.hypot(axis[:, np.newaxis], axis[np.newaxis, :]) <= _RIVALS_WITHIN * size
    others = reach & ~near
    return float(max(0.0, strength[others].max())) if others.any() else 0.0
