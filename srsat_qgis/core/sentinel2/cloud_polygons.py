"""Cloud polygons of products before processing baseline 04.00, drawn as a raster.

The file is read here and not by GDAL's GML driver: that one is missing in some builds, refuses a file without
features, which is how a scene without clouds looks, and leaves a ``.gfs`` file in the product. Expressions find the few
elements that count: Python's XML parsers are not made for files of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osgeo import gdal, ogr, osr

from srsat_qgis.core.errors import GridMismatch, OutputNotWritable, ProductNotReadable
from srsat_qgis.core.gdalcalls import GdalFailure, call
from srsat_qgis.core.grid import Grid, same_crs
from srsat_qgis.core.sentinel2 import listing

_CLOUDS = ("OPAQUE", "CIRRUS")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"^\s*(?:<\?.*?\?>\s*)?<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_DIMENSION = re.compile(r"\bsrsDimension=[\"'](\d+)[\"']")
_CRS_NAME = re.compile(r"<(?:[\w.-]+:)?Envelope\b[^>]*\bsrsName=[\"']([^\"']*)[\"']")


def draw_polygons(path: str, grid: Grid, target: str) -> None:
    """Write a raster on ``grid`` that is 1 where the middle of a pixel lies in a cloud, else 0.

    Parameters
    ----------
    path : str
        ``MSK_CLOUDS_B00.gml``, on a disk or inside a zip.
    grid : Grid
    target : str
        Path of the GeoTIFF.

    Raises
    ------
    ProductNotReadable
        If the file is damaged or holds something else.
    GridMismatch
        If its CRS is another one than the grid's, or the grid has no georeference.
    OutputNotWritable
        If the raster cannot be written.
    """
    text = _whole(path)
    polygons = list(_polygons(text, path))
    if grid.transform is None:
        raise GridMismatch(f"{path}: the cloud polygons need a georeference, the scene has none")
    _check_crs(text, path, grid)
    try:
        dataset = call(
            gdal.GetDriverByName("GTiff").Create,
            target,
            grid.cols,
            grid.rows,
            1,
            gdal.GDT_Byte,
            ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1"],
        )
        call(dataset.SetGeoTransform, grid.transform)
        call(dataset.SetProjection, grid.crs_wkt)
        driver = gdal.GetDriverByName("MEM")
        if not driver.GetMetadataItem("DCAP_VECTOR"):  # GDAL before 3.11 has a driver of its own for it
            driver = gdal.GetDriverByName("Memory")
        shapes = call(driver.Create, "", 0, 0, 0, gdal.GDT_Unknown)
        layer = call(shapes.CreateLayer, "clouds", None, ogr.wkbPolygon)
        for polygon in polygons:
            feature = ogr.Feature(layer.GetLayerDefn())
            call(feature.SetGeometry, call(ogr.CreateGeometryFromWkt, polygon))
            call(layer.CreateFeature, feature)
        call(gdal.RasterizeLayer, dataset, [1], layer, burn_values=[1])
        call(dataset.FlushCache)
    except GdalFailure as error:
        raise OutputNotWritable(f"{target}: {path} cannot be drawn there: {error}") from error


def _whole(path: str) -> str:
    """Return the text of the file without comments, after a look at its beginning and its end."""
    text = _COMMENT.sub("", listing.read_text(path)).strip()
    found = _ROOT.match(text)
    name = found.group(1) if found else ""
    if name not in ("", "Mask"):
        raise ProductNotReadable(f"{path}: expected cloud polygons (eop:Mask), found {name}")
    if not re.search(r"</(?:[\w.-]+:)?Mask\s*>$", text):
        raise ProductNotReadable(f"{path}: expected cloud polygons in GML, found no whole XML")
    return text


def _elements(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield attributes and content of every element of a name, whatever its namespace; they don't nest."""
    for found in re.finditer(rf"<((?:[\w.-]+:)?){name}\b([^>]*)(?<!/)>(.*?)</\1{name}\s*>", text, re.DOTALL):
        yield found.group(2), found.group(3)


def _polygons(text: str, path: str) -> Iterator[str]:
    """Yield the polygons of clouds as WKT."""
    for _, feature in _elements(text, "MaskFeature"):
        kinds = {kind.strip().upper() for _, kind in _elements(feature, "maskType")}
        if not kinds & set(_CLOUDS):
            continue
        for _, polygon in _elements(feature, "Polygon"):
            rings = [
                _ring(ring, path) for side in ("exterior", "interior") for _, ring in _elements(polygon, side)
            ]
            yield f"POLYGON ({', '.join(rings)})"


def _ring(text: str, path: str) -> str:
    lists = list(_elements(text, "posList"))
    try:
        numbers = [float(number) for _, one in lists for number in one.split()]
    except ValueError as error:
        raise ProductNotReadable(f"{path}: expected coordinates in gml:posList: {error}") from error
    told = _DIMENSION.search(lists[0][0]) if lists else None
    dimension = int(told.group(1)) if told else 2
    if dimension not in (2, 3) or len(numbers) % dimension or len(numbers) < 4 * dimension:
        raise ProductNotReadable(
            f"{path}: expected rings of 4 or more points, found one of {len(numbers)} numbers"
        )
    points = zip(numbers[::dimension], numbers[1::dimension])
    return f"({', '.join(f'{x!r} {y!r}' for x, y in points)})"


def _check_crs(text: str, path: str, grid: Grid) -> None:
    """Check the CRS that the envelope names, such as ``urn:ogc:def:crs:EPSG:8.7:32633``; an empty mask has none."""
    for name in _CRS_NAME.findall(text):
        code = name.rpartition(":")[2]
        if "EPSG" not in name or not code.isdigit() or not grid.crs_wkt:
            continue
        reference = osr.SpatialReference()
        try:
            call(reference.ImportFromEPSG, int(code))
        except GdalFailure as error:
            raise ProductNotReadable(f"{path}: its coordinate reference system {name}: {error}") from error
        if not same_crs(reference.ExportToWkt(), grid.crs_wkt):
            raise GridMismatch(f"{path}: the cloud polygons are in EPSG:{code}, the scene is not")
