"""Tiles read from folders, templates, MBTiles, rasters and servers; and what is none of these."""

import re

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.tiles import tilesets
from srsat_qgis.core.tiles.mercator import MapTile, TileBox, whole_level
from srsat_qgis.core.tiles.tilesets import (
    BrokenTile,
    TiledRaster,
    WebTiles,
    check_bulk,
    open_tileset,
)
from tests.tilesets import coded, cut, scene, serving, write_folder, write_mbtiles, write_mosaic

SIDE = 64
PICTURE = scene(2 * SIDE, 3 * SIDE)
TILES = cut(PICTURE, SIDE, 5, 10, 12)
BOX = TileBox(5, 10, 12, 13, 14)


def check_all_is_read(tileset):
    """Check levels, box, list and pixels of TILES."""
    assert tileset.levels() == (5,)
    assert tileset.box(5) == BOX
    assert sorted(tileset.listed(whole_level(5))) == sorted((x, y) for _, x, y in TILES)
    assert sorted(tileset.listed(TileBox(5, 11, 0, 12, 32))) == [(11, 12), (11, 13)]
    for _, x, y in TILES:
        row, col = (y - 12) * SIDE, (x - 10) * SIDE
        part = PICTURE[:, row : row + SIDE, col : col + SIDE]
        assert np.array_equal(tileset.picture(MapTile(5, x, y)), part)
    assert tileset.picture(MapTile(5, 13, 12)) is None
    assert tileset.box(4).count == 0


@pytest.mark.parametrize("south", [False, True])
def test_a_folder(tmp_path, south):
    folder = write_folder(tmp_path / "tiles", TILES, south=south)
    (folder / "readme.txt").write_text("no tile")
    (folder / "5" / "10" / "notes.txt").write_text("no tile")
    check_all_is_read(open_tileset(str(folder), tms=south))


def test_a_folder_of_gdal2tiles_says_itself_that_rows_count_from_the_south(tmp_path):
    folder = write_folder(tmp_path / "tiles", TILES, south=True)
    (folder / "tilemapresource.xml").write_text("<TileMap><SRS>EPSG:3857</SRS></TileMap>")
    check_all_is_read(open_tileset(str(folder)))


def test_a_folder_in_another_crs_is_refused(tmp_path):
    folder = write_folder(tmp_path / "tiles", TILES, south=True)
    (folder / "tilemapresource.xml").write_text("<TileMap><SRS>EPSG:4326</SRS></TileMap>")
    with pytest.raises(UnsupportedRaster, match="tiles are in EPSG:4326; expected tiles in EPSG:3857"):
        open_tileset(str(folder))


@pytest.mark.parametrize(
    ("template", "south"),
    [
        ("{z}/{x}/{y}@2x.png", False),
        ("{z}/{x}/{-y}.png", True),
        ("level-{z}/{y}_{x}.png", False),
        ("{z}-{x}-{y}", False),
    ],
)
def test_templates_are_followed(tmp_path, template, south):
    for (zoom, x, y), content in TILES.items():
        row = 2**zoom - 1 - y
        name = template.format_map({"z": zoom, "x": x, "y": y, "-y": row})
        path = tmp_path / "a (b)" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    check_all_is_read(open_tileset(f"{tmp_path}//a (b)/{template}"))


def test_a_folder_may_mix_formats(tmp_path):
    folder = write_folder(tmp_path, {key: value for key, value in TILES.items() if key[1] == 10})
    write_folder(tmp_path, {(5, 11, 12): coded(PICTURE[:3, :SIDE, :SIDE], "JPEG")}, ending="jpg")
    tileset = open_tileset(str(folder))
    assert sorted(tileset.listed(whole_level(5))) == [(10, 12), (10, 13), (11, 12)]
    assert tileset.picture(MapTile(5, 11, 12)).shape == (4, SIDE, SIDE)


@pytest.mark.parametrize("template", ["{x}/{y}.png", "{z}/{y}.png", "{z}/{x}.png"])
def test_a_template_that_lacks_a_mark_is_refused(tmp_path, template):
    with pytest.raises(InvalidSetting, match=re.escape(template)):
        open_tileset(f"{tmp_path}/{template}")


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "5" / "10").mkdir(parents=True)
    with pytest.raises(RasterNotReadable, match=r"no tile in this folder; expected files \{z\}/\{x\}/\{y\}"):
        open_tileset(str(tmp_path)).levels()


def test_a_folder_without_tiles_is_refused_with_what_is_there(tmp_path):
    write_folder(tmp_path / "tiles", TILES)
    with pytest.raises(RasterNotReadable, match=r"expected files .*, found 10/12\.png; for other names"):
        open_tileset(str(tmp_path / "tiles/5")).levels()
    vectors = write_folder(tmp_path / "vectors", {(5, 10, 12): b"\x1f\x8b\x08"}, ending="pbf")
    (vectors / "metadata.json").write_text("{}")
    with pytest.raises(
        UnsupportedRaster, match=r"holds vector tiles \(5/10/12\.pbf\); expected tiles that are"
    ):
        open_tileset(str(vectors)).levels()


@pytest.mark.parametrize("place", ["nothing", "nothing/{z}/{x}/{y}.png"])
def test_a_place_that_is_not_there_is_named(tmp_path, place):
    with pytest.raises(RasterNotReadable, match="nothing"):
        open_tileset(f"{tmp_path}/{place}")


def test_mbtiles(tmp_path):
    path = write_mbtiles(
        tmp_path / "a b%20.mbtiles", TILES, name="Towns", format="png", attribution="<b>me</b>"
    )
    tileset = open_tileset(str(path))
    check_all_is_read(tileset)
    assert (tileset.name, tileset.attribution) == ("Towns", "<b>me</b>")
    assert tileset.content(MapTile(5, 10, 12)) == TILES[5, 10, 12]


def test_mbtiles_that_gdal_has_written(tmp_path):
    mosaic = write_mosaic(tmp_path / "in.tif", scene(512, 512), 5, 256, 10, 12)
    gdal.Translate(str(tmp_path / "gdal.mbtiles"), mosaic, format="MBTiles")
    tileset = open_tileset(str(tmp_path / "gdal.mbtiles"))
    assert tileset.levels() == (5,)
    assert tileset.box(5) == TileBox(5, 10, 12, 12, 14)
    assert np.array_equal(tileset.picture(MapTile(5, 11, 12)), scene(512, 512)[:, :256, 256:])


@pytest.mark.parametrize("said", ["pbf", ""])
def test_mbtiles_of_vectors_are_refused(tmp_path, said):
    path = write_mbtiles(tmp_path / "v.mbtiles", {(0, 0, 0): b"\x1f\x8b\x08rest"}, format=said)
    with pytest.raises(
        UnsupportedRaster, match=r"v\.mbtiles: holds vector tiles .*expected tiles that are pictures"
    ):
        open_tileset(str(path))


def test_an_mbtiles_file_without_tiles_is_refused(tmp_path):
    path = write_mbtiles(tmp_path / "e.mbtiles", {}, name="empty")
    with pytest.raises(RasterNotReadable, match="no tile in this file"):
        open_tileset(str(path)).levels()


def test_a_damaged_mbtiles_file_is_refused(tmp_path):
    path = write_mbtiles(tmp_path / "d.mbtiles", TILES, name="x")
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))
    with pytest.raises(RasterNotReadable, match=r"d\.mbtiles: expected an MBTiles file"):
        open_tileset(str(path)).levels()


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "a.mbtiles").write_text("hello")
    with pytest.raises(RasterNotReadable, match="expected tiles: a folder, a template"):
        open_tileset(str(tmp_path / "a.mbtiles"))


def test_pmtiles_of_vectors_are_refused_and_of_pictures_where_gdal_does_not_read_them(tmp_path):
    path = tmp_path / "p.pmtiles"
    path.write_bytes(b"PMTiles\x03" + bytes(91) + b"\x01" + bytes(28))
    with pytest.raises(UnsupportedRaster, match="holds vector tiles"):
        open_tileset(str(path))
    path.write_bytes(b"PMTiles\x03" + bytes(91) + b"\x02" + bytes(28))
    with pytest.raises(
        UnsupportedRaster, match=r"p\.pmtiles: this GDAL does not read PMTiles of pictures.*3\.14"
    ):
        open_tileset(str(path))


def test_pmtiles_are_read_where_gdal_reads_them(tmp_path, monkeypatch):
    """A GeoTIFF stands in for what GDAL 3.14 makes of the file: four bands on the pixels of the deepest level."""
    picture = scene(512, 768)
    mosaic = write_mosaic(tmp_path / "in.tif", picture, 5, 256, 10, 12)
    path = tmp_path / "p.pmtiles"
    path.write_bytes(b"PMTiles\x03" + bytes(91) + b"\x02" + bytes(28))
    monkeypatch.setattr(tilesets, "Raster", lambda asked: Raster(mosaic if asked == str(path) else asked))
    tileset = open_tileset(str(path))
    assert tileset.levels() == (5,)
    assert np.array_equal(tileset.picture(MapTile(5, 12, 13)), picture[:, 256:, 512:])


def test_a_tile_that_is_no_picture_is_broken_and_others_are_read(tmp_path):
    tiles = {**TILES, (5, 11, 13): b"", (5, 12, 13): TILES[5, 12, 13][:200]}
    for tileset in (
        open_tileset(str(write_folder(tmp_path / "tiles", tiles))),
        open_tileset(str(write_mbtiles(tmp_path / "t.mbtiles", tiles))),
    ):
        for place in ((11, 13), (12, 13)):
            with pytest.raises(BrokenTile):
                tileset.picture(MapTile(5, *place))
        assert tileset.picture(MapTile(5, 10, 12)) is not None


def test_a_raster_on_the_pixels_of_a_level(tmp_path):
    path = write_mosaic(tmp_path / "in.tif", PICTURE, 5, SIDE, 10, 12)
    tileset = TiledRaster(path, tile_px=SIDE, name="raster")
    check_all_is_read(tileset)


def test_a_raster_whose_transparent_squares_are_no_tiles(tmp_path):
    holed = PICTURE.copy()
    holed[3, :SIDE, :SIDE] = 0
    holed[3, :SIDE, SIDE : SIDE + 5] = 0
    tileset = TiledRaster(
        write_mosaic(tmp_path / "in.tif", holed, 5, SIDE, 10, 12), tile_px=SIDE, name="raster"
    )
    assert tileset.picture(MapTile(5, 10, 12)) is None
    assert np.array_equal(tileset.picture(MapTile(5, 11, 12))[3], holed[3, :SIDE, SIDE : 2 * SIDE])


def test_a_raster_beside_the_pixels_of_a_level_is_refused(tmp_path):
    path = write_mosaic(tmp_path / "in.tif", PICTURE, 5, SIDE, 10.3 / SIDE, 12)
    with pytest.raises(UnsupportedRaster, match="its pixels lie beside those of zoom level 5"):
        TiledRaster(path, tile_px=SIDE, name="raster")
    with pytest.raises(UnsupportedRaster, match="expected the pixels of a zoom level"):
        TiledRaster(path, tile_px=100, name="raster")


@pytest.mark.parametrize("south", [False, True])
def test_tiles_of_a_server_are_read_by_gdal(tmp_path, south):
    picture = scene(512, 768)
    folder = write_folder(tmp_path / "tiles", cut(picture, 256, 5, 10, 12), south=south)
    (folder / "5" / "11" / f"{31 - 13 if south else 13}.png").unlink()
    with serving(folder) as server:
        template = f"{server.address}/{{z}}/{{x}}/{'{-y}' if south else '{y}'}.png"
        tileset = WebTiles(template, "server").level(5, TileBox(5, 10, 12, 13, 14), tmp_path)
        assert np.array_equal(tileset.picture(MapTile(5, 12, 13)), picture[:, 256:, 512:])
        assert tileset.picture(MapTile(5, 11, 13)) is None
        asked = len(server.asked)
        assert np.array_equal(tileset.picture(MapTile(5, 12, 13)), picture[:, 256:, 512:])
        assert len(server.asked) == asked


def test_a_server_that_fails_is_an_error_and_no_hole(tmp_path):
    with serving(tmp_path) as server:
        server.status = 500
        tileset = WebTiles(f"{server.address}/{{z}}/{{x}}/{{y}}.png", "server").level(
            5, TileBox(5, 0, 0, 1, 1), tmp_path
        )
        with pytest.raises(RasterNotReadable, match="server: tile 5/10/12 cannot be read"):
            tileset.picture(MapTile(5, 10, 12))


def test_bulk_reading_of_openstreetmap_is_refused_as_in_qgis():
    address = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    check_bulk(address, 5000)
    with pytest.raises(
        InvalidSetting, match=r"tile\.openstreetmap\.org: 5001 tiles would be read, expected at most"
    ):
        check_bulk(address, 5001)
    check_bulk("https://notopenstreetmap.org/{z}/{x}/{y}.png", 5001)
