"""XYZ tiles of a world whose pixels are known, in a folder and on a server; for the tests of web maps."""

from __future__ import annotations

import contextlib
import http.server
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal
from qgis.core import QgsRasterLayer

HALF = 20037508.342789244
ZOOM = 3
RESOLUTION = 2 * HALF / (256 * 2**ZOOM)


def world() -> np.ndarray:
    """Return the whole world at zoom 3, (3, 2048, 2048)."""
    return np.random.default_rng(3).integers(0, 256, (3, 2048, 2048)).astype(np.uint8)


def write_tile(path: Path, picture: np.ndarray) -> None:
    """Write a picture (3 or 4, rows, cols) as PNG."""
    tile = gdal.GetDriverByName("MEM").Create(
        "", picture.shape[2], picture.shape[1], len(picture), gdal.GDT_Byte
    )
    tile.WriteArray(picture)
    gdal.GetDriverByName("PNG").CreateCopy(str(path), tile)


def write_tiles(folder: Path, picture: np.ndarray) -> None:
    """Write the world as PNG tiles z/x/y."""
    for x in range(2**ZOOM):
        (folder / str(ZOOM) / str(x)).mkdir(parents=True)
        for y in range(2**ZOOM):
            part = picture[:, 256 * y : 256 * (y + 1), 256 * x : 256 * (x + 1)]
            write_tile(folder / str(ZOOM) / str(x) / f"{y}.png", part)


class TileServer(http.server.ThreadingHTTPServer):
    """Serves a folder; ``failures`` maps paths in it to the status, or the text, that they are answered with."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder = str(folder)
        # A folder of its own: a port can be one of an earlier server, whose answers QGIS keeps by address.
        self.root = f"/{uuid.uuid4().hex}"
        self.address = f"http://127.0.0.1:{self.server_port}{self.root}"
        self.failures: dict[str, int | str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Paths in the folder, and headers, of all requests."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    server: TileServer

    def __init__(self, request: object, client: object, server: TileServer) -> None:
        super().__init__(request, client, server, directory=server.folder)

    def do_GET(self) -> None:
        self.path = self.path[len(self.server.root) :]
        self.server.asked.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
        failure = self.server.failures.get(self.path)
        if isinstance(failure, str):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(failure.encode())
        elif failure is not None:
            self.send_error(failure)
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[TileServer]:
    """Serve a folder, at any free port unless one is named."""
    with TileServer(folder, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def xyz(address: str, *, template: str = "{z}/{x}/{y}.png", options: str = "") -> QgsRasterLayer:
    """Return the XYZ layer of the tiles at ``address``; ``options`` are more items of its source."""
    url = f"{address}/{template}".replace("{", "%7B").replace("}", "%7D")
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin={ZOOM}&zmax={ZOOM}{options}", "basemap", "wms")
    assert layer.isValid(), layer.error().message()
    return layer


def box(col: float, row: float, cols: float, rows: float) -> tuple[float, float, float, float]:
    """Return the extent of a window of the world's pixels."""
    return (
        -HALF + col * RESOLUTION,
        HALF - (row + rows) * RESOLUTION,
        -HALF + (col + cols) * RESOLUTION,
        HALF - row * RESOLUTION,
    )
