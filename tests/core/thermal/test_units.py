"""Units are found in what is said, declared and known by name, in this order; impossible temperatures are refused."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.thermal.units import CELSIUS, KELVIN, plausible, product_of, thermal_unit, unit_named
from srsat_qgis.core.types import Window
from tests.rasters import write_raster

KELVINS = 270.0 + np.arange(48.0).reshape(1, 6, 8)
SEEN = np.ones((6, 8), bool)


@pytest.fixture
def raster(tmp_path):
    """Writes numbers with what a band may declare, and opens them."""

    def _raster(numbers, name="lst.tif", *, unit="", scale=None, offset=None, nodata=None) -> Raster:
        path = write_raster(tmp_path / name, np.asarray(numbers), nodata=nodata)
        dataset = gdal.Open(path, gdal.GA_Update)
        band = dataset.GetRasterBand(1)
        if unit:
            band.SetUnitType(unit)
        if scale is not None:
            band.SetScale(scale)
        if offset is not None:
            band.SetOffset(offset)
        del band, dataset
        return Raster(path)

    return _raster


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/MOD11A1.A2020123.h18v04.061.LST_Day_1km.tif", "MOD11A1/MYD11A1"),
        ("MYD11A1_LST_Night_1km.tif", "MOD11A1/MYD11A1"),
        (
            'HDF4_EOS:EOS_GRID:"/data/MOD11A1.A2020123.h18v04.061.hdf":MODIS_Grid_Daily_1km_LST:LST_Day_1km',
            "MOD11A1/MYD11A1",
        ),
        ("C:\\data\\LC08_L2SP_192029_20200731_20200908_02_T1_ST_B10.TIF", "Landsat C2 ST"),
        ("LE07_L2SP_192029_20030731_20200908_02_T1_ST_B6.TIF", "Landsat C2 ST"),
        ("ECOv002_L2T_LSTE_24479_001_11SPS_20221028T211159_0711_01_LST.tif", "ECOSTRESS L2T LSTE"),
    ],
)
def test_products_are_known_by_the_names_of_their_files(path, name):
    assert product_of(path).name == name


@pytest.mark.parametrize(
    "path",
    [
        "lst.tif",
        "MOD13A2.A2020081.h18v04.061.tif",
        "MOD11A1.A2020123.h18v04.061.QC_Day.tif",
        "MOD11A1.A2020123.h18v04.061.Day_view_time.tif",
        "MOD11A1.A2020123.h18v04.061.Emis_31.tif",
        "LC08_L2SP_192029_20200731_20200908_02_T1_SR_B4.TIF",
        "LC08_L2SP_192029_20200731_20200908_02_T1_ST_QA.TIF",
        "ECOv002_L2T_LSTE_24479_001_11SPS_20221028T211159_0711_01_LST_err.tif",
        "ECOv002_L2T_LSTE_24479_001_11SPS_20221028T211159_0711_01_water.tif",
    ],
)
def test_other_layers_and_products_are_not_taken_for_temperatures(path):
    assert product_of(path) is None


@pytest.mark.parametrize(
    ("name", "numbers", "expected"),
    [
        ("MOD11A1.A2020123.LST_Day_1km.tif", [[[0, 14500]]], 290.0),
        ("LC08_L2SP_1_ST_B10.TIF", [[[0, 41250]]], 41250 * 0.00341802 + 149),
    ],
)
def test_a_products_numbers_become_kelvins_and_its_fill_is_nodata(raster, name, numbers, expected):
    found = thermal_unit(raster(np.array(numbers, np.uint16), name))
    assert found.to_kelvin(np.array(numbers))[0, 0, 1] == pytest.approx(expected)
    assert found.nodata == 0
    assert "product" in found.describe()


def test_a_product_in_floats_holds_temperatures_already(raster):
    found = thermal_unit(raster(KELVINS.astype(np.float32), "MOD11A1.LST_Day_1km.tif"))
    assert (found.name, found.scale, found.nodata) == (KELVIN, 1.0, None)


def test_what_a_raster_declares_wins_over_its_name(raster):
    numbers = np.full((1, 2, 2), 2900, np.uint16)
    found = thermal_unit(raster(numbers, "MOD11A1.LST_Day_1km.tif", scale=0.1, unit="K", nodata=7))
    assert found.to_kelvin(numbers) == pytest.approx(290)
    assert found.nodata is None
    assert found.source == "declared by the raster"


def test_what_the_user_says_wins_over_all(raster):
    numbers = np.full((1, 2, 2), 170, np.int16)
    opened = raster(numbers, "MOD11A1.LST_Day_1km.tif", scale=0.02, offset=1, unit="K")
    found = thermal_unit(opened, unit="celsius", scale=0.1)
    assert found.to_kelvin(numbers) == pytest.approx(17 + 273.15)
    assert found.source == "as given"
    assert thermal_unit(opened, offset=100.0).to_kelvin(numbers) == pytest.approx(270)
    assert thermal_unit(opened, unit="celsius").to_kelvin(numbers) == pytest.approx(0.02 * 170 + 1 + 273.15)


@pytest.mark.parametrize(
    ("unit", "name"),
    [("K", KELVIN), ("degC", CELSIUS), ("°C", CELSIUS), ("deg_C", CELSIUS), ("Kelvin", KELVIN)],
)
def test_declared_units_are_read_in_their_usual_spellings(raster, unit, name):
    assert thermal_unit(raster(KELVINS.astype(np.float32), unit=unit)).name == name
    assert unit_named("") is None


def test_another_unit_is_refused_unless_the_user_knows_better(raster):
    opened = raster(KELVINS.astype(np.float32), unit="W/m2")
    with pytest.raises(InvalidSetting, match=r"lst\.tif: band 1: unit 'W/m2': expected kelvin or celsius"):
        thermal_unit(opened)
    assert thermal_unit(opened, unit="K").name == KELVIN
    with pytest.raises(InvalidSetting, match="unit 'fahrenheit'"):
        thermal_unit(opened, unit="fahrenheit")


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(raster, scale):
    with pytest.raises(InvalidSetting, match="expected a number above 0"):
        thermal_unit(raster(KELVINS.astype(np.float32)), scale=scale)


@pytest.mark.parametrize("unit", ["kelvin", "celsius"])
def test_numbers_come_back(raster, unit):
    numbers = np.arange(1000, 2000, 7)
    found = thermal_unit(raster(KELVINS.astype(np.float32)), unit=unit, scale=0.02, offset=3.0)
    np.testing.assert_allclose(found.from_kelvin(found.to_kelvin(numbers)), numbers, rtol=1e-12)


def test_celsius_taken_for_kelvin_is_refused_with_a_hint(raster):
    found = thermal_unit(raster((KELVINS - 273.15).astype(np.float32)))
    values = found.to_kelvin(KELVINS[0] - 273.15)
    with pytest.raises(UnsupportedRaster, match="look like degrees Celsius, give UNIT celsius") as raised:
        plausible(values, SEEN, found, path="x.tif")
    assert "x.tif: temperatures from -2." in str(raised.value)
    assert "nothing else is known" in str(raised.value)


def test_kelvin_taken_for_celsius_is_refused_with_a_hint(raster):
    found = thermal_unit(raster(KELVINS.astype(np.float32)), unit="celsius")
    with pytest.raises(UnsupportedRaster, match="look like kelvins, give UNIT kelvin"):
        plausible(found.to_kelvin(KELVINS[0]), SEEN, found, path="x.tif")


def test_scaled_integers_taken_for_kelvin_are_refused_with_a_hint(raster):
    numbers = np.full((1, 6, 8), 14500, np.uint16)
    found = thermal_unit(raster(numbers))
    with pytest.raises(UnsupportedRaster, match="scaled integers, give UNIT_SCALE and UNIT_OFFSET") as raised:
        plausible(found.to_kelvin(numbers[0]), SEEN, found, path="x.tif")
    assert "as MOD11A1/MYD11A1, 0.02 and 0, they would be 290.0 to 290.0 K" in str(raised.value)
    assert "ECOSTRESS" not in str(raised.value)
    with pytest.raises(UnsupportedRaster, match=r"give UNIT_SCALE and UNIT_OFFSET$"):
        plausible(np.full((6, 8), 1e6), SEEN, found, path="x.tif")


def test_single_stray_pixels_become_holes(raster):
    found = thermal_unit(raster(KELVINS.astype(np.float32)))
    values, seen = np.full((20, 20), 290.0), np.ones((20, 20), bool)
    values[3, 4], values[5, 6], values[7, 7] = 12.0, np.nan, 1e9
    seen[7, 7] = False
    fits = plausible(values, seen, found, path="x.tif")
    assert sorted(zip(*np.nonzero(~fits))) == [(3, 4), (5, 6), (7, 7)]


def test_temperatures_of_a_real_product_are_plausible(shared_data):
    folder = shared_data / "train" / "mrunet-modis" / "MODIS"
    paths = sorted(folder.rglob("MOD11A1*.tif"))[:3]
    assert paths
    for path in paths:
        opened = Raster(str(path))
        found = thermal_unit(opened)
        values, valid = opened.read(Window(0, 0, opened.grid.rows, opened.grid.cols), (1,))
        valid = np.isfinite(values) if valid is None else valid
        kelvins = found.to_kelvin(values[0])
        assert plausible(kelvins, valid[0], found, path=str(path)).mean() > 0.99
