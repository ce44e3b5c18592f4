"""The values of parameters: each read by its type, and told apart from a default that was taken away."""

from __future__ import annotations

import re

import pytest
from osgeo import gdal
from qgis.core import (
    NULL,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsRasterLayer,
    QgsSettings,
)

from srsat_qgis.core.errors import UnsupportedRaster
from srsat_qgis.processing import settings
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.values import Values


@pytest.fixture
def read(srsat):
    """Returns the values of an algorithm's parameters."""
    context = QgsProcessingContext()
    algorithms = []

    def _read(algorithm="srsat:superresolve", **parameters):
        algorithms.append(QgsApplication.processingRegistry().createAlgorithmById(algorithm))
        return Values(algorithms[-1], parameters, context)

    return _read


def test_numbers_are_none_where_they_have_neither_value_nor_default(read):
    assert read().NODATA is None
    assert read(NODATA=NULL).NODATA is None
    assert read(NODATA=7).NODATA == 7.0
    assert read("srsat:degrade").SEED == 0
    assert read("srsat:degrade", SEED=None).SEED == 0
    assert isinstance(read("srsat:degrade", SCALE=4).SCALE, int)


def test_a_default_that_the_user_takes_away_is_not_that_of_the_options(read):
    stored = QgsSettings()
    stored.setValue(f"Processing/Configuration/{settings.TILE_SIZE}", 128)
    try:
        assert params.run_settings(read()).tile == 128
        assert params.run_settings(read(TILE_SIZE=None)).tile is None
        assert params.run_settings(read(TILE_SIZE=64)).tile == 64
    finally:
        stored.remove(f"Processing/Configuration/{settings.TILE_SIZE}")


def test_words_bands_and_ranges_are_read_by_their_type(read):
    assert read(BANDS=[3, 1]).BANDS == (3, 1)
    assert read().BANDS == ()
    assert read("srsat:coregister").BAND == 1
    assert read("srsat:similarity", METRICS=["ssim", "psnr"]).METRICS == ("ssim", "psnr")
    assert read(VALUE_RANGE="0,10000").VALUE_RANGE == (0.0, 10000.0)
    assert read(VALUE_RANGE="None,None").VALUE_RANGE is None
    assert read("srsat:exportmodel", MODEL_NAME="  mine ").MODEL_NAME == "mine"


def test_outputs_that_are_not_asked_for_have_no_path(read):
    assert read("srsat:coregister").OUTPUT == ""
    assert read("srsat:similarity").ERROR_RASTER == ""
    assert read("srsat:modelinfo").write("OUTPUT_HTML", pytest.fail) is None


def test_a_raster_that_must_be_given_is_asked_for_and_an_optional_one_not(read):
    with pytest.raises(QgsProcessingException, match="INPUT"):
        read("srsat:similarity").source("INPUT")
    assert read("srsat:similarity").source("REFERENCE") is None


def test_a_name_that_is_no_parameter_is_an_error(read):
    with pytest.raises(AttributeError, match="no parameter MODLE"):
        _ = read().MODLE


def test_addresses_that_only_gdal_knows_are_layers_for_every_algorithm(read, raster, tmp_path):
    import zipfile

    archive = tmp_path / "scene.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(raster, "inside.tif")
    address = f"/vsizip/{archive}/inside.tif"
    found = read("srsat:similarity", INPUT=address, REFERENCE=str(raster))
    found.find_layers()
    assert gdal.Open(found.source("INPUT").path).RasterCount == 4
    assert found.source("MASK") is None


def test_a_list_of_rasters_may_hold_layers_files_and_addresses_of_gdal(read, raster):
    names = [source.name for source in read("srsat:compare", INPUTS=[str(raster)] * 2).sources("INPUTS")]
    assert names == ["scene", "scene"]
    layer, address = QgsRasterLayer(str(raster), "mine"), f"GTIFF_DIR:1:{raster}"
    found = read("srsat:compare", INPUTS=[layer, address]).sources("INPUTS")
    assert [source.name for source in found] == ["mine", "scene"]
    assert [gdal.Open(source.path).RasterCount for source in found] == [4, 4]
    assert read("srsat:compare", INPUTS=str(raster)).sources("INPUTS")[0].path == str(raster)
    assert read("srsat:compare").sources("INPUTS") == []


def test_a_list_with_an_address_that_only_gdal_knows_passes_the_check_before_a_run(srsat, raster, tmp_path):
    from qgis.core import QgsProcessingContext

    algorithm = srsat.algorithm("sharpenthermal").create()
    address = f"GTIFF_DIR:1:{raster}"
    values = {"INPUT": str(raster), "OUTPUT": str(tmp_path / "out.tif")}
    for guides in ([address], [str(raster), address]):
        passed = algorithm.checkParameterValues({**values, "GUIDES": guides}, QgsProcessingContext())
        assert passed == (True, "")
    fine, words = algorithm.checkParameterValues(
        {**values, "GUIDES": [address, "missing.tif"]}, QgsProcessingContext()
    )
    assert not fine
    assert "missing.tif" in words


@pytest.mark.parametrize("alone", [True, False])
def test_a_raster_of_a_list_that_cannot_be_opened_is_named_and_not_left_out(read, raster, tmp_path, alone):
    missing = str(tmp_path / "missing.tif")
    found = read("srsat:compare", INPUTS=missing if alone else [str(raster), missing])
    with pytest.raises(UnsupportedRaster, match=rf"INPUTS: {re.escape(missing)}: no such file"):
        found.sources("INPUTS")


def test_a_web_map_is_refused_where_a_raster_with_its_own_pixels_is_needed(read):
    layer = QgsRasterLayer("type=xyz&url=http://localhost/{z}/{x}/{y}.png&zmax=3", "tiles", "wms")
    found = read("srsat:degrade", INPUT=layer)
    with pytest.raises(UnsupportedRaster, match=r"INPUT: tiles is a web map.*Export"):
        found.source("INPUT")
    assert found.source("INPUT", web_map=True).remote is not None
    with pytest.raises(UnsupportedRaster, match="INPUTS: tiles is a web map"):
        read("srsat:compare", INPUTS=[layer]).sources("INPUTS")
