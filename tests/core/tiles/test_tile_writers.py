"""Tiles written: what SQLite, GDAL and others find in them, and what a full disk leaves."""

import errno
import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.tiles.mercator import MapTile, TileBox
from srsat_qgis.core.tiles.tile_writers import (
    FolderWriter,
    MBTilesWriter,
    RasterOfTiles,
    TilesetFacts,
    kept_folder,
)
from tests.tilesets import SIDE, decoded, read_folder, read_mbtiles, scene

BOX = TileBox(5, 10, 12, 12, 14)


def facts(side=256, box=BOX, **changes) -> TilesetFacts:
    plain = {
        "name": "Towns",
        "attribution": '<a href="https://me">me</a>',
        "box": box,
        "zooms": (box.zoom, box.zoom),
        "tile_px": side,
        "transparent": True,
        "provenance": {"SRSAT_MODEL": "any-x2"},
    }
    return TilesetFacts(**{**plain, **changes})


def tiles(side=256):
    """Return BOX's four tiles of one picture, the last one missing."""
    picture = scene(2 * side, 2 * side)
    return picture, [
        (MapTile(5, 10 + x, 12 + y), picture[:, y * side : (y + 1) * side, x * side : (x + 1) * side])
        for y in (0, 1)
        for x in (0, 1)
        if (x, y) != (1, 1)
    ]


def written(tmp_path, side=256, **changes):
    folder = tmp_path / "work"
    folder.mkdir()
    writer = MBTilesWriter(tmp_path / "out.mbtiles", folder, "png", 75)
    picture, parts = tiles(side)
    writer.write("first", parts[:2])
    writer.write("second", parts[2:])
    assert not (tmp_path / "out.mbtiles").exists()
    writer.finish(facts(side, **changes))
    writer.close()
    return tmp_path / "out.mbtiles", picture


def test_mbtiles_hold_what_the_specification_asks_for(tmp_path):
    path, picture = written(tmp_path)
    base = sqlite3.connect(path)
    items = dict(base.execute("SELECT name, value FROM metadata"))
    assert {key: items[key] for key in ("name", "format", "minzoom", "maxzoom", "type", "version")} == {
        "name": "Towns",
        "format": "png",
        "minzoom": "5",
        "maxzoom": "5",
        "type": "overlay",
        "version": "1",
    }
    assert items["attribution"] == '<a href="https://me">me</a>'
    # By the formulas of the wiki of OpenStreetMap.
    west, south, east, north = map(float, items["bounds"].split(","))
    assert (west, east) == (10 / 32 * 360 - 180, 12 / 32 * 360 - 180)
    assert (south, north) == pytest.approx((21.943045533, 40.979898069), abs=1e-8)
    longitude, latitude, zoom = map(float, items["center"].split(","))
    assert west < longitude < east
    assert south < latitude < north
    assert zoom == 5
    names = {row[0] for row in base.execute("SELECT name FROM sqlite_master")}
    assert names == {"metadata", "tiles", "tile_index"}
    columns = [row[1] for row in base.execute("PRAGMA table_info(tiles)")]
    assert columns == ["zoom_level", "tile_column", "tile_row", "tile_data"]
    assert base.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"MPBX", "big"),)
    assert base.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(base.execute("SELECT tile_column, tile_row FROM tiles")) == [(10, 18), (10, 19), (11, 19)]
    base.close()
    assert np.array_equal(decoded(read_mbtiles(path)[5, 11, 12]), picture[:, :256, 256:])
    assert sorted(os.listdir(tmp_path)) == ["out.mbtiles", "work"]
    assert os.listdir(tmp_path / "work") == []


@pytest.mark.parametrize("side", [256, 512])
def test_gdal_shows_mbtiles_on_the_same_ground(tmp_path, side):
    path, picture = written(tmp_path, side)
    dataset = gdal.Open(str(path))
    pixel = 2 * SIDE / 32 / side
    assert dataset.GetGeoTransform() == pytest.approx(
        (10 * side * pixel - SIDE, pixel, 0, SIDE - 12 * side * pixel, 0, -pixel), rel=1e-9
    )
    found = dataset.ReadAsArray()
    assert found.shape == (4, 2 * side, 2 * side)
    assert np.array_equal(found[:, :side], picture[:, :side])
    assert np.array_equal(found[:, side:, :side], picture[:, side:, :side])
    assert not found[3, side:, side:].any()


def test_a_killed_writer_continues_with_what_it_had(tmp_path):
    _, parts = tiles()
    writer = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    writer.write("first", parts[:2])
    writer.close()
    again = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    assert again.done("first")
    assert not again.done("second")
    again.write("second", parts[2:])
    again.finish(facts())
    assert len(read_mbtiles(tmp_path / "out.mbtiles")) == 3


def test_a_writer_killed_between_its_end_and_its_place_only_moves(tmp_path, monkeypatch):
    _, parts = tiles()
    writer = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    writer.write("first", parts)
    with monkeypatch.context() as patch:
        patch.setattr("srsat_qgis.core.tiles.tile_writers.os.replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            writer.finish(facts())
    again = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    assert again.done("first")
    again.finish(facts())
    base = sqlite3.connect(tmp_path / "out.mbtiles")
    assert base.execute("SELECT count(*) FROM metadata WHERE name = 'name'").fetchone() == (1,)
    base.close()


def test_a_unit_that_does_not_fit_on_the_disk_is_not_half_there(tmp_path):
    _, parts = tiles()
    writer = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    writer.write("first", parts[:1])
    pages = writer._base.execute("PRAGMA page_count").fetchone()[0]
    # SQLite fails as on a full disk.
    writer._base.execute(f"PRAGMA max_page_count = {pages + 30}")
    with pytest.raises(
        DiskFull, match=r"out\.mbtiles: the tiles cannot be written: database or disk is full"
    ):
        writer.write("second", parts[1:])
    writer.close()
    assert not (tmp_path / "out.mbtiles").exists()
    again = MBTilesWriter(tmp_path / "out.mbtiles", tmp_path, "png", 75)
    assert again.done("first")
    assert not again.done("second")
    assert again._base.execute("SELECT count(*) FROM tiles").fetchone() == (1,)
    again.close()


@pytest.mark.parametrize("south", [False, True])
def test_a_folder_has_its_tiles_its_rows_and_a_tilejson(tmp_path, south):
    (tmp_path / "work").mkdir()
    writer = FolderWriter(tmp_path / "out", tmp_path / "work", "png", 75, tms=south)
    picture, parts = tiles()
    writer.write("all", parts)
    assert not (tmp_path / "out").exists()
    writer.finish(facts())
    found = read_folder(tmp_path / "out", south=south)
    assert sorted(found) == [(5, 10, 12), (5, 10, 13), (5, 11, 12)]
    assert np.array_equal(decoded(found[5, 10, 13]), picture[:, 256:, :256])
    said = json.loads((tmp_path / "out" / "tiles.json").read_text("utf-8"))
    assert (said["scheme"], said["tileSize"], said["minzoom"]) == ("tms" if south else "xyz", 256, 5)
    assert said["attribution"] == '<a href="https://me">me</a>'


def test_a_level_of_the_target_is_replaced_and_all_else_stays(tmp_path):
    (tmp_path / "work").mkdir()
    for name in ("5/99/1.png", "4/1/1.png", "index.html"):
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    writer = FolderWriter(tmp_path / "out", tmp_path / "work", "png", 75, tms=False)
    writer.write("all", tiles()[1])
    writer.finish(facts())
    assert (tmp_path / "out" / "4" / "1" / "1.png").read_text() == "old"
    assert (tmp_path / "out" / "index.html").read_text() == "old"
    assert sorted(os.listdir(tmp_path / "out" / "5")) == ["10", "11"]
    assert sorted(os.listdir(tmp_path / "out")) == ["4", "5", "index.html", "tiles.json"]


def test_a_full_disk_leaves_the_target_folder_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    (tmp_path / "out" / "5").mkdir(parents=True)
    writer = FolderWriter(tmp_path / "out", tmp_path / "work", "png", 75, tms=False)
    plain, calls = Path.write_bytes, []

    def full(path, content):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return plain(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFull, match="out: the tiles cannot be written: No space left"):
        writer.write("all", tiles()[1])
    assert not writer.done("all")
    assert os.listdir(tmp_path / "out" / "5") == []


def test_a_geotiff_lies_on_the_pixels_of_its_level(tmp_path):
    picture, parts = tiles()
    writer = RasterOfTiles(tmp_path / "out.tif", BOX, 256, {"SRSAT_MODEL": "any-x2"})
    writer.write("all", parts)
    writer.finish(facts())
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    pixel = 2 * SIDE / 32 / 256
    assert dataset.GetGeoTransform() == pytest.approx(
        (10 * 256 * pixel - SIDE, pixel, 0, SIDE - 12 * 256 * pixel, 0, -pixel), rel=1e-12
    )
    found = dataset.ReadAsArray()
    assert np.array_equal(found[:, :256], picture[:, :256])
    assert not found[:, 256:, 256:].any()
    assert dataset.GetRasterBand(4).GetColorInterpretation() == gdal.GCI_AlphaBand


def interrupted(target, model, *, write=None):
    """Have a run of a model fail after it has written a text, and return what was kept for it."""
    with kept_folder(target, {"model": model}) as folder:
        kept = folder / "tiles.mbtiles"
        found = kept.read_text() if kept.exists() else None
        if write is not None:
            kept.write_text(write)
        raise InterruptedError(found)


def test_rows_kept_for_another_run_are_thrown_away(tmp_path):
    target = tmp_path / "out.mbtiles"
    with pytest.raises(InterruptedError, match="None"):
        interrupted(target, "a", write="kept")
    with pytest.raises(InterruptedError, match="kept"):
        interrupted(target, "a")
    with kept_folder(target, {"model": "b"}) as folder:
        assert not (folder / "tiles.mbtiles").exists()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with (
        pytest.raises(OutputNotWritable, match="nowhere"),
        kept_folder(tmp_path / "nowhere" / "out.mbtiles", {}),
    ):
        pass
