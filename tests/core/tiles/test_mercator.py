"""The arithmetic of web-map tiles against formulas of others: PROJ, gdal2tiles, and the wiki of OpenStreetMap."""

import math
import random

import pytest
from osgeo import osr

from srsat_qgis.core.tiles.mercator import (
    HALF,
    MapTile,
    TileBox,
    box_of,
    pixel_side,
    whole_level,
    zoom_of,
)

_RANDOM = random.Random(5)
PLACES = [(zoom, _RANDOM.randrange(2**zoom), _RANDOM.randrange(2**zoom)) for zoom in (0, 1, 5, 12, 18, 22)]


def wiki_degrees(x: float, y: float, zoom: int) -> tuple[float, float]:
    """Return longitude and latitude of a tile's north-west corner, as the wiki of OpenStreetMap has it."""
    n = 2.0**zoom
    return x / n * 360.0 - 180.0, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / n))))


def in_metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a place in EPSG:3857 as PROJ transforms it."""
    geographic, mercator = osr.SpatialReference(), osr.SpatialReference()
    geographic.ImportFromEPSG(4326)
    mercator.ImportFromEPSG(3857)
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    x, y, _ = osr.CoordinateTransformation(geographic, mercator).TransformPoint(longitude, latitude)
    return x, y


@pytest.mark.parametrize(("zoom", "x", "y"), PLACES)
def test_extents_are_those_of_proj(zoom, x, y):
    west_north = in_metres(*wiki_degrees(x, y, zoom))
    east_south = in_metres(*wiki_degrees(x + 1, y + 1, zoom))
    xmin, ymin, xmax, ymax = MapTile(zoom, x, y).extent
    assert (xmin, ymax) == pytest.approx(west_north, abs=1e-6)
    assert (xmax, ymin) == pytest.approx(east_south, abs=1e-6)


@pytest.mark.parametrize(("zoom", "x", "y"), PLACES)
def test_extents_and_rows_from_the_south_are_those_of_gdal2tiles(zoom, x, y):
    mercator = pytest.importorskip("osgeo_utils.gdal2tiles").GlobalMercator()
    tile = MapTile(zoom, x, y)
    assert mercator.TileBounds(x, tile.south_row, zoom) == pytest.approx(tile.extent, abs=1e-6)
    assert mercator.GoogleTile(x, y, zoom) == (x, tile.south_row)
    assert mercator.Resolution(zoom) == pytest.approx(pixel_side(zoom, 256), rel=1e-12)


@pytest.mark.parametrize(("zoom", "x", "y"), PLACES)
def test_degrees_are_those_of_the_wiki(zoom, x, y):
    west, south, east, north = TileBox(zoom, x, y, x + 1, y + 1).degrees
    assert (west, north) == pytest.approx(wiki_degrees(x, y, zoom), abs=1e-12)
    assert (east, south) == pytest.approx(wiki_degrees(x + 1, y + 1, zoom), abs=1e-12)


def test_the_world_ends_where_it_should():
    assert whole_level(3).extent == (-HALF, -HALF, HALF, HALF)
    assert whole_level(0).degrees == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))


@pytest.mark.parametrize("zoom", [0, 7, 19, 24])
def test_neighbours_share_their_edges_to_the_last_bit(zoom):
    x = 2**zoom // 3
    first, second = MapTile(zoom, x, x).extent, MapTile(zoom, x + 1, x + 1).extent
    assert first[2] == second[0]
    assert first[1] == second[3]


def test_four_tiles_of_the_next_level_show_a_tile_to_the_last_bit():
    tile = TileBox(9, 270, 171, 271, 172)
    assert tile.at(10) == TileBox(10, 540, 342, 542, 344)
    assert tile.at(10).extent == tile.extent
    assert tile.at(10).at(9) == tile


def test_a_coarser_box_holds_all_of_a_finer_one():
    assert TileBox(4, 3, 5, 6, 6).at(3) == TileBox(3, 1, 2, 3, 3)
    assert TileBox(4, 3, 5, 6, 6).at(0) == whole_level(0)


@pytest.mark.parametrize(("zoom", "x", "y"), PLACES)
def test_the_box_of_a_tiles_own_extent_is_that_tile(zoom, x, y):
    assert box_of(MapTile(zoom, x, y).extent, zoom) == TileBox(zoom, x, y, x + 1, y + 1)


def test_an_extent_is_enlarged_to_whole_tiles_and_cut_to_the_world():
    xmin, ymin, xmax, ymax = MapTile(5, 10, 12).extent
    side = xmax - xmin
    box = box_of((xmin + 0.4 * side, ymin - 0.1 * side, xmax + 0.1 * side, ymax - 0.5 * side), 5)
    assert box == TileBox(5, 10, 12, 12, 14)
    assert box_of((-9e9, -9e9, 9e9, 9e9), 2) == whole_level(2)
    assert box_of((9e7, 0, 9.1e7, 1), 4).count == 0


def test_the_level_of_a_pixel_is_known_where_there_is_one():
    assert zoom_of(156543.03392804097, 256) == 0
    assert zoom_of(0.29858214173896974, 256) == 19
    assert zoom_of(0.29858214173896974, 512) == 18
    assert zoom_of(0.3, 256) is None
    assert zoom_of(-1.0, 256) is None


def test_pixels_of_a_box_are_counted_from_the_north_west():
    assert tuple(TileBox(5, 10, 12, 12, 13).pixels(256)) == (3072, 2560, 256, 512)
