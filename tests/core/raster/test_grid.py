"""Grids: extents to the last bit, windows of extents."""

from dataclasses import replace

import numpy as np
import pytest
from osgeo import osr

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.raster.grid import (
    Grid,
    crs_code,
    crs_name,
    epsg_wkt,
    extent_in,
    is_utm,
    longitude_latitude,
    metres_per_pixel,
    same_crs,
    utm_wkt,
)
from srsat_qgis.core.types import Window

NORTH_UP = Grid(100, 200, (399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0))
SOUTH_UP = Grid(100, 200, (399960.0, 10.0, 0.0, 5299040.0, 0.0, 10.0))
ROTATED = Grid(100, 200, (399960.0, 8.0, 6.0, 5300040.0, 6.0, -8.0))
DEGREES = Grid(100, 200, (13.1, 1 / 3600, 0.0, 52.7, 0.0, -1 / 3600))


def _corners(grid):
    x0, xc, xr, y0, yc, yr = grid.transform
    return [(x0 + c * xc + r * xr, y0 + c * yc + r * yr) for r in (0, grid.rows) for c in (0, grid.cols)]


@pytest.mark.parametrize("grid", [NORTH_UP, SOUTH_UP, ROTATED, DEGREES])
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_refining_keeps_all_four_corners_to_the_last_bit(grid, factor):
    assert _corners(grid.refined(factor)) == _corners(grid)


@pytest.mark.parametrize("grid", [NORTH_UP, SOUTH_UP, ROTATED, DEGREES])
def test_pixel_of_inverts_the_transform(grid):
    x0, xc, xr, y0, yc, yr = grid.transform
    row, col = grid.pixel_of(x0 + 7.25 * xc + 3.5 * xr, y0 + 7.25 * yc + 3.5 * yr)
    np.testing.assert_allclose((row, col), (3.5, 7.25), atol=1e-6)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", range(6))
def test_a_transform_that_is_no_number_is_refused(odd, place):
    transform = list(NORTH_UP.transform)
    transform[place] = odd
    with pytest.raises(InvalidSetting, match="cannot be inverted"):
        Grid(50, 60, tuple(transform)).pixel_of(400_000, 5_300_000)


@pytest.mark.parametrize("sizes", [(0, 1, 0, 0, 0, 0), (0, 1e300, 0, 0, 0, 1e300), (0, 5e-324, 0, 0, 0, 1)])
def test_a_transform_without_an_inverse_is_refused(sizes):
    with pytest.raises(InvalidSetting, match="cannot be inverted"):
        Grid(50, 60, sizes).pixel_of(400_000, 5_300_000)


def test_an_extent_is_snapped_outwards_to_whole_pixels():
    window = NORTH_UP.window_of((399975.0, 5299901.0, 400010.0, 5300035.0))
    assert window == Window(0, 1, 14, 4)


def test_an_extent_on_pixel_edges_takes_no_pixel_more():
    assert NORTH_UP.window_of((399970.0, 5300020.0, 399990.0, 5300040.0)) == Window(0, 1, 2, 2)
    assert SOUTH_UP.window_of((399970.0, 5299040.0, 399990.0, 5299060.0)) == Window(0, 1, 2, 2)


@pytest.mark.parametrize("grid", [NORTH_UP, SOUTH_UP, DEGREES])
def test_the_extent_of_whole_pixels_gives_them_back_whatever_floats_make_of_it(grid):
    for start in range(0, 90, 7):
        window = Window(start, start + 11, 3, 29)
        (x0, y0), (x1, y1) = grid.point(start, start + 11), grid.point(start + 3, start + 40)
        assert grid.window_of((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))) == window


def test_an_extent_outside_or_empty_is_refused():
    with pytest.raises(InvalidSetting, match="outside"):
        NORTH_UP.window_of((0.0, 0.0, 10.0, 10.0))
    with pytest.raises(InvalidSetting, match="xmin < xmax"):
        NORTH_UP.window_of((399990.0, 5300020.0, 399970.0, 5300040.0))


def test_cropping_moves_the_origin_along_rotated_axes():
    cropped = ROTATED.cropped(Window(10, 20, 5, 5))
    assert cropped.transform[0] == 399960.0 + 20 * 8.0 + 10 * 6.0
    assert cropped.transform[3] == 5300040.0 + 20 * 6.0 + 10 * -8.0


def test_a_raster_without_georeference_keeps_the_extent_that_qgis_shows_it_on():
    assert Grid(3, 4, None).refined(2).transform == (0.0, 0.5, 0.0, 0.0, 0.0, -0.5)


def test_ground_control_points_stay_on_their_ground():
    grid = Grid(10, 12, None, gcps=((2.5, 5.0, 13.0, 52.0, 7.0),), gcp_wkt="crs")
    for changed, point in (
        (grid.refined(4), (10.0, 20.0, 13.0, 52.0, 7.0)),
        (grid.coarsened(2), (1.25, 2.5, 13.0, 52.0, 7.0)),
        (grid.cropped(Window(3, 2, 4, 5)), (0.5, 2.0, 13.0, 52.0, 7.0)),
    ):
        assert changed.gcps == (point,)
        assert (changed.transform, changed.gcp_wkt) == (None, "crs")


@pytest.mark.parametrize("grid", [SOUTH_UP, ROTATED, DEGREES])
def test_coarsening_keeps_the_origin_and_leaves_out_what_fills_no_pixel(grid):
    coarse = replace(grid, rows=103, cols=207).coarsened(4)
    assert (coarse.rows, coarse.cols) == (25, 51)
    assert coarse.point(0, 0) == grid.point(0, 0)
    assert coarse.point(25, 51) == pytest.approx(grid.point(100, 204), rel=1e-14)


def test_coordinate_reference_systems_are_named_compared_and_measured():
    utm, degrees = (osr.SpatialReference() for _ in range(2))
    utm.ImportFromEPSG(32633)
    degrees.ImportFromEPSG(4326)
    assert crs_code(utm.ExportToWkt()) == crs_name(utm.ExportToWkt()) == "EPSG:32633"
    assert crs_code("") == crs_name("") == ""
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    assert (crs_code(local), crs_name(local)) == ("", local)
    assert same_crs(utm.ExportToWkt(), utm.ExportToWkt(["FORMAT=WKT2_2018"]))
    assert not same_crs(utm.ExportToWkt(), degrees.ExportToWkt())
    assert metres_per_pixel(replace(ROTATED, crs_wkt=utm.ExportToWkt())) == 10
    assert metres_per_pixel(replace(DEGREES, crs_wkt=degrees.ExportToWkt())) == pytest.approx(30.92, abs=0.01)
    assert metres_per_pixel(ROTATED) is None


def test_a_crs_is_found_by_its_epsg_code():
    assert crs_code(epsg_wkt(3031)) == "EPSG:3031"
    with pytest.raises(InvalidSetting, match="EPSG:999999"):
        epsg_wkt(999999)


def test_what_is_no_crs_has_no_code_under_gdals_exceptions_too():
    before = osr.GetUseExceptions()
    osr.UseExceptions()
    try:
        assert crs_code("garbage") == ""
        assert crs_code('PROJCS["x"]') == ""
        assert metres_per_pixel(replace(NORTH_UP, crs_wkt='PROJCS["x"]')) is None
    finally:
        (osr.UseExceptions if before else osr.DontUseExceptions)()


@pytest.mark.parametrize(
    ("terms", "same"),
    [
        ("+proj=geos +lon_0=128.2 +h=35785863 +a=6378137 +rf=298.257024882273", True),
        ("+proj=geos +lon_0=128.2 +h=35785863 +a=6378137 +b=6356752.3 +sweep=x", False),
        ("+proj=geos +lon_0=128.3 +h=35785863 +a=6378137 +b=6356752.3", False),
        ("+proj=geos +lon_0=128.2 +h=35785863 +a=6378137 +b=6356755", False),
        ("+proj=geos +lon_0=128.2 +h=35785831 +a=6378137 +b=6356752.3", False),
    ],
)
def test_a_crs_of_a_nameless_ellipsoid_is_known_again_by_its_numbers(terms, same):
    """As GeoTIFFs keep the ellipsoid of weather satellites: by its flattening."""
    first, second = osr.SpatialReference(), osr.SpatialReference()
    first.ImportFromProj4("+proj=geos +lon_0=128.2 +h=35785863 +x_0=0 +y_0=0 +a=6378137 +b=6356752.3")
    second.ImportFromProj4(terms)
    assert same_crs(first.ExportToWkt(), second.ExportToWkt()) is same


def test_datums_that_have_names_are_never_taken_for_each_other():
    assert not same_crs(epsg_wkt(26910), epsg_wkt(32610))


def test_places_in_degrees_and_their_zones():
    """The false easting is the zone's middle meridian; the equator's northing is 0."""
    np.testing.assert_allclose(longitude_latitude(epsg_wkt(32633), 500000.0, 0.0), (15.0, 0.0), atol=1e-9)
    assert crs_code(utm_wkt(15.0, 52.0)) == "EPSG:32633"
    assert crs_code(utm_wkt(-179.9, -10.0)) == "EPSG:32701"
    assert crs_code(utm_wkt(180.0, 10.0)) == "EPSG:32601"
    assert is_utm(epsg_wkt(32633))
    assert not is_utm(epsg_wkt(3857))
    assert not is_utm("")


def test_an_extent_in_another_crs_holds_all_edges():
    """In degrees, a square of UTM bulges beyond its corners."""
    square = Grid(100, 100, (400000.0, 1000.0, 0.0, 5900000.0, 0.0, -1000.0), epsg_wkt(32633))
    own = extent_in(square, epsg_wkt(32633))
    assert own == (400000.0, 5800000.0, 500000.0, 5900000.0)
    xmin, ymin, xmax, ymax = extent_in(square, epsg_wkt(4326))
    points = [
        longitude_latitude(epsg_wkt(32633), *square.point(row, col))
        for row in (0, 37, 100)
        for col in (0, 60, 100)
    ]
    for x, y in points:
        assert xmin <= x <= xmax
        assert ymin <= y <= ymax
    with pytest.raises(GridMismatch):
        extent_in(Grid(1, 1, (1e9, 1.0, 0.0, 1e9, 0.0, -1.0), epsg_wkt(32633)), epsg_wkt(4326))
