"""Writes the shifted raster: the same pixels with a shifted geotransform, or resampled onto a grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, InvalidSetting
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.registration.lattice import PLAIN, band_view, memory_dataset, warp_into
from srsat_qgis.core.types import Progress, SilentProgress, Window

KEEP = "none"
RESAMPLINGS = (KEEP, "nearest", "bilinear", "cubic", "lanczos", "average")
"""none: the pixels stay, and only the geotransform changes. The others are GDAL's."""
GDAL_RESAMPLINGS = {"nearest": "near"}
"""Names that are different in GDAL."""


def moved_grid(grid: Grid, dx: float, dy: float) -> Grid:
    """Return the grid shifted by ``dx`` and ``dy`` map units."""
    x0, xc, xr, y0, yc, yr = grid.transform or PLAIN
    return replace(grid, transform=(x0 + dx, xc, xr, y0 + dy, yc, yr))


def write_moved(
    raster: Raster,
    target: str,
    *,
    shift: tuple[float, float],
    resampling: str = KEEP,
    onto: Grid | None = None,
    metadata: Mapping[str, str] | None = None,
    creation_options: Sequence[str] = (),
    progress: Progress | None = None,
) -> None:
    """Write ``raster`` moved by ``shift``; it appears at ``target`` when it is complete.

    Bands, their names, nodata, masks, alpha, scale and offset are kept. Pixels of a resampled output outside the moved
    raster are invalid: they get the raster's nodata value if it has one, else NaN in floats, else a mask.

    Parameters
    ----------
    raster : Raster
    target : str
    shift : tuple of float
        ``(dx, dy)`` in map units of the raster's CRS.
    resampling : str
        One of ``RESAMPLINGS``.
    onto : Grid, optional
        With resampling: the grid of the output, in any CRS; by default the raster's own.
    metadata : mapping of str to str, optional
        Additional metadata items of the dataset.
    creation_options : sequence of str
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the resampling is unknown, or a grid is given without one.
    OutputIsInput
        If the target is a file of the raster.
    OutputNotWritable, DiskFull, RasterNotReadable
        If it cannot be written or read.
    Cancelled
        When the progress says so; nothing is left behind.
    """
    if resampling not in RESAMPLINGS:
        raise InvalidSetting(f"resampling '{resampling}': expected one of {', '.join(RESAMPLINGS)}")
    if resampling == KEEP and onto is not None:
        raise InvalidSetting("resampling 'none' keeps the raster's pixels: expected no other grid")
    refuse_overwriting(target, [raster])
    moved = moved_grid(raster.grid, *shift)
    grid = moved if resampling == KEEP else (onto or raster.grid)
    source = _Copied(raster) if resampling == KEEP else _Resampled(raster, moved, grid, resampling)
    sample = np.dtype(source.dtype).itemsize
    check_writable(target, bytes_needed=grid.rows * grid.cols * len(raster.bands) * sample)
    progress = progress or SilentProgress()
    items = {"SRSAT_SHIFT": f"{shift[0]:.9g} {shift[1]:.9g}", **(metadata or {})}
    if raster.area_or_point:
        items["AREA_OR_POINT"] = raster.area_or_point
    writer = RasterWriter(
        target,
        grid=grid,
        data_type=source.data_type,
        bands=[raster.template(info.number) for info in raster.bands],
        nodata=source.nodata,
        mask=source.mask,
        metadata=items,
        creation_options=creation_options,
    )
    windows = list(_windows(grid))
    counted = sum(not info.is_alpha for info in raster.bands)
    try:
        for index, window in enumerate(windows):
            if progress.cancelled:
                raise Cancelled("writing the moved raster was cancelled")
            image, valid = source.read(window)
            writer.write(window, image, valid, statistics=counted)
            progress.update((index + 1) / len(windows))
        writer.finish()
    except BaseException:
        writer.abort()
        raise


def _windows(grid: Grid) -> Iterator[Window]:
    side = 2 * BLOCKS[0]
    for row in range(0, grid.rows, side):
        for col in range(0, grid.cols, side):
            yield Window(row, col, min(side, grid.rows - row), min(side, grid.cols - col))


class _Source:
    """What both ways have in common: the output's type, nodata and mask."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._numbers = tuple(info.number for info in raster.bands)
        self.data_type = raster.types[0]
        for name in raster.types[1:]:
            pair = (gdal.GetDataTypeByName(self.data_type), gdal.GetDataTypeByName(name))
            self.data_type = gdal.GetDataTypeName(gdal.DataTypeUnion(*pair))
        self.nodata = next((value for value in raster.nodata if value is not None), None)
        self.mask = raster.has_mask

    @property
    def dtype(self) -> Any:
        """Numpy's type of the output."""
        return self._raster.read_raw(1, Window(0, 0, 1, 1)).dtype


class _Copied(_Source):
    """Unchanged pixels."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all bands of a window, in their own type, and which pixels are valid."""
        image = np.stack([self._raster.read_raw(number, window) for number in self._numbers])
        return image, self._raster.read(window, self._numbers)[1]


class _Resampled(_Source):
    """Pixels of another grid, interpolated by GDAL."""

    def __init__(self, raster: Raster, moved: Grid, grid: Grid, resampling: str) -> None:
        super().__init__(raster)
        if self.nodata is None and self.data_type.startswith("Float"):
            self.nodata = float("nan")
        self.mask = self.mask or (self.nodata is None and raster.alpha is None)
        self._grid, self._method = grid, GDAL_RESAMPLINGS.get(resampling, resampling)
        self._values = tuple(number for number in self._numbers if number != raster.alpha)
        self._view = band_view(raster, self._values, moved.transform)

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all bands of a window of the grid, and which pixels are valid."""
        part = self._grid.cropped(window)
        part = part if part.transform is not None else replace(part, transform=PLAIN)
        try:
            kind = gdal.GetDataTypeByName(self.data_type)
            target = memory_dataset(part, self._grid.crs_wkt, len(self._values), kind, self.nodata)
            warp_into(self._view, target, raster=self._raster, resampling=self._method)
            bands = call(target.ReadAsArray)
        except GdalFailure as error:
            raise InvalidSetting(f"{self._raster.path}: {error}") from error
        covered = bands[-1] > 0
        values = bands[:-1]
        valid = np.broadcast_to(covered, values.shape).copy()
        if self.nodata is not None:
            valid &= ~np.isnan(values) if np.isnan(self.nodata) else values != values.dtype.type(self.nodata)
        if self._raster.alpha is None:
            return values, valid
        at = self._raster.alpha - 1
        return np.insert(values, at, bands[-1], axis=0), np.insert(valid, at, covered, axis=0)
