"""The shift of rasters: right in map units and pixels on any pair of grids."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal, osr

from srsat_qgis.core.errors import (
    Cancelled,
    GridMismatch,
    InvalidSetting,
    RasterNotReadable,
    UnsupportedRaster,
)
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration import lattice
from srsat_qgis.core.registration.coregister import raster_shift
from srsat_qgis.core.registration.lattice import pair_up
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import ROTATED, SOUTH_UP, texture, write_raster
from tests.shifted_scenes import FineScene, fractal

FINE = 2400  # pixels of 1 m


@pytest.fixture(scope="module")
def ground() -> np.ndarray:
    """A piece of ground in pixels of 1 m."""
    scene = fractal(FINE, FINE, seed=11)
    return 1000 + 300 * scene / scene.std()


def picture(ground, path, *, gsd, row, col, side, off=(0.0, 0.0), nodata=None, holes=None):
    """Write a picture of ``side`` pixels of ``gsd`` metres whose corner lies at (row, col) metres of the ground.

    Its georeference is wrong by ``off`` metres (east, north).
    """
    part = ground[row : row + side * gsd, col : col + side * gsd]
    values = part.reshape(side, gsd, side, gsd).mean(axis=(1, 3)).astype(np.float32)
    if holes is not None:
        values[holes] = nodata
    transform = (500000.0 + col + off[0], gsd, 0.0, 5000000.0 - row + off[1], 0.0, -gsd)
    return Raster(write_raster(path, values[np.newaxis], transform=transform, nodata=nodata))


def measured(test, reference, **settings):
    return raster_shift(test, reference, **{"max_shift_px": 12, **settings})


@pytest.mark.parametrize(
    ("gsd", "reference_gsd"), [(10, 10), (10, 20), (20, 10), (10, 15), (15, 10), (4, 12)], ids=str
)
def test_unlike_pixel_sizes_and_half_pixel_origins_give_the_shift_in_metres(
    ground, tmp_path, gsd, reference_gsd
):
    test = picture(ground, tmp_path / "t.tif", gsd=gsd, row=107, col=93, side=2100 // gsd, off=(-23.0, 14.5))
    reference = picture(
        ground, tmp_path / "r.tif", gsd=reference_gsd, row=100, col=100, side=2100 // reference_gsd
    )
    found = measured(test, reference)
    assert found.status == "measured"
    assert (found.dx, found.dy) == (pytest.approx(23.0, abs=0.3), pytest.approx(-14.5, abs=0.3))
    assert found.dx_pixels == pytest.approx(found.dx / gsd)
    assert found.dy_pixels == pytest.approx(-found.dy / gsd)
    assert not found.warped


def test_rasters_that_lie_well_have_no_shift_though_their_grids_differ_by_half_a_pixel(ground, tmp_path):
    coarse = picture(ground, tmp_path / "c.tif", gsd=30, row=0, col=0, side=79)
    fine = picture(ground, tmp_path / "f.tif", gsd=15, row=15, col=15, side=157)
    for test, reference in ((coarse, fine), (fine, coarse)):
        found = measured(test, reference, max_shift_px=4)
        assert (found.dx, found.dy) == (pytest.approx(0, abs=0.15), pytest.approx(0, abs=0.15))


@pytest.mark.parametrize("transform", [SOUTH_UP, ROTATED, (100.0, -10.0, 0.0, 7.0, 0.0, -10.0)], ids=str)
def test_the_direction_of_the_rows_is_that_of_the_geotransform(tmp_path, transform):
    scene = FineScene(150, margin=10, seed=3)
    images = scene.picture(), scene.picture(32, 17)
    reference, test = (
        Raster(
            write_raster(tmp_path / f"{index}.tif", image[np.newaxis].astype(np.float32), transform=transform)
        )
        for index, image in enumerate(images)
    )
    found = measured(test, reference)
    _, xc, xr, _, yc, yr = transform
    assert (found.dy_pixels, found.dx_pixels) == (pytest.approx(3.2, abs=0.03), pytest.approx(1.7, abs=0.03))
    assert found.dx == pytest.approx(1.7 * xc + 3.2 * xr, abs=0.4)
    assert found.dy == pytest.approx(1.7 * yc + 3.2 * yr, abs=0.4)


def test_rows_that_run_the_other_way_are_warped_and_measured(ground, tmp_path):
    reference = picture(ground, tmp_path / "r.tif", gsd=10, row=100, col=100, side=200)
    part = ground[100:2100, 100:2100].reshape(200, 10, 200, 10).mean(axis=(1, 3))[::-1].astype(np.float32)
    south_up = (500100.0 + 18.0, 10.0, 0.0, 5000000.0 - 2100 - 9.0, 0.0, 10.0)
    test = Raster(write_raster(tmp_path / "t.tif", part[np.newaxis], transform=south_up))
    found = measured(test, reference)
    assert found.warped
    assert (found.dx, found.dy) == (pytest.approx(-18, abs=0.3), pytest.approx(9, abs=0.3))


@pytest.mark.parametrize("finer", ["reference", "test"])
def test_another_crs_is_warped_and_the_shift_is_in_units_of_the_input(ground, tmp_path, finer):
    gsds = (10, 30) if finer == "test" else (20, 10)
    test = picture(
        ground, tmp_path / "t.tif", gsd=gsds[0], row=150, col=150, side=2100 // gsds[0], off=(-23.0, 14.5)
    )
    reference = picture(ground, tmp_path / "r.tif", gsd=gsds[1], row=0, col=0, side=2400 // gsds[1])
    web = osr.SpatialReference()
    web.ImportFromEPSG(3857)
    stretched = gsds[1] * 1.41  # Web Mercator's metres at 45 degrees
    gdal.Warp(
        str(tmp_path / "w.tif"),
        reference.path,
        dstSRS=web.ExportToWkt(),
        xRes=stretched,
        yRes=stretched,
        resampleAlg="cubic",
        dstNodata=-1,
        errorThreshold=0,
    )
    found = measured(test, Raster(str(tmp_path / "w.tif")))
    assert found.warped
    near = 0.03 * max(gsds)  # the reference was interpolated twice on its way here
    assert (found.dx, found.dy) == (pytest.approx(23.0, abs=near), pytest.approx(-14.5, abs=near))


def test_the_largest_shift_counts_along_the_axis_of_the_smallest_pixels(tmp_path):
    """The test's pixels are 10 x 20 m; on the lattice of the reference, 20 x 20 m, five of its rows are 2.5 pixels."""
    scene = FineScene(150, margin=10, seed=3)
    images = scene.picture().repeat(2, axis=0), scene.picture(0, 50)
    square, flat = (399960.0, 20.0, 0.0, 5300040.0, 0.0, -20.0), (399960.0, 20.0, 0.0, 5300040.0, 0.0, -10.0)
    test = Raster(write_raster(tmp_path / "t.tif", images[0][np.newaxis].astype(np.float32), transform=flat))
    reference = Raster(
        write_raster(tmp_path / "r.tif", images[1][np.newaxis].astype(np.float32), transform=square)
    )
    found = measured(test, reference, max_shift_px=5)
    assert (found.dy_pixels, found.dx_pixels) == (pytest.approx(0, abs=0.05), pytest.approx(-5, abs=0.05))


def test_lattice_pixels_with_a_hole_say_nothing(tmp_path):
    """A hole of one fine pixel: the coarse pixel that holds it is left out, and it alone."""
    image = np.ones((1, 40, 40), np.float32)
    image[0, 13, 26] = -1
    fine = Raster(
        write_raster(
            tmp_path / "f.tif", image, transform=(399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0), nodata=-1
        )
    )
    for gsd, hole in ((20, [6, 13]), (25, [5, 10])):
        coarse = np.ones((1, 400 // gsd, 400 // gsd), np.float32)
        transform = (399960.0, float(gsd), 0.0, 5300040.0, 0.0, -float(gsd))
        other = Raster(write_raster(tmp_path / f"{gsd}.tif", coarse, transform=transform))
        pair = pair_up(other, 1, fine, 1, Window(0, 0, 40, 40))
        values, valid = pair.test.read(Window(0, 0, 400 // gsd, 400 // gsd), 1)
        assert np.argwhere(~valid).tolist() == [hole]
        np.testing.assert_allclose(values[valid], 1)


def test_large_windows_are_warped_in_strips(tmp_path, monkeypatch):
    made = []
    plain = lattice.memory_dataset

    def counted(grid, *others):
        made.append(grid.rows * grid.cols)
        return plain(grid, *others)

    raster = Raster(write_raster(tmp_path / "a.tif", texture(1, 60, 50).astype(np.float32)))
    pixels, whole = lattice.WarpedPixels(raster, 1, raster.grid), Window(0, 0, 60, 50)
    expected = pixels.read(whole, 1)
    monkeypatch.setattr(lattice, "memory_dataset", counted)
    monkeypatch.setattr(lattice, "_WARPED_PIXELS", 500)
    for found, known in zip(pixels.read(whole, 1), expected):
        np.testing.assert_array_equal(found, known)
    assert made == [500] * 6


def test_a_view_that_gdal_cannot_make_is_an_error_that_names_the_raster(tmp_path, monkeypatch):
    raster = Raster(write_raster(tmp_path / "a.tif", np.ones((1, 9, 9), np.float32)))

    def fail(*_, **__):
        raise RuntimeError("no such driver")

    monkeypatch.setattr(gdal, "Translate", fail)
    with pytest.raises(RasterNotReadable, match=r"a\.tif: no such driver"):
        lattice.band_view(raster, (1,), None)


def test_nodata_and_the_extent_limit_what_is_compared(ground, tmp_path):
    reference = picture(ground, tmp_path / "r.tif", gsd=10, row=0, col=0, side=200)
    other = ground.copy()
    other[:, 1000:] = np.roll(other[:, 1000:], 40, axis=0)
    test = picture(other, tmp_path / "t.tif", gsd=10, row=0, col=0, side=200, off=(-10.0, 0.0))
    left = measured(test, reference, extent=(500000.0, 4998000.0, 500960.0, 5000000.0))
    assert (left.dx, left.dy) == (pytest.approx(10, abs=0.2), pytest.approx(0, abs=0.2))
    holes = np.s_[:, :100]
    right = measured(
        picture(
            other, tmp_path / "n.tif", gsd=10, row=0, col=0, side=200, off=(-10, 0), nodata=-1, holes=holes
        ),
        reference,
    )
    assert (right.dx, right.dy) == (pytest.approx(10, abs=0.2), pytest.approx(40, abs=0.2))


def test_without_a_georeference_the_shift_is_in_pixels(tmp_path):
    scene = FineScene(100, margin=4)
    reference, test = (
        Raster(
            write_raster(
                tmp_path / f"{index}.tif", image[np.newaxis].astype(np.float32), transform=None, epsg=None
            )
        )
        for index, image in enumerate((scene.picture(), scene.picture(21, 8)))
    )
    found = measured(test, reference)
    assert (found.dx, found.dy) == (pytest.approx(0.8, abs=0.05), pytest.approx(-2.1, abs=0.05))


def test_flat_and_unlike_rasters_are_undetermined_with_a_reason(ground, tmp_path):
    reference = picture(ground, tmp_path / "r.tif", gsd=10, row=0, col=0, side=120)
    flat = picture(np.full_like(ground, 7.0), tmp_path / "f.tif", gsd=10, row=0, col=0, side=120)
    unlike = picture(ground.T[::-1], tmp_path / "u.tif", gsd=10, row=0, col=0, side=120)
    for test, why in ((flat, "flat"), (unlike, "fits clearly better")):
        found = measured(test, reference)
        assert (found.status, found.dx, found.dy, found.dx_pixels, found.dy_pixels) == (
            "undetermined",
            None,
            None,
            None,
            None,
        )
        assert why in found.reason


def test_what_cannot_be_compared_is_refused(ground, tmp_path):
    reference = picture(ground, tmp_path / "r.tif", gsd=10, row=0, col=0, side=80)
    far = picture(ground, tmp_path / "f.tif", gsd=10, row=0, col=0, side=80, off=(50000.0, 0.0))
    with pytest.raises(GridMismatch, match="do not overlap"):
        measured(far, reference)
    bare = Raster(
        write_raster(tmp_path / "b.tif", np.ones((1, 80, 80), np.float32), transform=None, epsg=None)
    )
    with pytest.raises(GridMismatch, match="only one of the two"):
        measured(bare, reference)
    with pytest.raises(InvalidSetting, match="band 3"):
        measured(reference, reference, band=3)
    with pytest.raises(InvalidSetting, match="largest shift"):
        measured(reference, reference, max_shift_px=-1)
    points = gdal.Open(bare.path, gdal.GA_Update)
    points.SetGCPs([gdal.GCP(0, 0, 0, 0, 0), gdal.GCP(9, 9, 0, 80, 80), gdal.GCP(0, 9, 0, 0, 80)], "")
    points.FlushCache()
    del points
    with pytest.raises(UnsupportedRaster, match="ground control points"):
        measured(Raster(bare.path), reference)


@pytest.mark.parametrize("origin", [1e300, float("nan")])
def test_a_place_that_no_crs_knows_is_refused(tmp_path, origin):
    image = fractal(60, 52, seed=1)[np.newaxis].astype(np.float32)
    lost = write_raster(tmp_path / "lost.tif", image, transform=(origin, 1.0, 0.0, 0.0, 0.0, 1.0), epsg=4978)
    other = Raster(write_raster(tmp_path / "other.tif", image))
    for pair in ((Raster(lost), other), (other, Raster(lost))):
        with pytest.raises(GridMismatch, match=r"lost\.tif.*geotransform"):
            measured(*pair)


def test_a_cancelled_search_ends(ground, tmp_path):
    class Cancelling(SilentProgress):
        cancelled = True

    reference = picture(ground, tmp_path / "r.tif", gsd=10, row=0, col=0, side=80)
    with pytest.raises(Cancelled):
        measured(reference, reference, progress=Cancelling())


def test_the_pan_band_half_a_pixel_off_is_measured_from_both_sides_alike(shared_data):
    folder = shared_data / "train" / "deep-harmonization" / "inference" / "home" / "home" / "DN"
    bands, pans = sorted(folder.glob("L8/*.tif")), sorted(folder.glob("L8_pan/*.tif"))
    if not bands:
        pytest.skip(f"{folder} holds no rasters")
    for band, pan in zip(map(str, bands), map(str, pans)):
        there = measured(Raster(pan), Raster(band), reference_band=4)
        back = measured(Raster(band), Raster(pan), band=4)
        assert there.status == back.status == "measured"
        assert (there.dx, there.dy) == pytest.approx((-back.dx, -back.dy), abs=0.5)
        assert np.hypot(there.dx, there.dy) < 15  # metres: half a pixel of the bands


def test_vegetation_taken_to_start_with_the_temperature_is_found_where_its_file_says(shared_data, tmp_path):
    """In sizes the grids seem to nest; in truth the finer one starts up to three of its pixels away."""
    folder = shared_data / "test" / "lst-triplets"
    if not folder.is_dir():
        pytest.skip(f"{folder} does not exist")
    for path in sorted(folder.glob("*_ndvi.tif")):
        lst = Raster(str(path).replace("_ndvi", "_lst"))
        ndvi = Raster(str(path))
        x0, xc, xr, y0, yc, yr = ndvi.grid.transform
        start = lst.grid.transform
        nested = tmp_path / path.name
        copy = gdal.GetDriverByName("GTiff").CreateCopy(str(nested), gdal.Open(str(path)))
        copy.SetGeoTransform([start[0], xc, xr, start[3], yc, yr])
        copy.FlushCache()
        del copy
        found = measured(Raster(str(nested)), lst)
        assert found.status == "measured"
        miss = found.dx_pixels - (x0 - start[0]) / xc, found.dy_pixels - (y0 - start[3]) / yr
        assert np.hypot(*miss) < 0.7  # of 232 m, between images of 1 km and of another kind
