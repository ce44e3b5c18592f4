"""srsat:coregister through ``processing.run``: the shift, the moved raster, and honest refusals."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsApplication, QgsProcessingException, QgsRasterLayer

from tests.processing.helpers import GEOTRANSFORM, read_raster, write_raster
from tests.shifted_scenes import MOVED, FineScene, fractal, optical_pair

ALGORITHM = "srsat:coregister"
OFF = (-23.0, 14.0)  # metres by which the input's georeference is wrong, east and north


@pytest.fixture(scope="module")
def scene() -> FineScene:
    return FineScene(110, margin=4, seed=6)


@pytest.fixture
def pair(tmp_path, scene):
    """An input of two bands whose georeference is wrong by ``OFF``, and its reference."""
    image = scene.picture().astype(np.float32)
    x0, xc, xr, y0, yc, yr = GEOTRANSFORM
    wrong = (x0 + OFF[0], xc, xr, y0 + OFF[1], yc, yr)
    second = np.full_like(image, 5.0)
    test = write_raster(
        tmp_path / "test.tif", np.stack([second, image]), geotransform=wrong, names=("flat", "red")
    )
    return str(test), str(write_raster(tmp_path / "reference.tif", image[np.newaxis]))


def test_the_shift_is_what_must_be_added_to_the_inputs_coordinates(run, pair, recorder):
    feedback = recorder()
    results = run(INPUT=pair[0], REFERENCE=pair[1], BAND=2, feedback=feedback)
    assert (results["DX"], results["DY"]) == (
        pytest.approx(-OFF[0], abs=0.1),
        pytest.approx(-OFF[1], abs=0.1),
    )
    assert (results["DX_PIXELS"], results["DY_PIXELS"]) == (
        pytest.approx(2.3, abs=0.01),
        pytest.approx(1.4, abs=0.01),
    )
    assert results["STATUS"] == "measured"
    numbers = [value for name, value in results.items() if name != "STATUS"]
    assert {type(value) for value in numbers} == {float}  # qgis_process shows no others
    assert 0.5 < results["CONFIDENCE"] <= 1
    assert results["CORRELATION_BEFORE"] < results["CORRELATION_AFTER"] <= 1.001
    assert "OUTPUT" not in results
    assert any("must be moved by DX 23" in line for line in feedback.lines)


def test_the_moved_raster_has_the_same_pixels_and_lies_on_the_reference(run, pair, tmp_path):
    results = run(INPUT=pair[0], REFERENCE=pair[1], BAND=2, OUTPUT=str(tmp_path / "moved.tif"))
    assert results["OUTPUT"] == str(tmp_path / "moved.tif")
    moved = gdal.Open(results["OUTPUT"])
    assert moved.GetGeoTransform()[0::3] == pytest.approx(GEOTRANSFORM[0::3], abs=0.1)
    assert np.array_equal(moved.ReadAsArray(), read_raster(pair[0]))
    again = run(INPUT=results["OUTPUT"], REFERENCE=pair[1], BAND=2)
    assert np.hypot(again["DX"], again["DY"]) < 0.05


def test_it_can_be_resampled_onto_the_reference_with_creation_options(run, pair, tmp_path):
    results = run(
        INPUT=pair[0],
        REFERENCE=pair[1],
        BAND=2,
        RESAMPLING="cubic",
        GRID="reference",
        CREATION_OPTIONS="COMPRESS=LZW",
        OUTPUT=str(tmp_path / "moved.tif"),
    )
    moved = gdal.Open(results["OUTPUT"])
    assert moved.GetGeoTransform() == GEOTRANSFORM
    assert moved.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "LZW"
    inner = np.s_[5:-5, 5:-5]
    reference = read_raster(pair[1])[0]
    np.testing.assert_allclose(moved.ReadAsArray()[1][inner], reference[inner], atol=0.05 * reference.std())


def test_without_an_output_an_undetermined_shift_is_a_result(run, pair, recorder):
    feedback = recorder()
    results = run(INPUT=pair[0], REFERENCE=pair[1], BAND=1, feedback=feedback)
    assert results["STATUS"] == "undetermined"
    assert results["CONFIDENCE"] == 0
    assert not {"DX", "DY", "DX_PIXELS", "DY_PIXELS"} & set(results)
    assert any("undetermined: one of the images is flat" in warning for warning in feedback.warnings)


def test_with_an_output_an_undetermined_shift_is_an_error_and_nothing_is_written(run, pair, tmp_path):
    target = tmp_path / "moved.tif"
    with pytest.raises(QgsProcessingException, match=r"moved\.tif was not written.*undetermined"):
        run(INPUT=pair[0], REFERENCE=pair[1], BAND=1, OUTPUT=str(target))
    assert not target.exists()


def test_unlike_rasters_are_undetermined(run, pair, tmp_path):
    other = write_raster(tmp_path / "other.tif", fractal(110, 110, seed=90)[np.newaxis].astype(np.float32))
    assert run(INPUT=pair[0], REFERENCE=str(other), BAND=2)["STATUS"] == "undetermined"


def test_the_extent_may_be_in_another_crs(run, pair):
    # The upper left quarter, in degrees.
    layer = QgsRasterLayer(pair[0], "layer")
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRectangle

    box = layer.extent()
    half = QgsRectangle(box.xMinimum(), box.center().y(), box.center().x(), box.yMaximum())
    to_degrees = QgsCoordinateTransform(
        layer.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    part = to_degrees.transformBoundingBox(half)
    extent = f"{part.xMinimum()},{part.xMaximum()},{part.yMinimum()},{part.yMaximum()} [EPSG:4326]"
    results = run(INPUT=layer, REFERENCE=pair[1], BAND=2, EXTENT=extent, MAX_SHIFT=5)
    assert (results["DX"], results["DY"]) == (pytest.approx(23, abs=0.5), pytest.approx(-14, abs=0.5))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"OUTPUT": "input"}, "OUTPUT .* is the INPUT"),
        ({"OUTPUT": "reference"}, "OUTPUT .* is the REFERENCE"),
        ({"GRID": "reference"}, "GRID 'reference' needs new pixels"),
        ({"CREATION_OPTIONS": "LZW"}, "expected KEY=VALUE"),
        ({"BAND": 9}, "[Bb]and"),
    ],
    ids=str,
)
def test_wrong_values_are_refused_in_one_line(run, pair, parameters, message):
    files = {"input": pair[0], "reference": pair[1]}
    if "OUTPUT" in parameters:
        parameters = {"OUTPUT": files[parameters["OUTPUT"]]}
    with pytest.raises(QgsProcessingException, match=message):
        run(**{"INPUT": pair[0], "REFERENCE": pair[1], "BAND": 2, **parameters})


def test_cancel_ends_it_without_results(run, pair, recorder, tmp_path):
    feedback = recorder()
    feedback.cancel()
    target = tmp_path / "moved.tif"
    assert "DX" not in run(INPUT=pair[0], REFERENCE=pair[1], BAND=2, OUTPUT=str(target), feedback=feedback)
    assert not target.exists()


def test_every_parameter_is_explained(srsat):
    algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
    assert all(parameter.help() for parameter in algorithm.parameterDefinitions())
    assert algorithm.group() == "Preparation"


def test_clouds_that_have_moved_give_no_shift_unless_the_mode_is_named(run, tmp_path):
    first, second = (image[np.newaxis].astype(np.float32) for image in optical_pair(2, 0.6, MOVED))
    test, reference = (
        str(write_raster(tmp_path / name, image))
        for name, image in (("test.tif", second), ("reference.tif", first))
    )
    assert run(INPUT=test, REFERENCE=reference)["STATUS"] == "undetermined"
    with pytest.raises(QgsProcessingException, match="bright and dark parts of the images show shifts"):
        run(INPUT=test, REFERENCE=reference, OUTPUT=str(tmp_path / "moved.tif"))
    assert not (tmp_path / "moved.tif").exists()
    assert run(INPUT=test, REFERENCE=reference, MODE="intensity")["STATUS"] == "measured"
