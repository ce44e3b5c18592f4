"""Bands of rasters on a lattice of blocks of their own pixels, or of shares of them, read without interpolation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.raster import Raster
from srsat_qgis.core.registration.pixels import thinned
from srsat_qgis.core.types import Window

_WHOLE = 1e-3  # pixels over the whole raster: a factor this near to a whole number is one
_BLOCK_PIXELS = 1 << 22  # read at a time, so that thinning a large raster needs little memory


@dataclass(frozen=True)
class Axis:
    """One axis of a lattice over a raster's pixels: lattice pixel 0 starts at ``offset``, each is ``factor`` long.

    ``factor`` is 1 or more. A whole factor is read in whole pixels, which start up to half a pixel beside the
    lattice; ``residual`` says how far, in lattice pixels.
    """

    factor: float
    offset: float
    size: int
    """The raster's pixels along the axis."""

    @property
    def whole(self) -> bool:
        """True when every lattice pixel is the same number of raster pixels."""
        return abs(self.factor - round(self.factor)) * self.size / self.factor <= _WHOLE

    @property
    def residual(self) -> float:
        """How far beyond the lattice's pixels those lie that are read, in lattice pixels."""
        return (round(self.offset) - self.offset) / round(self.factor) if self.whole else 0.0

    def covered(self, first: int, last: int) -> tuple[int, int]:
        """Return the first lattice pixel wholly within raster pixels ``first`` to ``last``, and how many there are."""
        offset, factor = (
            (round(self.offset), round(self.factor)) if self.whole else (self.offset, self.factor)
        )
        start = math.ceil((max(first, 0) - offset) / factor - 1e-9)
        end = math.floor((min(last, self.size) - offset) / factor + 1e-9)
        return start, max(0, end - start)


class LatticePixels:
    """A band as ``Pixels`` on a lattice of pixels not finer than its own.

    Parameters
    ----------
    raster : Raster
    band : int
    rows, cols : Axis
    part : Window
        The raster's pixels that count.
    """

    def __init__(self, raster: Raster, band: int, rows: Axis, cols: Axis, part: Window) -> None:
        self._raster, self._band, self._rows, self._cols = raster, band, rows, cols
        self._centre = raster.centre(band) if raster.wide else 0.0
        row, row_count = rows.covered(part.row, part.row + part.rows)
        col, col_count = cols.covered(part.col, part.col + part.cols)
        self.extent = Window(row, col, row_count, col_count)

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over ``step`` x ``step`` lattice pixels, and which of them have a value."""
        per_row = self._rows.factor * self._cols.factor * step * step * max(1, window.cols)
        count = max(1, int(_BLOCK_PIXELS / per_row))
        return in_strips(window, count, lambda strip: self._read(strip, step))

    def _read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        if self._rows.whole and self._cols.whole:
            return self._read_whole(window, step)
        row, down = _shares(self._rows, window.row, window.rows, step)
        col, across = _shares(self._cols, window.col, window.cols, step)
        values, valid = self._pixels(Window(row, col, down.shape[1], across.shape[1]))
        holes = down @ (~valid).astype(np.float64) @ across.T
        return down @ np.where(valid, values, 0.0) @ across.T, holes < 1e-9

    def _read_whole(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        high, wide = (round(axis.factor) * step for axis in (self._rows, self._cols))
        box = Window(
            round(self._rows.offset) + window.row * high,
            round(self._cols.offset) + window.col * wide,
            window.rows * high,
            window.cols * wide,
        )
        values, valid = self._pixels(box)
        return thinned(np.where(valid, values, 0.0), valid, (high, wide))

    def _pixels(self, box: Window) -> tuple[np.ndarray, np.ndarray]:
        image, valid = self._raster.read(box, (self._band,), centres=(self._centre,))
        return image[0].astype(np.float64), np.isfinite(image[0]) if valid is None else valid[0]


def in_strips(
    window: Window, rows: int, read: Callable[[Window], tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``read`` gives for ``window``, read in strips of ``rows`` lattice rows."""
    parts = [
        read(Window(window.row + start, window.col, min(rows, window.rows - start), window.cols))
        for start in range(0, window.rows, rows)
    ]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([values for values, _ in parts]), np.concatenate([valid for _, valid in parts])


def _shares(axis: Axis, start: int, count: int, step: int) -> tuple[int, np.ndarray]:
    """Return the first raster pixel of ``count`` lattice steps, and the share of every pixel in every step's mean."""
    edges = axis.offset + axis.factor * step * np.arange(start, start + count + 1)
    first, last = math.floor(edges[0] + 1e-9), math.ceil(edges[-1] - 1e-9)
    pixel = np.arange(first, last)
    overlap = np.minimum(edges[1:, np.newaxis], pixel + 1) - np.maximum(edges[:-1, np.newaxis], pixel)
    weights = np.maximum(overlap, 0.0)
    weights[weights < 1e-9] = 0.0
    return first, weights / weights.sum(axis=1, keepdims=True)
