"""Grids are compared before pixels are: what lies elsewhere is refused, with both values in the message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from osgeo import osr

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.evaluation.partners import place_partner
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import Placement
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
    assert place_partner(grid(), grid(), same_size=True, names=NAMES) == Placement(1, 0, 0)


def test_a_larger_raster_on_the_same_pixels_begins_before():
    larger = grid(100, 100, x0=X0 - 70.0, y0=Y0 + 30.0)
    assert place_partner(grid(), larger, same_size=True, names=NAMES) == Placement(1, -3, -7)


def test_a_coarse_raster_holds_whole_pixels():
    assert place_partner(grid(), grid(20, 27, 30.0), same_size=False, names=NAMES) == Placement(3, 0, 0)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (grid(x0=X0 + 4.0), "0.4 columns"),
        (grid(size=10.1), "pixels of the same size"),
        (grid(size=20.0), "pixels of the same size"),
        (grid(code=32632), "other.tif is in EPSG:32632 and test.tif in EPSG:32633"),
        (replace(grid(), transform=None), "only one of the two has a georeference"),
        (replace(grid(), transform=(X0, 10.0, 0.0, Y0, 0.0, 10.0)), "the same orientation"),
    ],
)
def test_other_grids_are_refused(other, expected):
    with pytest.raises(GridMismatch, match=r"other\.tif does not lie on the grid of test\.tif") as caught:
        place_partner(grid(), other, same_size=True, names=NAMES)
    assert expected in str(caught.value)


def test_a_raster_without_a_crs_is_taken_to_be_in_the_other_s():
    assert place_partner(grid(), replace(grid(), crs_wkt=""), same_size=True, names=NAMES) == Placement(
        1, 0, 0
    )


def test_a_coarse_raster_between_pixels_is_refused():
    with pytest.raises(GridMismatch, match="whole number of pixels"):
        place_partner(grid(), grid(24, 32, 25.0), same_size=False, names=NAMES)


def test_pixel_sizes_that_add_up_to_a_shift_are_refused():
    with pytest.raises(GridMismatch, match=r"1\.000003 x 1\.000003 times as large"):
        place_partner(grid(9000, 9000), grid(9000, 9000, size=10.0 * (1 + 3e-6)), same_size=True, names=NAMES)


def test_rasters_without_georeference_fill_each_other_by_a_whole_factor():
    test, coarse = Grid(60, 80, None), Grid(30, 40, None)
    assert place_partner(test, coarse, same_size=False, names=NAMES) == Placement(2, 0, 0)
    with pytest.raises(GridMismatch, match="do not fill"):
        place_partner(test, Grid(31, 40, None), same_size=False, names=NAMES)


def test_rotated_rasters_are_placed_by_their_own_axes():
    rotated = replace(grid(), transform=(X0, 8.0, 6.0, Y0, 6.0, -8.0))
    shifted = rotated.cropped(Window(4, 9, 20, 20))
    assert place_partner(rotated, shifted, same_size=True, names=NAMES) == Placement(1, 4, 9)
