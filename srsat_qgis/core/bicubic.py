"""Bicubic enlargement by a whole factor: the baseline beside every quality number."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch

HALO = 2
"""Source pixels beyond a window that an enlarged pixel depends on."""


def keys_weights(phase: float) -> np.ndarray:
    """Return the four weights of Keys' cubic convolution with a = -0.5.

    Parameters
    ----------
    phase : float
        Where the wanted point lies between the second and the third sample, 0 to 1.

    References
    ----------
    Keys 1981, doi:10.1109/TASSP.1981.1163711.
    """

    def near(x: float) -> float:
        return 1.5 * x**3 - 2.5 * x**2 + 1

    def far(x: float) -> float:
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2

    return np.array([far(1 + phase), near(phase), near(1 - phase), far(2 - phase)])


def _upsample_last_axis(image: np.ndarray, scale: int) -> np.ndarray:
    size = image.shape[-1]
    padding = [(0, 0)] * (image.ndim - 1) + [(HALO, HALO)]
    padded = np.pad(image, padding, mode="symmetric")
    out = np.empty((*image.shape[:-1], size, scale), dtype=image.dtype)
    for phase in range(scale):
        position = (phase + 0.5) / scale - 0.5  # in source pixels, from the source pixel's centre
        before = int(np.floor(position))
        weights = keys_weights(position - before).astype(image.dtype)
        first = HALO + before - 1
        total = weights[0] * padded[..., first : first + size]
        for tap in (1, 2, 3):
            total += weights[tap] * padded[..., first + tap : first + tap + size]
        out[..., phase] = total
    return out.reshape(*image.shape[:-1], size * scale)


def bicubic_upsample(image: np.ndarray, *, scale: int) -> np.ndarray:
    """Enlarge by cubic convolution (Keys, a = -0.5) on half-pixel centres.

    Parameters
    ----------
    image : ndarray, shape (bands, rows, cols) or (rows, cols)
        float32 is computed in float32, all else in float64. Edges are reflected with the edge pixel repeated.
    scale : int
        Output pixels per input pixel, along one axis.

    Returns
    -------
    ndarray of float32 or float64, shape (..., rows * scale, cols * scale)
        Not clipped: edges overshoot as cubic convolution does. Within ``HALO`` pixels of NaN the result is NaN.

    Raises
    ------
    InvalidSetting
        If ``scale`` is below 1.
    ShapeMismatch
        If the array is empty or has neither two nor three axes.
    """
    if scale < 1 or int(scale) != scale:
        raise InvalidSetting(f"scale is {scale}; expected a whole number of at least 1")
    if image.ndim not in (2, 3) or not image.size:
        raise ShapeMismatch(f"array of shape {image.shape}; expected (bands, rows, cols) or (rows, cols)")
    values = image if image.dtype == np.float32 else image.astype(np.float64)
    across = _upsample_last_axis(values, scale)
    return np.ascontiguousarray(_upsample_last_axis(across.swapaxes(-1, -2), scale).swapaxes(-1, -2))
