"""Where tiles are written: an MBTiles file, a folder, or one GeoTIFF; each appears at its target when it is whole.

Tiles come in units, such as the tiles made of one metatile. A unit that is written stays written when a run is killed:
writers that can be resumed say which ones are there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Union

import numpy as np

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.raster.grid import Grid, epsg_wkt
from srsat_qgis.core.raster.picture_codec import RGBA, encode
from srsat_qgis.core.raster.reader import BandTemplate
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.temporary import remove_leftovers, swap_in, unwritable
from srsat_qgis.core.tiles.mercator import EPSG, HALF, MapTile, TileBox, pixel_side
from srsat_qgis.core.tiles.tilesets import TILEJSON, levels_in, tilejson

MadeTile = tuple[MapTile, Union[np.ndarray, bytes]]
"""A tile with its pixels (4, rows, cols), or with its file as it is."""

# "MPBX": what MBTiles 1.3 asks for in the header of the database.
_APPLICATION_ID = 0x4D504258
_LITTLE = 4 << 20
"""Bytes: with less free, a write error is a full disk."""


@dataclass(frozen=True)
class TilesetFacts:
    """What is said of a finished set of tiles."""

    name: str
    attribution: str
    """HTML."""
    box: TileBox
    """Tiles of the finest level that hold all others."""
    zooms: tuple[int, int]
    """First and last level."""
    tile_px: int
    transparent: bool
    """Whether the format can show what lies below."""
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def centre(self) -> tuple[float, float, int]:
        """Longitude and latitude of the middle, and the first level."""
        west, south, east, north = self.box.degrees
        return (west + east) / 2, (south + north) / 2, self.zooms[0]


class TileWriter(Protocol):
    """Takes finished units of tiles; one thread at a time."""

    def done(self, unit: str) -> bool:
        """Return True when a unit was written by an earlier run."""

    def write(self, unit: str, tiles: Sequence[MadeTile]) -> None:
        """Write all tiles of a unit.

        Raises
        ------
        DiskFull, OutputNotWritable
        """

    def finish(self, facts: TilesetFacts) -> None:
        """Put the whole in its place.

        Raises
        ------
        DiskFull, OutputNotWritable
            The target is then as it was.
        """

    def close(self) -> None:
        """Let go of files; what is not finished does not stand at the target."""


@contextlib.contextmanager
def kept_folder(target: Path, identity: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a hidden folder beside the target that outlives a run which does not end, for one of the same identity.

    Raises
    ------
    DiskFull, OutputNotWritable
        If it cannot be made.
    """
    target = target.absolute()
    folder = target.with_name(f".{target.name}.srsat-resume")
    marker, text = folder / "identity.json", json.dumps(identity, sort_keys=True, default=str)
    try:
        remove_leftovers(folder.parent)
        if not _is(marker, text):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            unfinished = folder / "identity.part"
            unfinished.write_text(text, "utf-8")
            os.replace(unfinished, marker)
    except OSError as error:
        raise unwritable(error, f"{folder}: finished tiles cannot be kept here") from error
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _is(marker: Path, text: str) -> bool:
    try:
        return marker.read_text("utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


# --- MBTiles ---------------------------------------------------------------------------------------------------------


class MBTilesWriter:
    """Writes MBTiles 1.3 into a folder and moves the file to its target in the end.

    Rows go into a database in WAL mode, unit by unit in one transaction each; the index comes last.

    Parameters
    ----------
    target : Path
    folder : Path
        On the target's disk; a file that is there already is continued.
    codec, quality
        As ``picture_codec.encode``.
    """

    def __init__(self, target: Path, folder: Path, codec: str, quality: int) -> None:
        self._target, self._path = target, folder / "tiles.mbtiles"
        self._codec, self._quality = codec, quality
        self._whole = False
        self._units: set[str] = set()
        with self._named():
            # Written by one thread, opened and finished by another, never at the same time.
            self._base = sqlite3.connect(
                str(self._path), isolation_level=None, check_same_thread=False, timeout=30
            )
            try:
                self._open()
            except BaseException:
                self._base.close()
                raise

    def done(self, unit: str) -> bool:
        """Return True when a unit was written by an earlier run."""
        return self._whole or unit in self._units

    def write(self, unit: str, tiles: Sequence[MadeTile]) -> None:
        """Write all tiles of a unit, as ``TileWriter``."""
        rows = [
            (
                tile.zoom,
                tile.x,
                tile.south_row,
                what if isinstance(what, bytes) else encode(what, self._codec, self._quality),
            )
            for tile, what in tiles
        ]
        with self._named(), self._transaction():
            self._base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
            self._base.execute("INSERT INTO srsat_done VALUES (?)", (unit,))

    def finish(self, facts: TilesetFacts) -> None:
        """Write metadata and index, and put the file in its place, as ``TileWriter``."""
        with self._named():
            if not self._whole:
                with self._transaction():
                    self._base.executemany("INSERT INTO metadata VALUES (?, ?)", self._items(facts))
                    self._base.execute(
                        "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)"
                    )
                    self._base.execute("DROP TABLE srsat_done")
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._base.execute("PRAGMA journal_mode = DELETE")
            self._base.close()
            with open(self._path, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(self._path, self._target)

    def close(self) -> None:
        """Close the database."""
        with contextlib.suppress(sqlite3.Error):
            self._base.close()

    def _open(self) -> None:
        found = {row[0] for row in self._base.execute("SELECT name FROM sqlite_master")}
        # All of it is done in the one transaction that takes this table away.
        self._whole = "tiles" in found and "srsat_done" not in found
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = NORMAL")
        if "tiles" not in found:
            self._base.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            with self._transaction():
                self._base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
                self._base.execute(
                    "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
                )
                self._base.execute("CREATE TABLE srsat_done (unit TEXT PRIMARY KEY)")
        elif not self._whole:
            self._units = {row[0] for row in self._base.execute("SELECT unit FROM srsat_done")}

    def _items(self, facts: TilesetFacts) -> list[tuple[str, str]]:
        items = {
            "name": facts.name,
            "format": self._codec,
            "bounds": ",".join(f"{value:.9f}" for value in facts.box.degrees),
            "center": ",".join(f"{value:.9g}" for value in facts.centre),
            "minzoom": str(facts.zooms[0]),
            "maxzoom": str(facts.zooms[1]),
            "type": "overlay" if facts.transparent else "baselayer",
            "version": "1",
            **({"attribution": facts.attribution} if facts.attribution else {}),
            **facts.provenance,
        }
        return list(items.items())

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            # A full disk may have ended it already.
            with contextlib.suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            full = "full" in str(error) or shutil.disk_usage(self._path.parent).free < _LITTLE
            kind = DiskFull if full else OutputNotWritable
            raise kind(f"{self._target}: the tiles cannot be written: {error}") from error
        except OSError as error:
            raise unwritable(error, f"{self._target}: the tiles cannot be written") from error


# --- folders ---------------------------------------------------------------------------------------------------------


class FolderWriter:
    """Writes ``z/x/y`` files into a folder and moves whole levels into their target in the end.

    Other files and levels of the target stay, and are told of; a level of the same number is replaced.

    Parameters
    ----------
    target : Path
    folder : Path
        On the target's disk; what is there already is continued.
    codec, quality
        As ``picture_codec.encode``.
    tms : bool
        Whether rows count from the south.
    """

    def __init__(self, target: Path, folder: Path, codec: str, quality: int, *, tms: bool) -> None:
        self._target, self._levels, self._log = target, folder / "levels", folder / "done.txt"
        self._codec, self._quality, self._tms = codec, quality, tms
        self._units: set[str] = set()
        with self._named():
            self._levels.mkdir(exist_ok=True)
            if self._log.exists():
                # The last line may be cut off.
                self._units = set(self._log.read_text("utf-8").split("\n")[:-1])

    def done(self, unit: str) -> bool:
        """Return True when a unit was written by an earlier run."""
        return unit in self._units

    def write(self, unit: str, tiles: Sequence[MadeTile]) -> None:
        """Write all tiles of a unit, as ``TileWriter``."""
        with self._named():
            for tile, what in tiles:
                row = tile.south_row if self._tms else tile.y
                path = self._levels / str(tile.zoom) / str(tile.x) / f"{row}.{self._codec}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(
                    what if isinstance(what, bytes) else encode(what, self._codec, self._quality)
                )
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{unit}\n")

    def finish(self, facts: TilesetFacts) -> None:
        """Put the levels in their place, as ``TileWriter``."""
        with self._named():
            self._target.mkdir(parents=True, exist_ok=True)
            before = tilejson(self._target)
            for level in sorted(self._levels.iterdir(), key=lambda path: int(path.name)):
                if not swap_in(level, self._target / level.name):
                    raise OutputNotWritable(f"{self._target / level.name}: another program uses this folder")
            unfinished = self._levels / TILEJSON
            unfinished.write_text(json.dumps(self._tilejson(facts, before), indent=1), "utf-8")
            os.replace(unfinished, self._target / TILEJSON)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _tilejson(self, facts: TilesetFacts, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the description of all levels of the target, which it may have described before."""
        levels = {zoom for zoom in levels_in(self._target) if self._is_ours(zoom)} | {*facts.zooms}
        west, south, east, north = (round(value, 9) for value in facts.box.degrees)
        known = before.get("bounds")
        if (
            isinstance(known, list)
            and len(known) == 4
            and levels - {*range(facts.zooms[0], facts.zooms[1] + 1)}
        ):
            with contextlib.suppress(TypeError):
                west, south = min(west, known[0]), min(south, known[1])
                east, north = max(east, known[2]), max(north, known[3])
        return {
            "tilejson": "3.0.0",
            "name": facts.name,
            "attribution": facts.attribution,
            "tiles": [f"{{z}}/{{x}}/{{y}}.{self._codec}"],
            "scheme": "tms" if self._tms else "xyz",
            "format": self._codec,
            "tileSize": facts.tile_px,
            "minzoom": min(levels),
            "maxzoom": max(levels),
            "bounds": [west, south, east, north],
            "center": [round(facts.centre[0], 9), round(facts.centre[1], 9), facts.centre[2]],
            **facts.provenance,
        }

    def _is_ours(self, zoom: int) -> bool:
        """Return whether a level of the target has tiles of the format that is written."""
        return next(self._target.glob(f"{zoom}/*/*.{self._codec}"), None) is not None

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(error, f"{self._target}: the tiles cannot be written") from error


# --- GeoTIFF ---------------------------------------------------------------------------------------------------------


class RasterOfTiles:
    """Writes the tiles of one level into a GeoTIFF in EPSG:3857, with alpha 0 where there is no tile.

    Parameters
    ----------
    target : Path
    box : TileBox
        The tiles that it covers.
    tile_px : int
        Side of a tile in pixels.
    metadata : mapping of str to str
    """

    def __init__(self, target: Path, box: TileBox, tile_px: int, metadata: Mapping[str, str]) -> None:
        self._box, self._tile_px = box, tile_px
        side, window = pixel_side(box.zoom, tile_px), box.pixels(tile_px)
        transform = (window.col * side - HALF, side, 0.0, HALF - window.row * side, 0.0, -side)
        names = ("Red", "Green", "Blue", "Alpha")
        self._writer = RasterWriter(
            str(target),
            grid=Grid(window.rows, window.cols, transform, epsg_wkt(EPSG)),
            data_type="Byte",
            bands=[BandTemplate(name, code) for name, code in zip(names, RGBA)],
            nodata=None,
            mask=False,
            metadata=metadata,
            block=256,
        )

    def done(self, unit: str) -> bool:
        """Return False: such a run starts anew."""
        return False

    def write(self, unit: str, tiles: Sequence[MadeTile]) -> None:
        """Write all tiles of a unit, as ``TileWriter``; they come as pixels."""
        side = self._tile_px
        whole = self._box.pixels(side)
        for tile, image in tiles:
            if isinstance(image, bytes):
                raise TypeError("a raster takes pixels, not files")
            place = TileBox(tile.zoom, tile.x, tile.y, tile.x + 1, tile.y + 1).pixels(side)
            window = place._replace(row=place.row - whole.row, col=place.col - whole.col)
            valid = np.broadcast_to(image[3] > 0, image.shape)
            self._writer.write(window, image, valid, statistics=3)
        self._writer.flush_blocks()

    def finish(self, facts: TilesetFacts) -> None:
        """Put the file in its place, as ``TileWriter``."""
        self._writer.finish()

    def close(self) -> None:
        """Remove what is not finished."""
        self._writer.abort()
