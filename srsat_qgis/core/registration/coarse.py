"""The whole-pixel shift of two images that may lie far apart, from one correlation of thinned images."""

from __future__ import annotations

import math

import numpy as np

from srsat_qgis.core.fill import fill_invalid
from srsat_qgis.core.registration.detail import detail_field
from srsat_qgis.core.registration.pixels import Pixels
from srsat_qgis.core.types import Window

_SIDE = 512  # pixels of the thinned images
_REACH = 10  # pixels by which values are grown over holes, so that a hole's edge is no detail
_LEAST_SHARE = 0.1  # of the smaller image's weight: with less in common, a high correlation is chance


def coarse_shift(
    reference: Pixels, test: Pixels, max_shift_px: float, mode: str, origin: tuple[float, float]
) -> tuple[int, int]:
    """Return ``(rows, cols)`` to a few thinned pixels: the best correlation within ``max_shift_px`` of ``origin``.

    Both images are averaged until they fit into 512 x 512 pixels, and correlated as a whole for every shift over the
    pixels that both hold there (masked normalised correlation).

    References
    ----------
    Padfield 2012, doi:10.1109/TIP.2011.2181402.
    """
    reach = math.ceil(max_shift_px)
    first = _near(reference.extent, test.extent, reach)
    second = _near(test.extent, reference.extent, reach)
    step = max(1, math.ceil(max(*first[2:], *second[2:]) / _SIDE))
    (f, f_weight, f_start), (t, t_weight, t_start) = (
        _thinned(pixels, box, step, mode) for pixels, box in ((reference, first), (test, second))
    )
    shape = tuple(_fast(a + b) for a, b in zip(f.shape, t.shape))

    def correlated(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.real(np.fft.ifft2(np.fft.fft2(a, shape) * np.conj(np.fft.fft2(b, shape))))

    in_common = correlated(f_weight, t_weight)
    energy = correlated(np.abs(f) ** 2, t_weight) * correlated(f_weight, np.abs(t) ** 2)
    enough = (in_common > _LEAST_SHARE * min(f_weight.sum(), t_weight.sum())) & (energy > 0)
    fit = np.divide(correlated(f, t), np.sqrt(np.abs(energy)), out=np.zeros(shape), where=enough)
    fit = np.abs(fit) if mode == "intensity" else fit
    rows = np.fft.fftfreq(shape[0], 1 / shape[0]) * step + (f_start[0] - t_start[0])
    cols = np.fft.fftfreq(shape[1], 1 / shape[1]) * step + (f_start[1] - t_start[1])
    distance = np.hypot(rows[:, np.newaxis] - origin[0], cols[np.newaxis, :] - origin[1])
    fit[~enough | (distance > max_shift_px + step)] = 0
    top = np.unravel_index(int(np.argmax(fit)), fit.shape)
    return round(float(rows[top[0]])), round(float(cols[top[1]]))


def _near(extent: Window, other: Window, reach: int) -> Window:
    """Return the part of ``extent`` that may fit a part of ``other``."""
    grown = other.grown(reach)
    row, col = max(extent.row, grown.row), max(extent.col, grown.col)
    last_row = min(extent.row + extent.rows, grown.row + grown.rows)
    last_col = min(extent.col + extent.cols, grown.col + grown.cols)
    return Window(row, col, max(0, last_row - row), max(0, last_col - col))


def _thinned(
    pixels: Pixels, box: Window, step: int, mode: str
) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the weighted detail of a part, its weights, and the lattice pixel at which it starts."""
    row, col = -(-box.row // step), -(-box.col // step)
    window = Window(row, col, (box.row + box.rows) // step - row, (box.col + box.cols) // step - col)
    values, valid = pixels.read(window, step)
    field = detail_field(fill_invalid(values.astype(np.float32), valid, reach=_REACH), mode)
    weight = valid.astype(np.float64)
    return field * weight, weight, (row * step, col * step)


def _fast(length: int) -> int:
    """Return a length not below this one for which Fourier transforms are fast."""
    power = 1 << (length - 1).bit_length()
    return 3 * power // 4 if 3 * power // 4 >= length else power
