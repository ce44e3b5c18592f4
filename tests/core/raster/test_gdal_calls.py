"""Open options of a GDAL driver, carried by a virtual raster; JPEG's losses."""

from __future__ import annotations

import numpy as np
import pytest

gdal = pytest.importorskip("osgeo.gdal", reason="GDAL's Python is not installed")

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable  # noqa: E402 - imports GDAL
from srsat_qgis.core.raster.gdal_calls import check_jpeg, jpeg_coded, with_open_options  # noqa: E402


@pytest.fixture
def scene(tmp_path):
    """A GeoTIFF of 8 x 6 pixels with an overview of half its size, a band name and a nodata value."""
    path = str(tmp_path / "scene.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 8, 6, 1, gdal.GDT_Int16)
    dataset.SetGeoTransform((10.0, 2.0, 0.0, 50.0, 0.0, -2.0))
    band = dataset.GetRasterBand(1)
    band.WriteArray(np.arange(48).reshape(6, 8))
    band.SetDescription("height")
    band.SetNoDataValue(-1)
    dataset.BuildOverviews("NEAREST", [2])
    dataset.FlushCache()
    return path


def test_virtual_raster_opens_the_source_with_its_options(scene, tmp_path):
    virtual = gdal.Open(with_open_options(scene, ["OVERVIEW_LEVEL=0"], tmp_path))
    assert (virtual.RasterXSize, virtual.RasterYSize) == (4, 3)
    overview = gdal.OpenEx(scene, open_options=["OVERVIEW_LEVEL=0"])
    assert np.array_equal(virtual.ReadAsArray(), overview.ReadAsArray())


def test_virtual_raster_keeps_georeference_band_name_and_nodata(scene, tmp_path):
    virtual = gdal.Open(with_open_options(scene, ["NUM_THREADS=1"], tmp_path))
    assert virtual.GetGeoTransform() == (10.0, 2.0, 0.0, 50.0, 0.0, -2.0)
    band = virtual.GetRasterBand(1)
    assert (band.GetDescription(), band.GetNoDataValue(), band.DataType) == ("height", -1, gdal.GDT_Int16)


def test_virtual_raster_is_named_after_its_source(scene, tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    assert with_open_options(scene, ["NUM_THREADS=1"], folder) == str(folder / "scene.vrt")


def test_a_raster_that_does_not_open_is_refused_with_its_options(tmp_path):
    with pytest.raises(RasterNotReadable, match=r"nowhere\.tif.*OVERVIEW_LEVEL=0"):
        with_open_options(str(tmp_path / "nowhere.tif"), ["OVERVIEW_LEVEL=0"], tmp_path)


@pytest.mark.parametrize("quality", [-1, 0, 101])
def test_jpeg_s_qualities_are_1_to_100(quality):
    for allowed in (1, 100):
        check_jpeg(allowed)
    with pytest.raises(InvalidSetting, match=f"quality is {quality}; expected 1 to 100"):
        check_jpeg(quality)
    with pytest.raises(InvalidSetting, match=f"quality is {quality}; expected 1 to 100"):
        jpeg_coded(np.zeros((1, 16, 16), np.uint8), quality=quality)


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_jpeg_loses_more_at_lower_quality_and_keeps_a_plain_grey(bands):
    image = np.random.RandomState(0).randint(0, 256, (bands, 32, 48)).astype(np.uint8)
    lost = [
        np.abs(jpeg_coded(image, quality=quality).astype(int) - image).mean() for quality in (100, 75, 10)
    ]
    assert lost == sorted(lost)
    assert 0 < lost[0] < lost[2]
    grey = np.full((bands, 32, 48), 128, np.uint8)
    np.testing.assert_array_equal(jpeg_coded(grey, quality=75), grey)
