"""Web maps and coverages (XYZ, WMS, WMTS, WCS, ArcGIS) fetched into a GeoTIFF through QGIS's own providers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsProcessingFeedback,
    QgsRasterBlock,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt, QThread, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply

from srsat_qgis.core.errors import (
    Cancelled,
    InvalidSetting,
    NoValidPixels,
    RasterNotReadable,
    UnsupportedRaster,
)
from srsat_qgis.core.grid import Grid
from srsat_qgis.core.quantize import NUMPY_TYPES
from srsat_qgis.core.raster import BandTemplate
from srsat_qgis.core.raster_writer import RasterWriter
from srsat_qgis.core.types import Window

REMOTE_PROVIDERS = ("wms", "wcs", "arcgismapserver")
DEFAULT_PIXELS = 2048
"""Longest side, in pixels, of what is fetched when the user names no resolution."""
MOST_PIXELS = 100_000_000
"""More than this is refused: it is a bulk download, which most servers forbid."""
FETCH_SHARE = 0.2
"""Part of the progress bar that fetching fills."""
_ATTEMPTS = 3
_BLOCK = 1024  # pixels: 4 x 4 usual tiles, and within what every map server renders at a time
_NEAR = 0.02  # a resolution this close, relatively, to one of the server's own means that one

GDAL_NAMES = {
    Qgis.DataType.Byte: "Byte",
    Qgis.DataType.UInt16: "UInt16",
    Qgis.DataType.Int16: "Int16",
    Qgis.DataType.UInt32: "UInt32",
    Qgis.DataType.Int32: "Int32",
    Qgis.DataType.Float32: "Float32",
    Qgis.DataType.Float64: "Float64",
}
"""GDAL's names of QGIS's pixel types."""
COLOURS = (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)


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

    @classmethod
    def of(cls, layer: QgsRasterLayer) -> RemoteLayer:
        """Return the remote layer behind ``layer``; call it in the main thread."""
        provider = layer.dataProvider().clone()
        box = layer.dataProvider().extent()
        resolutions = sorted(provider.nativeResolutions())
        sized = provider.xSize() > 0  # a coverage: it has pixels of its own
        remote = cls(
            name=layer.name(),
            provider=provider,
            crs_wkt=layer.crs().toWkt(QgsCoordinateReferenceSystem.WKT_PREFERRED_GDAL),
            extent=(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()),
            resolutions=(box.width() / provider.xSize(),) if sized else tuple(resolutions),
            from_corner=sized or "type=xyz" in layer.source(),
        )
        provider.moveToThread(None)  # a thread can only push an object away, not pull it
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
            f"{remote.name}: EXTENT is needed for a remote layer, which may cover the whole world"
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
            f"{remote.name}: {cols} x {rows} pixels would have to be fetched, expected at most "
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

    A map becomes red, green and blue bytes with a mask (transparent pixels are no data); a coverage keeps its
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
        provider.setUserNoDataValue(band, [])  # would need a bitmap a block; the values themselves are kept
    feedback.pushInfo(
        f"Fetching {grid.cols} x {grid.rows} pixels of {grid.transform[1]:.6g} from {remote.name}."
    )
    block_feedback = QgsRasterBlockFeedback()
    # Direct: this thread runs no event loop in which a queued call could arrive.
    feedback.canceled.connect(block_feedback.cancel, Qt.ConnectionType.DirectConnection)
    requests = _Requests()
    reader = _CoverageReader(provider) if provider.dataType(1) not in COLOURS else _MapReader(provider)
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
        for done, window in enumerate(windows := _blocks(grid), start=1):
            image, valid = _read_whole(reader, requests, remote.name, grid, window, block_feedback)
            shown = shown or valid is None or bool(valid.any())
            writer.write(window, image, valid, statistics=0)
            feedback.setProgress(100.0 * FETCH_SHARE * done / len(windows))
        if not shown:
            raise NoValidPixels(
                f"{remote.name}: the server has no picture of this extent{requests.missing()}"
            )
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    finally:
        requests.close()
        feedback.canceled.disconnect(block_feedback.cancel)
    return str(target)


class _Requests:
    """Watches this thread's network requests: a provider shows a failed tile as a hole and says nothing."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self._missing: dict[str, None] = {}  # in order, and each once: a provider may ask again
        # Its own object a thread; the one that the provider will use here.
        self._finished = QgsNetworkAccessManager.instance().finished[QgsNetworkReplyContent]
        self._finished.connect(self._note)

    def close(self) -> None:
        """Stop watching."""
        self._finished.disconnect(self._note)

    def missing(self) -> str:
        """Return which tiles the server does not have, in words; '' when it has all."""
        example = next(iter(self._missing), None)
        return "" if example is None else f" ({len(self._missing)} tiles not found, such as {example})"

    def _note(self, reply: QgsNetworkReplyContent) -> None:
        address = reply.request().url().toString(QUrl.UrlFormattingOption.RemoveUserInfo)
        if reply.error() == QNetworkReply.NetworkError.NoError:
            kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower()
            if any(word in kind for word in ("xml", "html", "text/plain")):
                self.failures.append(f"the server answered with {kind}, not with a picture ({address})")
        elif reply.error() == QNetworkReply.NetworkError.ContentNotFoundError:
            self._missing[address] = None  # beyond the coverage of the tiles: a hole, and rightly so
        else:
            self.failures.append(f"{reply.errorString()} ({address})")


def _blocks(grid: Grid) -> list[Window]:
    return [
        Window(row, col, min(_BLOCK, grid.rows - row), min(_BLOCK, grid.cols - col))
        for row in range(0, grid.rows, _BLOCK)
        for col in range(0, grid.cols, _BLOCK)
    ]


def _read_whole(
    reader: _MapReader | _CoverageReader,
    requests: _Requests,
    name: str,
    grid: Grid,
    window: Window,
    feedback: QgsRasterBlockFeedback,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Read one block, again if a request failed; a tile that fails every time is an error, not a hole."""
    x0, width, _, y0, _, height = grid.cropped(window).transform
    box = QgsRectangle(x0, y0 + window.rows * height, x0 + window.cols * width, y0)
    reported = 0
    for _attempt in range(_ATTEMPTS):
        requests.failures.clear()
        result = reader.read(box, window.cols, window.rows, feedback)
        if feedback.isCanceled():
            raise Cancelled("cancelled while fetching a remote layer")
        errors = [*requests.failures, *feedback.errors()[reported:]]
        if result is not None and not errors:
            return result
        reported = len(feedback.errors())
    reasons = "; ".join(list(dict.fromkeys(errors))[:3]) or "no answer"
    raise RasterNotReadable(f"{name}: cannot be fetched: {reasons}")


class _MapReader:
    """Reads a layer of colours as red, green, blue and a mask."""

    data_type = "Byte"
    nodata = None
    mask = True
    bands = tuple(
        BandTemplate(description=name, interpretation=code)
        for name, code in (
            ("Red", gdal.GCI_RedBand),
            ("Green", gdal.GCI_GreenBand),
            ("Blue", gdal.GCI_BlueBand),
        )
    )

    def __init__(self, provider: QgsRasterDataProvider) -> None:
        self._provider = provider

    def read(
        self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback
    ) -> tuple[np.ndarray, np.ndarray | None] | None:
        """Return colours (3, rows, cols) and which pixels have one, or None where there is no answer."""
        block = self._provider.block(1, box, cols, rows, feedback)
        if not _whole(block):
            return None
        # One native integer a pixel: alpha, red, green and blue from the highest byte down.
        packed = np.frombuffer(bytes(block.data()), np.uint32).reshape(rows, cols)
        alpha, red, green, blue = (((packed >> shift) & 0xFF).astype(np.uint8) for shift in (24, 16, 8, 0))
        image = np.stack([red, green, blue])
        shown = alpha > 0
        if block.dataType() == Qgis.DataType.ARGB32_Premultiplied:
            full = np.maximum(alpha, 1).astype(np.float32)
            image = np.minimum(np.rint(image * (255.0 / full)), 255).astype(np.uint8)
        return image, None if shown.all() else np.broadcast_to(shown, image.shape)


class _CoverageReader:
    """Reads a layer of measured values, band by band, in its own type."""

    mask = False

    def __init__(self, provider: QgsRasterDataProvider) -> None:
        self._provider = provider
        self._numbers = range(1, provider.bandCount() + 1)
        types = [provider.dataType(number) for number in self._numbers]
        unknown = [kind for kind in types if kind not in GDAL_NAMES]
        if unknown or not types:
            raise UnsupportedRaster(
                f"{provider.dataSourceUri()}: expected bands of real numbers, found {unknown}"
            )
        self._type = np.result_type(*(NUMPY_TYPES[GDAL_NAMES[kind]] for kind in types))
        self.data_type = next(name for name in GDAL_NAMES.values() if NUMPY_TYPES[name] == self._type)
        self.nodata = provider.sourceNoDataValue(1) if provider.sourceHasNoDataValue(1) else None
        self.bands = tuple(
            BandTemplate(description=provider.generateBandName(number)) for number in self._numbers
        )

    def read(
        self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback
    ) -> tuple[np.ndarray, np.ndarray | None] | None:
        """Return values (bands, rows, cols), or None where there is no answer."""
        image = np.empty((len(self._numbers), rows, cols), self._type)
        for index, number in enumerate(self._numbers):
            block = self._provider.block(number, box, cols, rows, feedback)
            if not _whole(block):
                return None
            kind = NUMPY_TYPES[GDAL_NAMES[block.dataType()]]
            image[index] = np.frombuffer(bytes(block.data()), kind).reshape(rows, cols)
        return image, None


def _whole(block: QgsRasterBlock | None) -> bool:
    return block is not None and block.isValid() and not block.isEmpty()
