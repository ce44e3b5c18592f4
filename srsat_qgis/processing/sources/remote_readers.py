"""Reads blocks of remote layers through QGIS's providers, and reports failed requests, which these ignore."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsRasterBlock,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkReply

from srsat_qgis.core.errors import Cancelled, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import BandTemplate

ATTEMPTS = 3
"""How often a block or tile is requested before it counts as failed."""
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
"""QGIS's pixel types for colours."""
RGB = tuple(
    BandTemplate(description=name, interpretation=code)
    for name, code in (
        ("Red", gdal.GCI_RedBand),
        ("Green", gdal.GCI_GreenBand),
        ("Blue", gdal.GCI_BlueBand),
    )
)
"""The bands that colours become."""

# An image (bands, rows, cols), and which pixels are valid in the same shape, or None for all.
Block = tuple


class RemoteReader(Protocol):
    """What fetching asks of a source of blocks."""

    data_type: str
    nodata: float | None
    mask: bool
    bands: tuple[BandTemplate, ...]

    def read(self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback) -> Block:
        """Return the pixels in ``box`` and which of them are valid, (bands, rows, cols) each; None: all."""

    def missing(self) -> str:
        """Return what the server does not have, in words; '' when it has all that was asked for."""

    def close(self) -> None:
        """Stop using the network."""


def colours(packed: np.ndarray) -> Block:
    """Return red, green, blue (3, rows, cols) of packed colours, and which are not fully transparent.

    Parameters
    ----------
    packed : ndarray of uint32, shape (rows, cols)
        Alpha, red, green and blue from the highest byte down; not premultiplied.
    """
    alpha, red, green, blue = (((packed >> shift) & 0xFF).astype(np.uint8) for shift in (24, 16, 8, 0))
    image = np.stack([red, green, blue])
    shown = alpha > 0
    return image, None if shown.all() else np.broadcast_to(shown, image.shape)


class _ProviderReader(ABC):
    """Asks a provider for blocks, repeats failed requests, and raises if a block fails every time."""

    nodata: float | None = None
    mask = False

    def __init__(self, name: str, provider: QgsRasterDataProvider) -> None:
        self._name = name
        self._provider = provider
        self._requests = _Requests()

    def missing(self) -> str:
        """Return what the server does not have, in words; '' when it has all that was asked for."""
        return describe_missing(self._requests.missing)

    def close(self) -> None:
        """Stop watching the network."""
        self._requests.close()

    def read(self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback) -> Block:
        """Return a block; if a part fails every time, that is an error and not a hole.

        Raises
        ------
        Cancelled
            If the feedback says so.
        RasterNotReadable
            With the first three reasons.
        """
        reported = 0
        for _attempt in range(ATTEMPTS):
            self._requests.failures.clear()
            result = self._read_once(box, cols, rows, feedback)
            if feedback.isCanceled():
                raise Cancelled("cancelled while fetching a remote layer")
            errors = [*self._requests.failures, *feedback.errors()[reported:]]
            if result is not None and not errors:
                return result
            reported = len(feedback.errors())
        raise not_fetched(self._name, errors)

    @abstractmethod
    def _read_once(
        self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback
    ) -> Block | None:
        """Ask the provider once; None when it gives nothing."""


class MapReader(_ProviderReader):
    """Reads a layer of colours as red, green, blue and a mask."""

    data_type = "Byte"
    mask = True
    bands = RGB

    def _read_once(
        self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback
    ) -> Block | None:
        block = self._provider.block(1, box, cols, rows, feedback)
        if not _whole(block):
            return None
        packed = np.frombuffer(bytes(block.data()), np.uint32).reshape(rows, cols)
        image, shown = colours(packed)
        if block.dataType() == Qgis.DataType.ARGB32_Premultiplied:
            alpha = np.maximum(packed >> 24, 1).astype(np.float32)
            image = np.minimum(np.rint(image * (255.0 / alpha)), 255).astype(np.uint8)
        return image, shown


class CoverageReader(_ProviderReader):
    """Reads a layer of measured values, band by band, in its own type."""

    def __init__(self, name: str, provider: QgsRasterDataProvider) -> None:
        super().__init__(name, provider)
        self._numbers = range(1, provider.bandCount() + 1)
        types = [provider.dataType(number) for number in self._numbers]
        unknown = [kind for kind in types if kind not in GDAL_NAMES]
        if unknown or not types:
            raise UnsupportedRaster(f"{name}: expected bands of real numbers, found types {unknown}")
        self._type = np.result_type(*(NUMPY_TYPES[GDAL_NAMES[kind]] for kind in types))
        self.data_type = next(kind for kind in GDAL_NAMES.values() if NUMPY_TYPES[kind] == self._type)
        self.nodata = provider.sourceNoDataValue(1) if provider.sourceHasNoDataValue(1) else None
        self.bands = tuple(
            BandTemplate(description=provider.generateBandName(number)) for number in self._numbers
        )

    def _read_once(
        self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback
    ) -> Block | None:
        image = np.empty((len(self._numbers), rows, cols), self._type)
        for index, number in enumerate(self._numbers):
            block = self._provider.block(number, box, cols, rows, feedback)
            if not _whole(block):
                return None
            kind = NUMPY_TYPES[GDAL_NAMES[block.dataType()]]
            image[index] = np.frombuffer(bytes(block.data()), kind).reshape(rows, cols)
        return image, None


class _Requests:
    """Watches this thread's network requests: a provider leaves a hole for a failed tile and reports no error."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        # A dict keeps their order and holds each once: a provider may ask again.
        self.missing: dict[str, None] = {}
        # Each thread has its own object; this is the one that the provider will use here.
        self._finished = QgsNetworkAccessManager.instance().finished[QgsNetworkReplyContent]
        self._finished.connect(self._note)

    def close(self) -> None:
        """Stop watching."""
        self._finished.disconnect(self._note)

    def _note(self, reply: QgsNetworkReplyContent) -> None:
        address = reply.request().url().toString(QUrl.UrlFormattingOption.RemoveUserInfo)
        if reply.error() == QNetworkReply.NetworkError.NoError:
            kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower()
            if any(word in kind for word in ("xml", "html", "text/plain")):
                self.failures.append(f"the server answered with {kind}, not with an image ({address})")
        elif reply.error() == QNetworkReply.NetworkError.ContentNotFoundError:
            # Outside the coverage of the tiles, where a hole is correct.
            self.missing[address] = None
        else:
            self.failures.append(f"{reply.errorString()} ({address})")


def describe_missing(addresses: dict[str, None]) -> str:
    """Return how many tiles the server does not have, with an example; '' for none."""
    example = next(iter(addresses), None)
    return "" if example is None else f" ({len(addresses)} tiles not found, such as {example})"


def not_fetched(name: str, reasons: list[str]) -> RasterNotReadable:
    """Return the error of a layer that cannot be fetched, with the first three different reasons."""
    shown = "; ".join(list(dict.fromkeys(reasons))[:3]) or "no answer"
    return RasterNotReadable(f"{name}: cannot be fetched: {shown}")


def _whole(block: QgsRasterBlock | None) -> bool:
    return block is not None and block.isValid() and not block.isEmpty()
