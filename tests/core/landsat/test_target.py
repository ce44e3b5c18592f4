"""core/landsat/target: the grid of 10 m, and which of Landsat's pixels lie where on it."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.landsat.target import axes, coarse_grid, nearest, nested, target_grid
from srsat_qgis.core.raster.grid import Grid, crs_code, epsg_wkt

NAMES = ("scene", "reference")


def grid(rows=10, cols=12, x=399945.0, y=5300055.0, size=30.0, epsg=32633):
    return Grid(rows, cols, (x, size, 0.0, y, 0.0, -size), epsg_wkt(epsg))


def test_multiples_of_ten_metres_cover_the_scene():
    found = target_grid(grid(), None, wanted="auto", names=NAMES)
    assert found.transform == (399940.0, 10.0, 0.0, 5300060.0, 0.0, -10.0)
    assert (found.rows, found.cols) == (31, 37)


def test_a_scene_on_multiples_of_ten_metres_gets_no_more_pixels():
    found = target_grid(grid(x=399960.0, y=5300040.0), None, wanted="utm", names=NAMES)
    assert (found.rows, found.cols) == (30, 36)


def test_a_scene_in_another_projection_gets_the_zone_of_its_place():
    albers = grid(100, 100, -100000.0, 2000000.0, epsg=5070)
    found = target_grid(albers, None, wanted="auto", names=NAMES)
    assert crs_code(found.crs_wkt) == "EPSG:32614"
    assert found.rows >= 300
    assert found.cols >= 300
    assert found.transform[0] % 10 == found.transform[3] % 10 == 0


def test_the_reference_s_own_grid_is_the_target():
    other = grid(40, 50, 399900.0, 5300100.0, 10.0)
    assert target_grid(grid(), other, wanted="auto", names=NAMES).transform == other.transform
    assert target_grid(grid(), other, wanted="utm", names=NAMES).rows == 31


@pytest.mark.parametrize(
    ("scene", "other", "error", "words"),
    [
        (Grid(10, 10, None), None, GridMismatch, "scene: expected a georeference"),
        (grid(size=10.0), None, InvalidSetting, "its pixels have 10 m"),
        (grid(), grid(x=500000.0, size=10.0), GridMismatch, "no ground in common"),
        (grid(), grid(epsg=32632, size=10.0), GridMismatch, "no ground in common"),
    ],
)
def test_what_cannot_be_is_named(scene, other, error, words):
    with pytest.raises(error, match=words):
        target_grid(scene, other, wanted="auto", names=NAMES)


def test_the_nearest_nesting_grid_is_at_most_a_sixth_of_a_pixel_away():
    target = grid(300, 300, 399900.0, 5300100.0, 10.0)
    for dx in np.arange(-17.0, 18.0, 2.5):
        for dy in (-8.0, 0.0, 4.0):
            scene = grid(x=399945.0 + dx, y=5300055.0 + dy)
            found = nested(scene, target)
            assert max(map(abs, found.shift)) <= 1 / 6 + 1e-9
            # Where a feature in the middle of the scene's pixel lies is the same place on both grids.
            rows, cols = 4 + found.shift[0], 7 + found.shift[1]
            np.testing.assert_allclose(found.grid.point(rows, cols), scene.point(4, 7), atol=1e-6)
            np.testing.assert_allclose(target.point(found.row, found.col), found.grid.point(0, 0), atol=1e-6)


def test_pixels_of_another_size_do_not_nest():
    target = grid(300, 300, 399900.0, 5300100.0, 10.0)
    assert nested(grid(size=15.0), target) is None
    assert nested(grid(size=29.9), target) is None


def test_coarse_pixels_hold_three_by_three_of_the_target_s():
    target = grid(31, 37, 399940.0, 5300060.0, 10.0)
    found = coarse_grid(target, margin=2)
    assert (found.rows, found.cols) == (11 + 4, 13 + 4)
    assert found.transform == (399880.0, 30.0, 0.0, 5300120.0, 0.0, -30.0)
    assert nested(found, target).length == 0


def test_centres_on_an_edge_belong_to_the_following_pixel_and_the_last_to_the_last():
    scene, target = grid(2, 2, 0.0, 60.0), grid(7, 7, -5.0, 65.0, 10.0)
    rows, cols = axes(scene, target)
    assert nearest(cols, 0, 7, 2).tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert nearest(rows, 0, 7, 2).tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_another_crs_or_turned_pixels_need_the_warper():
    target = grid(300, 300, 399900.0, 5300100.0, 10.0)
    assert axes(grid(epsg=32632), target) is None
    turned = Grid(10, 10, (399945.0, 29.0, 7.0, 5300055.0, 7.0, -29.0), epsg_wkt(32633))
    assert axes(turned, target) is None
