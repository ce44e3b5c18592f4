"""core/landsat/stacks: which band is which, what turns numbers into reflectance, and what nothing tells."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE
from srsat_qgis.core.landsat.stacks import open_bands
from tests.rasters import write_raster

L2 = "LC08_L2SP_143054_20230213_20230218_02_T1_SR.tif"


def stack(path, bands=3, **more):
    return str(write_raster(path, np.full((bands, 4, 5), 10000, np.uint16), **more))


def numbers(product):
    return {number: band.number for number, band in product.bands.items()}


@pytest.mark.parametrize(
    "names", [("SR_B4", "SR_B3", "SR_B2"), ("B4", "B3", "B2"), ("Band 4", "Band 3", "Band 2")]
)
def test_names_tell_bands(tmp_path, names):
    found = open_bands([stack(tmp_path / L2, names=names)])
    assert numbers(found) == {2: 3, 3: 2, 4: 1}


def test_wavelengths_tell_bands(tmp_path):
    found = open_bands([stack(tmp_path / L2, wavelengths=(655, 865, 2200))])
    assert numbers(found) == {4: 1, 5: 2, 7: 3}


def test_bands_without_names_are_those_that_the_user_names_and_no_order_is_guessed(tmp_path):
    path = stack(tmp_path / L2, 7)
    with pytest.raises(BandMismatch, match="nothing tells which band of Landsat these are"):
        open_bands([path])
    found = open_bands([path], names=("B2", "B3", "B4", "SR_B5", "B6", "B7", "-"))
    assert numbers(found) == {2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("B2", "B3"), "BAND_NAMES has 2 names, .* has 3 bands"),
        (("B2", "B3", "red"), "BAND_NAMES: found 'red'"),
        (("B2", "B3", "B8"), "BAND_NAMES: found 'B8'"),
        (("-", "-", "-"), "names no band"),
    ],
)
def test_wrong_names_are_refused(tmp_path, names, words):
    with pytest.raises(InvalidSetting, match=words):
        open_bands([stack(tmp_path / L2)], names=names)
    with pytest.raises(InvalidSetting, match="of one raster, and 2 were given"):
        open_bands([stack(tmp_path / L2)] * 2, names=names)


def test_files_of_one_band_are_known_by_their_names_and_others_are_left_out(tmp_path):
    paths = [stack(tmp_path / f"l8_B{number}.tif", 1) for number in (2, 5)]
    mixed = stack(tmp_path / "more.tif", 3, names=("B8", "B10", "B6"))
    found = open_bands([*paths, mixed], level=TOP_OF_ATMOSPHERE, scale=2e-5, offset=-0.1)
    assert numbers(found) == {2: 1, 5: 1, 6: 3}
    assert found.bands[5].path == paths[1]
    assert (found.level, found.sun_elevation, found.date) == (TOP_OF_ATMOSPHERE, None, "")


def test_a_level_2_name_tells_level_date_and_scale(tmp_path):
    found = open_bands([stack(tmp_path / L2, names=("B2", "B3", "B4"))])
    assert (found.level, found.spacecraft, found.date) == (SURFACE, "LANDSAT_8", "2023-02-13")
    assert (found.bands[2].scale, found.bands[2].offset) == (2.75e-5, -0.2)


def test_scale_and_offset_of_the_raster_come_before_the_name_and_given_ones_before_both(tmp_path):
    path = stack(tmp_path / L2, 1, names=("B3",))
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetScale(1e-4)
    dataset = None
    assert open_bands([path]).bands[3].scale == 1e-4
    given = open_bands([path], scale=2.0, offset=0.5, level=SURFACE).bands[3]
    assert (given.scale, given.offset) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("bands", "more", "options", "error", "words"),
    [
        (3, {}, {}, BandMismatch, "nothing tells which band of Landsat these are: 1, 2, 3"),
        (2, {"names": ("B4", "B4")}, {}, BandMismatch, "B4 stands twice"),
        (2, {"names": ("B10", "B11")}, {}, BandMismatch, "expected bands 1 to 7 of Landsat, found others"),
        (1, {"names": ("B4",)}, {"scale": 1.0}, InvalidSetting, "one was given without the other"),
        (1, {"names": ("B4",)}, {"scale": 0.0, "offset": 0.0}, InvalidSetting, "SCALE is 0"),
        (1, {"names": ("B4",)}, {"scale": float("nan"), "offset": 0.0}, InvalidSetting, "SCALE is nan"),
        (1, {"names": ("B4",)}, {"scale": 1.0, "offset": float("inf")}, InvalidSetting, "OFFSET is inf"),
    ],
)
def test_what_is_unclear_is_refused(tmp_path, bands, more, options, error, words):
    with pytest.raises(error, match=words):
        open_bands([stack(tmp_path / L2, bands, **more)], **options)


def test_level_and_scale_must_be_told(tmp_path):
    path = stack(tmp_path / "scene.tif", 1, names=("B4",))
    with pytest.raises(InvalidSetting, match="expected SCALE and OFFSET"):
        open_bands([path], level=SURFACE)
    with pytest.raises(InvalidSetting, match="expected surface or toa"):
        open_bands([path], scale=1e-4, offset=0.0)
    with pytest.raises(BandMismatch, match="got neither"):
        open_bands([])


def test_level_1_without_a_metadata_file_has_no_scale_of_its_own(tmp_path):
    """It depends on the sun's height, which the name does not tell."""
    path = stack(tmp_path / "LC08_L1TP_143054_20230213_20230218_02_T1_B4.tif", 1)
    with pytest.raises(InvalidSetting, match="metadata file"):
        open_bands([path])
