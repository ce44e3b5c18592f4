"""Grids nest or are refused, by one tolerance at every corner and one rule for missing CRSs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from osgeo import osr

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import (
    TOLERANCE,
    Placement,
    check_nesting,
    common_window,
    pixel_ratio,
    place,
)
from srsat_qgis.core.types import Window

NAMES = ("coarse.tif", "fine.tif")
X0, Y0 = 399960.0, 5300040.0
NORTH_UP = Grid(100, 200, (X0, 10.0, 0.0, Y0, 0.0, -10.0))
SOUTH_UP = Grid(100, 200, (X0, 10.0, 0.0, Y0 - 1000, 0.0, 10.0))
ROTATED = Grid(100, 200, (X0, 8.0, 6.0, Y0, 6.0, -8.0))
DEGREES = Grid(100, 200, (13.1, 1 / 3600, 0.0, 52.7, 0.0, -1 / 3600))


def wkt(code: int) -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return reference.ExportToWkt()


def moved(grid: Grid, *, cols: float = 0.0, rows: float = 0.0) -> Grid:
    """Return the grid shifted by so many of its pixels."""
    x0, xc, xr, y0, yc, yr = grid.transform
    return replace(grid, transform=(x0 + cols * xc + rows * xr, xc, xr, y0 + cols * yc + rows * yr, yc, yr))


@pytest.mark.parametrize("coarse", [NORTH_UP, SOUTH_UP, ROTATED, DEGREES])
@pytest.mark.parametrize("factor", [1, 2, 3, 6])
def test_refined_grids_nest_where_they_are_cut(coarse, factor):
    fine = coarse.refined(factor)
    check_nesting(coarse, fine, factor, names=NAMES)
    assert place(coarse, fine, names=NAMES) == Placement(factor, 0, 0)
    part = fine.cropped(Window(5, 7, 40, 50))
    assert place(coarse, part, names=NAMES) == Placement(factor, -5, -7)
    assert place(coarse.cropped(Window(4, 3, 9, 9)), fine, names=NAMES) == Placement(
        factor, 4 * factor, 3 * factor
    )


def test_a_raster_that_does_not_fill_the_other_one_does_not_nest_in_it():
    fine = NORTH_UP.refined(2)
    with pytest.raises(GridMismatch, match=r"fine\.tif does not nest in coarse\.tif"):
        check_nesting(NORTH_UP, moved(fine, cols=1), 2, names=NAMES)
    with pytest.raises(GridMismatch, match="expected 400 x 200 pixels"):
        check_nesting(NORTH_UP, Grid(199, 400, fine.transform), 2, names=NAMES)
    with pytest.raises(GridMismatch, match=r"fine\.tif does not nest in coarse\.tif: .* 0\.4 columns"):
        check_nesting(NORTH_UP, moved(fine, cols=0.4), 2, names=NAMES)


@pytest.mark.parametrize("grid", [NORTH_UP, ROTATED, DEGREES])
@pytest.mark.parametrize("direction", ["rows", "cols"])
def test_corners_may_be_off_by_the_tolerance_and_no_more(grid, direction):
    fine = grid.refined(3)
    assert place(grid, moved(fine, **{direction: 0.9 * TOLERANCE}), names=NAMES) == Placement(3, 0, 0)
    with pytest.raises(GridMismatch, match=r"coarse\.tif does not nest with fine\.tif: its corner lies"):
        place(grid, moved(fine, **{direction: 1.2 * TOLERANCE}), names=NAMES)


@pytest.mark.parametrize("side", [10, 10_000])
def test_pixel_sizes_that_drift_are_caught_at_the_far_corner(side):
    """A difference of 1e-6 of a pixel's size is nothing over 10 pixels, and 0.01 pixels over 10,000."""
    coarse = Grid(side, side, (X0, 20.0, 0.0, Y0, 0.0, -20.0))
    fine = coarse.refined(2)
    drifting = replace(fine, transform=(X0, 10.0 * (1 + 1e-6), 0.0, Y0, 0.0, -10.0))
    if side == 10:
        assert place(coarse, drifting, names=NAMES) == Placement(2, 0, 0)
        return
    for check in (pixel_ratio, place):
        with pytest.raises(GridMismatch, match=r"1\.999998 x 2 times as large .* over the whole extent"):
            check(coarse, drifting, names=NAMES)
    with pytest.raises(GridMismatch, match=r"does not nest in"):
        check_nesting(coarse, drifting, 2, names=NAMES)


@pytest.mark.parametrize(
    "other",
    [
        Grid(40, 80, (X0, 25.0, 0.0, Y0, 0.0, -25.0)),
        Grid(50, 100, (X0, 20.0, 0.0, Y0, 0.0, -30.0)),
        Grid(200, 400, (X0, 5.0, 0.0, Y0, 0.0, -5.0)),
        Grid(50, 100, (X0, 20.0, 0.0, Y0, 0.0, 20.0)),
        Grid(50, 100, (X0, 16.0, 12.0, Y0, 12.0, -16.0)),
    ],
)
def test_other_pixel_sizes_and_directions_are_refused(other):
    with pytest.raises(GridMismatch, match=r"coarse\.tif: its pixels are .* times as large as those of fine"):
        place(other, NORTH_UP, names=NAMES)


def test_crss_that_differ_are_refused_and_a_missing_one_is_the_other_s():
    known = replace(NORTH_UP, crs_wkt=wkt(32633))
    for first, second in ((known, NORTH_UP), (NORTH_UP, known), (known, known)):
        check_nesting(first, second.refined(2), 2, names=NAMES)
    with pytest.raises(GridMismatch, match=r"coarse\.tif is in EPSG:32633 and fine\.tif in EPSG:32634"):
        place(known, replace(NORTH_UP, crs_wkt=wkt(32634)), names=NAMES)


def test_without_a_georeference_both_cover_the_same_ground():
    plain = Grid(30, 40, None)
    assert place(plain, Grid(60, 80, None), names=NAMES) == Placement(2, 0, 0)
    for other in (Grid(61, 80, None), Grid(60, 120, None), Grid(15, 20, None)):
        with pytest.raises(GridMismatch, match=r"40 x 30 pixels of coarse\.tif do not fill"):
            place(plain, other, names=NAMES)
    for pair in ((plain, NORTH_UP), (NORTH_UP, plain)):
        with pytest.raises(GridMismatch, match="only one of the two has a georeference"):
            place(*pair, names=NAMES)


def test_what_is_made_of_a_raster_without_a_georeference_lies_on_its_pixels():
    plain = Grid(30, 40, None)
    check_nesting(plain, plain.refined(2), 2, names=NAMES)
    assert place(plain, plain.refined(2), names=NAMES) == Placement(2, 0, 0)
    part = plain.cropped(Window(10, 20, 20, 20)).refined(3)
    assert place(plain, part, names=NAMES) == Placement(3, -30, -60)
    coarse = replace(Grid(10, 10, None).refined(1), transform=(0.0, 3.0, 0.0, 0.0, 0.0, -3.0))
    assert place(coarse, plain, names=NAMES) == Placement(3, 0, 0)
    # Elsewhere, in a CRS, or placed by control points, it is another raster.
    beyond = replace(part, transform=(21.0, *part.transform[1:]))
    for other in (beyond, replace(part, crs_wkt=wkt(32633))):
        with pytest.raises(GridMismatch, match="only one of the two has a georeference"):
            place(plain, other, names=NAMES)
    with pytest.raises(GridMismatch, match="only one of the two has a georeference"):
        place(replace(plain, gcps=((0.0, 0.0, 0.0, 0.0, 0.0),)), part, names=NAMES)


def test_windows_lead_to_the_pixels_beneath():
    assert Placement(2, 4, -2).window_of(Window(8, 2, 6, 10)) == Window(2, 2, 3, 5)
    assert Placement(2, 4, -2).covered(Grid(3, 5, None)) == Window(4, -2, 6, 10)


def test_the_common_window_lies_on_whole_pixels_of_all():
    placed = [
        ("a.tif", Grid(60, 80, None), Placement(1, 0, 0)),
        ("b.tif", Grid(40, 50, None), Placement(1, 3, 5)),
        ("c.tif", Grid(30, 40, None), Placement(2, 0, 0)),
    ]
    assert common_window(placed) == Window(4, 6, 38, 48)
    assert common_window(placed, step=4) == Window(4, 6, 36, 48)


def test_rasters_that_do_not_meet_are_refused():
    placed = [
        ("a.tif", Grid(60, 80, None), Placement(1, 0, 0)),
        ("b.tif", Grid(60, 80, None), Placement(1, 60, 0)),
    ]
    with pytest.raises(GridMismatch, match=r"a\.tif, b\.tif: the rasters do not overlap"):
        common_window(placed)
    apart = [
        placed[0],
        ("m.tif", Grid(9, 9, None), Placement(2, 0, 0)),
        ("c.tif", Grid(3, 3, None), Placement(6, 3, 0)),
    ]
    with pytest.raises(
        GridMismatch, match=r"never start together: .*m\.tif has 2 .* 0 on, c\.tif has 6 .* 3 on"
    ):
        common_window(apart)
