"""srsat:superresolve as a step of a Processing model, saved and loaded again."""

from __future__ import annotations

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

from tests.processing.helpers import REPEAT, read_raster, repeated


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
