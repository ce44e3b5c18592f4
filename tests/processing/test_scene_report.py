"""The report that srsat:sentinel2 writes beside its result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsLayerNotesUtils,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
)

from srsat_qgis.core.errors import OutOfMemory
from srsat_qgis.processing.results import scene_report
from srsat_qgis.processing.results.styling import PROVENANCE_PROPERTY, Annotation
from tests.core.sentinel2.scenes import write_scene

ALGORITHM = "srsat:sentinel2"
DEFAULTS = {"DEVICE": "cpu", "OUTPUT": "TEMPORARY_OUTPUT"}
NUMBERS = ("ERROR_20M", "ERROR_60M", "CONSISTENCY_PERCENT")


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scene")
    write_scene(folder)
    return {f"BANDS_{gsd}M": [str(folder / f"b{gsd}.tif")] for gsd in (10, 20, 60)}


def facts_in(page) -> dict:
    text = page.read_text("utf-8").partition('id="evaluation">')[2].partition("</script>")[0]
    return json.loads(text)


def test_it_gives_the_page_and_its_numbers(run, scene, tmp_path):
    page = tmp_path / "report.html"
    results = run(**scene, REPORT=str(page))
    assert results["REPORT"] == str(page)
    facts = facts_in(page)
    for name, group in zip(NUMBERS, facts["groups"]):
        assert results[name] == group["reduced"]["gaussian"]["share"]
    assert results["CONSISTENCY_PERCENT"] == max(
        group["agreement"]["largest_percent"] for group in facts["groups"]
    )
    assert [group["model"]["id"] for group in facts["groups"]] == ["s2-20m", "s2-60m"]


def test_without_a_report_there_are_no_numbers(run, scene):
    results = run(**scene, TARGETS="20 m")
    assert not {"REPORT", *NUMBERS} & set(results)


def test_a_number_that_was_not_measured_is_absent(run, scene, tmp_path):
    results = run(**scene, TARGETS="20 m", REPORT=str(tmp_path / "report.html"))
    assert "ERROR_20M" in results
    assert "ERROR_60M" not in results


def test_the_verdict_stands_in_the_log(run, scene, tmp_path, recorder):
    feedback = recorder()
    run(feedback=feedback, **scene, TARGETS="20 m", REPORT=str(tmp_path / "report.html"))
    assert any(line.startswith("At reduced scale the 20 m bands have") for line in feedback.lines)
    # The models run many times for the report, and say so once.
    assert sum("runs on cpu" in line for line in feedback.lines) == 1


def test_a_report_that_fails_leaves_the_raster_and_says_so(run, scene, tmp_path, monkeypatch):
    def fails(*_args, **_others):
        raise OutOfMemory("no memory is left")

    monkeypatch.setattr(scene_report, "prove", fails)
    target, page = tmp_path / "out.tif", tmp_path / "report.html"
    with pytest.raises(
        QgsProcessingException, match=r"out\.tif is written and complete, but .* no memory is left"
    ):
        run(**scene, TARGETS="20 m", OUTPUT=str(target), REPORT=str(page))
    assert gdal.Open(str(target)).RasterCount == 10
    assert not page.exists()


def test_a_page_that_cannot_be_written_leaves_the_raster(run, scene, tmp_path):
    target, page = tmp_path / "out.tif", tmp_path / "folder.html"
    page.mkdir()
    with pytest.raises(QgsProcessingException, match=r"out\.tif is written and complete"):
        run(**scene, TARGETS="20 m", OUTPUT=str(target), REPORT=str(page))
    assert np.count_nonzero(gdal.Open(str(target)).ReadAsArray())


def test_cancelling_the_report_leaves_the_raster(run, scene, tmp_path, recorder):
    target, page = tmp_path / "out.tif", tmp_path / "report.html"
    feedback = recorder(cancel_at=100 * (1 - scene_report.SHARE) + 5)
    results = run(feedback=feedback, **scene, OUTPUT=str(target), REPORT=str(page))
    assert "REPORT" not in results
    assert not page.exists()
    assert gdal.Open(str(target)).RasterCount == 12


def test_the_loaded_result_keeps_its_report(scene, tmp_path, srsat):
    from qgis.core import QgsApplication

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    target, page = str(tmp_path / "out.tif"), str(tmp_path / "report.html")
    project = QgsProject()
    context.setProject(project)
    context.addLayerToLoadOnCompletion(target, QgsProcessingContext.LayerDetails("result", project, "OUTPUT"))
    parameters = {**DEFAULTS, **scene, "TARGETS": "20 m", "OUTPUT": target, "REPORT": page}
    _, done = algorithm.run(parameters, context, feedback)
    assert done
    layer = QgsRasterLayer(target, "result")
    context.layerToLoadOnCompletionDetails(target).postProcessor().postProcessLayer(layer, context, feedback)
    notes = QgsLayerNotesUtils.layerNotes(layer)
    assert "At reduced scale the 20 m bands have" in notes
    assert page in notes
    assert json.loads(layer.customProperty(scene_report.PROPERTY))["kind"] == "sentinel-2"
    assert json.loads(layer.customProperty(PROVENANCE_PROPERTY))["model"] == "s2-20m"


def test_numbers_of_a_scene_do_not_stand_where_those_of_a_similarity_report_do():
    assert Annotation("", "").key != scene_report.PROPERTY
