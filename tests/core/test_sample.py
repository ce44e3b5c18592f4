"""The bundled sample: reproducible to the bit, complete as a raster, plausible as a picture, and with a known truth."""

from __future__ import annotations

import functools
import shutil

import numpy as np
import pytest
from osgeo import gdal

from resources import make_sample as make
from srsat_qgis.core.raster.resample import bicubic_upsample
from tests.scenes import ROOT, psnr

SAMPLE = ROOT / "resources" / "sample.tif"
BLUE, GREEN, RED, NIR = range(4)


@functools.lru_cache(maxsize=1)
def truths():
    return make.scenes(make.SEED, make.SIZE, (2, 4))


@pytest.fixture
def stored(tmp_path):
    """A copy, since QGIS leaves statistics beside each raster that it opens, the original too."""
    return gdal.Open(shutil.copy(str(SAMPLE), str(tmp_path / "stored.tif")))


@pytest.fixture
def dn(stored):
    return stored.ReadAsArray()


@pytest.fixture
def valid(dn):
    return (dn != make.NODATA).all(axis=0)


def test_the_stored_pixels_are_those_that_the_script_makes(dn):
    assert dn.dtype == np.uint16
    assert np.array_equal(dn, make.observe(truths()[4], make.SEED))


def test_the_stored_file_carries_what_the_script_writes(stored, dn, tmp_path):
    make.write(tmp_path / "again.tif", dn)
    again = gdal.Open(str(tmp_path / "again.tif"))
    assert again.GetGeoTransform() == stored.GetGeoTransform()
    assert again.GetSpatialRef().IsSame(stored.GetSpatialRef())
    assert again.GetMetadata() == stored.GetMetadata()
    for number in range(1, 5):
        made, kept = again.GetRasterBand(number), stored.GetRasterBand(number)
        for fact in (
            "GetDescription",
            "GetMetadata",
            "GetNoDataValue",
            "GetColorInterpretation",
            "GetBlockSize",
        ):
            assert getattr(made, fact)() == getattr(kept, fact)(), fact


def test_it_is_a_small_raster_on_a_utm_grid_of_10_m(stored):
    assert SAMPLE.stat().st_size < 600_000
    assert (stored.RasterXSize, stored.RasterYSize, stored.RasterCount) == (256, 256, 4)
    assert stored.GetGeoTransform() == (431200.0, 10.0, 0.0, 5405360.0, 0.0, -10.0)
    assert stored.GetSpatialRef().GetAuthorityCode(None) == "32633"
    assert stored.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "DEFLATE"


def test_every_band_says_its_name_wavelength_and_nodata(stored):
    bands = [stored.GetRasterBand(number) for number in range(1, 5)]
    assert [band.GetDescription() for band in bands] == ["B2", "B3", "B4", "B8"]
    assert [band.GetMetadataItem("WAVELENGTH") for band in bands] == ["492", "560", "665", "833"]
    assert {band.GetMetadataItem("WAVELENGTH_UNIT") for band in bands} == {"nm"}
    assert {band.GetNoDataValue() for band in bands} == {0}
    colours = [gdal.GCI_BlueBand, gdal.GCI_GreenBand, gdal.GCI_RedBand, gdal.GCI_Undefined]
    assert [band.GetColorInterpretation() for band in bands] == colours


def test_values_use_twelve_bits_and_a_tilted_corner_has_none(dn, valid):
    assert dn.max() == 4095
    assert np.array_equal(dn != 0, np.broadcast_to(valid, dn.shape))
    assert np.array_equal(valid, make.valid_mask(256))
    assert 0.03 < 1 - valid.mean() < 0.12
    assert valid[0, 0]
    assert not valid[-1, -1]
    edge = valid.sum(axis=1)
    assert len(set(np.diff(edge))) > 1, "the edge of the swath is tilted, not a column"


def test_the_sample_is_the_truth_through_the_sensor_but_for_its_noise(dn, valid):
    expected = make.seen(truths()[4])[:, valid]
    spread = np.sqrt(make.READ_NOISE_DN**2 + make.SHOT_NOISE_DN * expected)
    unclipped = expected < 4000
    score = ((dn[:, valid] - expected) / spread)[unclipped]
    assert abs(score.mean()) < 0.01
    assert abs(score.std() - 1) < 0.02  # rounding to whole DN adds 1/12 to a variance of some 40


@pytest.mark.parametrize("factor", [2, 4])
def test_the_truth_holds_detail_that_bicubic_enlargement_does_not_bring_back(dn, valid, factor):
    truth = truths()[factor]
    enlarged = bicubic_upsample(dn.astype(np.float64), scale=factor)
    inside = np.repeat(np.repeat(valid, factor, 0), factor, 1)
    inside[:, 200 * factor :] = False  # clear of the nodata corner, into which the cubic kernel reaches
    score = psnr(truth[:, inside], enlarged[:, inside], data_range=4095)
    assert 24 < score < 36
    shifted = psnr(truth[:, inside], np.roll(enlarged, 1, axis=2)[:, inside], data_range=4095)
    assert score > shifted + 0.3, "the two grids are aligned"


def test_the_truths_agree_with_each_other(dn):
    two, four = truths()[2], truths()[4]
    mean = four.reshape(4, 512, 2, 512, 2).mean(axis=(2, 4))
    assert psnr(two, mean, data_range=4095) > 36


def test_spectra_are_those_of_plants_water_and_soil(dn, valid):
    image = dn.astype(np.float64)[:, valid]
    ndvi = (image[NIR] - image[RED]) / (image[NIR] + image[RED])
    plants, water = ndvi > 0.7, ndvi < -0.1
    assert 0.3 < plants.mean() < 0.8
    assert 0.01 < water.mean() < 0.1
    assert (np.median(image[NIR][plants]) > 5 * np.median(image[RED][plants])).all()
    assert np.median(image[GREEN][plants]) > np.median(image[RED][plants]), "leaves are green"
    assert np.median(image[NIR][water]) < np.median(image[GREEN][water]) < 900
    soil = (ndvi > 0.1) & (ndvi < 0.3)
    assert soil.mean() > 0.03
    assert (np.diff(np.median(image[:, soil], axis=1)) > 0).all(), "soil brightens towards the infrared"


def test_another_seed_gives_another_place_and_the_same_seed_the_same():
    first, again, other = (make.sample(seed, 24) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
