"""Arrays on another grid: bicubic enlargement, shifts by fractions of pixels, and values for pixels that have none."""

from __future__ import annotations

from math import ceil, floor

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
        # In source pixels, from the source pixel's centre.
        position = (phase + 0.5) / scale - 0.5
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


def _box_sum(values: np.ndarray) -> np.ndarray:
    """Return the sum over each pixel's 3 x 3 neighbourhood; outside counts as 0."""
    columns = values.copy()
    columns[1:] += values[:-1]
    columns[:-1] += values[1:]
    total = columns.copy()
    total[:, 1:] += columns[:, :-1]
    total[:, :-1] += columns[:, 1:]
    return total


def fill_invalid(image: np.ndarray, valid: np.ndarray, *, reach: int) -> np.ndarray:
    """Grow the valid pixels into the invalid ones, one ring a step, by the mean of the known 3 x 3 neighbours.

    What stood in the invalid pixels has no influence. A filled pixel depends on valid pixels at most ``reach``
    away, so a window with a margin of ``reach`` gives the same values as the whole raster.

    Parameters
    ----------
    image : ndarray of float32, shape (rows, cols)
        Any values, NaN included, where ``valid`` is False.
    valid : ndarray of bool, shape (rows, cols)
    reach : int
        Number of rings to fill; pixels farther out become 0.

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        A copy; equal to ``image`` where valid.
    """
    known = valid.astype(np.float64)
    values = np.where(valid, image, np.float32(0)).astype(np.float64)
    for _ in range(reach):
        unknown = known == 0
        if not unknown.any():
            break
        count = _box_sum(known)
        ring = unknown & (count > 0)
        if not ring.any():
            break
        values[ring] = _box_sum(values)[ring] / count[ring]
        known[ring] = 1
    return values.astype(np.float32)


LOBES = 3
"""Of the Lanczos kernel: pixels on each side that a shifted pixel depends on."""


def shift_margin(shift: tuple[float, float]) -> int:
    """Return the pixels around a window that ``shifted`` needs: the kernel's, and those of what fills holes."""
    return 2 * LOBES + ceil(max(abs(one) for one in shift))


def shifted(image: np.ndarray, valid: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """Return a window of an image moved by fractions of pixels, interpolated by Lanczos' kernel of three lobes.

    Parameters
    ----------
    image : ndarray, shape (rows, cols)
        The window with ``shift_margin(shift)`` pixels around it.
    valid : ndarray of bool, shape (rows, cols)
        What stands in the other pixels has no influence: they are filled from around first.
    shift : tuple of float
        ``(rows, cols)``: what is added to the coordinates of the image, in pixels.

    Returns
    -------
    ndarray of float64, without the margin; 0 far from any valid pixel
    """
    margin = shift_margin(shift)
    moved = fill_invalid(image, valid, reach=LOBES).astype(np.float64)
    taps = np.arange(1 - LOBES, LOBES + 1)
    for axis, one in enumerate(shift):
        base = floor(-one)
        distance = taps - (-one - base)
        weights = np.sinc(distance) * np.sinc(distance / LOBES)
        weights[np.abs(distance) >= LOBES] = 0.0
        weights /= weights.sum()
        parts = (_cut(moved, axis, base + int(tap), margin) * weight for tap, weight in zip(taps, weights))
        moved = np.asarray(sum(parts))
    return moved


def shifted_nearest(image: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """Return the values of the pixels that the middles of ``shifted`` come from; arguments as there."""
    margin = shift_margin(shift)
    for axis, one in enumerate(shift):
        image = _cut(image, axis, floor(0.5 - one), margin)
    return image


def _cut(plane: np.ndarray, axis: int, offset: int, margin: int) -> np.ndarray:
    """Return what lies ``offset`` pixels farther along an axis, without the margin there."""
    part = [slice(None), slice(None)]
    part[axis] = slice(margin + offset, margin + offset + plane.shape[axis] - 2 * margin)
    return plane[tuple(part)]
