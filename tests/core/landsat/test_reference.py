"""core/landsat/reference: the reference's reflectance on finer, equal and coarser pixels, without what is no ground."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand, ReferenceOn
from srsat_qgis.core.raster.grid import Grid, epsg_wkt
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import write_raster

X, Y = 400000.0, 5300000.0


def grid(size: float, side: int) -> Grid:
    return Grid(side, side, (X, size, 0.0, Y, 0.0, -size), epsg_wkt(32633))


def ramp(size: float, side: int) -> np.ndarray:
    """Return numbers that grow by 1 a metre to the east, at the middles of pixels."""
    return np.broadcast_to(1000 + (np.arange(side) + 0.5) * size, (1, side, side)).copy()


def raster(folder, name, image, size, **more):
    more.setdefault("epsg", 32633)
    return str(
        write_raster(folder / name, image.astype(np.uint16), transform=(X, size, 0, Y, 0, -size), **more)
    )


def on(reference, size, side, folder, names=("B4",)):
    return ReferenceOn(reference, names, grid(size, side), folder / "on", SilentProgress())


def inner(image, edge):
    return image[..., edge:-edge, edge:-edge]


def test_larger_pixels_are_interpolated_not_repeated(tmp_path):
    reference = Reference({"B4": ReferenceBand(raster(tmp_path, "20.tif", ramp(20, 30), 20))})
    found = on(reference, 10, 60, tmp_path).read(Window(0, 0, 60, 60))
    np.testing.assert_allclose(inner(found, 6), inner(ramp(10, 60), 6) * 1e-4, atol=1.01e-4)


def test_smaller_pixels_are_averaged(tmp_path):
    image = ramp(10, 60)
    image[:, ::2] += 400
    image[:, 1::2] -= 400
    reference = Reference({"B4": ReferenceBand(raster(tmp_path, "10.tif", image, 10))})
    found = on(reference, 20, 30, tmp_path).read(Window(0, 0, 30, 30))
    np.testing.assert_allclose(inner(found, 2), inner(ramp(20, 30), 2) * 1e-4, atol=1.01e-4)


def test_on_its_own_grid_nothing_is_written_and_zero_is_no_value(tmp_path):
    image = ramp(10, 60)
    image[:, 5, 7] = 0
    reference = Reference({"B4": ReferenceBand(raster(tmp_path, "10.tif", image, 10))}, added=-1000.0)
    made = on(reference, 10, 60, tmp_path, names=("B4", "B8"))
    assert not list((tmp_path / "on").iterdir())
    found = made.read(Window(0, 0, 60, 60))
    assert np.isnan(found[1]).all()
    expected = np.where(image[0] == 0, np.nan, (image[0].astype(np.uint16) - 1000.0) * 1e-4)
    np.testing.assert_allclose(found[0], expected, atol=1e-9)
    assert reference.numbers(reference.reflectance(np.array([1234.0]))) == pytest.approx(1234.0)


def test_a_pixel_with_any_cloud_below_it_is_no_ground(tmp_path):
    classes = np.full((1, 60, 60), 4)
    classes[0, 31, 31] = 9
    reference = Reference(
        {"B4": ReferenceBand(raster(tmp_path, "10.tif", ramp(10, 60), 10))},
        classes=raster(tmp_path, "scl.tif", classes, 10),
        masked=(8, 9),
    )
    found = on(reference, 30, 20, tmp_path).read(Window(0, 0, 20, 20))
    assert np.argwhere(np.isnan(found[0])).tolist() == [[10, 10]]


def test_the_finest_band_s_grid_is_the_reference_s(tmp_path):
    paths = {f"B{n}": raster(tmp_path, f"{n}.tif", ramp(n, 6), n) for n in (20, 10, 60)}
    reference = Reference({name: ReferenceBand(path) for name, path in paths.items()})
    assert reference.finest.transform[1] == 10
    with pytest.raises(BandMismatch, match="expected bands of Sentinel-2, found none"):
        _ = Reference({}).finest


def test_a_band_without_a_crs_is_named(tmp_path):
    path = raster(tmp_path, "no.tif", ramp(20, 30), 20, epsg=None)
    with pytest.raises(GridMismatch, match=r"no\.tif: expected a CRS, found none"):
        on(Reference({"B4": ReferenceBand(path)}), 10, 60, tmp_path)
