"""Bands of larger pixels on the output's grid, by repeating them."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.raster import Raster
from srsat_qgis.core.types import Window


class Repeated:
    """A raster of larger pixels, read on the grid of the smaller ones that nest in them.

    Parameters
    ----------
    raster : Raster
    ratio : int
        Smaller pixels side by side in one of the raster's.
    origin : tuple of int
        ``(row, col)`` at which the smaller pixels' grid starts, in smaller pixels from the raster's corner.
    """

    def __init__(self, raster: Raster, ratio: int, origin: tuple[int, int]) -> None:
        self._raster, self._ratio, self._origin = raster, ratio, origin

    def read(self, number: int, window: Window) -> np.ndarray:
        """Return the values of a band that lie under a window of the smaller pixels, in the band's own type."""
        ratio = self._ratio
        top, left = window.row + self._origin[0], window.col + self._origin[1]
        row, col = top // ratio, left // ratio
        rows, cols = -(-(top + window.rows) // ratio) - row, -(-(left + window.cols) // ratio) - col
        values = self._raster.read_raw(number, Window(row, col, rows, cols))
        values = values.repeat(ratio, axis=0).repeat(ratio, axis=1)
        top, left = top - row * ratio, left - col * ratio
        return values[top : top + window.rows, left : left + window.cols]

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._raster.release_cache()
