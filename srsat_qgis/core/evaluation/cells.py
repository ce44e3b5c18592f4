"""Means over square cells of pixels, added up block by block: small maps of large rasters."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.types import Window


class CellMeans:
    """Sums and counts over cells of ``side x side`` pixels.

    Parameters
    ----------
    layers : int
        Quantities kept.
    rows, cols : int
        Size of the area in pixels.
    side : int
        Of a cell.
    """

    def __init__(self, layers: int, rows: int, cols: int, side: int) -> None:
        self.side = side
        self._rows, self._cols = rows, cols
        self._sums = np.zeros((layers, -(-rows // side), -(-cols // side)))
        self._counts = np.zeros_like(self._sums)

    def parts(self, values: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray, tuple[slice, slice]]:
        """Return what a block adds: sums, counts and the cells that they belong to.

        Parameters
        ----------
        values : ndarray, shape (layers, rows, cols)
            NaN where there is none.
        window : Window
            Where they lie on the area.
        """
        rows, row_cells = self._edges(window.row, window.rows)
        cols, col_cells = self._edges(window.col, window.cols)
        known = np.isfinite(values)
        sums = np.add.reduceat(np.where(known, values, 0.0), rows, axis=1, dtype=np.float64)
        counts = np.add.reduceat(known, rows, axis=1, dtype=np.int64)
        return (
            np.add.reduceat(sums, cols, axis=2),
            np.add.reduceat(counts, cols, axis=2),
            (row_cells, col_cells),
        )

    def add(self, parts: tuple[np.ndarray, np.ndarray, tuple[slice, slice]]) -> None:
        """Add what ``parts`` has returned; quick, for a caller that holds a lock."""
        sums, counts, cells = parts
        self._sums[(slice(None), *cells)] += sums
        self._counts[(slice(None), *cells)] += counts

    def means(self) -> np.ndarray:
        """Return the mean of every cell, shape (layers, cell rows, cell cols); NaN where it holds no value."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self._sums / self._counts)

    def counts(self) -> np.ndarray:
        """Return the number of values in every cell, shape (layers, cell rows, cell cols)."""
        return self._counts

    def areas(self) -> np.ndarray:
        """Return the pixels of the area in every cell, shape (cell rows, cell cols): fewer at its ends."""
        heights, widths = (
            np.minimum(self.side, length - np.arange(0, length, self.side))
            for length in (self._rows, self._cols)
        )
        return np.outer(heights, widths)

    def _edges(self, start: int, length: int) -> tuple[np.ndarray, slice]:
        """Return where cells begin within a block, and which cells they are."""
        first, last = start // self.side, (start + length - 1) // self.side
        begins = np.arange(first, last + 1) * self.side - start
        begins[0] = 0
        return begins, slice(first, last + 1)
