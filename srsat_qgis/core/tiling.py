"""Integer geometry of tiles: which windows to read, infer and write. No pixels, no map units.

All lengths are in cells, the pixels of the coarsest input, so that every window lies on whole pixels of every
input and of the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.types import Window

# Cells. Sides of even tiles are multiples of this, so that tiles of usual sizes stay as they are on large rasters.
_EVEN = 16


def align_up(value: int, align: int) -> int:
    """Return the smallest multiple of ``align`` that is at least ``value``."""
    return -(-value // align) * align


@dataclass(frozen=True)
class Tile:
    """One step of a run."""

    index: int
    """Position in row-major order."""
    core: Window
    """The cells that this tile is responsible for; the cores of all tiles partition the raster."""
    padded: Window
    """The network's input: core and halo at the plan's one size; may extend beyond the raster's edges."""
    written: Window
    """The cells that are finished once this tile has run: the core, or with blending the core moved up and left by
    the overlap. They too partition the raster."""


@dataclass(frozen=True)
class TilePlan:
    """A partition of a raster into tiles of one size.

    Iterating gives the tiles in row-major order. Postconditions: the cores are disjoint and cover
    ``rows x cols``; every padded window is ``shape_padded`` in size and holds its core with at least ``halo``
    cells around it.
    """

    rows: int
    cols: int
    core_rows: int
    core_cols: int
    halo: int
    overlap: int = 0
    """Cells by which blended tiles extend beyond their cores; 0: tiles are exact and only cut."""

    @property
    def shape_padded(self) -> tuple[int, int]:
        """Rows and columns of every padded window."""
        return self.core_rows + 2 * self.halo, self.core_cols + 2 * self.halo

    @property
    def tile_rows(self) -> int:
        """Number of tiles from top to bottom."""
        return -(-self.rows // self.core_rows)

    @property
    def tile_cols(self) -> int:
        """Number of tiles from left to right."""
        return -(-self.cols // self.core_cols)

    def __len__(self) -> int:
        """Return the number of tiles."""
        return self.tile_rows * self.tile_cols

    def __iter__(self) -> Iterator[Tile]:
        """Yield the tiles in row-major order."""
        return self.tiles(range(len(self)))

    def tiles(self, indices: Iterable[int]) -> Iterator[Tile]:
        """Yield the tiles of these numbers."""
        padded_rows, padded_cols = self.shape_padded
        for index in indices:
            row = index // self.tile_cols * self.core_rows
            col = index % self.tile_cols * self.core_cols
            core = Window(
                row, col, min(self.core_rows, self.rows - row), min(self.core_cols, self.cols - col)
            )
            padded = Window(row - self.halo, col - self.halo, padded_rows, padded_cols)
            yield Tile(index, core, padded, self._written(core))

    def written_by(self, rows: range, cols: range) -> Window:
        """Return the cells that the tiles of these rows and columns of tiles write together."""
        corners = (rows[0] * self.tile_cols + cols[0], rows[-1] * self.tile_cols + cols[-1])
        first, last = (tile.written for tile in self.tiles(corners))
        row, col = first.row, first.col
        return Window(row, col, last.row + last.rows - row, last.col + last.cols - col)

    def _written(self, core: Window) -> Window:
        if not self.overlap:
            return core
        row0, col0 = (start - self.overlap if start else 0 for start in (core.row, core.col))
        row1 = self.rows if core.row + core.rows == self.rows else core.row + core.rows - self.overlap
        col1 = self.cols if core.col + core.cols == self.cols else core.col + core.cols - self.overlap
        return Window(row0, col0, row1 - row0, col1 - col0)


def plan_tiles(
    rows: int,
    cols: int,
    *,
    core: int,
    halo: int,
    multiple: int = 1,
    align: int = 1,
    fixed: int | None = None,
    blended: bool = False,
) -> TilePlan:
    """Return the plan for a raster of ``rows x cols`` cells.

    Parameters
    ----------
    rows, cols : int
        Size of the raster in cells, at least 1.
    core : int
        Largest side of a tile's core. Tiles are made even, so that the last ones are not mostly empty, and raised
        until ``multiple`` and ``align`` hold.
    halo : int
        Least number of cells around a core; raised to a multiple of ``align``.
    multiple : int
        The padded side is a multiple of this.
    align : int
        Padded windows start on multiples of this, counted from the raster's origin.
    fixed : int, optional
        The padded side, where the graph takes one size only; ``core`` then follows from it.
    blended : bool
        Whether tiles overlap and fade: by half the halo, and at most by half a core.

    Raises
    ------
    InvalidSetting
        If a size is not positive, or ``fixed`` leaves no core.
    """
    if min(rows, cols, core) < 1 or halo < 0:
        raise InvalidSetting(
            f"tile of {core} with halo {halo} on a raster of {rows} x {cols}: sizes must be positive"
        )
    halo = align_up(halo, align)
    if fixed is not None:
        core = (fixed - 2 * halo) // align * align
        if core < 1:
            raise InvalidSetting(
                f"the model's fixed tile of {fixed} leaves no room inside its halo of {halo}"
            )
        return TilePlan(rows, cols, core, core, halo, min(halo // 2, core // 2) if blended else 0)
    step = align * multiple // gcd(align, multiple)
    # A multiple of both less two halos, themselves aligned, is aligned as well.
    sides = [align_up(_even_side(size, core) + 2 * halo, step) - 2 * halo for size in (rows, cols)]
    return TilePlan(rows, cols, sides[0], sides[1], halo, min(halo, *sides) // 2 if blended else 0)


def _even_side(size: int, core: int) -> int:
    """Return a side that needs no more tiles than ``core`` does, and leaves less of the last one empty."""
    count = -(-size // core)
    return min(core, size, align_up(-(-size // count), _EVEN))


def mirrored_indices(start: int, count: int, size: int) -> np.ndarray:
    """Return indices 0..size-1 for positions ``start .. start + count - 1``, mirrored at the raster's edges.

    The mirror is the edge itself (``... 1 0 | 0 1 ...``), so that grids of different pixel size mirror alike.

    Parameters
    ----------
    start : int
        First position; may be negative.
    count : int
        Number of positions.
    size : int
        Number of pixels along the axis, at least 1.

    Returns
    -------
    ndarray of int, shape (count,)
    """
    position = np.arange(start, start + count) % (2 * size)
    return np.where(position < size, position, 2 * size - 1 - position)


def fade_weights(core: int, overlap: int, *, first: bool, last: bool) -> np.ndarray:
    """Return the weights along one axis of a blended tile that covers ``core`` and ``overlap`` on both sides.

    The weights of neighbouring tiles add up to 1 on the ``2 * overlap`` pixels that they share. Where the tile is
    the first or last one, the pixels outside the core lie outside the raster and weigh 0.

    Parameters
    ----------
    core, overlap : int
        Pixels; ``core >= 2 * overlap`` unless the tile is both first and last.
    first, last : bool
        Whether the tile touches the raster's start or end.

    Returns
    -------
    ndarray of float32, shape (core + 2 * overlap,)
    """
    weights = np.ones(core + 2 * overlap, np.float32)
    if overlap == 0:
        return weights
    ramp = (np.arange(2 * overlap, dtype=np.float32) + 0.5) / np.float32(2 * overlap)
    if first:
        weights[:overlap] = 0
    else:
        weights[: 2 * overlap] = ramp
    if last:
        weights[core + overlap :] = 0
    else:
        weights[core:] = 1 - ramp
    return weights
