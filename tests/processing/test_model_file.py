"""MODEL_FILE without a card: a network of 0 to 1 gets the range of the raster's type and gives its values back."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from tests.processing.helpers import read_raster, repeated, write_raster, write_unit_model


@pytest.fixture
def unit_model(tmp_path):
    """An ONNX file that repeats pixels and clips them to 0 to 1; it says nothing of itself."""
    return write_unit_model(tmp_path / "unit.onnx")


@pytest.fixture
def run(srsat, unit_model):
    """Runs the model file on the CPU on an array and returns the output's values."""
    from qgis import processing

    def _run(values, folder, **parameters):
        raster = write_raster(folder / "in.tif", values)
        fixed = {"MODEL_FILE": str(unit_model), "DEVICE": "cpu", "OUTPUT": "TEMPORARY_OUTPUT"}
        results = processing.run("srsat:superresolve", {"INPUT": str(raster), **fixed, **parameters})
        return read_raster(results["OUTPUT"])

    return _run


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_unit_is_the_range_of_the_rasters_type(run, tmp_path, kind):
    values = np.random.default_rng(3).integers(0, np.iinfo(kind).max, (2, 20, 30), endpoint=True).astype(kind)
    assert np.array_equal(run(values, tmp_path, VALUE_SCALE="unit"), repeated(values))


def test_floats_are_taken_for_0_to_1_already(run, tmp_path):
    values = np.random.default_rng(3).random((1, 20, 30)).astype(np.float32)
    np.testing.assert_allclose(run(values, tmp_path, VALUE_SCALE="unit"), repeated(values), rtol=1e-6)


def test_digital_numbers_for_a_network_of_0_to_1_are_refused_with_advice(run, tmp_path):
    values = np.full((1, 20, 30), 100, np.uint8)
    with pytest.raises(QgsProcessingException, match="value scale unit"):
        run(values, tmp_path)


def test_another_scale_than_the_models_is_refused(run, tmp_path):
    values = np.full((1, 20, 30), 100, np.uint8)
    with pytest.raises(QgsProcessingException, match="scale 4 was asked for, the model's is 2"):
        run(values, tmp_path, VALUE_SCALE="unit", MODEL_SCALE=4)


def test_a_range_says_which_values_are_0_and_1(run, tmp_path):
    values = np.array([[[0, 200, 4000, 10000, 12000]]], np.uint16)
    made = run(values, tmp_path, VALUE_SCALE="unit", VALUE_RANGE="0,10000")
    assert np.array_equal(made, repeated(np.minimum(values, 10000)))
