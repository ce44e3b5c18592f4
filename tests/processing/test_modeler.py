"""srsat:superresolve as a step of a Processing model, saved and loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterRasterLayer,
    QgsProject,
)

from srsat_qgis.core.paths import resources_dir
from tests.core.thermal.scenes import PIXEL, error, transform, write_scene
from tests.processing.helpers import REPEAT, read_raster, repeated
from tests.rasters import write_raster as write_bands


@pytest.fixture
def twice(srsat, tmp_path) -> QgsProcessingModelAlgorithm:
    """A model that super-resolves a raster and super-resolves the result; from its .model3 file."""
    source = QgsProcessingModelChildParameterSource
    model = QgsProcessingModelAlgorithm("twice", "tests")
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("scene", "Scene"), QgsProcessingModelParameter("scene")
    )
    first = QgsProcessingModelChildAlgorithm("srsat:superresolve")
    first.setChildId("first")
    first.addParameterSources("INPUT", [source.fromModelParameter("scene")])
    first.addParameterSources("MODEL", [source.fromStaticValue(REPEAT)])
    first.addParameterSources("BANDS", [source.fromStaticValue([1, 2])])
    first.addParameterSources("DEVICE", [source.fromStaticValue("cpu")])
    model.addChildAlgorithm(first)
    second = QgsProcessingModelChildAlgorithm("srsat:superresolve")
    second.setChildId("second")
    second.addParameterSources("INPUT", [source.fromChildOutput("first", "OUTPUT")])
    second.addParameterSources("MODEL", [source.fromStaticValue(REPEAT)])
    # Another step's number as a value: outputs besides the raster are usable in models.
    second.addParameterSources("TILE_SIZE", [source.fromExpression("@first_SCALE * 8")])
    second.addParameterSources("DEVICE", [source.fromStaticValue("cpu")])
    output = QgsProcessingModelOutput("fine", "Fine")
    output.setChildId("second")
    output.setChildOutputName("OUTPUT")
    second.setModelOutputs({"fine": output})
    model.addChildAlgorithm(second)
    path = tmp_path / "twice.model3"
    assert model.toFile(str(path))
    loaded = QgsProcessingModelAlgorithm()
    assert loaded.fromFile(str(path))
    loaded.initAlgorithm()
    return loaded


def test_model_chains_two_runs(twice, raster, values, tmp_path):
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    target = tmp_path / "fine.tif"
    output = next(o.name() for o in twice.outputDefinitions() if o.type() == "outputRaster")
    _, ok = twice.run({"scene": str(raster), output: str(target)}, context, feedback)
    assert ok, feedback.textLog()
    assert np.array_equal(read_raster(target), repeated(repeated(values[:2])))


def test_model_id_is_stored_as_a_word(twice, tmp_path):
    path = tmp_path / "again.model3"
    twice.toFile(str(path))
    assert REPEAT in path.read_text("utf-8")


def test_layer_loaded_by_a_model_has_the_models_name_and_our_provenance(
    twice, raster, tmp_path, qgis_new_project, monkeypatch
):
    from processing.gui.Postprocessing import handleAlgorithmResults

    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)  # there is no window here
    project = QgsProject.instance()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(project)
    output = next(o.name() for o in twice.outputDefinitions() if o.type() == "outputRaster")
    destination = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project)
    _, ok = twice.run({"scene": str(raster), output: destination}, context, feedback)
    assert ok, feedback.textLog()
    assert handleAlgorithmResults(twice, context, feedback, parameters={})
    layer = next(iter(project.mapLayers().values()))
    assert layer.name() == "fine"  # as the model's author called the output
    assert f"model: {REPEAT}" in layer.metadata().history()


def _example(name):
    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(resources_dir() / "models" / f"{name}.model3"))
    model.initAlgorithm()
    return model


def _ran(model, parameters, folder, feedback):
    """Run a model with all its outputs in a folder, and return its results and those of its steps."""
    for definition in model.destinationParameterDefinitions():
        suffix = "tif" if definition.type() == "rasterDestination" else "html"
        parameters[definition.name()] = str(folder / f"{len(parameters)}.{suffix}")
    results, ok = model.run(parameters, QgsProcessingContext(), feedback)
    assert ok, feedback.errors
    return results["CHILD_RESULTS"], results["CHILD_INPUTS"]


@pytest.mark.parametrize("name", sorted(path.stem for path in (resources_dir() / "models").glob("*.model3")))
def test_the_model_designer_finds_nothing_missing_in_an_example(srsat, name):
    """Else it paints the steps red, and asks before it runs them."""
    assert _example(name).validate() == (True, [])


def test_the_example_that_degrades_again_takes_the_scale_of_the_run(
    srsat, raster, values, tmp_path, recorder
):
    model, feedback = _example("super_resolve_and_degrade"), recorder()
    steps, _ = _ran(model, {"scene": str(raster), "model": "any-x4"}, tmp_path, feedback)
    assert steps["fine"]["SCALE"] == 4
    assert read_raster(steps["back"]["OUTPUT"]).shape == values.shape


@pytest.mark.parametrize(("least", "warned"), [(0.0, False), (200.0, True)])
def test_the_example_of_walds_protocol_warns_by_the_measured_psnr(
    srsat, raster, tmp_path, recorder, least, warned
):
    model, feedback = _example("wald_protocol"), recorder()
    steps, inputs = _ran(model, {"scene": str(raster), "least": least}, tmp_path, feedback)
    assert inputs["fine"]["TILE_SIZE"] == steps["coarse"]["WIDTH"] == 20
    message = f"PSNR {steps['report']['PSNR']:.2f} dB; expected at least {least:g} dB"
    # Not every QGIS counts it as a warning.
    assert (message in feedback.warnings + feedback.errors) is warned


@pytest.mark.parametrize("model", ["lst-x4", "local-ridge"])
def test_the_example_for_temperatures_sharpens_by_the_ndvi_that_it_computes(srsat, tmp_path, recorder, model):
    lst, guide, truth = write_scene(tmp_path)
    index = read_raster(guide)[0]
    # Red and near infrared of just this index, in the bands that are named, beside what is no matter.
    bands = np.stack([3000 * index, 1000 * (1 + index), 1 + index, 1000 * (1 - index)]).astype(np.uint16)
    image = write_bands(tmp_path / "image.tif", bands, transform=transform(PIXEL / 4))
    chain, feedback = _example("sharpen_by_ndvi"), recorder()
    parameters = {"lst": lst, "image": image, "red": 4, "nir": 2, "model": model}
    steps, inputs = _ran(chain, parameters, tmp_path, feedback)
    np.testing.assert_allclose(read_raster(steps["ndvi"]["OUTPUT"])[0], index, atol=2e-3)
    assert inputs["sharp"]["SCALE"] == "4"
    assert steps["sharp"]["GUIDED_PERCENT"] == 100
    made = read_raster(steps["sharp"]["OUTPUT"])[0].astype(np.float64)
    (tmp_path / "plain").mkdir()
    with_bicubic, _ = _ran(
        _example("sharpen_by_ndvi"),
        {**parameters, "model": "bicubic"},
        tmp_path / "plain",
        feedback,
    )
    plain = read_raster(with_bicubic["sharp"]["OUTPUT"])[0].astype(np.float64)
    assert error(made, truth) < 0.9 * error(plain, truth)
    assert "lst" in Path(steps["report"]["OUTPUT_HTML"]).read_text("utf-8")


def test_super_resolve_raster_keeps_the_hyphen_that_the_toolbox_finds_it_by(srsat):
    assert srsat.algorithm("superresolve").displayName() == "Super-resolve raster"
