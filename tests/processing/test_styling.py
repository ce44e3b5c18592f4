"""The result's layer: the input's style, a name with model and scale, and provenance in its metadata."""

from __future__ import annotations

import gc
import json

import pytest
from qgis.core import (
    QgsApplication,
    QgsLayerNotesUtils,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
)

from srsat_qgis.processing.results.styling import PROVENANCE_PROPERTY, ResultStyler, style_for_bands, style_of
from tests.processing.helpers import REPEAT


@pytest.fixture
def styled(raster) -> QgsRasterLayer:
    """The scene shown with bands 4, 3, 2 and limits that QGIS would not choose."""
    layer = QgsRasterLayer(str(raster), "my scene")
    renderer = layer.renderer()
    renderer.setRedBand(4)
    renderer.setGreenBand(3)
    renderer.setBlueBand(2)
    renderer.redContrastEnhancement().setMinimumValue(123)
    renderer.redContrastEnhancement().setMaximumValue(2345)
    layer.renderer().setOpacity(0.75)
    return layer


@pytest.fixture
def load(srsat, qgis_new_project, monkeypatch):
    """Runs the algorithm as the dialog does and returns the layer that it loads into the project."""
    from processing.gui.Postprocessing import handleAlgorithmResults

    # There is no window here; from 3.42 on QGIS refuses the stand-in for one that pytest-qgis puts there.
    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)

    def _load(layer, *, name=None, **parameters):
        project = QgsProject.instance()
        project.removeAllMapLayers()
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(project)
        output = QgsProcessingOutputLayerDefinition(parameters.pop("OUTPUT", "TEMPORARY_OUTPUT"), project)
        if name is not None:
            output.destinationName = name
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
        values = {"INPUT": layer, "MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": output, **parameters}
        _, ok = algorithm.run(values, context, feedback)
        assert ok
        del algorithm
        gc.collect()  # the post-processor must survive its algorithm
        assert handleAlgorithmResults(_Named(), context, feedback, parameters={})
        return next(iter(project.mapLayers().values()))

    return _load


class _Named:
    """What ``handleAlgorithmResults`` asks of an algorithm."""

    def outputDefinitions(self):
        return []

    def id(self):
        return "srsat:superresolve"


def test_band_combination_and_contrast_are_the_inputs(load, styled):
    renderer = load(styled).renderer()
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (4, 3, 2)
    assert renderer.redContrastEnhancement().minimumValue() == 123
    assert renderer.redContrastEnhancement().maximumValue() == 2345
    assert renderer.opacity() == 0.75


def test_style_follows_the_chosen_bands(load, styled):
    renderer = load(styled, BANDS=[2, 3, 4]).renderer()
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (3, 2, 1)
    assert renderer.redContrastEnhancement().maximumValue() == 2345


def test_style_by_a_band_that_is_not_there_gives_way_to_a_valid_one(load, styled):
    layer = load(styled, BANDS=[1])
    assert layer.renderer().type() == "singlebandgray"
    assert layer.bandCount() == 1


def test_name_says_input_model_and_scale(load, styled, tmp_path):
    assert load(styled).name() == f"my scene {REPEAT}"
    assert load(styled, OUTPUT=str(tmp_path / "fine.tif")).name() == f"my scene {REPEAT}"


@pytest.mark.parametrize(("chosen", "forced"), [("", True), ("Super-resolved raster", True), ("Mine", False)])
def test_our_name_holds_also_where_qgis_is_to_name_layers_by_their_files(
    srsat, styled, tmp_path, chosen, forced
):
    context, target = QgsProcessingContext(), str(tmp_path / "fine.tif")
    project = QgsProject()
    context.setProject(project)
    output = QgsProcessingOutputLayerDefinition(target, project)
    output.destinationName = chosen
    values = {"INPUT": styled, "MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": output}
    _, ok = srsat.algorithm("superresolve").create().run(values, context, QgsProcessingFeedback(False))
    assert ok
    details = context.layerToLoadOnCompletionDetails(target)
    assert (details.name, details.forceName) == (f"my scene {REPEAT}" if forced else "Mine", forced)
    ResultStyler._waiting.clear()


def test_the_notes_of_the_result_lead_to_its_report(load, styled, tmp_path):
    page = tmp_path / "report of mine.html"
    notes = QgsLayerNotesUtils.layerNotes(load(styled, REPORT=str(page)))
    assert "report%20of%20mine.html" in notes or str(page) in notes


def test_a_name_that_somebody_chose_stays(load, styled):
    assert load(styled, name="Chosen").name() == "Chosen"


def test_provenance_is_in_the_metadata_and_survives_the_project_file(load, styled, tmp_path):
    layer = load(styled, OUTPUT=str(tmp_path / "fine.tif"), BANDS=[4, 3, 2])
    assert f"model: {REPEAT}" in layer.metadata().abstract()
    project = QgsProject.instance()
    project.write(str(tmp_path / "project.qgz"))
    project.clear()
    project.read(str(tmp_path / "project.qgz"))
    layer = next(iter(project.mapLayers().values()))
    history = layer.metadata().history()
    assert f"model: {REPEAT}" in history
    assert "model version: 1.2.3" in history
    stored = json.loads(layer.customProperty(PROVENANCE_PROPERTY))
    assert stored["input"] == "my scene"
    assert stored["scale"] == "2"
    assert len(stored["model sha256"]) == 64
    assert json.loads(stored["parameters"])["bands"] == {"image": [4, 3, 2]}
    assert stored["plugin version"]


def test_nothing_is_loaded_where_nobody_asked(srsat, styled, qgis_new_project):
    from qgis import processing

    processing.run(
        "srsat:superresolve",
        {"INPUT": styled, "MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": "TEMPORARY_OUTPUT"},
    )
    assert QgsProject.instance().mapLayers() == {}


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (None, (4, 3, 2)),
        ([1, 2, 3, 4], (4, 3, 2)),
        ([4, 2, 3], (1, 3, 2)),
        ([2, 2, 3, 4], (4, 3, 1)),  # the first of two equal bands
    ],
)
def test_renderer_bands_are_renumbered(qgis_app, styled, bands, expected):
    from qgis.core import QgsMapLayer
    from qgis.PyQt.QtXml import QDomDocument

    document = QDomDocument()
    document.setContent(style_for_bands(style_of(styled), bands))
    target = styled.clone()
    assert target.importNamedStyle(document, QgsMapLayer.StyleCategory.Symbology)[0]
    renderer = target.renderer()
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == expected


def test_single_band_styles_are_renumbered(qgis_app, raster):
    from qgis.core import QgsSingleBandGrayRenderer, QgsSingleBandPseudoColorRenderer

    layer = QgsRasterLayer(str(raster), "scene")
    layer.setRenderer(QgsSingleBandGrayRenderer(layer.dataProvider(), 3))
    assert 'grayBand="1"' in style_for_bands(style_of(layer), [3])
    assert style_for_bands(style_of(layer), [1, 2]) == ""
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 2, None))
    assert 'band="2"' in style_for_bands(style_of(layer), [4, 2])


def test_a_style_that_does_not_fit_is_told_and_the_rest_is_kept(qgis_app, raster, recorder):
    layer, feedback = QgsRasterLayer(str(raster), "my scene"), recorder()
    styler = ResultStyler("<no-style/>", {"model": "toy-x2"})
    styler.postProcessLayer(layer, QgsProcessingContext(), feedback)
    (warning,) = feedback.warnings
    assert warning.startswith("my scene: the input's style could not be carried over: ")
    assert json.loads(layer.customProperty(PROVENANCE_PROPERTY)) == {"model": "toy-x2"}


def test_the_scale_stands_once_in_a_layers_name():
    from srsat_qgis.processing.results.styling import made_by

    assert made_by("scene", "any-x2", 2) == "scene any-x2"
    assert made_by("scene", "any-x2-fast", 2) == "scene any-x2-fast"
    assert made_by("scene", "my-sensor", 4) == "scene my-sensor x4"
    assert made_by("lst", "bicubic", 8) == "lst bicubic x8"
    assert made_by("lst", "lst-x4", 8) == "lst lst-x4 x8"
