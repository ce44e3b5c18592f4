"""Grids are compared before pixels are: what lies elsewhere is refused, with both values in the message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from osgeo import osr

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.evaluation.alignment import Placement, common_area, place
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.types import Window

NAMES = ("test.tif", "other.tif")
X0, Y0 = 399960.0, 5300040.0


def wkt(code: int) -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return reference.ExportToWkt()


def grid(
    rows: int = 60, cols: int = 80, size: float = 10.0, x0: float = X0, y0: float = Y0, code: int = 32633
) -> Grid:
    return Grid(rows, cols, (x0, size, 0.0, y0, 0.0, -size), wkt(code))


def test_the_same_grid_begins_at_its_first_pixel():
    assert place(grid(), grid(), same_size=True, names=NAMES) == Placement(1, 0, 0)


def test_a_larger_raster_on_the_same_pixels_begins_before():
    larger = grid(100, 100, x0=X0 - 70.0, y0=Y0 + 30.0)
    assert place(grid(), larger, same_size=True, names=NAMES) == Placement(1, -3, -7)


def test_a_coarse_raster_holds_whole_pixels():
    assert place(grid(), grid(20, 27, 30.0), same_size=False, names=NAMES) == Placement(3, 0, 0)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (grid(x0=X0 + 4.0), "0.4 columns"),
        (grid(size=10.1), "pixels of the same size"),
        (grid(size=20.0), "pixels of the same size"),
        (grid(code=32632), "WGS 84 / UTM zone 33N and WGS 84 / UTM zone 32N"),
        (replace(grid(), transform=None), "only one of the two has a georeference"),
        (replace(grid(), crs_wkt=""), "only one of the two names"),
        (replace(grid(), transform=(X0, 10.0, 0.0, Y0, 0.0, 10.0)), "same directions"),
    ],
)
def test_other_grids_are_refused(other, expected):
    with pytest.raises(GridMismatch, match=r"other\.tif does not lie on the grid of test\.tif") as caught:
        place(grid(), other, same_size=True, names=NAMES)
    assert expected in str(caught.value)


def test_a_coarse_raster_between_pixels_is_refused():
    with pytest.raises(GridMismatch, match="whole number of pixels"):
        place(grid(), grid(24, 32, 25.0), same_size=False, names=NAMES)


def test_pixel_sizes_that_add_up_to_a_shift_are_refused():
    with pytest.raises(GridMismatch, match=r"same size|far corners"):
        place(grid(9000, 9000), grid(9000, 9000, size=10.0 * (1 + 3e-6)), same_size=True, names=NAMES)


def test_rasters_without_georeference_fill_each_other_by_a_whole_factor():
    test, coarse = Grid(60, 80, None), Grid(30, 40, None)
    assert place(test, coarse, same_size=False, names=NAMES) == Placement(2, 0, 0)
    with pytest.raises(GridMismatch, match="do not fill"):
        place(test, Grid(31, 40, None), same_size=False, names=NAMES)


def test_rotated_rasters_are_placed_by_their_own_axes():
    rotated = replace(grid(), transform=(X0, 8.0, 6.0, Y0, 6.0, -8.0))
    shifted = rotated.cropped(Window(4, 9, 20, 20))
    assert place(rotated, shifted, same_size=True, names=NAMES) == Placement(1, 4, 9)


def test_the_common_area_lies_on_whole_coarse_pixels():
    reference = (Placement(1, 3, 5), grid(40, 50))
    coarse = (Placement(2, 0, 0), grid(30, 40, 20.0))
    area = common_area(grid(), [reference, coarse])
    assert area == Window(4, 6, 38, 48)


def test_rasters_that_do_not_meet_are_refused():
    with pytest.raises(GridMismatch, match="do not overlap"):
        common_area(grid(), [(Placement(1, 60, 0), grid())])


def test_windows_lead_to_the_pixels_beneath():
    assert Placement(2, 4, -2).window_of(Window(8, 2, 6, 10)) == Window(2, 2, 3, 5)
