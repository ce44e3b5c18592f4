"""Bands are known by name, wavelength, file or order, and share a grid of whole cells."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import BandMismatch, GridMismatch, MixedScenes
from srsat_qgis.core.fusion.layers import common_windows, joined
from srsat_qgis.core.sentinel2.products import find_product
from srsat_qgis.core.sentinel2.scene import from_product, from_rasters
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.types import Window
from tests.core.sentinel2 import products
from tests.rasters import write_raster


def stack(path, bands: int, gsd: float, *, rows=36, cols=36, origin=products.ORIGIN, **known) -> Source:
    image = np.full((bands, rows, cols), 500, np.uint16)
    transform = (origin[0], gsd, 0.0, origin[1], 0.0, -gsd)
    return Source(write_raster(path, image, transform=transform, **known))


def numbers(layers) -> dict[str, int]:
    return {band: layer.number for band, layer in layers.items()}


def test_stacks_are_known_by_description_in_any_spelling(tmp_path):
    source = stack(tmp_path / "a.tif", 4, 10, names=("B08", "B2, central wavelength 490 nm", "red", "Band 3"))
    assert numbers(from_rasters([source], 10)) == {"B8": 1, "B2": 2, "B4": 3, "B3": 4}


def test_stacks_are_known_by_wavelength(tmp_path):
    source = stack(tmp_path / "a.tif", 3, 20, wavelengths=(865, 1614, 705))
    assert numbers(from_rasters([source], 20)) == {"B8A": 1, "B11": 2, "B5": 3}


def test_an_unnamed_stack_is_taken_in_wavelength_order(tmp_path):
    source = stack(tmp_path / "a.tif", 6, 20)
    assert list(from_rasters([source], 20)) == ["B5", "B6", "B7", "B8A", "B11", "B12"]


def test_chosen_bands_alone_count(tmp_path):
    source = stack(tmp_path / "a.tif", 9, 20)
    chosen = Source(source.path, (2, 3, 4, 5, 6, 7))
    assert numbers(from_rasters([chosen], 20))["B5"] == 2


def test_single_bands_are_known_by_their_file_names(tmp_path):
    files = [stack(tmp_path / f"T33UUU_20170527T102031_{band}_20m.tif", 1, 20) for band in ("B8A", "B05")]
    assert set(from_rasters(files, 20)) == {"B8A", "B5"}


def test_unknown_bands_are_refused_with_their_files(tmp_path):
    source = stack(tmp_path / "what.tif", 5, 20)
    with pytest.raises(BandMismatch, match=r"nothing tells which band these are: .*what.tif band 1"):
        from_rasters([source], 20)


def test_a_band_that_stands_twice_is_refused(tmp_path):
    first, second = (stack(tmp_path / name, 1, 20, names=("B5",)) for name in ("one.tif", "two.tif"))
    with pytest.raises(BandMismatch, match=r"B5 stands twice: .*one.tif band 1 and .*two.tif band 1"):
        from_rasters([first, second], 20)
    with pytest.raises(BandMismatch, match="stands twice"):
        joined([from_rasters([first], 20), from_rasters([second], 20)])


def test_groups_of_several_dates_are_refused(tmp_path):
    fine = stack(tmp_path / "T33UUU_20170527T102031_B02_10m.tif", 1, 10)
    coarse = stack(tmp_path / "T33UUU_20170606T102031_B05_20m.tif", 1, 20)
    with pytest.raises(MixedScenes, match="20170527T102031"):
        joined([from_rasters([fine], 10), from_rasters([coarse], 20)])


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
        GridMismatch, match=r"c.tif \(B5\): its pixel borders lie 0.3 pixels off those of .*f.tif"
    ):
        common_windows([fine["B2"], coarse["B5"]], 2)


def test_sixty_metre_pixels_that_cut_twenty_metre_ones_are_refused(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, rows=72, cols=72)], 10)
    middle = from_rasters([stack(tmp_path / "m.tif", 6, 20, rows=36, cols=36)], 20)
    south = (products.ORIGIN[0], products.ORIGIN[1] - 30)
    coarse = from_rasters([stack(tmp_path / "c.tif", 2, 60, rows=10, cols=10, origin=south)], 60)
    with pytest.raises(
        GridMismatch, match=r"m.tif \(B5\) and .*c.tif \(B1\): pixel borders don't lie on each other"
    ):
        common_windows([fine["B2"], middle["B5"], coarse["B1"]], 6)


def test_other_pixel_sizes_other_grounds_and_other_systems_are_refused(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10)], 10)["B2"]
    odd = from_rasters([stack(tmp_path / "o.tif", 6, 25)], 20)["B5"]
    with pytest.raises(GridMismatch, match=r"2.5 x 2.5 times those of"):
        common_windows([fine, odd], 2)
    far = from_rasters([stack(tmp_path / "far.tif", 6, 20, origin=(500000.0, 5300040.0))], 20)["B5"]
    with pytest.raises(GridMismatch, match="no whole pixel of the coarsest in common"):
        common_windows([fine, far], 2)
    other = from_rasters([stack(tmp_path / "crs.tif", 6, 20, epsg=32634)], 20)["B5"]
    with pytest.raises(GridMismatch, match="different coordinate reference systems"):
        common_windows([fine, other], 2)


def test_without_georeference_the_sizes_must_nest(tmp_path):
    fine = from_rasters([stack(tmp_path / "f.tif", 4, 10, epsg=None)], 10)["B2"]
    image = np.full((6, 18, 18), 500, np.uint16)
    plain = from_rasters([Source(write_raster(tmp_path / "p.tif", image, transform=None, epsg=None))], 20)[
        "B5"
    ]
    with pytest.raises(GridMismatch, match="only one of the two has a georeference"):
        common_windows([fine, plain], 2)
