"""A band of a raster in another CRS, or turned another way, brought onto a lattice by GDAL's warper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, RasterNotReadable
from srsat_qgis.core.gdalcalls import GdalFailure, call
from srsat_qgis.core.grid import Grid, Transform
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.registration.lattice import in_strips
from srsat_qgis.core.types import Window

_BLOCK_PIXELS = 1 << 20  # of the result, at a time


def band_view(raster: Raster, bands: tuple[int, ...], transform: Transform | None) -> Any:
    """Return a virtual dataset of these bands, and of alpha where there is one, on another geotransform.

    Raises
    ------
    RasterNotReadable
        If GDAL reports an error.
    """
    alpha = () if raster.alpha is None else (raster.alpha,)
    options: dict[str, Any] = {"format": "VRT", "bandList": [*bands, *alpha]}
    declared = {raster.nodata[number - 1] for number in bands}
    if (
        len(declared) == 1 and None not in declared
    ):  # the user's value; unlike ones are the file's own, as they are
        options["noData"] = declared.pop()
    try:
        view = call(gdal.Translate, "", raster.path, **options)
        if transform is not None:
            call(view.SetGeoTransform, list(transform))
    except GdalFailure as error:
        raise RasterNotReadable(f"{raster.path}: {error}") from error
    return view


def warp_into(view: Any, target: Any, *, raster: Raster, resampling: str) -> None:
    """Resample a view of ``raster`` into the dataset ``target``, without the warper's usual tolerance.

    Raises
    ------
    RasterNotReadable
        If GDAL reports an error.
    """
    options = gdal.WarpOptions(
        resampleAlg=resampling,
        errorThreshold=0.0,
        srcAlpha=raster.alpha is not None,
        dstAlpha=True,
        warpOptions=["INIT_DEST=NO_DATA"],
    )
    try:
        call(gdal.Warp, target, view, options=options)
    except GdalFailure as error:
        raise RasterNotReadable(f"{raster.path}: it cannot be warped: {error}") from error


def memory_dataset(window_grid: Grid, crs_wkt: str, bands: int, data_type: int, nodata: float | None) -> Any:
    """Return an empty dataset in memory for ``bands`` bands and alpha."""
    driver = gdal.GetDriverByName("MEM")
    dataset = call(driver.Create, "", window_grid.cols, window_grid.rows, bands + 1, data_type)
    if window_grid.transform is not None:
        call(dataset.SetGeoTransform, list(window_grid.transform))
    if crs_wkt:
        call(dataset.SetProjection, crs_wkt)
    if nodata is not None:
        for number in range(1, bands + 1):
            call(dataset.GetRasterBand(number).SetNoDataValue, nodata)
    call(dataset.GetRasterBand(bands + 1).SetColorInterpretation, gdal.GCI_AlphaBand)
    return dataset


def pixels_per_pixel(reference: Raster, test: Raster) -> float:
    """Return how many pixels of ``test`` one in the middle of ``reference`` is long, as the root of their area.

    Raises
    ------
    GridMismatch
        If the reference's middle has no place in the CRS of the test.
    """
    try:
        transformer = call(
            gdal.Transformer, band_view(reference, (1,), None), band_view(test, (1,), None), []
        )
        row, col = reference.grid.rows / 2, reference.grid.cols / 2
        points, found = call(transformer.TransformPoints, 0, [(col, row), (col + 1, row), (col, row + 1)])
    except GdalFailure as error:
        raise GridMismatch(f"{reference.path} cannot be placed on {test.path}: {error}") from error
    if not all(found):
        raise GridMismatch(f"{reference.path} has no place in the CRS of {test.path}")
    (x, y, _), (right_x, right_y, _), (down_x, down_y, _) = points
    return math.sqrt(abs((right_x - x) * (down_y - y) - (right_y - y) * (down_x - x)))


class WarpedPixels:
    """A band as ``Pixels`` on a lattice in any CRS and direction.

    Parameters
    ----------
    raster : Raster
    band : int
    lattice : Grid
        The lattice's georeference; its size is that of the image it is made for, to which the extent is cut.
    """

    def __init__(self, raster: Raster, band: int, lattice: Grid) -> None:
        self._raster, self._lattice = raster, lattice
        self._view = band_view(raster, (band,), None)
        self.extent = Window(0, 0, lattice.rows, lattice.cols)

    def read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return values interpolated or averaged to ``step`` lattice pixels, and which of them have a value."""
        return in_strips(
            window, max(1, _BLOCK_PIXELS // max(1, window.cols)), lambda part: self._read(part, step)
        )

    def _read(self, window: Window, step: int) -> tuple[np.ndarray, np.ndarray]:
        grid = self._lattice.cropped(window.scaled(step))
        x0, xc, xr, y0, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
        coarse = Grid(window.rows, window.cols, (x0, xc * step, xr * step, y0, yc * step, yr * step))
        target = memory_dataset(coarse, self._lattice.crs_wkt, 1, gdal.GDT_Float64, float("nan"))
        warp_into(self._view, target, raster=self._raster, resampling="bilinear")
        values = target.GetRasterBand(1).ReadAsArray()
        valid = np.isfinite(values) & (target.GetRasterBand(2).ReadAsArray() > 0)
        return np.where(valid, values, 0.0), valid
