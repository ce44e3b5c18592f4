"""Rasters that GDAL derives from others without a copy: stacks of windows, warps onto a grid, and drawn polygons."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePath

from osgeo import gdal, ogr

from srsat_qgis.core.errors import GridMismatch, OutputNotWritable, RasterNotReadable
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid, check_transformable
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class StackBand:
    """A band of a stack: where it is read, and what is made of its values."""

    path: str
    number: int
    """Band of the file, from 1."""
    window: Window
    average: int
    """Pixels of the file, side by side, in one of the stack's."""
    data_type: str
    """GDAL's name, of the stack's band."""
    nodata: float
    """Of the stack's band."""
    source_nodata: float
    """The value that holds no measurement in the file, whatever it declares."""
    added: float | None
    """Added to valid values; None: they are not touched."""
    name: str
    metadata: Mapping[str, str]


def write_stack(path: Path, bands: Sequence[StackBand], grid: Grid) -> str:
    """Write a VRT on ``grid``, whose size all windows have after averaging, and return its path."""
    lines = _header(grid)
    for number, band in enumerate(bands, start=1):
        lines.extend(_band(number, band, grid))
    lines.append("</VRTDataset>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _header(grid: Grid) -> list[str]:
    lines = [f'<VRTDataset rasterXSize="{grid.cols}" rasterYSize="{grid.rows}">']
    if grid.crs_wkt:
        lines.append(f"<SRS>{escape(grid.crs_wkt)}</SRS>")
    if grid.transform is not None:
        numbers = ", ".join(repr(float(number)) for number in grid.transform)
        lines.append(f"<GeoTransform>{numbers}</GeoTransform>")
    return lines


_LARGEST_SIGNED = 32767
UNSIGNED = "/vsimem/srsat-unsigned/"
"""How the addresses of rasters begin that ``unsigned`` shows."""


def unsigned(path: str, grid: Grid, *, nodata: float) -> str:
    """Return the address of a virtual raster that shows signed 16-bit values of a single band as UInt16.

    No data becomes 0, and values below 1 become 1. The address holds the file's name, is the same for the same file,
    and lasts as long as the process: some kilobytes a file.

    Parameters
    ----------
    path : str
        The raster.
    grid : Grid
        Its own.
    nodata : float
        Its value without data, the smallest that it holds.
    """
    # Straight between these points: -10000 alone is 0, and from 1 on values are kept.
    table = f"{nodata:.17g}:0,{nodata + 1:.17g}:1,1:1,{_LARGEST_SIGNED}:{_LARGEST_SIGNED}"
    size = f'xOff="0" yOff="0" xSize="{grid.cols}" ySize="{grid.rows}"'
    lines = [
        *_header(grid),
        '<VRTRasterBand dataType="UInt16" band="1"><NoDataValue>0</NoDataValue><ComplexSource>',
        f'<SourceFilename relativeToVRT="0">{escape(path)}</SourceFilename><SourceBand>1</SourceBand>',
        f"<SrcRect {size}/><DstRect {size}/><LUT>{table}</LUT>",
        "</ComplexSource></VRTRasterBand></VRTDataset>",
    ]
    text = "\n".join(lines).encode()
    address = f"{UNSIGNED}{hashlib.sha256(text).hexdigest()[:16]}/{PurePath(path).stem}.vrt"
    # One that is there may be open.
    if gdal.VSIStatL(address) is None:
        call(gdal.FileFromMemBuffer, address, text)
    return address


def _band(number: int, band: StackBand, grid: Grid) -> list[str]:
    window, simple = band.window, band.added is None and band.average == 1
    source = "SimpleSource" if simple else "ComplexSource"
    averaged = ' resampling="average"' if band.average > 1 else ""
    items = "".join(f'<MDI key="{key}">{value}</MDI>' for key, value in band.metadata.items())
    lines = [
        f'<VRTRasterBand dataType="{band.data_type}" band="{number}">',
        f"<Description>{escape(band.name)}</Description><Metadata>{items}</Metadata>",
        f"<NoDataValue>{band.nodata:.17g}</NoDataValue>",
        f"<{source}{averaged}>",
        f'<SourceFilename relativeToVRT="0">{escape(band.path)}</SourceFilename>',
        f"<SourceBand>{band.number}</SourceBand>",
        f'<SrcRect xOff="{window.col}" yOff="{window.row}" xSize="{window.cols}" ySize="{window.rows}"/>',
        f'<DstRect xOff="0" yOff="0" xSize="{grid.cols}" ySize="{grid.rows}"/>',
    ]
    if not simple:
        lines.append(f"<NODATA>{band.source_nodata:.17g}</NODATA>")
    if band.added is not None:
        lines.append(f"<ScaleOffset>{band.added:g}</ScaleOffset><ScaleRatio>1</ScaleRatio>")
    return [*lines, f"</{source}>", "</VRTRasterBand>"]


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
        If the wanted grid is rotated or has no georeference: GDAL warps to north-up grids only; or if it lies where no
        CRS has places.
    RasterNotReadable
        If GDAL cannot warp the raster.
    """
    if grid.transform is None or grid.transform[2] or grid.transform[4] or grid.transform[5] > 0:
        raise GridMismatch(
            f"{path}: can only be warped onto a north-up grid with a georeference, found {grid.describe()}"
        )
    check_transformable(grid, path=path)
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
        with contextlib.suppress(RuntimeError):
            gdal.Unlink(address)


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
