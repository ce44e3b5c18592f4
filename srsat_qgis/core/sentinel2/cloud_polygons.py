"""Cloud polygons of products before processing baseline 04.00, drawn as a raster.

The file is read here and not by GDAL's GML driver: that one is missing in some builds, refuses a file without
features, which is how a scene without clouds looks, and leaves a ``.gfs`` file in the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from osgeo import gdal, ogr, osr

from srsat_qgis.core.errors import GridMismatch, OutputNotWritable, ProductNotReadable
from srsat_qgis.core.gdalcalls import GdalFailure, call
from srsat_qgis.core.grid import Grid, same_crs
from srsat_qgis.core.sentinel2 import listing

_CLOUDS = ("OPAQUE", "CIRRUS")


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
    root = _parsed(path)
    polygons = list(_polygons(root, path))
    if grid.transform is None:
        raise GridMismatch(f"{path}: the cloud polygons need a georeference, the scene has none")
    _check_crs(root, path, grid)
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


def _parsed(path: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(listing.read_text(path))
    except ElementTree.ParseError as error:
        raise ProductNotReadable(
            f"{path}: expected cloud polygons in GML, found no whole XML ({error})"
        ) from error
    if _name(root) != "Mask":
        raise ProductNotReadable(f"{path}: expected cloud polygons (eop:Mask), found {_name(root)}")
    return root


def _polygons(root: ElementTree.Element, path: str) -> Iterator[str]:
    """Yield the polygons of clouds as WKT."""
    for feature in _all(root, "MaskFeature"):
        kinds = [(kind.text or "").strip().upper() for kind in _all(feature, "maskType")]
        if not set(kinds) & set(_CLOUDS):
            continue
        for polygon in _all(feature, "Polygon"):
            rings = [_ring(ring, path) for side in ("exterior", "interior") for ring in _all(polygon, side)]
            yield f"POLYGON ({', '.join(rings)})"


def _ring(side: ElementTree.Element, path: str) -> str:
    lists = list(_all(side, "posList"))
    try:
        numbers = [float(number) for one in lists for number in (one.text or "").split()]
        dimension = int(lists[0].get("srsDimension", "2")) if lists else 2
    except ValueError as error:
        raise ProductNotReadable(f"{path}: expected coordinates in gml:posList: {error}") from error
    if dimension not in (2, 3) or len(numbers) % dimension or len(numbers) < 4 * dimension:
        raise ProductNotReadable(
            f"{path}: expected rings of 4 or more points, found one of {len(numbers)} numbers"
        )
    points = zip(numbers[::dimension], numbers[1::dimension])
    return f"({', '.join(f'{x!r} {y!r}' for x, y in points)})"


def _check_crs(root: ElementTree.Element, path: str, grid: Grid) -> None:
    """Check the CRS that the envelope names, such as ``urn:ogc:def:crs:EPSG:8.7:32633``; an empty mask has none."""
    for envelope in _all(root, "Envelope"):
        name = envelope.get("srsName", "")
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


def _name(element: ElementTree.Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _all(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (one for one in element.iter() if _name(one) == name)
