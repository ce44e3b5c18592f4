"""The tiles of web maps, as whole numbers: zoom levels, columns and rows in the square of EPSG:3857.

At zoom z the square of ``2 * HALF`` metres is cut into 2**z x 2**z tiles. Columns count from the west, rows from the
north (XYZ); in the TMS convention, which MBTiles uses too, rows count from the south.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from srsat_qgis.core.types import Window

HALF = math.pi * 6378137.0
"""Half the side, in metres, of the square that the one tile of zoom 0 shows."""
EPSG = 3857
DEEPEST = 30
"""No zoom level is deeper: pixels would be smaller than a millimetre, and numbers no longer 32 bits."""
# Share of a tile by which an extent may miss a tile's edge and still mean it.
_SNAP = 1e-6

Extent = tuple
"""xmin, ymin, xmax, ymax."""


class MapTile(NamedTuple):
    """One tile; the row counts from the north."""

    zoom: int
    x: int
    y: int

    @property
    def south_row(self) -> int:
        """The row as TMS and MBTiles count it, from the south."""
        return (1 << self.zoom) - 1 - self.y

    @property
    def extent(self) -> Extent:
        """What the tile shows: xmin, ymin, xmax, ymax in metres of EPSG:3857."""
        return TileBox(self.zoom, self.x, self.y, self.x + 1, self.y + 1).extent


@dataclass(frozen=True)
class TileBox:
    """A rectangle of tiles of one level: its first column and row, and the first ones behind it."""

    zoom: int
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def count(self) -> int:
        """The number of tiles."""
        return max(0, self.x1 - self.x0) * max(0, self.y1 - self.y0)

    @property
    def extent(self) -> Extent:
        """What the tiles show: xmin, ymin, xmax, ymax in metres of EPSG:3857."""
        side = tile_side(self.zoom)
        return (
            self.x0 * side - HALF,
            HALF - self.y1 * side,
            self.x1 * side - HALF,
            HALF - self.y0 * side,
        )

    @property
    def degrees(self) -> Extent:
        """The same as west, south, east, north in degrees of longitude and latitude (WGS 84)."""
        count = 1 << self.zoom
        west, east = (360.0 * x / count - 180.0 for x in (self.x0, self.x1))
        south, north = (
            math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / count)))) for y in (self.y1, self.y0)
        )
        return west, south, east, north

    def contains(self, tile: MapTile) -> bool:
        """Return True when a tile of this level lies in it."""
        return self.x0 <= tile.x < self.x1 and self.y0 <= tile.y < self.y1

    def at(self, zoom: int) -> TileBox:
        """Return the tiles of another level that show any of it."""
        steps = zoom - self.zoom
        if steps >= 0:
            return TileBox(zoom, *(value << steps for value in (self.x0, self.y0, self.x1, self.y1)))
        first = (value >> -steps for value in (self.x0, self.y0))
        # Rounded up: of negative numbers, a shift rounds the other way.
        return TileBox(zoom, *first, *(-(-value >> -steps) for value in (self.x1, self.y1)))

    def common(self, other: TileBox) -> TileBox:
        """Return the tiles that lie in both; of none, an empty box."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return TileBox(self.zoom, x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def pixels(self, tile_px: int) -> Window:
        """Return the box as a window of the level's pixels, counted from the north-west corner of the world."""
        return Window(
            self.y0 * tile_px,
            self.x0 * tile_px,
            (self.y1 - self.y0) * tile_px,
            (self.x1 - self.x0) * tile_px,
        )


def whole_level(zoom: int) -> TileBox:
    """Return all tiles of a level."""
    return TileBox(zoom, 0, 0, 1 << zoom, 1 << zoom)


def tile_side(zoom: int) -> float:
    """Return the side of a tile in metres of EPSG:3857."""
    return 2 * HALF / (1 << zoom)


def pixel_side(zoom: int, tile_px: int) -> float:
    """Return the side of a pixel in metres of EPSG:3857, for tiles of ``tile_px`` pixels."""
    return tile_side(zoom) / tile_px


def box_of(extent: Extent, zoom: int) -> TileBox:
    """Return the tiles of a level that show any of an extent in metres of EPSG:3857; none where it lies outside."""
    side = tile_side(zoom)
    xmin, ymin, xmax, ymax = extent
    x0, y0 = math.floor((xmin + HALF) / side + _SNAP), math.floor((HALF - ymax) / side + _SNAP)
    x1, y1 = math.ceil((xmax + HALF) / side - _SNAP), math.ceil((HALF - ymin) / side - _SNAP)
    return TileBox(zoom, x0, y0, max(x1, x0), max(y1, y0)).common(whole_level(zoom))


def zoom_of(pixel: float, tile_px: int) -> int | None:
    """Return the level whose tiles of ``tile_px`` pixels have pixels of this side in metres; None when none has."""
    if pixel <= 0:
        return None
    level = math.log2(2 * HALF / (tile_px * pixel))
    nearest = round(level)
    return nearest if 0 <= nearest <= DEEPEST and abs(level - nearest) < 1e-6 else None
