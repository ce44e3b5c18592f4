"""Joins tiles that overlap and fade into each other: for models whose tiles are not exact."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.tiling import Tile, TilePlan, fade_weights


class Blender:
    """Adds up faded tiles in row-major order and gives out what no later tile touches.

    A tile's output fades over ``2 * overlap`` around the borders of its core: first along the columns, where the
    right border of the last tile is kept, then along the rows, where the lower border of the last row of tiles is
    kept over the raster's whole width.

    Parameters
    ----------
    plan : TilePlan
        With an overlap of at most its halo and half its core.
    cell : int
        Output pixels per cell.
    bands : int
        Bands of the output.
    """

    def __init__(self, plan: TilePlan, *, cell: int, bands: int) -> None:
        self._plan, self._cell = plan, cell
        self._trim = (plan.halo - plan.overlap) * cell
        self._overlap = plan.overlap * cell
        height = plan.core_rows * cell + 2 * self._overlap
        self._beside = np.zeros((bands, height, 2 * self._overlap), np.float32)
        self._above = np.zeros((bands, 2 * self._overlap, plan.cols * cell), np.float32)

    def add(self, tile: Tile, padded: np.ndarray) -> np.ndarray:
        """Take in a tile's output, (bands, rows, cols) of its padded window; return that of its ``written`` window."""
        row, col = divmod(tile.index, self._plan.tile_cols)
        trim = self._trim
        image = padded[:, trim : padded.shape[1] - trim, trim : padded.shape[2] - trim]
        return self._join_rows(self._join_columns(image, col), row, tile.written.col * self._cell)

    def _join_columns(self, image: np.ndarray, col: int) -> np.ndarray:
        core, overlap = self._plan.core_cols * self._cell, self._overlap
        last = col == self._plan.tile_cols - 1
        faded = image * fade_weights(core, overlap, first=col == 0, last=last)
        if col:
            faded[:, :, : 2 * overlap] += self._beside
        self._beside = faded[:, :, core:].copy()
        start = 0 if col else overlap
        stop = self._plan.cols * self._cell - (col * core - overlap) if last else core
        return faded[:, :, start:stop]

    def _join_rows(self, columns: np.ndarray, row: int, left: int) -> np.ndarray:
        core, overlap = self._plan.core_rows * self._cell, self._overlap
        last = row == self._plan.tile_rows - 1
        weights = fade_weights(core, overlap, first=row == 0, last=last)
        faded = columns * weights[:, np.newaxis]
        span = slice(left, left + columns.shape[2])
        if row:
            faded[:, : 2 * overlap] += self._above[:, :, span]
        self._above[:, :, span] = faded[:, core:]
        start = 0 if row else overlap
        stop = self._plan.rows * self._cell - (row * core - overlap) if last else core
        return faded[:, start:stop]
