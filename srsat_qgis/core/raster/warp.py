"""Brings a raster onto the grid of another one, on request and on record, as a virtual raster."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, RasterNotReadable
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid


@contextlib.contextmanager
def warped(path: str, grid: Grid, *, resampling: str, opaque: bool) -> Iterator[str]:
    """Give the address of a virtual raster that shows ``path`` on ``grid``; it is gone afterwards.

    Pixels that the raster does not cover hold its nodata value.

    Parameters
    ----------
    path : str
        Any raster with a georeference.
    grid : Grid
        North-up, with a georeference.
    resampling : str
        GDAL's name: near, bilinear, cubic, average ...
    opaque : bool
        Whether the raster marks no invalid pixels of its own: an alpha band then tells what it does not cover.

    Raises
    ------
    GridMismatch
        If the wanted grid is rotated or has no georeference: GDAL warps to north-up grids only.
    RasterNotReadable
        If GDAL cannot warp the raster.
    """
    if grid.transform is None or grid.transform[2] or grid.transform[4] or grid.transform[5] > 0:
        raise GridMismatch(
            f"{path}: can only be warped onto a north-up grid with a georeference, found {grid.describe()}"
        )
    x0, xc, _, y0, _, yr = grid.transform
    address = f"/vsimem/srsat-{uuid.uuid4().hex}.vrt"
    try:
        dataset = call(
            gdal.Warp,
            address,
            path,
            format="VRT",
            dstSRS=grid.crs_wkt or None,
            outputBounds=(x0, y0 + grid.rows * yr, x0 + grid.cols * xc, y0),
            width=grid.cols,
            height=grid.rows,
            resampleAlg=resampling,
            dstAlpha=opaque,
        )
        if dataset is None:
            raise RasterNotReadable(f"{path}: GDAL cannot warp it onto the grid of the other raster")
        # GDAL writes it once nothing refers to it.
        del dataset
        yield address
    except GdalFailure as error:
        raise RasterNotReadable(f"{path}: cannot be warped onto {grid.describe()}: {error}") from error
    finally:
        gdal.Unlink(address)
