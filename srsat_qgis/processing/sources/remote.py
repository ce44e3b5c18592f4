"""Web maps and coverages (XYZ, WMS, WMTS, WCS, ArcGIS) fetched into a GeoTIFF through QGIS's own providers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt, QThread

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.types import Window
from srsat_qgis.processing.sources.remote_readers import COLOURS, CoverageReader, MapReader, RemoteReader
from srsat_qgis.processing.sources.xyz import TileReader, XyzTiles

REMOTE_PROVIDERS = ("wms", "wcs", "arcgismapserver")
DEFAULT_PIXELS = 2048
"""Longest side, in pixels, of what is fetched when the user names no resolution."""
MOST_PIXELS = 100_000_000
"""More than this is refused, because it is a bulk download, which most servers forbid."""
FETCH_SHARE = 0.2
"""Part of the progress bar that fetching fills."""
# In pixels: 4 x 4 usual tiles, and not more than every map server renders at a time.
_BLOCK = 1024
# A resolution this close to one of the server's own (relative difference) is taken as that one.
_NEAR = 0.02


@dataclass(frozen=True)
class RemoteLayer:
    """A remote layer's provider, taken out of the main thread so that the algorithm's thread can use it."""

    name: str
    provider: QgsRasterDataProvider
    crs_wkt: str
    extent: tuple[float, float, float, float]
    """What the layer covers: xmin, ymin, xmax, ymax."""
    resolutions: tuple[float, ...] = ()
    """Map units per pixel that the server has without resampling, finest first; empty where it renders any."""
    from_corner: bool = False
    """True when its pixels start at the upper left corner of the extent, as those of XYZ tiles do."""
    xyz: XyzTiles | None = None
    """The tiles, where they are plain images."""

    @classmethod
    def of(cls, layer: QgsRasterLayer) -> RemoteLayer:
        """Return the remote layer behind ``layer``; call it in the main thread."""
        provider = layer.dataProvider().clone()
        box = layer.dataProvider().extent()
        resolutions = sorted(provider.nativeResolutions())
        # Only a coverage has pixels of its own.
        sized = provider.xSize() > 0
        remote = cls(
            name=layer.name(),
            provider=provider,
            crs_wkt=layer.crs().toWkt(QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL),
            extent=(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()),
            resolutions=(box.width() / provider.xSize(),) if sized else tuple(resolutions),
            from_corner=sized or "type=xyz" in layer.source(),
            xyz=XyzTiles.of(layer) if layer.providerType() == "wms" else None,
        )
        # A thread can give an object away, but cannot take it from another thread.
        provider.moveToThread(None)
        return remote


def plan(
    remote: RemoteLayer, extent: tuple[float, float, float, float] | None, resolution: float | None
) -> Grid:
    """Return the grid in which a remote layer is fetched.

    Without a resolution it is the finest of the server's own that makes the longer side at most
    ``DEFAULT_PIXELS`` long (a coverage has only one); where the server renders any, exactly that long. Grids of
    XYZ tiles and coverages start on whole pixels of the server's, so that no pixel is resampled.

    Raises
    ------
    InvalidSetting
        If there is no extent, it lies outside the layer, or the image would be larger than ``MOST_PIXELS``.
    """
    if extent is None:
        raise InvalidSetting(
            f"{remote.name}: EXTENT is needed for a web map, which may cover the whole world"
        )
    xmin, ymin, xmax, ymax = _clipped(remote, extent)
    side = max(xmax - xmin, ymax - ymin)
    if resolution is None:
        fitting = [value for value in remote.resolutions if side / value <= DEFAULT_PIXELS]
        resolution = min(fitting) if fitting else max(remote.resolutions, default=side / DEFAULT_PIXELS)
    elif resolution <= 0:
        raise InvalidSetting(f"RESOLUTION {resolution:g}: expected map units per pixel, more than 0")
    for own in remote.resolutions:
        if abs(own - resolution) <= _NEAR * own:
            resolution = own
    if remote.from_corner:
        left, top = remote.extent[0], remote.extent[3]
        xmin = left + math.floor((xmin - left) / resolution + 1e-6) * resolution
        ymax = top - math.floor((top - ymax) / resolution + 1e-6) * resolution
    cols = max(1, math.ceil((xmax - xmin) / resolution - 1e-6))
    rows = max(1, math.ceil((ymax - ymin) / resolution - 1e-6))
    if cols * rows > MOST_PIXELS:
        raise InvalidSetting(
            f"{remote.name}: {cols} x {rows} pixels are needed from the server, expected at most "
            f"{MOST_PIXELS // 1_000_000} million; choose a smaller EXTENT or a coarser RESOLUTION than "
            f"{resolution:g}"
        )
    return Grid(rows, cols, (xmin, resolution, 0.0, ymax, 0.0, -resolution), remote.crs_wkt)


def _clipped(
    remote: RemoteLayer, extent: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """Return the part of ``extent`` that the layer covers."""
    have = remote.extent
    low = (max(extent[0], have[0]), max(extent[1], have[1]))
    high = (min(extent[2], have[2]), min(extent[3], have[3]))
    if not (low[0] < high[0] and low[1] < high[1]):
        raise InvalidSetting(
            f"{remote.name}: the extent {tuple(round(value, 6) for value in extent)} lies outside the layer, "
            f"which covers {tuple(round(value, 6) for value in have)}"
        )
    return (*low, *high)


def fetch(
    remote: RemoteLayer,
    target: Path,
    *,
    extent: tuple[float, float, float, float] | None,
    resolution: float | None,
    feedback: QgsProcessingFeedback,
) -> str:
    """Fetch a part of a remote layer, block by block, and return the path of the GeoTIFF.

    A map becomes red, green and blue bytes with a mask (transparent pixels are nodata); a coverage keeps its
    bands and type. Call it in the thread that runs the algorithm.

    Raises
    ------
    InvalidSetting
        As ``plan`` does.
    RasterNotReadable
        If the server does not answer or answers with an error.
    UnsupportedRaster
        If the pixels are complex numbers.
    Cancelled
        If the user cancels.
    """
    grid = plan(remote, extent, resolution)
    provider = remote.provider
    provider.moveToThread(QThread.currentThread())
    for band in range(1, provider.bandCount() + 1):
        # They would need a bitmap for each block; the values themselves are kept.
        provider.setUserNoDataValue(band, [])
    feedback.pushInfo(
        f"Fetching {grid.cols} x {grid.rows} pixels of {grid.transform[1]:.6g} from {remote.name}."
    )
    block_feedback = QgsRasterBlockFeedback()
    # Direct: this thread runs no event loop in which a queued call could arrive.
    feedback.canceled.connect(block_feedback.cancel, Qt.ConnectionType.DirectConnection)
    reader = _reader(remote, grid)
    writer = RasterWriter(
        str(target),
        grid=grid,
        data_type=reader.data_type,
        bands=reader.bands,
        nodata=reader.nodata,
        mask=reader.mask,
        metadata={},
    )
    shown = False
    try:
        for done, window in enumerate(windows := _blocks(remote, grid), start=1):
            x0, width, _, y0, _, height = grid.cropped(window).transform
            box = QgsRectangle(x0, y0 + window.rows * height, x0 + window.cols * width, y0)
            image, valid = reader.read(box, window.cols, window.rows, block_feedback)
            shown = shown or valid is None or bool(valid.any())
            writer.write(window, image, valid, statistics=0)
            feedback.setProgress(100.0 * FETCH_SHARE * done / len(windows))
        if not shown:
            raise NoValidPixels(f"{remote.name}: the server has no image of this extent{reader.missing()}")
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    finally:
        reader.close()
        feedback.canceled.disconnect(block_feedback.cancel)
    return str(target)


def _reader(remote: RemoteLayer, grid: Grid) -> RemoteReader:
    zoom = None if remote.xyz is None else remote.xyz.zoom(grid.transform[1])
    if zoom is not None:
        return TileReader(remote.name, remote.xyz, zoom)
    kind = MapReader if remote.provider.dataType(1) in COLOURS else CoverageReader
    return kind(remote.name, remote.provider)


def _blocks(remote: RemoteLayer, grid: Grid) -> list[Window]:
    """Return the windows to fetch; where the server has its own tiles, no two windows need the same tile."""
    x0, resolution, _, y0, _, _ = grid.transform
    corner = (remote.extent[3] - y0, x0 - remote.extent[0]) if remote.from_corner else (0.0, 0.0)
    rows, cols = (
        _cuts(size, round(away / resolution) % _BLOCK) for size, away in zip((grid.rows, grid.cols), corner)
    )
    return [Window(row, col, end - row, right - col) for row, end in rows for col, right in cols]


def _cuts(size: int, first: int) -> list[tuple[int, int]]:
    """Return begin and end of the blocks along an axis whose first pixel lies ``first`` pixels into a block."""
    edges = [0, *range(_BLOCK - first, size, _BLOCK), size]
    return list(zip(edges, edges[1:]))
