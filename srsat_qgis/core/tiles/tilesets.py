"""Where tiles are read: folders, MBTiles files, and rasters that GDAL shows on the grid of tiles, web services too."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import crs_code
from srsat_qgis.core.raster.picture_codec import decode, format_of
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.tiles.mercator import (
    DEEPEST,
    EPSG,
    HALF,
    MapTile,
    TileBox,
    box_of,
    pixel_side,
    whole_level,
    zoom_of,
)
from srsat_qgis.core.types import Window

ENDINGS = ("png", "jpg", "jpeg", "webp")
"""File endings of tiles in folders."""
VECTOR_ENDINGS = (".pbf", ".mvt", ".pbf.gz", ".mvt.gz")
"""File endings of vector tiles in folders."""
# What lies beside tiles: descriptions and pages that show them.
_SIDE_FILES = (".json", ".xml", ".html", ".txt", ".md", "")
_PICTURES = "expected tiles that are pictures (png, jpg or webp)"
TMS_MARKER = "tilemapresource.xml"
"""Written by tools whose folders have rows that count from the south."""
TILEJSON = "tiles.json"
"""What a folder of ours, and those of other tools, says of its tiles."""
_SQLITE_START = b"SQLite format 3\0"
_PMTILES_START = b"PMTiles"
# Byte of a PMTiles header (version 3) that says what its tiles are, and its value for vectors.
_TYPE_AT, _VECTORS = 99, b"\1"
# Pixels: an origin this close to a pixel of the level's grid lies on it.
_ON_GRID = 1e-3
_ATTEMPTS = 3
"""How often a server is asked for a tile before the run fails."""
_HTTP_CODES = "204,404,410"
"""Answers by which a server says that it has no such tile."""


BULK_LIMIT = 5000
"""Tiles of openstreetmap.org that QGIS's own tools read at most (MAXIMUM_OPENSTREETMAP_TILES_FETCH)."""
_OSM = "openstreetmap.org"


class BrokenTile(Exception):
    """A tile is there, but its picture cannot be read; the text says why."""


class Tileset(Protocol):
    """Tiles in the grid of EPSG:3857 that can be read; one thread at a time."""

    name: str
    """What it is called, for titles and messages."""
    attribution: str
    """HTML that must be shown with the tiles; empty: none is known."""
    remote: bool
    """Whether each read asks a server."""
    place: str
    """The file or folder that holds them; what is no path, for those of a server."""

    def levels(self) -> tuple[int, ...] | None:
        """Return the zoom levels that have tiles, in order; None: only the server knows."""

    def box(self, zoom: int) -> TileBox:
        """Return the smallest box that holds all tiles of a level; where they are not listed, where they may be."""

    def listed(self, box: TileBox) -> Iterable[tuple[int, int]]:
        """Yield column and row of the tiles in a box; where they are not listed, of all that may be there."""

    def content(self, tile: MapTile) -> bytes | None:
        """Return a tile's file, None where there is none or it has no file of its own."""

    def picture(self, tile: MapTile) -> np.ndarray | None:
        """Return a tile's pixels (4, rows, cols), red, green, blue, alpha; None where there is no tile.

        Raises
        ------
        BrokenTile
            If its picture cannot be decoded.
        RasterNotReadable
            If nothing can be read: a server or disk does not answer.
        """

    def identity(self) -> str:
        """Return what tells it from others, for resuming."""

    def close(self) -> None:
        """Let go of files."""


# --- folders ---------------------------------------------------------------------------------------------------------


class TileFolder:
    """Tiles as files, by a template such as ``folder/{z}/{x}/{y}.png``.

    Parameters
    ----------
    place : str
        A folder with ``z/x/y`` below it, or a template with {z}, {x} and {y}, or {-y} for rows from the south.
    tms : bool
        Whether rows count from the south; a folder's own ``tilemapresource.xml`` or ``tiles.json`` says so too.

    Raises
    ------
    RasterNotReadable
        If there is no such folder, or no tile in it.
    InvalidSetting
        If a template lacks {z}, {x} or {y}.
    """

    remote = False

    def __init__(self, place: str, *, tms: bool = False) -> None:
        template = place if "{" in place else ""
        if template:
            for mark in ("{z}", "{x}"):
                if mark not in template:
                    raise InvalidSetting(f"{place}: expected {{z}}, {{x}} and {{y}} in a template of tiles")
            if "{y}" not in template and "{-y}" not in template:
                raise InvalidSetting(
                    f"{place}: expected {{y}}, or {{-y}} for rows from the south, in a template of tiles"
                )
        fixed = template.split("{", 1)[0]
        cut = max(fixed.rfind("/"), fixed.rfind(os.sep)) + 1
        self._root = Path(fixed[:cut] or ".") if template else Path(place)
        if not self._root.is_dir():
            raise RasterNotReadable(f"{place}: there is no folder {self._root}")
        relative = template[cut:] if template else "{z}/{x}/{y}.{ending}"
        self._parts = re.split(r"[/\\]", relative)
        self.name = self._root.name or "tiles"
        self._given, self.place = place, str(self._root)
        self._boxes: dict[int, TileBox] = {}
        told = tilejson(self._root)
        self.rows_from_south = "{-y}" in template or tms or told.get("scheme") == "tms" or self._is_tms()
        self.attribution = str(told.get("attribution") or "")
        self._levels: tuple[int, ...] | None = None

    def levels(self) -> tuple[int, ...]:
        """Return the zoom levels that have tiles.

        Raises
        ------
        RasterNotReadable
            If there is no tile at all.
        """
        if self._levels is None:
            zooms = {zoom for zoom in self._zooms() if next(iter(self._walk({"z": zoom})), None)}
            if not zooms:
                raise self._no_tile()
            self._levels = tuple(sorted(zooms))
        return self._levels

    def box(self, zoom: int) -> TileBox:
        """Return the smallest box that holds all tiles of a level."""
        if zoom not in self._boxes:
            self._boxes[zoom] = _box_around(zoom, self.listed(whole_level(zoom)))
        return self._boxes[zoom]

    def listed(self, box: TileBox) -> Iterator[tuple[int, int]]:
        """Yield column and row of the tiles in a box."""
        for found in self._walk({"z": box.zoom}, columns=range(box.x0, box.x1)):
            tile = self._flipped(MapTile(box.zoom, found["x"], found["y"]))
            if box.contains(tile):
                yield tile.x, tile.y

    def content(self, tile: MapTile) -> bytes | None:
        """Return a tile's file.

        Raises
        ------
        RasterNotReadable
            If the file is there and the disk does not give it.
        """
        for path in self._paths(tile):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise RasterNotReadable(f"{path}: {error.strerror}") from error
        return None

    def picture(self, tile: MapTile) -> np.ndarray | None:
        """Return a tile's pixels, as ``Tileset``."""
        return _decoded(self.content(tile))

    def identity(self) -> str:
        """Return the template, and how rows count."""
        return f"{self._root.absolute()} {'/'.join(self._parts)} {self.rows_from_south}"

    def holds(self, folder: Path) -> bool:
        """Return True when this is the folder of the tiles, by its usual layout."""
        return self._root.absolute() == folder.absolute()

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _no_tile(self) -> RasterNotReadable | UnsupportedRaster:
        """Return the error of a folder without tiles, with the first file that is there instead."""
        found = next((file for file in _files(self._root) if file.suffix.lower() not in _SIDE_FILES), None)
        seen = "" if found is None else found.relative_to(self._root).as_posix()
        if seen.lower().endswith(VECTOR_ENDINGS):
            return UnsupportedRaster(f"{self._given}: holds vector tiles ({seen}); {_PICTURES}")
        expected = "/".join(self._parts).replace("{ending}", "png (or .jpg, .webp)")
        text = f"{self._given}: no tile in this folder; expected files {expected}"
        if seen:
            text += f", found {seen}; for other names, give a template such as {{z}}/{{x}}/{{y}}@2x.png"
        return RasterNotReadable(text)

    def _is_tms(self) -> bool:
        marker = self._root / TMS_MARKER
        if not marker.is_file():
            return False
        text = marker.read_text("utf-8", "replace")
        reference = re.search(r"<SRS>\s*([^<]*?)\s*</SRS>", text)
        if reference and not re.search(r"3857|900913|3785", reference.group(1)):
            raise UnsupportedRaster(
                f"{marker}: the tiles are in {reference.group(1)}; expected tiles in EPSG:{EPSG} (Web Mercator)"
            )
        return True

    def _flipped(self, tile: MapTile) -> MapTile:
        return MapTile(tile.zoom, tile.x, tile.south_row) if self.rows_from_south else tile

    def _paths(self, tile: MapTile) -> Iterator[Path]:
        row = tile.south_row if self.rows_from_south else tile.y
        values = {"{z}": tile.zoom, "{x}": tile.x, "{y}": row, "{-y}": row}
        name = "/".join(self._parts)
        for mark, value in values.items():
            name = name.replace(mark, str(value))
        for ending in ENDINGS if "{ending}" in name else ("",):
            yield self._root / name.replace("{ending}", ending)

    def _zooms(self) -> Iterator[int]:
        if "{z}" in self._parts[0]:
            yield from {found["z"] for found, _ in self._entries(self._root, 0, {})}
        else:
            yield from range(DEEPEST + 1)

    def _walk(self, known: Mapping[str, int], *, columns: range | None = None) -> Iterator[Mapping[str, int]]:
        """Yield z, x and y, as they stand in the names, of the files that fit what is known."""

        def enter(folder: Path, depth: int, known: Mapping[str, int]) -> Iterator[Mapping[str, int]]:
            for found, path in self._entries(folder, depth, known):
                if columns is not None and "x" in found and found["x"] not in columns:
                    continue
                if depth < len(self._parts) - 1:
                    yield from enter(path, depth + 1, found)
                elif "y" in found:
                    yield found

        yield from enter(self._root, 0, known)

    def _entries(
        self, folder: Path, depth: int, known: Mapping[str, int]
    ) -> Iterator[tuple[Mapping[str, int], Path]]:
        """Yield the entries of a folder whose names fit the template's part, with the numbers found in them."""
        pattern = re.escape(self._parts[depth])
        for mark, name in ((r"\{z\}", "z"), (r"\{x\}", "x"), (r"\{y\}", "y"), (r"\{\-y\}", "y")):
            one = str(known[name]) if name in known else rf"(?P<{name}>0|[1-9][0-9]*)"
            pattern = pattern.replace(mark, one, 1)
        pattern = pattern.replace(r"\{ending\}", f"(?:{'|'.join(ENDINGS)})")
        fits = re.compile(pattern)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for entry in sorted(os.listdir(folder)):
                match = fits.fullmatch(entry)
                if match:
                    numbers = {name: int(value) for name, value in match.groupdict().items()}
                    if numbers.get("z", 0) <= DEEPEST:
                        yield {**known, **numbers}, folder / entry


def levels_in(folder: Path) -> set[int]:
    """Return the zoom levels that have a folder in a folder, which may not be there."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return {int(path.name) for path in folder.iterdir() if path.name.isdecimal() and path.is_dir()}
    return set()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, in the order of their names on every file system."""
    for inside, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(inside, name) for name in sorted(names))


def tilejson(folder: Path) -> Mapping[str, Any]:
    """Return what a folder's ``tiles.json`` says of its tiles; nothing where there is none that can be read."""
    try:
        found = json.loads((folder / TILEJSON).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# --- MBTiles ---------------------------------------------------------------------------------------------------------


class MBTilesFile:
    """An MBTiles file of pictures, read with SQLite.

    Parameters
    ----------
    path : str

    Raises
    ------
    RasterNotReadable
        If the file is no MBTiles, is damaged, or holds no tile.
    UnsupportedRaster
        If it holds vector tiles.
    """

    remote = False

    def __init__(self, path: str) -> None:
        self._path = self.place = path
        if not os.path.isfile(path):
            raise RasterNotReadable(f"{path}: no such file")
        address = Path(path).absolute().as_uri() + "?mode=ro"
        try:
            self._base = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise RasterNotReadable(f"{path}: SQLite cannot open it: {error}") from error
        try:
            with self._named():
                self._items = self._metadata()
            self._refuse_vectors()
        except BaseException:
            self._base.close()
            raise
        self.name = self._items.get("name") or Path(path).stem
        self.attribution = self._items.get("attribution", "")

    def levels(self) -> tuple[int, ...]:
        """Return the zoom levels that have tiles.

        Raises
        ------
        RasterNotReadable
            If there is no tile at all.
        """
        with self._named():
            rows = self._base.execute("SELECT DISTINCT zoom_level FROM tiles").fetchall()
        zooms = tuple(sorted(row[0] for row in rows if isinstance(row[0], int) and 0 <= row[0] <= DEEPEST))
        if not zooms:
            raise RasterNotReadable(f"{self._path}: no tile in this file")
        return zooms

    def box(self, zoom: int) -> TileBox:
        """Return the smallest box that holds all tiles of a level."""
        with self._named():
            x0, x1, south, north = self._base.execute(
                "SELECT min(tile_column), max(tile_column), min(tile_row), max(tile_row) FROM tiles "
                "WHERE zoom_level = ?",
                (zoom,),
            ).fetchone()
        if x0 is None:
            return TileBox(zoom, 0, 0, 0, 0)
        last = (1 << zoom) - 1
        return TileBox(zoom, x0, last - north, x1 + 1, last - south + 1).common(whole_level(zoom))

    def listed(self, box: TileBox) -> Iterator[tuple[int, int]]:
        """Yield column and row of the tiles in a box."""
        last = (1 << box.zoom) - 1
        with self._named():
            for x, row in self._base.execute(
                "SELECT tile_column, tile_row FROM tiles WHERE zoom_level = ? AND tile_column >= ? AND "
                "tile_column < ? AND tile_row > ? AND tile_row <= ?",
                (box.zoom, box.x0, box.x1, last - box.y1, last - box.y0),
            ):
                yield x, last - row

    def content(self, tile: MapTile) -> bytes | None:
        """Return a tile's bytes.

        Raises
        ------
        RasterNotReadable
            If the database is damaged there.
        """
        with self._named():
            row = self._base.execute(
                "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                (tile.zoom, tile.x, tile.south_row),
            ).fetchone()
        return None if row is None or row[0] is None else bytes(row[0])

    def picture(self, tile: MapTile) -> np.ndarray | None:
        """Return a tile's pixels, as ``Tileset``."""
        return _decoded(self.content(tile))

    def identity(self) -> str:
        """Return path, size and time of the file."""
        status = os.stat(self._path)
        return f"{os.path.abspath(self._path)} {status.st_size} {status.st_mtime_ns}"

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _metadata(self) -> dict[str, str]:
        found = {row[0] for row in self._base.execute("SELECT name FROM sqlite_master")}
        if "tiles" not in found:
            raise RasterNotReadable(f"{self._path}: expected an MBTiles file, found a database without tiles")
        if "metadata" not in found:
            return {}
        return {
            str(name): str(value) for name, value in self._base.execute("SELECT name, value FROM metadata")
        }

    def _refuse_vectors(self) -> None:
        with self._named():
            row = self._base.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
        kind = self._items.get("format", "").lower()
        coded = b"" if row is None or row[0] is None else bytes(row[0])
        if kind in ("pbf", "mvt", "application/vnd.mapbox-vector-tile") or (
            coded[:2] == b"\x1f\x8b" and not format_of(coded)
        ):
            raise UnsupportedRaster(
                f"{self._path}: holds vector tiles (format {kind or 'unknown'}); {_PICTURES}"
            )

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RasterNotReadable(
                f"{self._path}: expected an MBTiles file that can be read: {error}"
            ) from error


# --- rasters ---------------------------------------------------------------------------------------------------------


class TiledRaster:
    """A raster on the pixels of one level, cut into its tiles: what GDAL reads of a service or file, or was fetched.

    It has no list of its tiles: one whose pixels are all transparent is none.

    Parameters
    ----------
    path : str
        Anything that GDAL opens.
    tile_px : int
        Side of a tile in pixels.
    name, attribution : str
    box : TileBox, optional
        Where its tiles lie; by default those that it covers.
    remote : bool
        Whether each read asks a server.

    Raises
    ------
    UnsupportedRaster
        If its pixels are not those of a level in EPSG:3857.
    """

    def __init__(
        self,
        path: str,
        *,
        tile_px: int = 256,
        name: str,
        attribution: str = "",
        box: TileBox | None = None,
        remote: bool = False,
    ) -> None:
        self._raster, self._tile_px, self.place = Raster(path), tile_px, path
        self.name, self.attribution, self.remote = name, attribution, remote
        grid = self._raster.grid
        transform = grid.transform or (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        zoom = zoom_of(transform[1], tile_px)
        if zoom is None or crs_code(grid.crs_wkt) != f"EPSG:{EPSG}":
            raise UnsupportedRaster(
                f"{name}: expected the pixels of a zoom level in EPSG:{EPSG} (Web Mercator), found {grid.describe()}"
            )
        side = pixel_side(zoom, tile_px)
        row, col = (HALF - transform[3]) / side, (transform[0] + HALF) / side
        if max(abs(row - round(row)), abs(col - round(col))) > _ON_GRID:
            raise UnsupportedRaster(f"{name}: its pixels lie beside those of zoom level {zoom}")
        self.zoom, self._row, self._col = zoom, round(row), round(col)
        covered = box_of(
            (
                transform[0],
                transform[3] - grid.rows * side,
                transform[0] + grid.cols * side,
                transform[3],
            ),
            zoom,
        )
        self._box = covered if box is None else covered.common(box)
        self._numbers = tuple(band.number for band in self._raster.bands if not band.is_alpha)
        if len(self._numbers) not in (1, 3) or set(self._raster.types) != {"Byte"}:
            found = ", ".join(dict.fromkeys(self._raster.types))
            raise UnsupportedRaster(
                f"{name}: expected one or three bands of 8 bits, found {len(self._numbers)} of {found}"
            )

    def levels(self) -> tuple[int, ...]:
        """Return the one level."""
        return (self.zoom,)

    def box(self, zoom: int) -> TileBox:
        """Return the box of the tiles that may be there."""
        return self._box if zoom == self.zoom else TileBox(zoom, 0, 0, 0, 0)

    def listed(self, box: TileBox) -> Iterator[tuple[int, int]]:
        """Yield column and row of all tiles of the box that may be there."""
        box = box.common(self.box(box.zoom))
        for y in range(box.y0, box.y1):
            for x in range(box.x0, box.x1):
                yield x, y

    def content(self, tile: MapTile) -> bytes | None:
        """Return None: its tiles have no files."""
        return None

    def picture(self, tile: MapTile) -> np.ndarray | None:
        """Return a tile's pixels; None where all are transparent."""
        px, grid = self._tile_px, self._raster.grid
        row, col = tile.y * px - self._row, tile.x * px - self._col
        first, left = max(0, row), max(0, col)
        window = Window(first, left, min(row + px, grid.rows) - first, min(col + px, grid.cols) - left)
        if window.rows <= 0 or window.cols <= 0:
            return None
        values, valid = self._read(tile, window)
        picture = np.zeros((4, px, px), np.uint8)
        inside = np.s_[first - row : first - row + window.rows, left - col : left - col + window.cols]
        picture[:3][(slice(None), *inside)] = values
        if self._raster.alpha is not None:
            picture[3][inside] = self._raster.read_raw(self._raster.alpha, window)
        else:
            picture[3][inside] = 255 if valid is None else np.where(valid.any(axis=0), 255, 0)
        return picture if picture[3].any() else None

    def _read(self, tile: MapTile, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
        left = _ATTEMPTS if self.remote else 1
        while True:
            try:
                return self._raster.read_exact(window, self._numbers)
            except RasterNotReadable as error:
                left -= 1
                if not left:
                    place, reason = f"{tile.zoom}/{tile.x}/{tile.y}", error.__cause__ or error
                    raise RasterNotReadable(f"{self.name}: tile {place} cannot be read: {reason}") from error

    def identity(self) -> str:
        """Return the address, and for files their sizes and times."""
        return f"{self._raster.path} {self._raster.stamps()}"

    def close(self) -> None:
        """Drop what GDAL keeps of it."""
        self._raster.release_cache()


@runtime_checkable
class TileServer(Protocol):
    """A server of tiles, of which one level is read."""

    name: str
    template: str
    """Where it is."""
    zooms: tuple[int, int]
    """First and last level, as far as they are known."""

    def level(self, zoom: int, box: TileBox, folder: Path) -> Tileset:
        """Return the tiles of one level, which are wanted in a box; what lies around it may be missing.

        Parameters
        ----------
        zoom : int
        box : TileBox
        folder : Path
            Where files may be made; it must outlive the reading.
        """


@dataclass(frozen=True)
class WebTiles:
    """Tiles on a web server that GDAL asks for itself: no stored log-in, no headers."""

    template: str
    """http or https, with {z}, {x} and {y} or {-y}."""
    name: str
    attribution: str = ""
    tile_px: int = 256
    tms: bool = False
    """Whether {y} counts from the south."""
    zooms: tuple[int, int] = field(default=(0, DEEPEST))
    """The server's first and last level, as far as it is known."""

    def level(self, zoom: int, box: TileBox, folder: Path) -> TiledRaster:
        """Return the tiles of one level, as ``TileServer``.

        GDAL keeps them in memory, within its own limits. Its cache on disk fails for tiles that are not there (3.6).

        Raises
        ------
        RasterNotReadable
            If GDAL cannot read the template.
        """
        south = self.tms or "{-y}" in self.template
        address = self.template.replace("{-y}", "{y}")
        for mark in ("{z}", "{x}", "{y}"):
            if mark not in address:
                raise InvalidSetting(
                    f"{self.template}: expected {{z}}, {{x}} and {{y}} in an address of tiles"
                )
            address = address.replace(mark, "$" + mark)
        description = (
            f'<GDAL_WMS><Service name="TMS"><ServerUrl>{html.escape(address)}</ServerUrl></Service>'
            f"<DataWindow><UpperLeftX>{-HALF!r}</UpperLeftX><UpperLeftY>{HALF!r}</UpperLeftY>"
            f"<LowerRightX>{HALF!r}</LowerRightX><LowerRightY>{-HALF!r}</LowerRightY><TileLevel>{zoom}</TileLevel>"
            f"<TileCountX>1</TileCountX><TileCountY>1</TileCountY><YOrigin>{'bottom' if south else 'top'}</YOrigin>"
            f"</DataWindow><Projection>EPSG:{EPSG}</Projection><BlockSizeX>{self.tile_px}</BlockSizeX>"
            f"<BlockSizeY>{self.tile_px}</BlockSizeY><BandsCount>4</BandsCount><DataType>Byte</DataType>"
            f"<ZeroBlockHttpCodes>{_HTTP_CODES}</ZeroBlockHttpCodes><MaxConnections>6</MaxConnections>"
            f"<UserAgent>SRSat-QGIS/{plugin_version()}</UserAgent><Timeout>60</Timeout></GDAL_WMS>"
        )
        try:
            return TiledRaster(
                description,
                tile_px=self.tile_px,
                name=self.name,
                attribution=self.attribution,
                remote=True,
            )
        except RasterNotReadable as error:
            raise RasterNotReadable(f"{self.template}: GDAL cannot read these tiles: {error}") from error


# --- any of them -----------------------------------------------------------------------------------------------------


def check_bulk(address: str, tiles: int) -> None:
    """Refuse to read more tiles of openstreetmap.org than QGIS's own tools do.

    Raises
    ------
    InvalidSetting
        If these tiles are too many; see https://operations.osmfoundation.org/policies/tiles/.
    """
    host = (urlsplit(address).hostname or "").lower()
    if tiles > BULK_LIMIT and (host == _OSM or host.endswith(f".{_OSM}")):
        raise InvalidSetting(
            f"{host}: {tiles} tiles would be read, expected at most {BULK_LIMIT}: the tile usage policy of the "
            "OpenStreetMap Foundation forbids bulk downloads. Choose a smaller EXTENT or another server"
        )


def is_address(place: str) -> bool:
    """Return True for an address on the web."""
    return place.lower().startswith(("http://", "https://"))


def open_tileset(place: str, *, tms: bool = False) -> Tileset:
    """Open tiles on a disk: a folder, a template, an MBTiles or PMTiles file.

    Parameters
    ----------
    place : str
    tms : bool
        Whether the rows of a folder or template count from the south. Those of MBTiles always do, by its own rules.

    Raises
    ------
    InputError, InvalidSetting
        If nothing is there, or it holds no tiles that are pictures.
    """
    path = Path(place)
    if "{" in place or path.is_dir():
        return TileFolder(place, tms=tms)
    try:
        with path.open("rb") as file:
            start = file.read(_TYPE_AT + 1)
    except OSError as error:
        raise RasterNotReadable(f"{place}: {error.strerror}; expected a folder or file of tiles") from error
    if start.startswith(_SQLITE_START):
        return MBTilesFile(place)
    if start.startswith(_PMTILES_START):
        if start[_TYPE_AT:] == _VECTORS:
            raise UnsupportedRaster(f"{place}: holds vector tiles; expected tiles that are pictures")
        return _pmtiles(place)
    raise RasterNotReadable(
        f"{place}: expected tiles: a folder, a template with {{z}}/{{x}}/{{y}}, an MBTiles or a PMTiles file"
    )


def _pmtiles(place: str) -> TiledRaster:
    """Open a PMTiles file by GDAL, whose driver of that name reads pictures from 3.14 on, and before only vectors."""
    try:
        return TiledRaster(place, name=Path(place).stem)
    except (RasterNotReadable, UnsupportedRaster) as error:
        raise UnsupportedRaster(
            f"{place}: this GDAL does not read PMTiles of pictures, as those from GDAL 3.14 on do ({error}). Convert "
            "the file to MBTiles, for example with pmtiles-convert of the Python package pmtiles, and use that"
        ) from error


def _decoded(content: bytes | None) -> np.ndarray | None:
    if content is None:
        return None
    try:
        return decode(content)
    except RasterNotReadable as error:
        raise BrokenTile(str(error)) from error


def _box_around(zoom: int, tiles: Iterable[tuple[int, int]]) -> TileBox:
    first = last = None
    for x, y in tiles:
        first = (x, y) if first is None else (min(first[0], x), min(first[1], y))
        last = (x, y) if last is None else (max(last[0], x), max(last[1], y))
    if first is None or last is None:
        return TileBox(zoom, 0, 0, 0, 0)
    return TileBox(zoom, *first, last[0] + 1, last[1] + 1)
