"""srsat:pansharpen through ``processing.run``."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException

from srsat_qgis.core.fusion.pansharpen import PansharpenOptions, pansharpen_raster
from tests.processing.helpers import read_raster, write_raster

ALGORITHM = "srsat:pansharpen"
DEFAULTS = {"OUTPUT": "TEMPORARY_OUTPUT"}


@pytest.fixture
def pan(values, tmp_path):
    """A raster of 5 m pixels on the ground of ``raster``'s 10 m pixels."""
    path = write_raster(tmp_path / "pan.tif", values[:1].repeat(2, -1).repeat(2, -2))
    dataset = gdal.Open(str(path), gdal.GA_Update)
    dataset.SetGeoTransform((500000.0, 5.0, 0.0, 5000000.0, 0.0, -5.0))
    dataset = None
    return str(path)


def test_bands_and_mtf_reach_core_and_the_grid_is_the_pan_s(run, raster, pan, tmp_path):
    results = run(INPUT=str(raster), PAN=pan, BANDS=[3, 1], MTF=0.2)
    options = PansharpenOptions(mtf=0.2, bands=(3, 1))
    expected = pansharpen_raster(str(raster), pan, str(tmp_path / "core.tif"), options=options)
    np.testing.assert_array_equal(read_raster(results["OUTPUT"]), read_raster(expected.path))
    assert (results["WIDTH"], results["HEIGHT"]) == (80, 60)
    assert gdal.Open(results["OUTPUT"]).GetGeoTransform() == (500000.0, 5.0, 0.0, 5000000.0, 0.0, -5.0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"MTF": 1.0}, "MTF at Nyquist is 1"), ({"BANDS": [9]}, "band 9 was asked for")],
)
def test_wrong_settings_are_one_clear_line(run, raster, pan, parameters, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(INPUT=str(raster), PAN=pan, **parameters)


def test_the_inputs_are_never_overwritten(run, raster, pan):
    with pytest.raises(QgsProcessingException, match="is the PAN"):
        run(INPUT=str(raster), PAN=pan, OUTPUT=pan)
