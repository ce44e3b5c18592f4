"""srsat:degrade through ``processing.run``: every parameter does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingException, QgsRasterLayer, QgsRasterRange

from srsat_qgis.core.degradation.kernels import gaussian_area, mtf_decimate
from tests.processing.helpers import read_raster, write_raster

ALGORITHM = "srsat:degrade"
DEFAULTS = {"OUTPUT": "TEMPORARY_OUTPUT"}


def test_by_default_every_band_is_blurred_to_an_mtf_of_0_3_and_halved(run, raster, values):
    results = run(INPUT=str(raster))
    expected = np.rint(mtf_decimate(values.astype(float), scale=2, mtf=0.3))
    np.testing.assert_array_equal(read_raster(results["OUTPUT"]), expected)
    assert (results["WIDTH"], results["HEIGHT"]) == (20, 15)
    assert results["DEGRADATION"] == "mtf nyquist=0.3"


def test_the_options_reach_core(run, raster, values, tmp_path):
    results = run(
        INPUT=str(raster),
        SCALE=5,
        METHOD="gaussian-area",
        SIGMA=0.7,
        BANDS=[4, 2],
        OUTPUT_TYPE="Float64",
        CREATION_OPTIONS="COMPRESS=LZW",
        OUTPUT=str(tmp_path / "coarse.tif"),
    )
    expected = gaussian_area(values[[3, 1]].astype(float), scale=5, sigma=0.7)
    np.testing.assert_allclose(read_raster(results["OUTPUT"]), expected, rtol=1e-12)
    coarse = gdal.Open(results["OUTPUT"])
    assert coarse.GetGeoTransform() == (500000.0, 50.0, 0.0, 5000000.0, 0.0, -50.0)
    assert coarse.GetRasterBand(1).GetDescription() == "B8"


def test_a_sensor_s_mtf_is_taken_by_band_names_and_an_extent_by_its_pixels(run, raster, values):
    results = run(INPUT=str(raster), MTF="sentinel-2", EXTENT="500100,500300,4999800,5000000 [EPSG:32633]")
    expected = np.rint(mtf_decimate(values.astype(float), scale=2, mtf=(0.26, 0.28, 0.24, 0.26)))
    np.testing.assert_array_equal(read_raster(results["OUTPUT"]), expected[:, :10, 5:15])


def holes(run, layer, **parameters) -> np.ndarray:
    """Return where the coarse raster has no data."""
    path = run(INPUT=layer, METHOD="area", BANDS=[1], OUTPUT_TYPE="Float32", **parameters)["OUTPUT"]
    coarse = gdal.Open(path)  # kept: a band is a bare pointer into it
    return coarse.GetRasterBand(1).GetMaskBand().ReadAsArray() == 0


def test_pixels_without_data_are_those_of_the_parameter_else_those_of_the_layer(run, tmp_path, values):
    values[0, :4, :4], values[0, 10:14, 10:14] = 1, 2
    layer = QgsRasterLayer(str(write_raster(tmp_path / "holed.tif", values)), "holed")
    expected = np.zeros((15, 20), bool)
    assert np.array_equal(holes(run, layer), expected)
    for band in range(1, 5):
        layer.dataProvider().setUserNoDataValue(band, [QgsRasterRange(1, 1)])
    expected[:2, :2] = True
    assert np.array_equal(holes(run, layer), expected)
    expected[:2, :2], expected[5:7, 5:7] = False, True
    assert np.array_equal(holes(run, layer, NODATA=2), expected)


def test_noise_and_jpeg_change_8_bit_pixels_reproducibly(run, tmp_path):
    values = np.full((3, 64, 64), 120, np.uint8)
    source = str(write_raster(tmp_path / "rgb.tif", values))
    outputs = [
        read_raster(run(INPUT=source, NOISE=4, JPEG_QUALITY=50, SEED=seed)["OUTPUT"]) for seed in (3, 3, 4)
    ]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])
    assert outputs[0].std() > 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"MTF_VALUES": "0.3;two"}, "expected numbers separated by commas"),
        ({"MTF_VALUES": "0.3, 0.2"}, "2 MTF values for 4 bands"),
        ({"JPEG_QUALITY": 50}, "JPEG holds 8 bits"),
        ({"BANDS": [9]}, "band 9 was asked for, it has bands 1 to 4"),
    ],
)
def test_wrong_settings_are_one_clear_line(run, raster, parameters, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(INPUT=str(raster), **parameters)


def test_the_input_is_never_overwritten(run, raster):
    before = raster.read_bytes()
    with pytest.raises(QgsProcessingException, match="is the INPUT"):
        run(INPUT=str(raster), OUTPUT=str(raster))
    assert raster.read_bytes() == before


def test_parameters_outputs_and_place_in_the_toolbox_are_public(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    names = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert names == [
        *("INPUT", "SCALE", "METHOD", "MTF", "MTF_VALUES", "SIGMA", "NOISE", "SHOT_NOISE", "JPEG_QUALITY"),
        *("SEED", "BANDS", "EXTENT", "OUTPUT_TYPE", "NODATA", "CREATION_OPTIONS", "OUTPUT"),
    ]
    outputs = {output.name() for output in algorithm.outputDefinitions()}
    assert outputs == {"OUTPUT", "WIDTH", "HEIGHT", "DEGRADATION"}
    assert (algorithm.group(), algorithm.groupId()) == ("Preparation", "preparation")
