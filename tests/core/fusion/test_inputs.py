"""Layers of a scene share windows of whole cells, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.fusion.sensor import common_windows
from srsat_qgis.core.sentinel2.products import find_product
from srsat_qgis.core.sentinel2.scene import from_product, from_rasters
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.types import Window
from tests.core.sentinel2 import products
from tests.core.sentinel2.products import stack
from tests.rasters import write_raster


def test_a_whole_product_is_one_window_of_each_grid(tmp_path):
    layers = from_product(find_product(str(products.new_l2a(tmp_path))))
    ordered = [layers["B2"], layers["B5"], layers["B1"]]
    assert common_windows(ordered, 6) == [Window(0, 0, 72, 72), Window(0, 0, 36, 36), Window(0, 0, 12, 12)]


def test_an_origin_that_is_off_by_one_fine_pixel_is_read_through_exact_windows(tmp_path):
    """The real case: a 10 m crop that starts 10 m east of the 20 m crop's edge."""
    east = (products.ORIGIN[0] + 10, products.ORIGIN[1])
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, rows=41, cols=40, origin=east)], 10)
    coarse = from_rasters([stack(tmp_path / "c.tif", 6, 20, rows=20, cols=20)], 20)
    windows = common_windows([fine["B2"], coarse["B5"]], 2)
    assert windows == [Window(0, 1, 40, 38), Window(0, 1, 20, 19)]
    x = [
        layer.grid.transform[0] + window.col * layer.grid.transform[1]
        for layer, window in zip((fine["B2"], coarse["B5"]), windows)
    ]
    assert x[0] == x[1]


def test_pixels_that_are_shifted_by_a_fraction_are_refused(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, origin=(399963.0, 5300040.0))], 10)
    coarse = from_rasters([stack(tmp_path / "c.tif", 6, 20)], 20)
    with pytest.raises(
        GridMismatch, match=r"c.tif \(B5\) does not nest with .*f.tif \(B2\): its corner lies 0.3 columns"
    ):
        common_windows([fine["B2"], coarse["B5"]], 2)


def test_sixty_metre_pixels_that_cut_twenty_metre_ones_are_refused(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, rows=72, cols=72)], 10)
    middle = from_rasters([stack(tmp_path / "m.tif", 6, 20, rows=36, cols=36)], 20)
    south = (products.ORIGIN[0], products.ORIGIN[1] - 30)
    coarse = from_rasters([stack(tmp_path / "c.tif", 2, 60, rows=10, cols=10, origin=south)], 60)
    with pytest.raises(
        GridMismatch,
        match=r"never start together: .*m.tif \(B5\) has 2 .* 0 on, .*c.tif \(B1\) has 6 .* 3 on",
    ):
        common_windows([fine["B2"], middle["B5"], coarse["B1"]], 6)


def test_other_pixel_sizes_other_grounds_and_other_systems_are_refused(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10)], 10)["B2"]
    odd = from_rasters([stack(tmp_path / "o.tif", 6, 25)], 20)["B5"]
    with pytest.raises(GridMismatch, match=r"2.5 x 2.5 times as large as those of"):
        common_windows([fine, odd], 2)
    far = from_rasters([stack(tmp_path / "far.tif", 6, 20, origin=(500000.0, 5300040.0))], 20)["B5"]
    with pytest.raises(GridMismatch, match="do not overlap; expected whole pixels of the coarsest"):
        common_windows([fine, far], 2)
    other = from_rasters([stack(tmp_path / "crs.tif", 6, 20, epsg=32634)], 20)["B5"]
    with pytest.raises(GridMismatch, match="expected one coordinate reference system"):
        common_windows([fine, other], 2)


def test_without_georeference_the_sizes_must_nest(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, epsg=None)], 10)["B2"]
    image = np.full((6, 18, 18), 500, np.uint16)
    plain = from_rasters([Source(write_raster(tmp_path / "p.tif", image, transform=None, epsg=None))], 20)[
        "B5"
    ]
    with pytest.raises(GridMismatch, match="only one of the two has a georeference"):
        common_windows([fine, plain], 2)
