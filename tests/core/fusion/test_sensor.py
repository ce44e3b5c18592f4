"""A sensor is a value: what fusion makes of a scene depends on it alone, here on one that nobody has launched."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.fusion.fuse import FusionRequest, fuse, fusing
from srsat_qgis.core.fusion.plan import make_plan
from srsat_qgis.core.fusion.proof import prove
from srsat_qgis.core.fusion.reduced import degradations
from srsat_qgis.core.fusion.sensor import SHIFTED_NODATA, Part, SceneBand, Sensor, SensorBand, write_bands
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.report.scene_page import scene_html
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import Window
from tests.core.report.reading import Page
from tests.core.sentinel2 import models
from tests.rasters import texture, write_raster

BANDS = (
    SensorBand("violet", 420.0, 15, ("coastal",)),
    SensorBand("mono", 600.0, 5, ("pan",)),
    SensorBand("hue", 640.0, 5),
    SensorBand("far", 1100.0, 15),
    SensorBand("heat", 10900.0, 45),
)
FLOATS = Sensor("made-up", "Made-up", BANDS, "Float32", -9999.0)
WORDS = replace(FLOATS, data_type="UInt16", nodata=65535.0)
OFF = Settings(consistency="off", device="cpu")
ORIGIN = (500000.0, 4100000.0)


def scene_of(folder, sensor: Sensor, *, low: float, holes=(), gsds=(5, 15)):
    """Write every band of these sizes as a file of its own; return pixels and layers by band."""
    images, layers = {}, {}
    for gsd in gsds:
        for number, band in enumerate(sensor.group(gsd)):
            side = 180 // gsd * 5
            image = texture(1, side, side, low=low, high=low + 900, seed=gsd + number).astype(sensor.dtype)
            for name, row, col in holes:
                if name == band.name:
                    image[0, row, col] = sensor.nodata
            transform = (ORIGIN[0], float(gsd), 0.0, ORIGIN[1], 0.0, -float(gsd))
            raster = Raster(write_raster(folder / f"{band.name}.tif", image, transform=transform))
            images[band.name] = image[0]
            layers[band.name] = SceneBand(band.name, raster.path, 1, raster.grid, raster.types[0])
    return images, layers


def bands_of(path) -> dict[str, np.ndarray]:
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    return {band.GetDescription(): band.ReadAsArray() for band in bands}


@pytest.mark.parametrize(("sensor", "low"), [(FLOATS, -450.0), (WORDS, 64600.0)])
def test_a_scene_of_a_made_up_sensor_is_fused_on_its_own_terms(tmp_path, sensor, low):
    """Bands, grid, type and nodata are the sensor's; values around 0, and up to 65534, are measurements."""
    images, layers = scene_of(tmp_path, sensor, low=low, holes=(("far", 4, 7), ("hue", 50, 3)))
    card, target = models.detail_card(tmp_path, 15, sensor=sensor), tmp_path / "out.tif"
    fused = fuse(FusionRequest(sensor, layers, {15: card}, str(target), settings=OFF))
    dataset, found = gdal.Open(str(target)), bands_of(target)
    assert list(found) == list(fused.plan.bands) == ["violet", "mono", "hue", "far"]
    assert dataset.GetGeoTransform() == (ORIGIN[0], 5.0, 0.0, ORIGIN[1], 0.0, -5.0)
    for name in ("mono", "hue"):
        np.testing.assert_array_equal(found[name], images[name])
    guide = images["mono"].astype(float)
    blocks = guide.reshape(60, 3, 60, 3).mean(axis=(1, 3)).repeat(3, axis=0).repeat(3, axis=1)
    # The model needs all its inputs: where one of them has no data, the bands that it makes have none.
    hole = images["hue"] == sensor.nodata
    hole[12:15, 21:24] = True
    for name in ("violet", "far"):
        expected = images[name].astype(float).repeat(3, axis=0).repeat(3, axis=1) + guide - blocks
        expected = np.clip(expected, None, 65534)
        assert np.abs(found[name] - expected)[~hole].max() <= (0.01 if sensor is FLOATS else 1.0)
        np.testing.assert_array_equal(found[name] == sensor.nodata, hole)
    assert found["far"].dtype == sensor.dtype
    assert {dataset.GetRasterBand(number).GetNoDataValue() for number in range(1, 5)} == {sensor.nodata}
    assert dataset.GetRasterBand(4).GetMetadataItem("wavelength") == "1100"


def test_the_report_is_of_that_sensor_too(tmp_path):
    """Without an MTF only the Gaussian is measured; names and pixel sizes are the sensor's."""
    _, layers = scene_of(tmp_path, FLOATS, low=-450.0)
    card = models.detail_card(tmp_path, 15, sensor=FLOATS)
    with fusing(FusionRequest(FLOATS, layers, {15: card}, str(tmp_path / "out.tif"), settings=OFF)) as fused:
        facts = prove(fused).facts
    assert facts["kind"] == "made-up"
    (group,) = facts["groups"]
    assert (group["gsd_m"], group["scale"], list(group["reduced"])) == (15, 3, ["gaussian"])
    assert group["reduced"]["gaussian"]["pixels"] == 60 * 60
    assert group["agreement"]["largest_percent"] is not None
    assert facts["absent"] == [{"gsd_m": 45, "reason": "the scene has no bands of 45 m to make finer"}]
    assert facts["sources"]["violet"] == "violet.tif"


def test_a_band_that_is_zero_everywhere_has_no_bias_in_percent(tmp_path):
    _, layers = scene_of(tmp_path, FLOATS, low=-450.0)
    write_raster(
        layers["far"].path, np.zeros((1, 60, 60), np.float32), transform=layers["far"].grid.transform
    )
    card = models.detail_card(tmp_path, 15, sensor=FLOATS)
    with fusing(FusionRequest(FLOATS, layers, {15: card}, str(tmp_path / "out.tif"), settings=OFF)) as fused:
        proof = prove(fused)
    violet, far = proof.facts["groups"][0]["reduced"]["gaussian"]["model"]["bias_percent"]
    assert violet is not None
    assert far is None
    (bias,) = [row for row in Page(scene_html(proof)).rows if row[0] == "Bias, % of the band's mean"]
    assert bias[2].split() == ["n/a", "n/a"]


def test_a_single_fine_band_serves_a_model_that_makes_a_single_band(tmp_path):
    sensor = replace(FLOATS, bands=tuple(band for band in BANDS if band.name != "hue"))
    _, layers = scene_of(tmp_path, sensor, low=0.0, gsds=(5, 45))
    (step,) = make_plan(sensor, layers, {45: models.detail_card(tmp_path, 45, sensor=sensor)}).steps
    assert (step.gsd_m, step.makes) == (45, ("heat",))
    assert step.place == Window(0, 0, 180, 180)


@pytest.mark.parametrize(
    ("known", "kinds"),
    [((), ["gaussian"]), (("mono",), ["gaussian"]), (("mono", "heat"), ["gaussian", "mtf"])],
)
def test_the_mtf_degrades_where_that_of_all_bands_is_known(tmp_path, known, kinds):
    bands = [replace(band, mtf=0.3 if band.name in known else None) for band in BANDS if band.name != "hue"]
    sensor = replace(FLOATS, bands=tuple(bands))
    _, layers = scene_of(tmp_path, sensor, low=0.0, gsds=(5, 45))
    (step,) = make_plan(sensor, layers, {45: models.detail_card(tmp_path, 45, sensor=sensor)}).steps
    assert list(degradations(step)) == kinds


def test_messages_name_the_sensor_s_own_sizes_and_bands(tmp_path):
    _, layers = scene_of(tmp_path, FLOATS, low=0.0)
    card, target = models.detail_card(tmp_path, 15, sensor=FLOATS), str(tmp_path / "out.tif")
    with pytest.raises(InvalidSetting, match="targets '60 m': expected one of all, 15 m, 45 m"):
        fuse(FusionRequest(FLOATS, layers, {15: card}, target, targets="60 m"))
    with pytest.raises(BandMismatch, match="the 45 m bands are missing: expected heat at 45 m pixels"):
        fuse(FusionRequest(FLOATS, layers, {15: card}, target, targets="45 m"))
    alone = {name: layer for name, layer in layers.items() if name != "mono"}
    with pytest.raises(BandMismatch, match="the 5 m bands mono are missing"):
        fuse(FusionRequest(FLOATS, alone, {15: card}, target))
    other = models.detail_card(tmp_path, 20)
    with pytest.raises(BandMismatch, match=r"input coarse names the bands B5, .*; expected Made-up's"):
        fuse(FusionRequest(FLOATS, layers, {15: other}, target))
    with pytest.raises(InvalidSetting, match=r"mono\.tif \(mono\): the nodata value -9999 cannot be written"):
        fuse(
            FusionRequest(
                FLOATS, {**layers, "mono": replace(layers["mono"], data_type="Byte")}, {15: card}, target
            )
        )


def test_a_request_is_plain_data(tmp_path):
    _, layers = scene_of(tmp_path, FLOATS, low=0.0)
    card = models.detail_card(tmp_path, 15, sensor=FLOATS)
    request = FusionRequest(FLOATS, layers, {15: card}, str(tmp_path / "out.tif"), settings=OFF)
    assert pickle.loads(pickle.dumps(request)) == request
    assert pickle.loads(pickle.dumps(SENTINEL2)) == SENTINEL2


def test_bands_are_known_by_names_and_wavelengths_and_keep_their_order():
    assert FLOATS.sizes_m == (5, 15, 45)
    assert FLOATS.targets == ("all", "15 m", "45 m")
    assert FLOATS.ordered({"far", "mono", "violet"}) == ("violet", "mono", "far")
    assert [FLOATS.named(text) for text in ("Mono", "panchromatic", "coastal", "B4")] == [
        "mono",
        "mono",
        "violet",
        None,
    ]
    assert [FLOATS.at_wavelength(value) for value in (10895.0, 611.0, 613.0, None)] == [
        "heat",
        "mono",
        None,
        None,
    ]
    with pytest.raises(InvalidSetting, match="bands of different names"):
        replace(FLOATS, bands=(BANDS[0], BANDS[0]))
    with pytest.raises(InvalidSetting, match="Made-up: the nodata value -9999 cannot be written as UInt16"):
        replace(FLOATS, data_type="UInt16")


def test_digital_numbers_are_rounded_off_the_nodata_value_and_below_saturation():
    values = np.array([-3.0, 0.2, 0.6, 70000.0, np.nan, 0.0])
    found = SENTINEL2.digital_numbers(values, np.array([True, True, True, True, False, False]))
    np.testing.assert_array_equal(found, [1, 1, 1, 65535, 0, 0])
    np.testing.assert_array_equal(SENTINEL2.digital_numbers(values), [1, 1, 1, 65535, 0, 0])
    np.testing.assert_array_equal(SENTINEL2.as_measured(values[:4], "UInt16"), [1, 1, 1, 65534])
    np.testing.assert_array_equal(SENTINEL2.as_measured(np.array([70000.0]), "Float32"), [70000.0])
    np.testing.assert_array_equal(WORDS.digital_numbers(values[:4]), [0, 0, 1, 65534])
    np.testing.assert_array_equal(
        SENTINEL2.is_measured(np.array([0, 1, 65534, 65535], np.uint16)), [False, True, True, False]
    )
    np.testing.assert_array_equal(
        FLOATS.is_measured(np.array([-9999.0, 0.0, 1e6, np.nan, np.inf])), [False, True, True, False, False]
    )


def parts_that_start_elsewhere(folder) -> list[Part]:
    """Return the same ground of two bands: the file of the second begins two rows and three columns further on."""
    parts = []
    for name, row, col in (("mono", 2, 3), ("hue", 0, 0)):
        corner = (ORIGIN[0] + 5 * (3 - col), 5.0, 0.0, ORIGIN[1] - 5 * (2 - row), 0.0, -5.0)
        image = np.arange(200, 300, dtype=np.uint16).reshape(1, 10, 10)
        raster = Raster(write_raster(folder / f"{name}.tif", image, transform=corner))
        parts.append(Part(SceneBand(name, raster.path, 1, raster.grid, "UInt16"), Window(row, col, 4, 5)))
    return parts


def test_a_stack_lies_on_the_ground_of_its_parts_whose_files_begin_elsewhere(tmp_path):
    parts = parts_that_start_elsewhere(tmp_path)
    for order in (parts, parts[::-1]):
        stack = gdal.Open(write_bands(tmp_path / "stack.vrt", order, WORDS, {}))
        assert stack.GetGeoTransform() == (ORIGIN[0] + 15, 5.0, 0.0, ORIGIN[1] - 10, 0.0, -5.0)
        found = {
            stack.GetRasterBand(number).GetDescription(): stack.GetRasterBand(number) for number in (1, 2)
        }
        assert (found["mono"].ReadAsArray()[0, 0], found["hue"].ReadAsArray()[0, 0]) == (223, 200)
        assert {(gdal.GetDataTypeName(band.DataType), band.GetNoDataValue()) for band in found.values()} == {
            ("UInt16", 65535.0)
        }


def test_a_stack_to_which_something_is_added_holds_values_below_zero(tmp_path):
    stack = gdal.Open(
        write_bands(tmp_path / "stack.vrt", parts_that_start_elsewhere(tmp_path), WORDS, {"mono": -1000.0})
    )
    bands = [stack.GetRasterBand(number) for number in (1, 2)]
    assert [band.ReadAsArray()[0, 0] for band in bands] == [223 - 1000, 200]
    assert {(gdal.GetDataTypeName(band.DataType), band.GetNoDataValue()) for band in bands} == {
        ("Float32", SHIFTED_NODATA)
    }
