"""What is compared of two images: pixels on a common lattice, and their fine detail."""

from __future__ import annotations

import functools
from typing import Protocol

import numpy as np

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.types import Window


class Pixels(Protocol):
    """An image on a lattice that it has in common with another image."""

    @property
    def extent(self) -> Window:
        """The lattice's pixels that are completely within the image."""

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over ``step`` x ``step`` pixels, and which of them have a value.

        Parameters
        ----------
        window : Window
            In steps, counted from the lattice's origin; ``window.scaled(step)`` lies within ``extent``.
        step : int

        Returns
        -------
        values : ndarray of float64, shape (rows, cols)
            Finite; arbitrary where there is no value.
        valid : ndarray of bool, shape (rows, cols)
            False where any of the pixels has no value.
        """


class ArrayPixels:
    """An array as ``Pixels``; its first pixel is the lattice's origin.

    Parameters
    ----------
    values : ndarray, shape (rows, cols)
    valid : ndarray of bool, shape (rows, cols), optional
    """

    def __init__(self, values: np.ndarray, valid: np.ndarray | None) -> None:
        finite = np.isfinite(values)
        self._valid = finite if valid is None else finite & valid
        self._values = np.where(self._valid, values, 0)
        self.extent = Window(0, 0, *values.shape)

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over ``step`` x ``step`` pixels, and which of them have a value."""
        box = window.scaled(step)
        part = np.s_[box.row : box.row + box.rows, box.col : box.col + box.cols]
        return averaged(self._values[part], self._valid[part], (step, step))


def averaged(values: np.ndarray, valid: np.ndarray, step: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of blocks of ``step`` rows and columns, and which blocks contain only valid pixels."""
    if step == (1, 1):
        return values.astype(np.float64), valid
    rows, cols = values.shape[0] // step[0], values.shape[1] // step[1]
    shape = (rows, step[0], cols, step[1])
    whole = np.logical_and.reduce(valid.reshape(shape), axis=(1, 3))
    return values.astype(np.float64).reshape(shape).mean(axis=(1, 3)), whole


def shared(reference: Window, test: Window, moved: tuple[int, int]) -> Window:
    """Return the part of ``reference`` that ``test`` covers after a shift; of size 0 where there is none."""
    row, col = max(reference.row, test.row + moved[0]), max(reference.col, test.col + moved[1])
    last_row = min(reference.row + reference.rows, test.row + moved[0] + test.rows)
    last_col = min(reference.col + reference.cols, test.col + moved[1] + test.cols)
    return Window(row, col, max(0, last_row - row), max(0, last_col - col))


MODES = ("intensity", "gradient")
"""intensity: values, for similar images. gradient: direction of edges, for different ones (heat and greenness)."""

FINE_SIGMA_PX = 1.0
"""Standard deviation of the Gaussian that removes noise and aliasing."""
COARSE_SIGMA_PX = 3.0
"""Standard deviation of the Gaussian whose result is subtracted: slow changes tell little about the position."""

# Detail smaller than this share of the largest value is a rounding error.
_ROUNDING = 1e-9


def check_mode(mode: str) -> None:
    """Raise InvalidSetting unless ``mode`` is one of ``MODES``."""
    if mode not in MODES:
        raise InvalidSetting(f"mode {mode!r}: expected one of {', '.join(MODES)}")


def detail_spectrum(window: np.ndarray, mode: str) -> np.ndarray:
    """Return the Fourier transform of a window's tapered fine detail.

    Parameters
    ----------
    window : ndarray, shape (size, size)
        Finite values.
    mode : str
        ``"intensity"``: a difference of Gaussians. ``"gradient"``: the gradient with doubled angle, minus its local
        mean: a complex number that is the same on both sides of a ridge, and if dark and bright are exchanged.

    Returns
    -------
    ndarray of complex128, shape (size, size)
        All zero for a window without detail: a constant or a plane.
    """
    field = detail_field(window, mode)
    taper = hann(window.shape[0])
    return np.fft.fft2((field - np.sum(field * taper) / np.sum(taper)) * taper)


def detail_field(image: np.ndarray, mode: str) -> np.ndarray:
    """Return an image's fine detail, shape (rows, cols): real for intensity, complex for the gradient.

    All zero for a constant and for a plane.
    """
    check_mode(mode)
    values = image.astype(np.float64)
    fine, coarse, slope = (list(pair) for pair in zip(*(_matrices(side) for side in image.shape)))
    if mode == "intensity":
        field = fine[0] @ values @ fine[1].T - coarse[0] @ values @ coarse[1].T
    else:
        turned = _doubled(fine[0] @ values @ slope[1].T + 1j * (slope[0] @ values @ fine[1].T))
        field = turned - coarse[0] @ turned @ coarse[1].T
    largest = float(np.max(np.abs(values)))
    return field if float(np.max(np.abs(field))) > _ROUNDING * largest else np.zeros_like(field)


@functools.lru_cache(maxsize=8)
def hann(size: int) -> np.ndarray:
    """Return the two-dimensional Hann taper, shape (size, size), with its zeros half a pixel outside."""
    axis = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    return np.outer(axis, axis)


def _doubled(gradient: np.ndarray) -> np.ndarray:
    """Return complex numbers of the same length with doubled angle."""
    length = np.abs(gradient)
    return np.divide(gradient**2, length, out=np.zeros_like(gradient), where=length > 0)


@functools.lru_cache(maxsize=8)
def _matrices(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return matrices for fine smoothing, coarse smoothing, and the slope of the fine result along an axis."""
    fine, coarse = _gaussian(FINE_SIGMA_PX), _gaussian(COARSE_SIGMA_PX)
    offset = np.arange(len(fine)) - len(fine) // 2
    slope = offset * fine
    slope /= np.sum(offset * slope)
    return _as_matrix(fine, size), _as_matrix(coarse, size), _as_matrix(slope, size)


def _gaussian(sigma_px: float) -> np.ndarray:
    offset = np.arange(-int(np.ceil(4 * sigma_px)), int(np.ceil(4 * sigma_px)) + 1)
    weight = np.exp(-0.5 * (offset / sigma_px) ** 2)
    return weight / weight.sum()


def _as_matrix(weights: np.ndarray, size: int) -> np.ndarray:
    """Return the filter as a matrix for an axis that is extended beyond its ends by point reflection.

    In this way a slope continues as a slope and gives no detail at the ends.
    """
    matrix = np.zeros((size, size))
    last = size - 1
    radius = len(weights) // 2
    for row in range(size):
        for weight, col in zip(weights, range(row - radius, row + radius + 1)):
            if 0 <= col <= last:
                matrix[row, col] += weight
                continue
            end = 0 if col < 0 else last
            matrix[row, end] += 2 * weight
            matrix[row, min(max(2 * end - col, 0), last)] -= weight
    return matrix
