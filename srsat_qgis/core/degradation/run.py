"""Degrade a raster: from file to coarser file, tile by tile, with all that the raster carries besides its pixels.

The mathematics of blur, decimation and noise stands in core/degrade.py. Here it is applied so that the result does
not depend on the tiles: their halo is the filter's reach, noise is drawn for fixed blocks of the output, and JPEG
is applied to blocks that start where a whole image's would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.degradation.kernels import gaussian_area, mtf_decimate, noise_spread
from srsat_qgis.core.degradation.plan import (
    SEEDS,
    Degradation,
    DegradeOptions,
    DegradePlan,
    decide,
    describe,
    metadata_of,
)
from srsat_qgis.core.errors import InvalidSetting, NoValidPixels
from srsat_qgis.core.raster.gdal_calls import BLOCK, jpeg_coded
from srsat_qgis.core.raster.quantize import quantize
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import Progress, SilentProgress, Window

__all__ = ["Degradation", "DegradeOptions", "Degraded", "degrade_raster"]

_TILE_FINE = 1024
"""Side of a tile in pixels of the input, about."""
_NOISE_BLOCK = 64
"""Side of the output's blocks that have a stream of random numbers each."""
_DEPTH = 2


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
    how: Degradation,
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
    how : Degradation
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
    tiles = TilePlan(plan.grid.rows, plan.grid.cols, core, core, margin)
    # Tiles that end on the file's block borders leave no half-written block behind.
    block = next((side for side in BLOCKS if core % side == 0), None)
    description = describe(how, plan.values)
    writer = RasterWriter(
        target,
        grid=plan.grid,
        data_type=plan.data_type,
        bands=plan.bands,
        nodata=plan.nodata,
        mask=plan.layer.raster.has_mask,
        metadata=metadata_of(plan, options, description),
        creation_options=options.creation_options,
        block=block,
    )
    try:
        _Run(plan, tiles, writer, progress, flush=block is not None).execute()
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    return Degraded(target, plan.grid.cols, plan.grid.rows, description, left_over)


@dataclass(frozen=True)
class _Read:
    """A tile with its halo in fine pixels."""

    tile: Tile
    image: np.ndarray
    valid: np.ndarray | None
    alpha: np.ndarray | None
    """Of the written window alone."""


class _Run:
    """One execution: reads, degrades and writes at the same time."""

    def __init__(
        self, plan: DegradePlan, tiles: TilePlan, writer: RasterWriter, progress: Progress, *, flush: bool
    ) -> None:
        self._plan, self._tiles, self._writer, self._progress = plan, tiles, writer, progress
        self._flush, self._any_valid = flush, False

    def execute(self) -> None:
        """Write all tiles."""
        run_pipeline(self._read(), self._compute, self._write, depth=_DEPTH, progress=self._progress)
        if not self._any_valid:
            raise NoValidPixels(
                f"{self._plan.layer.raster.path}: no block of {self._plan.how.scale} x {self._plan.how.scale} "
                "pixels of the region is whole"
            )

    def _fine(self, window: Window) -> Window:
        fine, origin = window.scaled(self._plan.how.scale), self._plan.origin
        return fine._replace(row=fine.row + origin.row, col=fine.col + origin.col)

    def _read(self) -> Iterator[_Read]:
        layer = self._plan.layer
        raster = layer.raster
        for tile in self._tiles:
            window = tile.written.grown(self._tiles.halo)
            image, valid = raster.read(self._fine(window), layer.numbers, centres=layer.centres)
            alpha = raster.read_raw(raster.alpha, self._fine(tile.written)) if raster.alpha else None
            yield _Read(tile, image, valid, alpha)
            if tile.index % self._tiles.tile_cols == self._tiles.tile_cols - 1:
                raster.release_cache()

    def _compute(self, reads: Iterator[_Read]) -> Iterator[tuple[Window, np.ndarray, np.ndarray | None]]:
        for read in reads:
            yield self._degraded(read)
            self._progress.update((read.tile.index + 1) / len(self._tiles))

    def _degraded(self, read: _Read) -> tuple[Window, np.ndarray, np.ndarray | None]:
        """Return the written window with its values in the output's type and their validity."""
        plan, how, window = self._plan, self._plan.how, read.tile.written
        planes = []
        for index, value in enumerate(plan.values):
            ok = None if read.valid is None else read.valid[index]
            wide = read.image[index].astype(np.float64)
            if how.method == "mtf":
                planes.append(mtf_decimate(wide, scale=how.scale, mtf=value, valid=ok))
            else:
                planes.append(gaussian_area(wide, scale=how.scale, sigma=value, valid=ok))
        image = np.stack(planes)
        valid = np.isfinite(image)
        image = np.where(valid, image, 0)
        padded = window.grown(self._tiles.halo)
        if how.read_noise or how.shot_noise:
            image = self._noisy(image, padded)
        cut = (slice(None), *(slice(self._tiles.halo, self._tiles.halo + side) for side in window[2:]))
        if how.jpeg_quality is not None:
            reach = plan.halo  # what is left around is coded along, since colours reach into the next block
            inner = (slice(None), *(slice(reach, side - reach) for side in image.shape[1:]))
            image[inner] = self._coded(image[inner], valid[inner])
        image, valid = image[cut], valid[cut]
        shown = None if valid.all() else valid
        centres = plan.layer.centres
        values = quantize(image, shown, data_type=plan.data_type, nodata=plan.nodata, centres=centres)
        self._check_can_hold(shown)
        if read.alpha is not None:
            opaque = valid.all(axis=0)
            alpha = gaussian_area(read.alpha.astype(np.float64), scale=how.scale, sigma=0.0)
            coarse = np.where(opaque, np.rint(alpha), 0).astype(values.dtype)
            values = np.concatenate([values, coarse[np.newaxis]])
        return window, values, shown

    def _check_can_hold(self, valid: np.ndarray | None) -> None:
        plan = self._plan
        marked = plan.nodata is not None or plan.layer.raster.has_mask or len(plan.bands) > len(plan.values)
        if valid is not None and not marked and not plan.data_type.startswith("Float"):
            raise InvalidSetting(
                f"{plan.layer.raster.path}: holds invalid pixels (NaN) but names no nodata value, and "
                f"{plan.data_type} cannot hold NaN; give NODATA"
            )

    def _coded(self, image: np.ndarray, valid: np.ndarray) -> np.ndarray:
        plan = self._plan
        eight = quantize(image, None if valid.all() else valid, data_type="Byte", nodata=plan.nodata)
        return jpeg_coded(eight, quality=plan.how.jpeg_quality or 0).astype(np.float64)

    def _noisy(self, image: np.ndarray, window: Window) -> np.ndarray:
        how, centres = self._plan.how, self._plan.layer.centres
        for index, plane in enumerate(image):
            signal = plane + centres[index] if centres is not None else plane
            spread = noise_spread(signal, read=how.read_noise, shot=how.shot_noise)
            plane += spread * _normal(window, how.seed, index)
        return image

    def _write(self, item: tuple[Window, np.ndarray, np.ndarray | None]) -> None:
        window, values, valid = item
        self._any_valid = self._any_valid or valid is None or bool(valid.any())
        self._writer.write(window, values, valid, statistics=len(self._plan.values))
        if self._flush:
            self._writer.flush_blocks()


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
