"""XYZ tiles, pixel by pixel as the server has them.

QGIS's provider draws tiles into an image. Since 3.40.7 and 3.42.3 it widens each tile to whole pixels (qgis/QGIS
#61591). On screen this closes gaps, but in data it repeats a row or column of pixels at the edges of tiles, which
super-resolution would sharpen into a grid of lines. So the tiles are assembled here.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from qgis.core import (
    QgsApplication,
    QgsDataSourceUri,
    QgsNetworkAccessManager,
    QgsProviderRegistry,
    QgsRasterBlockFeedback,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.processing.sources.remote_readers import (
    ATTEMPTS,
    RGB,
    Block,
    colours,
    describe_missing,
    not_fetched,
)

HALF = 20037508.342789244
"""Half the side length, in metres, of the Web Mercator square that the single tile of zoom 0 shows."""
_HEADER = "http-header:"
_POLL_MS = 100
# Tiles requested together; the network manager queues them, six per server.
_MOST_AT_ONCE = 32


@dataclass(frozen=True)
class XyzTiles:
    """Where the tiles of a layer are and how to ask for them."""

    template: str
    """Address with {x}, {y} or {-y}, {z} or {q}."""
    tile_px: int = 256
    """Side of a tile in pixels."""
    headers: Mapping[str, str] = field(default_factory=dict)
    authcfg: str = ""
    """Id of a stored log-in."""

    @classmethod
    def of(cls, layer: QgsRasterLayer) -> XyzTiles | None:
        """Return the tiles behind a layer; None when they are not plain images in Web Mercator."""
        source = QgsDataSourceUri()
        source.setEncodedUri(layer.source())
        parts = QgsProviderRegistry.instance().decodeUri("wms", layer.source())
        if parts.get("type") != "xyz" or parts.get("interpretation") or layer.crs().authid() != "EPSG:3857":
            return None
        headers = {key[len(_HEADER) :]: value for key, value in parts.items() if key.startswith(_HEADER)}
        if parts.get("referer") and "referer" not in (name.lower() for name in headers):
            headers["referer"] = parts["referer"]
        if parts.get("username") or parts.get("password"):
            secret = f"{parts.get('username', '')}:{parts.get('password', '')}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(secret).decode("ascii")
        ratio = float(parts.get("tilePixelRatio") or 0)
        return cls(
            # Not from the parts, where the address of a folder of tiles is a path.
            template=source.param("url"),
            tile_px=round(256 * ratio) if ratio > 0 else 256,
            headers=headers,
            authcfg=parts.get("authcfg", ""),
        )

    def zoom(self, resolution: float) -> int | None:
        """Return the zoom level with pixels of this many metres; None when none has."""
        level = math.log2(2 * HALF / (self.tile_px * resolution))
        nearest = round(level)
        return nearest if nearest >= 0 and abs(level - nearest) < 1e-6 else None

    def address(self, zoom: int, col: int, row: int) -> str:
        """Return where a tile is; rows count from the north."""
        digits = (((row >> bit & 1) << 1) | (col >> bit & 1) for bit in reversed(range(zoom)))
        values = {
            "{x}": col,
            "{y}": row,
            "{-y}": 2**zoom - 1 - row,
            "{z}": zoom,
            "{q}": "".join(str(digit) for digit in digits),
            "{usage}": "export",
        }
        address = self.template
        for mark, value in values.items():
            address = address.replace(mark, str(value))
        return address


class TileReader:
    """Reads blocks of one zoom level, in the thread that made it."""

    data_type = "Byte"
    nodata = None
    mask = True
    bands = RGB

    def __init__(self, name: str, tiles: XyzTiles, zoom: int) -> None:
        self._name = name
        self._tiles = tiles
        self._zoom = zoom
        self._missing: dict[str, None] = {}

    def missing(self) -> str:
        """Return what the server does not have, in words; '' when it has all that was asked for."""
        return describe_missing(self._missing)

    def close(self) -> None:
        """Do nothing: no connection is kept open."""

    def read(self, box: QgsRectangle, cols: int, rows: int, feedback: QgsRasterBlockFeedback) -> Block:
        """Return the colours (3, rows, cols) in ``box``, which lies on whole pixels, and which pixels have one.

        Raises
        ------
        Cancelled
            If the feedback says so.
        RasterNotReadable
            If a tile fails every time; a tile that the server does not have is a hole.
        """
        side = self._tiles.tile_px
        resolution = 2 * HALF / (side * 2**self._zoom)
        col0, row0 = (round(value / resolution) for value in (box.xMinimum() + HALF, HALF - box.yMaximum()))
        wanted = [
            (row, col)
            for row in range(row0 // side, (row0 + rows - 1) // side + 1)
            for col in range(col0 // side, (col0 + cols - 1) // side + 1)
        ]
        # Zero is transparent black.
        packed = np.zeros((rows, cols), np.uint32)
        for start in range(0, len(wanted), _MOST_AT_ONCE):
            for (row, col), tile in self._fetch(wanted[start : start + _MOST_AT_ONCE], feedback).items():
                down, right = row * side - row0, col * side - col0
                top, left = max(0, down), max(0, right)
                part = tile[top - down : rows - down, left - right : cols - right]
                packed[top : top + part.shape[0], left : left + part.shape[1]] = part
        return colours(packed)

    def _fetch(
        self, places: list[tuple[int, int]], feedback: QgsRasterBlockFeedback
    ) -> dict[tuple[int, int], np.ndarray]:
        """Return the tiles that there are, by row and column."""
        addresses = {place: self._tiles.address(self._zoom, place[1], place[0]) for place in places}
        found: dict[tuple[int, int], np.ndarray] = {}
        waiting = dict(addresses)
        for _attempt in range(ATTEMPTS):
            failures = []
            replies = self._ask(waiting, feedback)
            for place, reply in replies.items():
                address = waiting[place]
                if _is_missing(reply):
                    self._missing[address] = None
                    del waiting[place]
                    continue
                tile, reason = self._image(reply)
                if tile is None:
                    failures.append(
                        f"{reason} ({QUrl(address).toString(QUrl.UrlFormattingOption.RemoveUserInfo)})"
                    )
                else:
                    found[place] = tile
                    del waiting[place]
            for reply in replies.values():
                reply.deleteLater()
            if not waiting:
                return found
        raise not_fetched(self._name, failures)

    def _ask(
        self, addresses: Mapping[tuple[int, int], str], feedback: QgsRasterBlockFeedback
    ) -> dict[tuple[int, int], QNetworkReply]:
        """Ask for all tiles at once and return the finished replies."""
        manager = QgsNetworkAccessManager.instance()
        replies = {place: manager.get(self._request(address)) for place, address in addresses.items()}
        loop = QEventLoop()

        def check_replies() -> None:
            if feedback.isCanceled():
                for reply in replies.values():
                    reply.abort()
            if all(reply.isFinished() for reply in replies.values()):
                loop.quit()

        timer = QTimer()
        timer.timeout.connect(check_replies)
        timer.start(_POLL_MS)
        for reply in replies.values():
            reply.finished.connect(check_replies)
        if not all(reply.isFinished() for reply in replies.values()):
            loop.exec()
        timer.stop()
        if feedback.isCanceled():
            raise Cancelled("cancelled while fetching a remote layer")
        return replies

    def _request(self, address: str) -> QNetworkRequest:
        request = QNetworkRequest(QUrl(address))
        for name, value in self._tiles.headers.items():
            request.setRawHeader(name.encode("latin-1"), value.encode("latin-1"))
        if self._tiles.authcfg:
            QgsApplication.authManager().updateNetworkRequest(request, self._tiles.authcfg)
        return request

    def _image(self, reply: QNetworkReply) -> tuple[np.ndarray | None, str]:
        """Return a tile's packed colours (rows, cols), or None and the reason."""
        if reply.error() != QNetworkReply.NetworkError.NoError:
            return None, reply.errorString()
        image = QImage.fromData(reply.readAll())
        if image.isNull():
            kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1") or "something else"
            return None, f"the server answered with {kind}, not with an image"
        side = self._tiles.tile_px
        # Some servers send larger tiles than the layer says.
        if (image.width(), image.height()) != (side, side):
            modes = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            image = image.scaled(side, side, *modes)
        image = image.convertToFormat(QImage.Format.Format_ARGB32)
        content = image.constBits().asstring(image.bytesPerLine() * side)
        return np.frombuffer(content, np.uint32).reshape(side, -1)[:, :side], ""


def _is_missing(reply: QNetworkReply) -> bool:
    """Return True when the server has no such tile, which is no failure: tiles need not cover the world."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    return reply.error() == QNetworkReply.NetworkError.ContentNotFoundError or status in (204, 404, 410)
