"""Tiles of web maps for tests, written with GDAL and SQLite alone, and read back in the same way."""

from __future__ import annotations

import contextlib
import functools
import http.server
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

from tests.rasters import texture

SIDE = 20037508.342789244
"""Half the side of EPSG:3857's square, in metres."""


def coded(picture: np.ndarray, driver: str = "PNG", options=()) -> bytes:
    """Return the file of a picture (bands, rows, cols) of bytes."""
    path = f"/vsimem/test-{uuid.uuid4().hex}"
    memory = gdal.GetDriverByName("MEM").Create("", picture.shape[2], picture.shape[1], len(picture))
    memory.WriteArray(np.ascontiguousarray(picture))
    gdal.GetDriverByName(driver).CreateCopy(path, memory, 0, list(options))
    file = gdal.VSIFOpenL(path, "rb")
    content = bytes(gdal.VSIFReadL(1, gdal.VSIStatL(path).size, file))
    gdal.VSIFCloseL(file)
    gdal.Unlink(path)
    return content


def decoded(content: bytes) -> np.ndarray:
    """Return red, green, blue and alpha (4, rows, cols) of a file with three or four bands."""
    path = f"/vsimem/test-{uuid.uuid4().hex}"
    gdal.FileFromMemBuffer(path, content)
    picture = gdal.Open(path).ReadAsArray()
    gdal.Unlink(path)
    opaque = np.full((1, *picture.shape[1:]), 255, np.uint8)
    return picture if len(picture) == 4 else np.concatenate([picture, opaque])


@functools.cache
def scene(rows: int, cols: int, seed: int = 3) -> np.ndarray:
    """Return an opaque picture (4, rows, cols) with detail of all sizes, which nobody may change."""
    colours = texture(3, rows, cols, low=15, high=240, seed=seed).astype(np.uint8)
    picture = np.concatenate([colours, np.full((1, rows, cols), 255, np.uint8)])
    picture.flags.writeable = False
    return picture


def cut(picture: np.ndarray, side: int, zoom: int, x0: int, y0: int) -> dict[tuple[int, int, int], bytes]:
    """Return a picture's tiles as PNG, by zoom, column and row from the north; the first one is (zoom, x0, y0)."""
    return {
        (zoom, x0 + col // side, y0 + row // side): coded(picture[:, row : row + side, col : col + side])
        for row in range(0, picture.shape[1], side)
        for col in range(0, picture.shape[2], side)
    }


def write_folder(
    folder: Path, tiles: Mapping[tuple[int, int, int], bytes], *, south=False, ending="png"
) -> Path:
    """Write tiles as files; with ``south``, rows count from the south."""
    for (zoom, x, y), content in tiles.items():
        path = folder / str(zoom) / str(x) / f"{2**zoom - 1 - y if south else y}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_mbtiles(path: Path, tiles: Mapping[tuple[int, int, int], bytes], **metadata: str) -> Path:
    """Write an MBTiles file."""
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute(
        "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
    )
    base.executemany("INSERT INTO metadata VALUES (?, ?)", list(metadata.items()))
    rows = [(zoom, x, 2**zoom - 1 - y, content) for (zoom, x, y), content in tiles.items()]
    base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.commit()
    base.close()
    return path


def read_mbtiles(path: Path | str) -> dict[tuple[int, int, int], bytes]:
    """Return the tiles of an MBTiles file, by zoom, column and row from the north."""
    base = sqlite3.connect(path)
    rows = base.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").fetchall()
    base.close()
    return {(zoom, x, 2**zoom - 1 - row): content for zoom, x, row, content in rows}


def read_folder(folder: Path, *, south: bool = False) -> dict[tuple[int, int, int], bytes]:
    """Return the tiles of a folder, by zoom, column and row from the north."""
    found = {}
    for path in folder.glob("[0-9]*/*/*"):
        zoom, x, y = int(path.parts[-3]), int(path.parts[-2]), int(path.stem)
        found[zoom, x, 2**zoom - 1 - y if south else y] = path.read_bytes()
    return found


def mosaic(tiles: Mapping[tuple[int, int, int], bytes], zoom: int) -> tuple[np.ndarray, int, int]:
    """Return the picture (4, rows, cols) of a level's tiles, and column and row of its first one."""
    places = [(x, y) for z, x, y in tiles if z == zoom]
    x0, y0 = (min(place[axis] for place in places) for axis in (0, 1))
    x1, y1 = (max(place[axis] for place in places) + 1 for axis in (0, 1))
    side = decoded(tiles[(zoom, *places[0])]).shape[1]
    picture = np.zeros((4, (y1 - y0) * side, (x1 - x0) * side), np.uint8)
    for x, y in places:
        row, col = (y - y0) * side, (x - x0) * side
        picture[:, row : row + side, col : col + side] = decoded(tiles[zoom, x, y])
    return picture, x0, y0


def write_mosaic(path: Path, picture: np.ndarray, zoom: int, side: int, x0: int, y0: int) -> str:
    """Write a picture (4, rows, cols) whose first tile is (zoom, x0, y0) as a GeoTIFF in EPSG:3857."""
    pixel = 2 * SIDE / 2**zoom / side
    options = ["ALPHA=YES", "PHOTOMETRIC=RGB"]
    dataset = gdal.GetDriverByName("GTiff").Create(
        str(path), picture.shape[2], picture.shape[1], 4, gdal.GDT_Byte, options
    )
    dataset.SetGeoTransform((x0 * side * pixel - SIDE, pixel, 0, SIDE - y0 * side * pixel, 0, -pixel))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(3857)
    dataset.SetProjection(reference.ExportToWkt())
    dataset.WriteArray(picture)
    dataset.FlushCache()
    return str(path)


class Told:
    """A progress that keeps what it is told; ``cancel_at`` is the fraction at which it cancels."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []
        self.fractions: list[float] = []
        self._cancel_at = cancel_at

    @property
    def cancelled(self) -> bool:
        return bool(self.fractions) and self.fractions[-1] >= self._cancel_at

    def update(self, fraction: float) -> None:
        self.fractions.append(fraction)

    def info(self, message: str) -> None:
        self.lines.append(message)

    def warn(self, message: str) -> None:
        self.warnings.append(message)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.status is not None:
            self.send_error(self.server.status)
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve a folder on this machine: ``asked`` are the paths, ``status`` is an error that all are answered with."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked, server.status = [], None
        server.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
