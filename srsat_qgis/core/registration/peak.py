"""Where a correlation surface peaks, to a hundredth of a pixel, and how far that peak stands out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.registration.detail import COARSE_SIGMA_PX

LOBE_PX = 2 * COARSE_SIGMA_PX
"""A peak's own surroundings: the detail's own correlation has died away at this distance."""
_RIVALS_WITHIN = 0.375  # of the windows' side: farther out, tapered windows share too little to compare
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
    """One less the strongest other correlation over that of the peak; 0 where another one is stronger.

    Others are looked for in all directions, farther than ``LOBE_PX`` from the peak, also beyond the largest
    shift allowed. Two unlike images have many correlations of about one strength, which gives nearly 0.
    """


def find_peak(
    cross: np.ndarray,
    power_reference: np.ndarray,
    power_test: np.ndarray,
    *,
    max_shift_px: float,
    offset: tuple[float, float],
    signed: bool,
) -> Peak | None:
    """Return the highest point of the correlation within ``max_shift_px`` of ``offset``; None without detail.

    Parameters
    ----------
    cross, power_reference, power_test : ndarray, shape (size, size)
        Summed spectra, in the order of ``numpy.fft.fft2``. They are not whitened.
    max_shift_px : float
    offset : tuple of float
        Rows and columns.
    signed : bool
        Whether a negative correlation is no fit.

    Notes
    -----
    The refinement evaluates the inverse transform on ever finer grids by a product of matrices: Guizar-Sicairos et
    al. 2008, doi:10.1364/OL.33.000156.
    """
    norm = float(np.sqrt(power_reference.sum() * power_test.sum()))
    if norm == 0:
        return None
    size = cross.shape[0]
    surface = np.real(np.fft.ifft2(cross)) * (size * size / norm)
    strength = surface if signed else np.abs(surface)
    axis = np.fft.fftfreq(size, 1 / size)
    within = np.hypot(axis[:, np.newaxis] - offset[0], axis[np.newaxis, :] - offset[1]) <= max_shift_px + 0.5
    index = np.unravel_index(int(np.argmax(np.where(within, strength, -np.inf))), strength.shape)
    row, col = float(axis[index[0]]), float(axis[index[1]])
    sign = 1.0 if signed or surface[index] >= 0 else -1.0
    rival = _strongest_rival(strength, axis, (row, col))
    for step, count in _STEPS:
        row, col = _refined(cross * sign, row, col, step, count)
    value = float(correlation_at(cross, np.array([row]), np.array([col]))[0, 0]) / norm
    start = float(correlation_at(cross, np.array([offset[0]]), np.array([offset[1]]))[0, 0]) / norm
    confidence = max(0.0, 1.0 - rival / abs(value)) if value * sign > 0 else 0.0
    return Peak(row, col, value, start, confidence)


def correlation_at(cross: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return the inverse transform, not normalised, at fractional ``rows`` x ``cols``."""
    frequency = np.fft.fftfreq(cross.shape[0])
    left = np.exp(2j * np.pi * np.outer(rows, frequency))
    right = np.exp(2j * np.pi * np.outer(frequency, cols))
    return np.real(left @ cross @ right)


def _refined(cross: np.ndarray, row: float, col: float, step: float, count: int) -> tuple[float, float]:
    """Return the peak on a finer grid, and between its points where a parabola has its top."""
    offsets = step * np.arange(-count, count + 1)
    surface = correlation_at(cross, row + offsets, col + offsets)
    top = np.unravel_index(int(np.argmax(surface)), surface.shape)
    return (
        row + offsets[top[0]] + step * _vertex(surface[:, top[1]], int(top[0])),
        col + offsets[top[1]] + step * _vertex(surface[top[0]], int(top[1])),
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
