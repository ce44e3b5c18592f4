"""srsat:similarity through ``processing.run``: files, numbers for models, maps, and what stays with the layer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsLayerNotesUtils,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsRasterLayer,
)

from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.processing.results.styling import PROPERTY, Annotation, MapStyler, annotate
from tests.processing.helpers import GEOTRANSFORM, repeated, write_raster

ALGORITHM = "srsat:similarity"
NAMES = ("B2", "B3", "B4", "B8")
HEADLINE = {
    *("RMSE", "PSNR", "SSIM", "UIQ", "FSIM", "ISSM", "SRE", "SAM", "ERGAS", "CPSNR", "CC", "MAE", "BIAS"),
    *("LR_CONSISTENCY", "SHIFT_X", "SHIFT_Y"),
}


@pytest.fixture
def images() -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)
    coarse = random.integers(300, 3000, (4, 20, 25)).astype(np.uint16)
    truth = repeated(coarse) + random.integers(0, 60, (4, 40, 50)).astype(np.uint16)
    return {"lowres": coarse, "reference": truth, "test": truth + np.uint16(7)}


@pytest.fixture
def paths(images, tmp_path) -> dict[str, str]:
    x0, xc, _, y0, _, yr = GEOTRANSFORM
    coarse = (x0, 2 * xc, 0.0, y0, 0.0, 2 * yr)
    return {
        name: str(
            write_raster(
                tmp_path / f"{name}.tif",
                image,
                names=NAMES,
                geotransform=coarse if name == "lowres" else GEOTRANSFORM,
            )
        )
        for name, image in images.items()
    }


@pytest.fixture
def run(srsat, paths):
    """Runs the algorithm on the three rasters and returns its results."""
    from qgis import processing

    def _run(**parameters):
        feedback, context = parameters.pop("feedback", None), parameters.pop("context", None)
        values = {
            "INPUT": paths["test"],
            "REFERENCE": paths["reference"],
            "LOWRES": paths["lowres"],
            **parameters,
        }
        values = {name: value for name, value in values.items() if value is not None}
        return processing.run(ALGORITHM, values, feedback=feedback, context=context)

    return _run


def test_headline_numbers_are_outputs(run):
    results = run()
    assert results["BIAS"] == 7
    assert results["MAE"] == 7
    assert results["RMSE"] == pytest.approx(7)
    assert results["PSNR"] == pytest.approx(20 * np.log10(10000 / 7))
    assert {"SSIM", "UIQ", "SAM", "SRE", "ERGAS", "CC", "LR_CONSISTENCY"} <= set(results)
    assert results["VERDICT"]


def test_every_number_is_declared_under_its_name(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    numbers = {output.name() for output in algorithm.outputDefinitions() if output.type() == "outputNumber"}
    assert numbers == {key.upper() for key in MEASURES}
    assert numbers >= HEADLINE
    assert algorithm.outputDefinition("PSNR").description().endswith(" (dB)")
    assert not algorithm.outputDefinition("SSIM").description().endswith(")")


def test_what_does_not_apply_is_absent(run):
    results = run(REFERENCE=None)
    assert "RMSE" not in results
    assert "LR_CONSISTENCY" in results
    assert "FSIM" not in run(METRICS=["rmse"])


def test_measures_can_be_chosen_by_name(run):
    results = run(METRICS=["sam", "rmse"])
    assert {"RMSE", "SAM"} <= set(results)
    assert "PSNR" not in results


def test_the_settings_are_used(run):
    results = run(DATA_RANGE=4095, METRICS=["psnr"], BASELINE=False, DEGRADATION="area", BANDS=[2])
    assert results["PSNR"] == pytest.approx(20 * np.log10(4095 / 7))


def test_files_are_written(run, tmp_path):
    targets = {f"OUTPUT_{kind}": str(tmp_path / f"out.{kind.lower()}") for kind in ("HTML", "JSON", "CSV")}
    results = run(**targets)
    assert {name: results[name] for name in targets} == targets
    facts = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert facts["measures"][0]["value"] == pytest.approx(7)
    assert (tmp_path / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "out.csv").read_text("utf-8").startswith("measure,unit,band")


def test_maps_are_written(run, tmp_path, images):
    targets = {f"{kind}_RASTER": str(tmp_path / f"{kind}.tif") for kind in ("ERROR", "SSIM", "HALLUCINATION")}
    results = run(**targets)
    assert {name: results[name] for name in targets} == targets
    assert (gdal.Open(targets["ERROR_RASTER"]).ReadAsArray() == 7).all()
    assert gdal.Open(targets["HALLUCINATION_RASTER"]).RasterCount == 3


def test_rasters_of_another_grid_are_refused_in_one_line(run, images, tmp_path):
    x0, xc, _, y0, _, yr = GEOTRANSFORM
    moved = write_raster(tmp_path / "moved.tif", images["reference"], geotransform=(x0 + 3, xc, 0, y0, 0, yr))
    with pytest.raises(QgsProcessingException, match="does not lie on the grid") as caught:
        run(REFERENCE=str(moved))
    assert "Traceback" not in str(caught.value)
    assert "RMSE" in run(REFERENCE=str(moved), GRID="warp")


def test_it_needs_something_to_compare_with(run):
    with pytest.raises(QgsProcessingException, match="nothing to compare with"):
        run(REFERENCE=None, LOWRES=None)


def test_indices_must_be_readable(run):
    with pytest.raises(QgsProcessingException, match="INDICES 'NDVI 4 3': expected NAME=BAND,BAND"):
        run(INDICES="NDVI 4 3")
    assert run(INDICES="NDVI=4,3", METRICS=["index_mae"])["INDEX_MAE"] >= 0


def test_cancelling_returns_nothing(run, tmp_path):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    target = tmp_path / "error.tif"
    results = run(feedback=feedback, ERROR_RASTER=str(target))
    assert "RMSE" not in results
    assert not target.exists()


def test_the_summary_and_the_numbers_stay_with_the_layer(run, paths, qgis_new_project):
    layer = QgsRasterLayer(paths["test"], "mine")
    QgsProject.instance().addMapLayer(layer)
    QgsLayerNotesUtils.setLayerNotes(layer, "<p>my own words</p>")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    run(INPUT=layer, context=context)
    run(INPUT=layer, context=context)
    notes = QgsLayerNotesUtils.layerNotes(layer)
    assert notes.startswith("<p>my own words</p>")
    assert notes.count("<h3>Similarity</h3>") == 1
    assert json.loads(layer.customProperty(PROPERTY))["measures"][0]["key"] == "rmse"


def test_notes_of_a_layer_without_any_are_ours_alone(paths, qgis_new_project):
    layer = QgsRasterLayer(paths["test"], "mine")
    annotate(layer, Annotation("<p>a \\1 b</p>", "{}"))
    annotate(layer, Annotation("<p>a \\1 b</p>", "{}"))
    assert QgsLayerNotesUtils.layerNotes(layer).count("<p>a \\1 b</p>") == 1


@pytest.mark.parametrize(
    ("kind", "renderer", "limits"),
    [("error", "singlebandpseudocolor", (-30.0, 30.0)), ("ssim", "singlebandpseudocolor", (0.5, 1.0))],
)
def test_maps_load_with_a_fixed_ramp(paths, kind, renderer, limits):
    layer = QgsRasterLayer(paths["test"], "map")
    MapStyler(kind, 30.0).postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    assert layer.renderer().type() == renderer
    items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert (items[0].value, items[-1].value) == limits
    if kind == "error":
        middle = items[len(items) // 2]
        assert middle.value == 0
        assert min(middle.color.red(), middle.color.green(), middle.color.blue()) > 235


def test_the_map_of_what_was_made_up_loads_in_colours(paths):
    layer = QgsRasterLayer(paths["test"], "map")
    MapStyler("hallucination", 30.0).postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    shown = layer.renderer()
    assert (shown.type(), shown.redBand(), shown.greenBand(), shown.blueBand()) == ("multibandcolor", 3, 2, 1)


def test_parameter_names_and_their_folding_are_public(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    advanced = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    shown = [p.name() for p in algorithm.parameterDefinitions() if not p.flags() & advanced]
    folded = [p.name() for p in algorithm.parameterDefinitions() if p.flags() & advanced]
    assert shown == [
        *("INPUT", "REFERENCE", "LOWRES", "OUTPUT_HTML", "OUTPUT_JSON", "OUTPUT_CSV"),
        *("ERROR_RASTER", "SSIM_RASTER", "HALLUCINATION_RASTER"),
    ]
    assert folded == [
        *("BANDS", "REFERENCE_BANDS", "LOWRES_BANDS", "METRICS", "DATA_RANGE", "DEGRADATION"),
        *("DEGRADATION_VALUE", "MASK", "BASELINE", "GRID", "INDICES"),
    ]
    assert (algorithm.group(), algorithm.groupId()) == ("Quality", "quality")
    assert all(p.help() for p in algorithm.parameterDefinitions())
