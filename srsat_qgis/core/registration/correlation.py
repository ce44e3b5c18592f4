"""Finds the best fit of two images: a coarse correlation, the summed cross-spectrum of windows, and its peak."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.registration.images import (
    COARSE_SIGMA_PX,
    Pixels,
    check_mode,
    detail_field,
    detail_spectrum,
    hann,
    shared,
)
from srsat_qgis.core.types import Window

LOBE_PX = 2 * COARSE_SIGMA_PX
"""Radius of a peak: the autocorrelation of the detail is small at this distance."""
# Distance at which two values of the correlation are independent.
_CELL_PX = 1.5
# Edges are lines, so that their random correlations are higher than those of noise; this factor was measured.
_GRADIENT_TAILS = 1.25
# As a share of the windows' side: for longer shifts, tapered windows have too little in common.
_RIVALS_WITHIN = 0.375
# Smallest overlap of two windows along one axis by which a correlation is divided.
_LEAST_OVERLAP = 0.2
# Step in pixels and number of steps on each side, for the successive refinements.
_STEPS = ((0.1, 10), (0.01, 15))


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
    """``1 - other / peak``, 0 to 1: 0 means that other shifts, or chance, give the same correlation.

    ``other`` is the larger of two correlations: the highest one farther than ``LOBE_PX`` from the peak, also beyond
    the largest shift allowed; and the highest one that unrelated images of these spectra are expected to show
    somewhere in the search: ``noise * sqrt(2 ln M + 2)`` for M independent places. The noise of the correlation
    follows from the spectra of the single windows, as if their phases were unrelated.
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
        Radius of the whole search, which gives the number of places.
    offset : tuple of float
        Rows and columns.
    signed : bool
        Whether a negative correlation does not count as a fit.

    Notes
    -----
    The refinement evaluates the inverse transform on finer and finer grids by matrix products: Guizar-Sicairos et al.
    2008, doi:10.1364/OL.33.000156.
    """
    size = cross.shape[0]
    common = _shared(size)
    # The tapers of shifted windows have less in common, both for signal and noise.
    surface = np.real(np.fft.ifft2(cross)) * (size * size) / (common / common[0, 0])
    strength = surface if signed else np.abs(surface)
    axis = np.fft.fftfreq(size, 1 / size)
    within = np.hypot(axis[:, np.newaxis] - offset[0], axis[np.newaxis, :] - offset[1]) <= max_shift_px + 0.5
    index = np.unravel_index(int(np.argmax(np.where(within, strength, -np.inf))), strength.shape)
    row, col = float(axis[index[0]]), float(axis[index[1]])
    fit = cross if signed or surface[index] >= 0 else -cross
    places = max(1.0, (searched_px / _CELL_PX) ** 2)
    expected = noise * float(common[0, 0]) * math.sqrt(2 * math.log(places) + 2)
    other = max(_strongest_rival(strength, axis, (row, col)), expected * (_GRADIENT_TAILS if signed else 1.0))
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
    """Return the root of the correlation of two squared tapers at every shift; its square is 1 on average."""
    squared = np.abs(np.fft.fft(hann(size)[size // 2] ** 2, 2 * size)) ** 2
    line = np.real(np.fft.ifft(squared))[np.abs(np.fft.fftfreq(size, 1 / size)).astype(int)]
    line = line * size / np.sum(hann(size)[size // 2] ** 2) ** 2
    return np.sqrt(np.outer(line, line))


def correlation_at(cross: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Return the correlation at fractional ``rows`` x ``cols``, corrected for the taper.

    The overlap of tapered windows decreases with the shift, which would move the peak towards 0.
    """
    size = cross.shape[0]
    frequency = np.fft.fftfreq(size)
    left = np.exp(2j * np.pi * np.outer(rows, frequency)) / _overlap(rows / size)[:, np.newaxis]
    right = np.exp(2j * np.pi * np.outer(frequency, cols)) / _overlap(cols / size)
    return np.real(left @ cross @ right)


def _overlap(share: np.ndarray) -> np.ndarray:
    """Return the autocorrelation of a Hann taper at shifts that are shares, below 1, of its length."""
    u = np.abs(share)
    turn = 2 * np.pi * u
    return np.maximum((1 - u) * (2 + np.cos(turn)) / 3 + np.sin(turn) / (2 * np.pi), _LEAST_OVERLAP)


def _refined(cross: np.ndarray, row: float, col: float, step: float, count: int) -> tuple[float, float]:
    """Return the peak on a finer grid, interpolated by a parabola."""
    offsets = step * np.arange(-count, count + 1)
    surface = correlation_at(cross, row + offsets, col + offsets)
    top = np.unravel_index(int(np.argmax(surface)), surface.shape)
    return (
        row + float(offsets[top[0]]) + step * vertex(surface[:, top[1]], int(top[0])),
        col + float(offsets[top[1]]) + step * vertex(surface[top[0]], int(top[1])),
    )


def vertex(line: np.ndarray, top: int) -> float:
    """Return the offset from ``top`` of the maximum of the parabola through it and its neighbours, -0.5 to 0.5."""
    if not 0 < top < len(line) - 1:
        return 0.0
    before, at, after = (float(value) for value in line[top - 1 : top + 2])
    bend = before - 2 * at + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def _strongest_rival(strength: np.ndarray, axis: np.ndarray, peak: tuple[float, float]) -> float:
    """Return the largest correlation that is not part of the peak; 0 where there is no other."""
    size = len(axis)
    near = np.hypot(axis[:, np.newaxis] - peak[0], axis[np.newaxis, :] - peak[1]) <= LOBE_PX
    within = np.hypot(axis[:, np.newaxis], axis[np.newaxis, :]) <= _RIVALS_WITHIN * size
    others = within & ~near
    return float(max(0.0, strength[others].max())) if others.any() else 0.0


@dataclass(frozen=True)
class Shift:
    """The shift between a test image and its reference, in pixels.

    An object at ``(row, col)`` of the test image is at ``(row + rows_px, col + cols_px)`` of the reference: the shift
    must be added to the test image's coordinates.
    """

    rows_px: float | None
    """None when undetermined: never 0."""
    cols_px: float | None
    confidence: float
    """0 to 1; see ``srsat_qgis.core.registration.correlation``."""
    determined: bool
    correlation_before: float | None
    """Correlation of the compared detail before the shift; None when one of the images has no detail."""
    correlation_after: float | None
    """The same after the shift; None when undetermined. Negative: dark and bright are inverted."""
    mode: str
    """What was compared: intensity or gradient."""
    reason: str = ""
    """Why the shift is undetermined; empty when it is determined."""


class CrossSpectrum:
    """Sums over window pairs, which give a shift; two of them can be merged.

    Parameters
    ----------
    size : int
        Side of the windows, in pixels.
    mode : str
        What is compared; see ``registration.images``.
    """

    def __init__(self, size: int = 256, *, mode: str = "intensity") -> None:
        check_mode(mode)
        if size < 16:
            raise InvalidSetting(f"windows of {size} px: expected at least 16")
        self.size, self.mode, self.windows = size, mode, 0
        self._cross = np.zeros((size, size), np.complex128)
        self._power_reference = np.zeros((size, size))
        self._power_test = np.zeros((size, size))
        self._noise_power = 0.0

    def update(self, reference: np.ndarray, test: np.ndarray) -> None:
        """Add a pair of windows, both of shape (size, size) and without invalid pixels.

        Raises
        ------
        ShapeMismatch
            If a window has another shape.
        """
        if reference.shape != (self.size, self.size) or test.shape != reference.shape:
            raise ShapeMismatch(
                f"windows of {reference.shape} and {test.shape}: expected {self.size} x {self.size}"
            )
        first, second = detail_spectrum(reference, self.mode), detail_spectrum(test, self.mode)
        powers = np.abs(first) ** 2, np.abs(second) ** 2
        self._cross += first * np.conj(second)
        self._power_reference += powers[0]
        self._power_test += powers[1]
        self._noise_power += float(np.sum(powers[0] * powers[1]))
        self.windows += 1

    def merge(self, other: CrossSpectrum) -> None:
        """Add the sums of another one.

        Raises
        ------
        InvalidSetting
            If it was made for other windows or another mode.
        """
        if (other.size, other.mode) != (self.size, self.mode):
            raise InvalidSetting(
                f"cannot merge windows of {other.size} px ({other.mode}) into {self.size} px ({self.mode})"
            )
        self._cross += other._cross
        self._power_reference += other._power_reference
        self._power_test += other._power_test
        self._noise_power += other._noise_power
        self.windows += other.windows

    def peak(
        self,
        *,
        max_shift_px: float,
        offset: tuple[float, float] = (0.0, 0.0),
        searched_px: float | None = None,
    ) -> Peak | None:
        """Return where the windows fit best, or None when one side has no detail.

        Parameters
        ----------
        max_shift_px : float
            The largest distance of the peak from ``offset``; at most a quarter of the windows' side is meaningful.
        offset : tuple of float
            ``(rows, cols)`` around which to search.
        searched_px : float, optional
            The radius of the whole search, where it was larger: the more places are searched, the higher are random
            correlations.
        """
        norm = float(np.sqrt(self._power_reference.sum() * self._power_test.sum()))
        if norm == 0:
            return None
        # The real part of a complex correlation has half of the noise power.
        half = 1.0 if self.mode == "intensity" else 0.5
        return find_peak(
            self._cross / norm,
            noise=math.sqrt(half * self._noise_power) / norm,
            max_shift_px=max_shift_px,
            searched_px=searched_px or max_shift_px,
            offset=offset,
            signed=self.mode == "gradient",
        )


# Largest side of the averaged images.
_SIDE = 512
# Invalid areas are filled by this many pixels, so that their edges give no detail.
_FILLED = 10
# Smallest common weight, as a share of that of the smaller image: below, high correlations are random.
_LEAST_SHARE = 0.1


def coarse_shift(
    reference: Pixels, test: Pixels, max_shift_px: float, mode: str, origin: tuple[float, float]
) -> tuple[int, int]:
    """Return the ``(rows, cols)`` of the best correlation within ``max_shift_px`` of ``origin``, to a few pixels.

    Both images are averaged until they fit into 512 x 512 pixels, and correlated as a whole for every shift over their
    common valid pixels (masked normalised correlation).

    References
    ----------
    Padfield 2012, doi:10.1109/TIP.2011.2181402.
    """
    fit, rows, cols, step = masked_fit(reference, test, max_shift_px, mode, origin)
    fit = np.abs(fit) if mode == "intensity" else fit
    distance = np.hypot(rows[:, np.newaxis] - origin[0], cols[np.newaxis, :] - origin[1])
    fit[distance > max_shift_px + step] = 0
    top = np.unravel_index(int(np.argmax(fit)), fit.shape)
    return round(float(rows[top[0]])), round(float(cols[top[1]]))


def masked_fit(
    reference: Pixels, test: Pixels, max_shift_px: float, mode: str, origin: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return the correlation of the detail of two averaged images at every shift, over their common valid pixels.

    Returns
    -------
    fit : ndarray, shape (m, n)
        0 where they have too few pixels in common.
    rows, cols : ndarray, shapes (m,) and (n,)
        The shifts in pixels of the lattice, in the order of ``numpy.fft.fftfreq``.
    step : int
        Pixels that were averaged along each axis.
    """
    radius = math.ceil(max_shift_px)
    first = shared(reference.extent, test.extent.grown(radius), (0, 0))
    second = shared(test.extent, reference.extent.grown(radius), (0, 0))
    step = max(1, math.ceil(max(*first[2:], *second[2:]) / _SIDE))
    (f, f_weight, f_start), (t, t_weight, t_start) = (
        _weighted_detail(pixels, box, step, mode) for pixels, box in ((reference, first), (test, second))
    )
    shape = tuple(_fast(a + b) for a, b in zip(f.shape, t.shape))

    def correlated(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.real(np.fft.ifft2(np.fft.fft2(a, shape) * np.conj(np.fft.fft2(b, shape))))

    in_common = correlated(f_weight, t_weight)
    energy = correlated(np.abs(f) ** 2, t_weight) * correlated(f_weight, np.abs(t) ** 2)
    enough = (in_common > _LEAST_SHARE * min(f_weight.sum(), t_weight.sum())) & (energy > 0)
    fit = np.divide(correlated(f, t), np.sqrt(np.abs(energy)), out=np.zeros(shape), where=enough)
    rows = np.fft.fftfreq(shape[0], 1 / shape[0]) * step + (f_start[0] - t_start[0])
    cols = np.fft.fftfreq(shape[1], 1 / shape[1]) * step + (f_start[1] - t_start[1])
    return fit, rows, cols, step


def _weighted_detail(
    pixels: Pixels, box: Window, step: int, mode: str
) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the weighted detail of a part, its weights, and its first lattice pixel."""
    row, col = -(-box.row // step), -(-box.col // step)
    window = Window(row, col, (box.row + box.rows) // step - row, (box.col + box.cols) // step - col)
    values, valid = pixels.read(window, step)
    field = detail_field(fill_invalid(values.astype(np.float32), valid, reach=_FILLED), mode)
    weight = valid.astype(np.float64)
    return field * weight, weight, (row * step, col * step)


def _fast(length: int) -> int:
    """Return a length not below this one for which Fourier transforms are fast."""
    power = 1 << (length - 1).bit_length()
    return 3 * power // 4 if 3 * power // 4 >= length else power
