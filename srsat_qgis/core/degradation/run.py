"""Degrade a raster: from file to coarser file, tile by tile, with all that the raster carries besides its pixels.

The mathematics of blur, decimation and noise stands in ``kernels``. Here it is applied so that the result does not
depend on the tiles: their halo is the filter's radius, noise is drawn for fixed blocks of the output, and JPEG is
applied to blocks that start where a whole image's would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.degradation.kernels import area_valid, gaussian_area, mtf_decimate, noise_spread
from srsat_qgis.core.degradation.plan import (
    SEEDS,
    DegradeMethod,
    DegradeOptions,
    DegradePlan,
    decide,
    describe,
)
from srsat_qgis.core.raster.gdal_calls import BLOCK, jpeg_coded
from srsat_qgis.core.raster.quantize import quantize
from srsat_qgis.core.raster.tiled_run import Chunk, run_tiles
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import Progress, SilentProgress, Window

__all__ = ["DegradeMethod", "DegradeOptions", "Degraded", "degrade_raster"]

_TILE_FINE = 1024
"""Side of a tile in pixels of the input, about."""
_NOISE_BLOCK = 64
"""Side of the output's blocks that have a stream of random numbers each."""


@dataclass(frozen=True)
class Degraded:
    """What a run has made."""

    path: str
    width: int
    height: int
    description: str
    """As it stands in the metadata item SRSAT_DEGRADATION."""
    left_over: tuple[int, int]
    """Rows below and columns at the right of the input that fill no coarse pixel and were left out."""


def degrade_raster(
    path: str,
    target: str,
    how: DegradeMethod,
    *,
    options: DegradeOptions | None = None,
    progress: Progress | None = None,
    tile: int | None = None,
) -> Degraded:
    """Write a coarser raster as a sensor of larger pixels would have taken it.

    A coarse pixel covers exactly ``scale x scale`` fine ones, counted from the upper left pixel of the raster, or of
    the extent; rows and columns left over at the bottom and right are left out. A coarse pixel is valid where all its
    fine pixels are, and what lies in invalid ones has no influence. Beyond the raster's edges it is mirrored. Values
    keep their unit: they are rounded and clipped to the output's type once, at the end.

    Parameters
    ----------
    path : str
        Anything that GDAL opens.
    target : str
        Appears when it is whole.
    how : DegradeMethod
    options : DegradeOptions, optional
    progress : Progress, optional
    tile : int, optional
        Side of a tile in coarse pixels, a multiple of 64; has no influence on the result.

    Returns
    -------
    Degraded

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; nothing is then left behind.
    """
    options, progress = options or DegradeOptions(), progress or SilentProgress()
    plan = decide(path, target, how, options)
    scale = how.scale
    left_over = (plan.origin.rows % scale, plan.origin.cols % scale)
    if any(left_over):
        progress.info(
            f"{path}: {plan.origin.cols} x {plan.origin.rows} pixels are no multiple of {scale}: the last "
            f"{left_over[1]} columns at the right and {left_over[0]} rows at the bottom are left out"
        )
    core = tile or max(1, _TILE_FINE // scale // _NOISE_BLOCK) * _NOISE_BLOCK
    margin = plan.halo + (BLOCK if how.jpeg_quality is not None else 0)
    tiles = TilePlan(plan.output.grid.rows, plan.output.grid.cols, core, core, margin)
    nothing = f"{path}: no block of {scale} x {scale} pixels of the region is whole"
    run_tiles(_Tiles(plan, tiles), plan.output, progress=progress, nothing=nothing)
    grid = plan.output.grid
    return Degraded(target, grid.cols, grid.rows, describe(how, plan.values), left_over)


@dataclass(frozen=True)
class _Read:
    """A tile with its halo in fine pixels."""

    tile: Tile
    image: np.ndarray
    valid: np.ndarray | None
    alpha: np.ndarray | None
    """Of the written window alone."""


class _Tiles:
    """What a run computes; a cell of its tiles is an output pixel."""

    cell, rows_before = 1, 0

    def __init__(self, plan: DegradePlan, tiles: TilePlan) -> None:
        self._plan, self.plan, self._raster = plan, tiles, plan.layer.open()

    def read(self, tiles: Sequence[int]) -> Iterator[_Read]:
        """Yield these tiles with their halo."""
        layer, raster = self._plan.layer, self._raster
        for tile in self.plan.tiles(tiles):
            window = tile.written.grown(self.plan.halo)
            # Every type but those of 64 bits keeps its digits in double precision.
            image, valid = raster.read(self._fine(window), layer.numbers, dtype=np.float64)
            alpha = raster.read_raw(raster.alpha, self._fine(tile.written)) if raster.alpha else None
            yield _Read(tile, image, valid, alpha)
            if tile.index % self.plan.tile_cols == self.plan.tile_cols - 1:
                raster.release_cache()

    def compute(self, items: Iterator[_Read]) -> Iterator[tuple[Tile, Chunk]]:
        """Degrade one tile after the other."""
        for item in items:
            yield item.tile, self._degraded(item)

    def finish(self, tile: Tile, computed: Chunk) -> Chunk:
        """Return what was computed: it has the output's type already."""
        return computed

    def _fine(self, window: Window) -> Window:
        fine, origin = window.scaled(self._plan.how.scale), self._plan.origin
        return fine._replace(row=fine.row + origin.row, col=fine.col + origin.col)

    def _degraded(self, read: _Read) -> Chunk:
        """Return the written window with its values in the output's type and their validity."""
        plan, how, window = self._plan, self._plan.how, read.tile.written
        planes = []
        for index, value in enumerate(plan.values):
            ok = None if read.valid is None else read.valid[index]
            if how.method == "mtf":
                planes.append(mtf_decimate(read.image[index], scale=how.scale, mtf=value, valid=ok))
            else:
                planes.append(gaussian_area(read.image[index], scale=how.scale, sigma=value, valid=ok))
        image = np.stack(planes)
        valid = np.isfinite(image)
        image = np.where(valid, image, 0)
        padded = window.grown(self.plan.halo)
        if how.read_noise or how.shot_noise:
            image = self._noisy(image, padded)
        cut = (slice(None), *(slice(self.plan.halo, self.plan.halo + side) for side in window[2:]))
        if how.jpeg_quality is not None:
            # What is left around is coded along: subsampled colours extend into the next block.
            radius = plan.halo
            inner = (slice(None), *(slice(radius, side - radius) for side in image.shape[1:]))
            image[inner] = self._coded(image[inner], valid[inner], how.jpeg_quality)
        image, valid = image[cut], valid[cut]
        shown = None if valid.all() else valid
        coarse = None
        if read.alpha is not None:
            opaque = area_valid(read.alpha > 0, scale=how.scale)
            alpha = gaussian_area(read.alpha.astype(np.float64), scale=how.scale, sigma=0.0)
            coarse = np.where(opaque, alpha, 0)
        values = plan.output.values(image, shown, coarse, centres=None, source=plan.layer.path)
        return Chunk(window, values, shown)

    def _coded(self, image: np.ndarray, valid: np.ndarray, quality: int) -> np.ndarray:
        shown, nodata = None if valid.all() else valid, self._plan.output.nodata
        return jpeg_coded(quantize(image, shown, data_type="Byte", nodata=nodata), quality=quality).astype(
            np.float64
        )

    def _noisy(self, image: np.ndarray, window: Window) -> np.ndarray:
        how = self._plan.how
        for index, plane in enumerate(image):
            spread = noise_spread(plane, read=how.read_noise, shot=how.shot_noise)
            plane += spread * _normal(window, how.seed, index)
        return image


def _normal(window: Window, seed: int, band: int) -> np.ndarray:
    """Return standard normal numbers for a window of the output, which each pixel has whatever the window."""
    rows = range(window.row // _NOISE_BLOCK, -(-(window.row + window.rows) // _NOISE_BLOCK))
    cols = range(window.col // _NOISE_BLOCK, -(-(window.col + window.cols) // _NOISE_BLOCK))
    whole = np.concatenate(
        [np.concatenate([_noise_block(seed, band, row, col) for col in cols], axis=1) for row in rows]
    )
    top, left = window.row - rows[0] * _NOISE_BLOCK, window.col - cols[0] * _NOISE_BLOCK
    return whole[top : top + window.rows, left : left + window.cols]


def _noise_block(seed: int, band: int, row: int, col: int) -> np.ndarray:
    place = [seed, band, row % SEEDS, col % SEEDS]  # blocks of the margin count from the end
    return np.random.RandomState(place).standard_normal((_NOISE_BLOCK, _NOISE_BLOCK))
