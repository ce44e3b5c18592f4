"""What the measure reads: two images on one lattice of pixels, whole or thinned out by averaging."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from srsat_qgis.core.types import Window


class Pixels(Protocol):
    """An image on a lattice that it shares with another one."""

    @property
    def extent(self) -> Window:
        """The lattice's pixels that lie wholly within the image."""

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
            Finite; whatever where there is no value.
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
        return thinned(self._values[part], self._valid[part], (step, step))


def thinned(values: np.ndarray, valid: np.ndarray, step: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of blocks of ``step`` rows and columns, and which blocks are wholly valid."""
    if step == (1, 1):
        return values.astype(np.float64), valid
    rows, cols = values.shape[0] // step[0], values.shape[1] // step[1]
    shape = (rows, step[0], cols, step[1])
    whole = np.logical_and.reduce(valid.reshape(shape), axis=(1, 3))
    return values.astype(np.float64).reshape(shape).mean(axis=(1, 3)), whole


def shared(reference: Window, test: Window, moved: tuple[int, int]) -> Window:
    """Return the part of ``reference`` that ``test`` covers once it is moved; of no size where there is none."""
    row, col = max(reference.row, test.row + moved[0]), max(reference.col, test.col + moved[1])
    last_row = min(reference.row + reference.rows, test.row + moved[0] + test.rows)
    last_col = min(reference.col + reference.cols, test.col + moved[1] + test.cols)
    return Window(row, col, max(0, last_row - row), max(0, last_col - col))
