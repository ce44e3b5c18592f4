"""Polygons drawn as a raster."""

from __future__ import annotations

from collections.abc import Iterable

from osgeo import gdal, ogr

from srsat_qgis.core.errors import OutputNotWritable
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid


def draw_polygons(polygons: Iterable[str], grid: Grid, target: str) -> None:
    """Write a raster on ``grid`` that is 1 where the middle of a pixel lies in a polygon, else 0.

    Parameters
    ----------
    polygons : iterable of str
        As WKT, in the grid's CRS.
    grid : Grid
        With a georeference.
    target : str
        Path of the GeoTIFF.

    Raises
    ------
    OutputNotWritable
        If the raster cannot be written.
    """
    driver = gdal.GetDriverByName("MEM")
    # GDAL before 3.11 has a driver of its own for vectors in memory.
    if not driver.GetMetadataItem("DCAP_VECTOR"):
        driver = gdal.GetDriverByName("Memory")
    options = ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1"]
    create = gdal.GetDriverByName("GTiff").Create
    try:
        dataset = call(create, target, grid.cols, grid.rows, 1, gdal.GDT_Byte, options)
        call(dataset.SetGeoTransform, grid.transform)
        call(dataset.SetProjection, grid.crs_wkt)
        shapes = call(driver.Create, "", 0, 0, 0, gdal.GDT_Unknown)
        layer = call(shapes.CreateLayer, "polygons", None, ogr.wkbPolygon)
        for polygon in polygons:
            feature = ogr.Feature(layer.GetLayerDefn())
            call(feature.SetGeometry, call(ogr.CreateGeometryFromWkt, polygon))
            call(layer.CreateFeature, feature)
        call(gdal.RasterizeLayer, dataset, [1], layer, burn_values=[1])
        call(dataset.FlushCache)
    except GdalFailure as error:
        raise OutputNotWritable(f"{target}: polygons cannot be drawn there: {error}") from error
