"""Virtual rasters on other grids, and polygons drawn, against what numpy makes of the same pixels."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, OutputNotWritable, RasterNotReadable
from srsat_qgis.core.raster.derived import StackBand, draw_polygons, unsigned, warped, write_stack
from srsat_qgis.core.raster.grid import Grid, epsg_wkt, same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window
from tests.rasters import NORTH_UP, ROTATED, SOUTH_UP, texture, write_raster

X0, Y0 = NORTH_UP[0], NORTH_UP[3]
UTM = epsg_wkt(32633)


@pytest.mark.parametrize(("opaque", "crs"), [(False, UTM), (True, UTM), (False, "")])
def test_a_raster_is_shown_on_another_grid_and_marks_what_it_does_not_cover(tmp_path, opaque, crs):
    image = texture(1, 20, 30).astype(np.uint16)
    path = write_raster(tmp_path / "a.tif", image, epsg=32633 if crs else None, nodata=None if opaque else 0)
    # 12 rows from the raster's row 11 on, 3 of them below its end, and 25 columns from 2 left of it on.
    grid = Grid(12, 25, (X0 - 20, 10.0, 0.0, Y0 - 110, 0.0, -10.0), crs)
    with warped(path, grid, resampling="near", opaque=opaque) as address:
        raster = Raster(address)
        assert (raster.grid.rows, raster.grid.cols, raster.grid.transform) == (12, 25, grid.transform)
        values, valid = raster.read_exact(Window(0, 0, 12, 25), (1,))
        del raster
    covered = np.zeros((12, 25), bool)
    covered[:9, 2:] = True
    np.testing.assert_array_equal(valid[0], covered)
    np.testing.assert_array_equal(values[0, :9, 2:], image[0, 11:, :23])
    assert gdal.VSIStatL(address) is None


@pytest.mark.parametrize("transform", [None, ROTATED, SOUTH_UP, (X0, 10.0, 0.0, Y0, 6.0, -10.0)])
def test_only_north_up_grids_can_be_warped_onto(tmp_path, transform):
    path = write_raster(tmp_path / "a.tif", texture(1, 9, 8).astype(np.uint16))
    shown = warped(path, Grid(9, 8, transform, UTM), resampling="near", opaque=False)
    with pytest.raises(GridMismatch, match=r"a\.tif: .* north-up"), shown:
        pass


def test_what_cannot_be_warped_is_named(tmp_path):
    shown = warped(str(tmp_path / "none.tif"), Grid(9, 8, NORTH_UP, UTM), resampling="near", opaque=False)
    with pytest.raises(RasterNotReadable, match=r"none\.tif"), shown:
        pass


def test_a_stack_averages_moves_and_adds_where_there_is_a_measurement(tmp_path):
    fine = texture(2, 12, 16).astype(np.uint16)
    fine[1, 2:4, 4:6] = 0
    coarse = texture(1, 10, 10, seed=1).astype(np.uint16)
    coarse[0, 3, 4] = 0
    paths = [
        write_raster(tmp_path / f"{name}.tif", image) for name, image in (("f & g", fine), ("c", coarse))
    ]
    common = {"data_type": "Float32", "nodata": -1.0, "source_nodata": 0.0, "metadata": {"wavelength": "665"}}
    bands = [
        StackBand(paths[0], 2, Window(2, 4, 8, 10), 2, added=None, name="fine <2>", **common),
        StackBand(paths[1], 1, Window(3, 4, 4, 5), 1, added=-100.0, name="coarse", **common),
    ]
    grid = Grid(4, 5, (X0, 20.0, 0.0, Y0, 0.0, -20.0), UTM)
    raster = Raster(write_stack(tmp_path / "stack.vrt", bands, grid))
    assert (raster.grid.transform, raster.types) == (grid.transform, ("Float32", "Float32"))
    assert same_crs(raster.grid.crs_wkt, UTM)
    assert [(band.name, band.wavelength_nm) for band in raster.bands] == [("fine <2>", 665), ("coarse", 665)]
    values, valid = raster.read_exact(Window(0, 0, 4, 5), (1, 2))
    holes = np.zeros((2, 4, 5), bool)
    # The first 2 x 2 fine pixels hold no measurement at all, nor does the first coarse one.
    holes[:, 0, 0] = True
    np.testing.assert_array_equal(valid, ~holes)
    means = fine[1, 2:10, 4:14].reshape(4, 2, 5, 2).mean(axis=(1, 3))
    # GDAL averages in the file's own type: to whole numbers here.
    np.testing.assert_array_equal(values[0][valid[0]], np.floor(means + 0.5)[valid[0]])
    moved = coarse[0, 3:7, 4:9] - 100.0
    np.testing.assert_allclose(values[1][valid[1]], moved[valid[1]])


def test_a_polygon_takes_the_pixels_whose_middle_lies_in_it(tmp_path):
    target = str(tmp_path / "mask.tif")
    # From the middle of the second column's pixels, which it just holds, to short of the middle of the fifth.
    west, east, north, south = X0 + 14.9, X0 + 44.9, Y0 - 4.9, Y0 - 25.1
    box = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    draw_polygons([f"POLYGON (({box}))"], Grid(6, 7, NORTH_UP, UTM), target)
    raster = Raster(target)
    expected = np.zeros((6, 7), np.uint8)
    expected[0:3, 1:4] = 1
    np.testing.assert_array_equal(raster.read_raw(1, Window(0, 0, 6, 7)), expected)
    assert raster.grid.transform == NORTH_UP
    with pytest.raises(OutputNotWritable, match="cannot be drawn"):
        draw_polygons(["POLYGON ((1 2"], Grid(6, 7, NORTH_UP, UTM), target)


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED, SOUTH_UP])
def test_signed_values_are_shown_unsigned_on_their_own_grid(tmp_path, transform):
    image = np.arange(-10000, 32768, 7).astype(np.int16)
    image = np.append(image, [-10000, -9999, 0, 1, 2, 32767]).astype(np.int16)
    image = image[: len(image) // 10 * 10].reshape(1, 10, -1)
    path = write_raster(tmp_path / "a & b.tif", image, transform=transform)
    grid = Raster(path).grid
    address = unsigned(path, grid, nodata=-10000.0)
    # Asked again, while the first may be open, it is the same.
    first = Raster(address)
    assert unsigned(path, grid, nodata=-10000.0) == address
    assert address.endswith("/a & b.vrt")
    found = first.read_raw(1, Window(0, 0, *image.shape[1:]))
    expected = np.where(image[0] == -10000, 0, np.maximum(image[0], 1))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.uint16
    assert first.grid == grid
    assert first.nodata == (0.0,)
