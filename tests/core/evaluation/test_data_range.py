"""The data range is declared or conventional, and the data's own extremes only where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.partners import decide_data_range, sample
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window
from tests.rasters import write_raster


def decided(path, given=None, card=None, **more):
    raster = Raster(str(path))
    numbers = tuple(range(1, len(raster.bands) + 1))
    window = Window(0, 0, raster.grid.rows, raster.grid.cols)
    return decide_data_range(given, [(raster, numbers)], card, sample(raster, numbers, None, window), **more)


def image(dtype: str, low: float, high: float) -> np.ndarray:
    return np.linspace(low, high, 2 * 40 * 50).reshape(2, 40, 50).astype(dtype)


def test_the_users_range_wins(tmp_path):
    assert decided(write_raster(tmp_path / "a.tif", image("uint8", 0, 255)), given=4095).value == 4095


@pytest.mark.parametrize("given", [0.0, -1.0, float("nan"), float("inf"), 1e300, 1e-300])
def test_a_range_that_is_none_is_refused(tmp_path, given):
    with pytest.raises(InvalidSetting, match=r"DATA_RANGE .* above 0"):
        decided(write_raster(tmp_path / "a.tif", image("uint8", 0, 255)), given=given)


def test_eight_bits_range_over_255_however_dark(tmp_path):
    assert decided(write_raster(tmp_path / "a.tif", image("uint8", 0, 90))).value == 255


@pytest.mark.parametrize("high", [900, 4000, 9000, 10100])
def test_other_integers_are_reflectance_times_10000_however_bright(tmp_path, high):
    found = decided(write_raster(tmp_path / "a.tif", image("uint16", 100, high)))
    assert (found.value, found.lowest) == (10000, 0)
    assert "reflectance x 10000" in found.why


def test_integers_far_beyond_that_range_over_their_type_and_say_so(tmp_path):
    found = decided(write_raster(tmp_path / "a.tif", image("uint16", 5000, 40000)))
    assert found.value == 65535
    assert "86 % of the values exceed 10000" in found.why


def test_the_range_of_the_model_that_made_the_raster_holds_where_it_begins_too(tmp_path):
    card = replace(load_card(models_dir() / "any-x2"), value_range=(-100.0, 900.0))
    found = decided(write_raster(tmp_path / "a.tif", image("uint16", 0, 4000)), card=card)
    assert (found.value, found.lowest) == (1000, -100)
    assert "-100 to 900 of the model any-x2" in found.why


def test_the_bits_that_a_file_declares_hold(tmp_path):
    path = write_raster(tmp_path / "a.tif", image("uint16", 0, 4000), options=["NBITS=12"])
    assert decided(path).value == 4095


def test_the_scale_that_bands_declare_holds(tmp_path):
    path = write_raster(tmp_path / "a.tif", image("uint16", 7000, 40000))
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in (1, 2):
        dataset.GetRasterBand(number).SetScale(2.75e-05)
    del dataset
    assert decided(path).value == 36364


@pytest.mark.parametrize("scale", [1e-300, 5e-324, 1e-40])
def test_a_scale_that_no_quantity_has_is_no_range(tmp_path, scale):
    path = write_raster(tmp_path / "a.tif", image("uint16", 100, 900))
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in (1, 2):
        dataset.GetRasterBand(number).SetScale(scale)
    del dataset
    assert decided(path).value == 10000


def test_floats_near_one_range_over_one(tmp_path):
    assert decided(write_raster(tmp_path / "a.tif", image("float32", -0.1, 1.2))).value == 1


def test_other_floats_need_a_range(tmp_path):
    with pytest.raises(InvalidSetting, match="floats from 270 to 320"):
        decided(write_raster(tmp_path / "a.tif", image("float32", 270, 320)))


def test_where_nobody_can_be_asked_other_floats_range_over_their_values(tmp_path):
    path = write_raster(tmp_path / "a.tif", image("float32", 270, 320))
    found = decided(path, of_values=True)
    assert (found.value, found.lowest, found.why) == (50.0, 270.0, "that of the values, 270 to 320")
    assert decided(path, 60.0, of_values=True).value == 60
    assert decided(write_raster(tmp_path / "b.tif", image("float32", 0, 1)), of_values=True).value == 1
    assert decided(write_raster(tmp_path / "c.tif", image("float32", 7, 7)), of_values=True).value == 1
