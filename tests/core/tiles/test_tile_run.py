"""Runs from tiles to tiles: they are the tiles of a super-resolved mosaic, whatever is missing, broken or killed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import (
    Cancelled,
    DiskFull,
    InvalidSetting,
    NoValidPixels,
    OutputIsInput,
    OutputNotWritable,
    RasterNotReadable,
    UnsupportedRaster,
)
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.run import Source, super_resolve
from srsat_qgis.core.tiles import run as tile_run
from srsat_qgis.core.tiles import tile_writers
from srsat_qgis.core.tiles.levels import RETINA
from srsat_qgis.core.tiles.run import FOLDER, MBTILES, RASTER, Settings, TilesRequest, super_resolve_tiles
from srsat_qgis.core.tiles.tilesets import TileFolder, WebTiles, open_tileset
from tests.onnx_models import card_for, conv_model, nearest_model
from tests.rasters import read_raster
from tests.tilesets import (
    Told,
    coded,
    cut,
    decoded,
    mosaic,
    read_folder,
    read_mbtiles,
    scene,
    serving,
    write_folder,
    write_mbtiles,
    write_mosaic,
)

SIDE, ZOOM, X0, Y0 = 64, 9, 270, 170
CPU = Settings(device="cpu", threads=1)
OFF = replace(CPU, consistency="off")


@pytest.fixture(name="small_metatiles")
def _small_metatiles(monkeypatch):
    """Metatiles of two by two tiles for x2, one for x4, so that small levels have many."""
    monkeypatch.setattr(tile_run, "_METATILE_PX", 4 * SIDE)


@pytest.fixture(name="shipped", scope="module")
def _shipped():
    return registry()["any-x2-fast"]


def request(source, card, target, kind=MBTILES, **changes) -> TilesRequest:
    return TilesRequest(open_tileset(str(source)), card, str(target), kind, **{"settings": CPU, **changes})


def made(source, card, folder: Path, progress=None, **changes):
    """Run into an MBTiles file; return the result and the tiles."""
    target = folder / "out.mbtiles"
    result = super_resolve_tiles(request(source, card, target, **changes), progress=progress)
    return result, read_mbtiles(target)


def resolved(picture, card, folder: Path, settings=CPU) -> np.ndarray:
    """Return what the pipeline of rasters makes of a picture (4, rows, cols): the truth that tiles are held to."""
    source = write_mosaic(folder / "mosaic.tif", picture, ZOOM, SIDE, X0, Y0)
    super_resolve(Source(source), card, str(folder / "mosaic_sr.tif"), settings=settings)
    return read_raster(folder / "mosaic_sr.tif")


def difference(first, second) -> int:
    """Return the largest difference in colours where the second one shows anything, and in alpha."""
    shown = second[3] > 0
    colours = np.abs(first[:3].astype(int) - second[:3])[:, shown]
    return int(max(colours.max(), np.abs(first[3].astype(int) - second[3]).max()))


def steps_at_borders(picture, side: int, step: int) -> tuple[float, float]:
    """Return the mean step across tile borders, and the mean step ``step`` pixels away from them."""
    across, near = [], []
    for axis in (1, 2):
        steps = np.abs(np.diff(picture[:3].astype(int), axis=axis))
        lines = np.arange(side, picture.shape[axis] - side + 1, side) - 1
        across.append(np.take(steps, lines, axis=axis).mean())
        near += [np.take(steps, lines + away, axis=axis).mean() for away in (-step, step)]
    return float(np.mean(across)), float(np.mean(near))


def seam_index(picture, side: int, step: int) -> float:
    """Return the first of ``steps_at_borders`` over the second."""
    across, near = steps_at_borders(picture, side, step)
    return across / near


def test_tiles_are_those_of_the_super_resolved_mosaic(tmp_path, shipped, small_metatiles):
    picture = scene(6 * SIDE, 7 * SIDE)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    result, tiles = made(source, shipped, tmp_path)
    assert (result.made, result.zooms, result.tile_px, result.broken) == (4 * 42, (10, 10), SIDE, ())
    found, x0, y0 = mosaic(tiles, 10)
    assert (x0, y0) == (2 * X0, 2 * Y0)
    assert difference(found, resolved(picture, shipped, tmp_path)) <= 1


def test_no_seam_shows_at_tile_borders(tmp_path, conv, small_metatiles):
    picture = scene(8 * SIDE, 8 * SIDE, seed=8)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    found, _, _ = mosaic(made(source, conv, tmp_path)[1], 10)
    plain = seam_index(resolved(picture, conv, tmp_path), 2 * SIDE, 2)
    assert seam_index(found, 2 * SIDE, 2) == pytest.approx(plain, abs=1e-3)
    # What a run without neighbours shows.
    alone = np.concatenate(
        [resolved(picture[:, :, col : col + SIDE], conv, tmp_path) for col in range(0, 8 * SIDE, SIDE)],
        axis=2,
    )
    assert np.abs(alone.astype(int) - found)[:3].max() > 20


def test_no_seam_shows_in_orthophotos(tmp_path, shipped, small_metatiles, shared_data):
    folder = shared_data / "test" / "configilm-mock" / "RSVQA-HR" / "Images" / "Data"
    paths = sorted(folder.glob("*.tif"))
    if not paths:
        pytest.skip(f"no orthophotos in {folder}")
    steps = []
    for path in paths:
        colours = gdal.Open(str(path)).ReadAsArray()[:3, : 8 * SIDE, : 8 * SIDE]
        picture = np.concatenate([colours, np.full((1, *colours.shape[1:]), 255, np.uint8)])
        source = write_folder(tmp_path / path.stem, cut(picture, SIDE, ZOOM, X0, Y0))
        found, _, _ = mosaic(made(source, shipped, tmp_path)[1], 10)
        steps.append(steps_at_borders(found, 2 * SIDE, 2))
    # Pooled: what lies at the borders of one picture by chance moves its own index by some hundredths.
    across, near = np.sum(steps, axis=0)
    assert across / near == pytest.approx(1, abs=0.02)


def test_missing_tiles_stay_missing_and_are_filled_as_pixels_without_data_are(
    tmp_path, conv, small_metatiles
):
    picture = scene(5 * SIDE, 5 * SIDE)
    tiles = cut(picture, SIDE, ZOOM, X0, Y0)
    gone = [(2, 2), (0, 0), (4, 1), (3, 2)]
    holed = picture.copy()
    for col, row in gone:
        del tiles[ZOOM, X0 + col, Y0 + row]
        holed[:, row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = 0
    _, found = made(write_folder(tmp_path / "in", tiles), conv, tmp_path)
    expected = {(10, 2 * x + right, 2 * y + down) for _, x, y in tiles for right in (0, 1) for down in (0, 1)}
    assert set(found) == expected
    picture, _, _ = mosaic(found, 10)
    assert difference(picture, resolved(holed, conv, tmp_path)) <= 1


def test_transparent_pixels_stay_transparent_and_half_transparent_ones_stay_so(
    tmp_path, conv, small_metatiles
):
    picture = scene(4 * SIDE, 4 * SIDE).copy()
    rows, cols = np.mgrid[: 4 * SIDE, : 4 * SIDE]
    picture[3] = np.where(rows + cols < 150, 0, np.where(rows > 200, 77, 255))
    picture[:3, picture[3] == 0] = 0
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    _, tiles = made(source, conv, tmp_path)
    assert len(tiles) == 64
    found, _, _ = mosaic(tiles, 10)
    assert np.array_equal(found[3], picture[3].repeat(2, axis=0).repeat(2, axis=1))
    assert not found[:3, found[3] == 0].any()
    assert difference(found, resolved(picture, conv, tmp_path)) <= 1


def test_an_extent_changes_no_pixel_of_its_tiles(tmp_path, conv, small_metatiles):
    picture = scene(5 * SIDE, 5 * SIDE)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    _, whole = made(source, conv, tmp_path, settings=OFF)
    extent = tile_run.TileBox(ZOOM, X0 + 1, Y0 + 2, X0 + 4, Y0 + 3).extent
    result, part = made(source, conv, tmp_path, settings=OFF, extent=extent)
    assert set(part) == {(10, x, y) for x in range(542, 548) for y in range(344, 346)}
    assert all(content == whole[key] for key, content in part.items())
    assert result.box == tile_run.TileBox(10, 542, 344, 548, 346)


def test_models_of_three_bands_are_applied_to_the_colours(tmp_path, small_metatiles):
    card = card_for(conv_model(tmp_path / "rgb.onnx", channels=3, radius=4), bands=3, halo=4)
    picture = scene(3 * SIDE, 3 * SIDE)
    source = write_mbtiles(tmp_path / "in.mbtiles", cut(picture, SIDE, ZOOM, X0, Y0))
    found, _, _ = mosaic(made(source, card, tmp_path)[1], 10)
    assert difference(found, resolved(picture, card, tmp_path)) <= 1


def test_x4_makes_two_levels_of_which_the_first_is_the_mean(tmp_path, small_metatiles):
    card = card_for(conv_model(tmp_path / "x4.onnx", scale=4, radius=3), scale=4, halo=3)
    picture = scene(3 * SIDE, 3 * SIDE)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    result, tiles = made(source, card, tmp_path, zoom_min=10, zoom_max=11)
    assert (result.made, result.zooms) == (9 * (4 + 16), (10, 11))
    deep, x0, y0 = mosaic(tiles, 11)
    assert (x0, y0) == (4 * X0, 4 * Y0)
    assert difference(deep, resolved(picture, card, tmp_path)) <= 1
    half, x0, y0 = mosaic(tiles, 10)
    assert (x0, y0) == (2 * X0, 2 * Y0)
    means = deep[:3].astype(float).reshape(3, 6 * SIDE, 2, 6 * SIDE, 2).mean(axis=(2, 4))
    assert np.abs(half[:3] - means).max() <= 0.5


def test_retina_tiles_have_twice_the_pixels_on_the_same_ground(tmp_path, small_metatiles):
    card = card_for(nearest_model(tmp_path / "nearest.onnx"), halo=1)
    picture = scene(512, 768)
    source = write_folder(tmp_path / "in", cut(picture, 256, ZOOM, X0, Y0))
    result, tiles = made(source, card, tmp_path, packing=RETINA, settings=OFF)
    assert (result.made, result.zooms, result.tile_px) == (6, (ZOOM, ZOOM), 512)
    assert set(tiles) == {(ZOOM, X0 + x, Y0 + y) for x in range(3) for y in range(2)}
    found, _, _ = mosaic(tiles, ZOOM)
    assert np.array_equal(found, picture.repeat(2, axis=1).repeat(2, axis=2))
    # GDAL reads the same ground from both.
    plain = gdal.Open(write_mosaic(tmp_path / "plain.tif", picture, ZOOM, 256, X0, Y0))
    read = gdal.Open(str(tmp_path / "out.mbtiles"))
    first, second = plain.GetGeoTransform(), read.GetGeoTransform()
    assert (second[0], second[3]) == pytest.approx((first[0], first[3]), rel=1e-9)
    assert second[1] == pytest.approx(first[1] / 2, rel=1e-9)
    assert (read.RasterXSize, read.RasterYSize) == (2 * 768, 2 * 512)
    assert np.array_equal(read.ReadAsArray(), found)


def test_levels_that_are_there_are_copied_byte_by_byte(tmp_path, conv, small_metatiles):
    picture = scene(4 * SIDE, 4 * SIDE)
    deep = cut(picture, SIDE, ZOOM, X0, Y0)
    coarse = cut(picture[:, ::2, ::2], SIDE, ZOOM - 1, X0 // 2, Y0 // 2)
    source = write_folder(tmp_path / "in", {**deep, **coarse})
    result, tiles = made(source, conv, tmp_path, zoom_min=ZOOM - 1, zoom_max=ZOOM + 1)
    assert (result.made, result.copied) == (64, 20)
    for key, content in {**deep, **coarse}.items():
        assert tiles[key] == content


def test_copied_levels_of_retina_tiles_are_put_together_of_those_behind(tmp_path, conv, small_metatiles):
    picture = scene(4 * SIDE, 4 * SIDE)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    result, tiles = made(source, conv, tmp_path, packing=RETINA, zoom_min=ZOOM - 1, zoom_max=ZOOM)
    assert (result.copied, result.made) == (4, 16)
    found, x0, y0 = mosaic(tiles, ZOOM - 1)
    assert (x0, y0) == (X0 // 2, Y0 // 2)
    assert np.array_equal(found, picture)


def test_copied_tiles_of_another_format_are_coded_again(tmp_path, conv, small_metatiles):
    picture = scene(2 * SIDE, 2 * SIDE)
    source = write_folder(tmp_path / "in", cut(picture, SIDE, ZOOM, X0, Y0))
    _, tiles = made(source, conv, tmp_path, zoom_min=ZOOM, codec="jpg", quality=95)
    assert all(content.startswith(b"\xff\xd8\xff") for content in tiles.values())
    found, _, _ = mosaic(tiles, ZOOM)
    assert np.abs(found[:3].astype(int) - picture[:3]).mean() < 12


@pytest.mark.parametrize(("codec", "driver"), [("jpg", "JPEG"), ("webp", "WEBP")])
def test_formats_that_lose_a_little_show_the_same(tmp_path, conv, small_metatiles, codec, driver):
    if gdal.GetDriverByName(driver) is None:
        pytest.skip(f"GDAL has no {driver}")
    source = write_folder(tmp_path / "in", cut(scene(2 * SIDE, 2 * SIDE), SIDE, ZOOM, X0, Y0))
    plain, _, _ = mosaic(made(source, conv, tmp_path)[1], 10)
    result, tiles = made(source, conv, tmp_path, codec=codec, quality=95)
    found, _, _ = mosaic(tiles, 10)
    assert np.abs(found[:3].astype(int) - plain[:3]).mean() < 12
    assert result.made == 16


@pytest.mark.parametrize("south", [False, True])
def test_rows_may_count_from_the_south_on_both_sides(tmp_path, conv, small_metatiles, south):
    tiles = cut(scene(2 * SIDE, 3 * SIDE), SIDE, ZOOM, X0, Y0)
    write_folder(tmp_path / "in", tiles, south=south)
    north = write_folder(tmp_path / "north", tiles)
    source = open_tileset(str(tmp_path / "in"), tms=south)
    wanted = TilesRequest(source, conv, str(tmp_path / "out"), FOLDER, tms=south, settings=CPU)
    super_resolve_tiles(wanted)
    _, expected = made(north, conv, tmp_path)
    assert read_folder(tmp_path / "out", south=south) == expected


def test_rows_in_the_other_order_are_guessed_where_the_extent_shows_it(tmp_path, conv):
    source = write_folder(tmp_path / "in", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0), south=True)
    extent = tile_run.MapTile(ZOOM, X0, Y0).extent
    with pytest.raises(
        InvalidSetting, match=r"There are tiles if rows count from the other side .*INPUT_TMS"
    ):
        super_resolve_tiles(request(source, conv, tmp_path / "out.mbtiles", extent=extent))


def test_a_geotiff_is_the_super_resolved_mosaic(tmp_path, conv, small_metatiles):
    picture = scene(3 * SIDE, 4 * SIDE)
    tiles = cut(picture, SIDE, ZOOM, X0, Y0)
    del tiles[ZOOM, X0 + 1, Y0 + 1]
    holed = picture.copy()
    holed[:, SIDE : 2 * SIDE, SIDE : 2 * SIDE] = 0
    source = write_folder(tmp_path / "in", tiles)
    super_resolve_tiles(request(source, conv, tmp_path / "out.tif", RASTER))
    expected = resolved(holed, conv, tmp_path)
    assert difference(read_raster(tmp_path / "out.tif"), expected) <= 1
    first, second = (gdal.Open(str(tmp_path / name)) for name in ("out.tif", "mosaic_sr.tif"))
    assert first.GetGeoTransform() == pytest.approx(second.GetGeoTransform(), rel=1e-12)
    assert first.GetMetadataItem("SRSAT_MODEL") == "conv"


def test_tiles_can_be_added_to_their_own_folder(tmp_path, conv, small_metatiles):
    tiles = cut(scene(2 * SIDE, 2 * SIDE), SIDE, ZOOM, X0, Y0)
    folder = write_folder(tmp_path / "in", tiles)
    super_resolve_tiles(request(folder, conv, folder, FOLDER))
    found = read_folder(folder)
    assert len(found) == 4 + 16
    assert all(found[key] == content for key, content in tiles.items())
    with pytest.raises(InvalidSetting, match="would be copied onto themselves; expected ZOOM_MIN 11"):
        super_resolve_tiles(request(folder, conv, folder, FOLDER, zoom_min=10))


@pytest.mark.parametrize("south", [False, True])
def test_a_folder_that_was_written_is_read_the_same_way(tmp_path, conv, small_metatiles, south):
    source = write_folder(tmp_path / "in", cut(scene(2 * SIDE, 3 * SIDE), SIDE, ZOOM, X0, Y0))
    super_resolve_tiles(request(source, conv, tmp_path / "out", FOLDER, tms=south))
    again = open_tileset(str(tmp_path / "out"))
    assert again.box(10) == open_tileset(str(source)).box(ZOOM).at(10)


def test_levels_added_to_a_folder_are_told_of_with_those_that_were_there(tmp_path, conv, small_metatiles):
    folder = write_folder(tmp_path / "in", cut(scene(4 * SIDE, 4 * SIDE), SIDE, ZOOM, X0, Y0))
    told = {"minzoom": 9, "maxzoom": 9, "bounds": [-10.0, -20.0, 30.0, 89.0], "attribution": "me"}
    (folder / "tiles.json").write_text(json.dumps(told))
    super_resolve_tiles(request(folder, conv, folder, FOLDER))
    said = json.loads((folder / "tiles.json").read_text())
    assert (said["minzoom"], said["maxzoom"]) == (9, 10)
    assert said["bounds"] == told["bounds"]
    # A template of JPEG does not find the tiles of PNG.
    super_resolve_tiles(request(folder, conv, folder, FOLDER, codec="jpg", zoom_max=11))
    said = json.loads((folder / "tiles.json").read_text())
    assert (said["minzoom"], said["maxzoom"]) == (11, 11)


def test_rows_of_one_folder_count_from_one_side(tmp_path, conv, small_metatiles):
    tiles = cut(scene(2 * SIDE, 2 * SIDE), SIDE, ZOOM, X0, Y0)
    folder = write_folder(tmp_path / "in", tiles)
    with pytest.raises(InvalidSetting, match="rows count from the north; expected TMS_CONVENTION not set"):
        super_resolve_tiles(request(folder, conv, folder, FOLDER, tms=True))
    super_resolve_tiles(request(folder, conv, tmp_path / "out", FOLDER, tms=True))
    other = write_folder(tmp_path / "deeper", {(11, 4 * x, 4 * y): one for (_, x, y), one in tiles.items()})
    with pytest.raises(InvalidSetting, match="rows count from the south; expected TMS_CONVENTION set"):
        super_resolve_tiles(request(other, conv, tmp_path / "out", FOLDER))
    # The level that is there is replaced as a whole.
    super_resolve_tiles(request(folder, conv, tmp_path / "out", FOLDER))


def test_attribution_and_provenance_are_carried_over(tmp_path, conv):
    source = write_mbtiles(
        tmp_path / "in.mbtiles", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0), attribution="<i>Surveyors</i>"
    )
    super_resolve_tiles(request(source, conv, tmp_path / "out", FOLDER))
    said = json.loads((tmp_path / "out" / "tiles.json").read_text("utf-8"))
    assert said["attribution"] == "<i>Surveyors</i>"
    assert said["SRSAT_MODEL"] == "conv"
    assert open_tileset(str(tmp_path / "out")).attribution == "<i>Surveyors</i>"


def test_tiles_of_a_server(tmp_path, conv, small_metatiles):
    picture = scene(1024, 1024)
    tiles = cut(picture, 256, ZOOM, X0, Y0)
    del tiles[ZOOM, X0 + 2, Y0 + 1]
    folder = write_folder(tmp_path / "in", tiles)
    extent = tile_run.TileBox(ZOOM, X0 + 1, Y0 + 1, X0 + 3, Y0 + 3).extent
    expected = made(folder, conv, tmp_path, extent=extent, settings=OFF)[1]
    with serving(folder) as server:
        source = WebTiles(f"{server.address}/{{z}}/{{x}}/{{y}}.png", "server", "me")
        wanted = TilesRequest(
            source, conv, str(tmp_path / "web.mbtiles"), MBTILES, extent=extent, zoom_max=10, settings=OFF
        )
        result = super_resolve_tiles(wanted)
        assert (result.made, result.attribution) == (12, "me")
        assert read_mbtiles(tmp_path / "web.mbtiles") == expected
        with pytest.raises(InvalidSetting, match="EXTENT is needed"):
            super_resolve_tiles(replace(wanted, extent=None))
        with pytest.raises(InvalidSetting, match="expected ZOOM_MAX"):
            super_resolve_tiles(replace(wanted, zoom_max=None))


# --- what is wrong with the input ------------------------------------------------------------------------------------


def test_broken_tiles_are_named_counted_and_left_out(tmp_path, conv, small_metatiles):
    picture = scene(4 * SIDE, 4 * SIDE)
    tiles = cut(picture, SIDE, ZOOM, X0, Y0)
    broken = {(1, 1): b"", (2, 2): tiles[ZOOM, X0, Y0][:300], (3, 0): b"<html>busy</html>"}
    holed = picture.copy()
    for (col, row), content in broken.items():
        tiles[ZOOM, X0 + col, Y0 + row] = content
        holed[:, row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = 0
    told = Told()
    result, found = made(write_folder(tmp_path / "in", tiles), conv, tmp_path, progress=told)
    names = {f"{ZOOM}/{X0 + col}/{Y0 + row}" for col, row in broken}
    assert set(result.broken) == names
    assert len(found) == result.made == 4 * 13
    assert all(any(name in line for line in told.warnings) for name in names)
    assert sum("3 tiles could not be read" in line for line in told.warnings) == 1
    assert difference(mosaic(found, 10)[0], resolved(holed, conv, tmp_path)) <= 1


def test_tiles_of_which_none_can_be_read_are_an_error(tmp_path, conv):
    source = write_folder(tmp_path / "in", {(ZOOM, X0, Y0): b"x", (ZOOM, X0, Y0 + 1): b""})
    with pytest.raises(RasterNotReadable, match="none of 2 tiles of level 9 can be read: expected a PNG"):
        super_resolve_tiles(request(source, conv, tmp_path / "out.mbtiles"))
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_tiles_of_several_sizes_are_refused_with_both(tmp_path, conv):
    tiles = cut(scene(2 * SIDE, 2 * SIDE), SIDE, ZOOM, X0, Y0)
    tiles[ZOOM, X0 + 1, Y0] = coded(scene(2 * SIDE, 2 * SIDE))
    source = write_folder(tmp_path / "in", tiles)
    with pytest.raises(
        UnsupportedRaster,
        match=f"expected tiles of one size, found 3 of 64 x 64 .*; 1 of 128 x 128 pixels, such as 9/{X0 + 1}/{Y0}",
    ):
        super_resolve_tiles(request(source, conv, tmp_path / "out.mbtiles"))


def test_one_odd_tile_among_many_is_left_out(tmp_path, conv, monkeypatch):
    monkeypatch.setattr(tile_run, "_SAMPLED", 3)
    tiles = cut(scene(3 * SIDE, 3 * SIDE), SIDE, ZOOM, X0, Y0)
    tiles[ZOOM, X0, Y0 + 1] = coded(scene(16, 16))
    told = Told()
    result, _ = made(write_folder(tmp_path / "in", tiles), conv, tmp_path, progress=told)
    assert result.broken == (f"9/{X0}/{Y0 + 1}",)
    assert any("expected 64 x 64 pixels, found 16 x 16" in line for line in told.warnings)


def test_tiles_that_are_not_square_are_refused(tmp_path, conv):
    source = write_folder(tmp_path / "in", {(ZOOM, X0, Y0): coded(scene(32, 64))})
    with pytest.raises(UnsupportedRaster, match="expected square tiles, found 64 x 32 pixels"):
        super_resolve_tiles(request(source, conv, tmp_path / "out.mbtiles"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zoom_max": 14}, "ZOOM_MAX 14: in has the levels 9, .* up to level 10"),
        ({"zoom_min": 3, "zoom_max": 10}, "level 3 cannot be copied"),
        ({"extent": (0.0, 0.0, 1.0, 1.0)}, "no tile in the extent; level 9:"),
        ({"codec": "gif"}, "tile format 'gif'"),
        ({"quality": 101}, "quality is 101"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_written(tmp_path, conv, changes, message):
    source = write_folder(tmp_path / "in", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0))
    with pytest.raises(InvalidSetting, match=message):
        super_resolve_tiles(request(source, conv, tmp_path / "out.mbtiles", **changes))
    assert os.listdir(tmp_path) == ["in"]


def test_models_that_do_not_fit_are_refused(tmp_path, conv):
    source = write_folder(tmp_path / "in", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0))
    odd = replace(conv, tile=replace(conv.tile, blend="linear"))
    with pytest.raises(InvalidSetting, match="expected a model of x2 or x4"):
        super_resolve_tiles(request(source, odd, tmp_path / "out.mbtiles"))


def test_tiles_of_transparent_pixels_alone_give_transparent_tiles(tmp_path, conv):
    source = write_folder(tmp_path / "in", {(ZOOM, X0, Y0): coded(np.zeros((4, SIDE, SIDE), np.uint8))})
    _, tiles = made(source, conv, tmp_path)
    assert len(tiles) == 4
    assert not mosaic(tiles, 10)[0].any()


def test_a_target_of_the_wrong_kind_is_refused(tmp_path, conv):
    source = write_folder(tmp_path / "in", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0))
    (tmp_path / "file").write_text("old")
    with pytest.raises(OutputNotWritable, match="expected a folder, found a file"):
        super_resolve_tiles(request(source, conv, tmp_path / "file", FOLDER))
    with pytest.raises(OutputNotWritable, match="expected a file name, found a folder"):
        super_resolve_tiles(request(source, conv, tmp_path / "in"))
    with pytest.raises(OutputNotWritable, match="nowhere"):
        super_resolve_tiles(request(source, conv, tmp_path / "nowhere" / "out.mbtiles"))


def test_the_input_is_never_overwritten(tmp_path, conv):
    tiles = cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0)
    source = write_mbtiles(tmp_path / "in.mbtiles", tiles)
    with pytest.raises(OutputIsInput, match="would overwrite the input"):
        super_resolve_tiles(request(source, conv, source))
    assert read_mbtiles(source) == tiles


def test_what_a_nearly_full_disk_holds_is_written_and_what_it_does_not_is_named(tmp_path, conv, monkeypatch):
    source = write_folder(tmp_path / "in", cut(scene(SIDE, SIDE), SIDE, ZOOM, X0, Y0))
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    # Tiles of PNG, which are a quarter of their pixels.
    assert len(made(source, conv, tmp_path)[1]) == 4

    def full(self, unit, tiles):
        with self._named():
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(tile_writers.MBTilesWriter, "write", full)
    with pytest.raises(
        DiskFull, match=r"other\.mbtiles: the tiles cannot be written: database or disk is full"
    ):
        super_resolve_tiles(request(source, conv, tmp_path / "other.mbtiles"))
    assert sorted(os.listdir(tmp_path)) == ["in", "out.mbtiles"]


# --- interrupted runs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MBTILES, FOLDER, RASTER])
def test_a_cancelled_run_leaves_the_target_as_it_was(tmp_path, conv, small_metatiles, kind):
    source = write_folder(tmp_path / "in", cut(scene(4 * SIDE, 4 * SIDE), SIDE, ZOOM, X0, Y0))
    target = tmp_path / ("out.tif" if kind == RASTER else "out")
    if kind != FOLDER:
        target.write_text("old")
    with pytest.raises(Cancelled):
        super_resolve_tiles(request(source, conv, target, kind), progress=Told(cancel_at=0.3))
    assert sorted(os.listdir(tmp_path)) == (["in"] if kind == FOLDER else sorted(["in", target.name]))
    assert kind == FOLDER or target.read_text() == "old"


@pytest.mark.parametrize("kind", [MBTILES, FOLDER])
def test_a_cancelled_run_is_resumed_to_the_same_tiles(tmp_path, conv, small_metatiles, kind):
    source = write_folder(tmp_path / "in", cut(scene(6 * SIDE, 6 * SIDE), SIDE, ZOOM, X0, Y0))
    read = read_mbtiles if kind == MBTILES else read_folder
    super_resolve_tiles(request(source, conv, tmp_path / "whole", kind))
    wanted = request(source, conv, tmp_path / "out", kind, resume=True)
    with pytest.raises(Cancelled):
        super_resolve_tiles(wanted, progress=Told(cancel_at=0.3))
    assert not (tmp_path / "out").exists()
    told = Told()
    result = super_resolve_tiles(wanted, progress=told)
    assert 0 < result.kept < 9
    assert result.made == 4 * 4 * (9 - result.kept)
    assert read(tmp_path / "out") == read(tmp_path / "whole")
    assert sorted(os.listdir(tmp_path)) == ["in", "out", "whole"]
    assert told.fractions[-1] == pytest.approx(1)


def test_killed_runs_are_resumed_to_the_same_tiles(tmp_path):
    source = write_folder(tmp_path / "in", cut(scene(6 * SIDE, 6 * SIDE), SIDE, ZOOM, X0, Y0))
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "tests.run_tiles", "any-x2-fast", str(source)]
    environment = {**os.environ, "PYTHONPATH": str(root)}

    def start(target):
        return subprocess.Popen(
            [*command, str(tmp_path / target)], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
        )

    process = start("whole.mbtiles")
    lines = process.stdout.read().splitlines()
    assert process.wait() == 0
    assert lines.count("written") == 9
    kills = 0
    for written in (2, 4, 6):
        process = start("out.mbtiles")
        seen = 0
        for line in process.stdout:
            seen += line == "written\n"
            if seen == written:
                # In the middle of the next one.
                time.sleep(0.05)
                process.send_signal(signal.SIGKILL)
                break
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        assert not (tmp_path / "out.mbtiles").exists()
    assert kills == 3
    process = start("out.mbtiles")
    kept = process.stdout.read().splitlines()[-1]
    assert process.wait() == 0
    assert kept in [f"kept {count}" for count in range(6, 9)]
    assert read_mbtiles(tmp_path / "out.mbtiles") == read_mbtiles(tmp_path / "whole.mbtiles")
    assert sorted(os.listdir(tmp_path)) == ["in", "out.mbtiles", "whole.mbtiles"]


def test_a_resumed_run_of_other_settings_starts_anew(tmp_path, conv, small_metatiles):
    source = write_folder(tmp_path / "in", cut(scene(4 * SIDE, 4 * SIDE), SIDE, ZOOM, X0, Y0))
    wanted = request(source, conv, tmp_path / "out", resume=True)
    with pytest.raises(Cancelled):
        super_resolve_tiles(wanted, progress=Told(cancel_at=0.3))
    assert super_resolve_tiles(replace(wanted, codec="jpg")).kept == 0


def test_few_metatiles_are_in_memory_whatever_the_level_holds(tmp_path, conv, small_metatiles, monkeypatch):
    """Reading is at most a few metatiles ahead of writing."""
    source = write_folder(tmp_path / "in", cut(scene(2 * SIDE, 24 * SIDE), SIDE, ZOOM, X0, Y0))
    ahead, read, written = [], [], []
    plain_read, plain_write = tile_run._Work._read, tile_run.MBTilesWriter.write

    def reads(work, box):
        read.append(box)
        ahead.append(len(read) - len(written))
        return plain_read(work, box)

    def writes(writer, unit, tiles):
        time.sleep(0.05)
        plain_write(writer, unit, tiles)
        written.append(unit)

    monkeypatch.setattr(tile_run._Work, "_read", reads)
    monkeypatch.setattr(tile_run.MBTilesWriter, "write", writes)
    made(source, conv, tmp_path)
    assert len(written) == 12
    assert max(ahead) <= 6


def test_nothing_is_made_of_tiles_that_vanish_while_they_are_read(tmp_path, conv, monkeypatch):
    source = write_folder(tmp_path / "in", cut(scene(2 * SIDE, 2 * SIDE), SIDE, ZOOM, X0, Y0))
    wanted = request(source, conv, tmp_path / "out.mbtiles")
    plain = tile_run.Upscaler.__init__

    def after_the_sample(*arguments):
        plain(*arguments)
        monkeypatch.setattr(TileFolder, "picture", lambda *_: None)

    monkeypatch.setattr(tile_run.Upscaler, "__init__", after_the_sample)
    with pytest.raises(NoValidPixels, match="no tile of level 9 in the extent could be read"):
        super_resolve_tiles(wanted)
    assert os.listdir(tmp_path) == ["in"]


def test_what_is_measured_is_measured_once(tmp_path, shipped, small_metatiles):
    source = write_folder(tmp_path / "in", cut(scene(4 * SIDE, 4 * SIDE), SIDE, ZOOM, X0, Y0))
    told = Told()
    made(source, shipped, tmp_path, progress=told)
    assert sum("blur measured" in line for line in told.lines) == 1


def test_the_tiles_of_a_decoded_picture_are_its_pixels():
    """The tests' own reader agrees with GDAL's."""
    assert np.array_equal(decoded(coded(scene(SIDE, SIDE)[:3])), scene(SIDE, SIDE))
