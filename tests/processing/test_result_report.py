"""The report that srsat:superresolve writes beside its result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import (
    QgsLayerNotesUtils,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import Qt

from srsat_qgis.core.models.registry import registry
from srsat_qgis.processing.results.styling import PROPERTY, Annotation, ResultStyler
from tests.processing.helpers import GEOTRANSFORM, REPEAT, repeated, write_raster


@pytest.fixture
def run(srsat, raster, tmp_path):
    """Runs the algorithm with the repeating model and returns its results and the facts in its report."""
    from qgis import processing

    def _run(feedback=None, **parameters):
        page = tmp_path / "report.html"
        values = {
            "INPUT": str(raster),
            "MODEL": REPEAT,
            "DEVICE": "cpu",
            "OUTPUT": str(tmp_path / "fine.tif"),
        }
        values = {**values, "REPORT": str(page), **parameters}
        results = processing.run("srsat:superresolve", values, feedback=feedback)
        text = page.read_text("utf-8").partition('id="evaluation">')[2].partition("</script>")[0]
        return results, json.loads(text)

    return _run


def measures(facts: dict) -> dict:
    return {row["key"]: row for row in facts["measures"]}


def test_without_a_reference_it_tells_agreement_with_the_input(run, tmp_path):
    results, facts = run()
    assert results["REPORT"] == str(tmp_path / "report.html")
    assert measures(facts)["lr_consistency"]["value"] == 0  # repeated pixels average to the input
    assert measures(facts)["clipped"]["value"] == 0
    assert measures(facts)["rmse"]["value"] is None
    assert facts["scale"] == 2


def test_a_map_of_doubt_is_told_with_what_its_card_knows_of_it(run, recorder, tmp_path):
    page, feedback = tmp_path / "report.html", recorder()
    run(UNCERTAINTY=str(tmp_path / "doubt.tif"), feedback=feedback)
    assert "<h2>Map of doubt</h2>" in page.read_text("utf-8")
    assert "none: its model card does not compare them with the error" in page.read_text("utf-8")
    assert sum("the map of doubt is not calibrated" in line for line in feedback.lines) == 1
    feedback, known = recorder(), registry()["any-x2-fast"].doubt
    results, _ = run(MODEL="any-x2-fast", UNCERTAINTY=str(tmp_path / "doubt.tif"), feedback=feedback)
    text = page.read_text("utf-8")
    assert f"times {known.factor:g}" in text
    assert str(known.patches) in text
    for place in json.loads(results["UNCERTAIN_PLACES"]):
        assert f"{place['x']:.10g}, {place['y']:.10g}" in text
    assert f"the map of doubt is {known.describe()}" in feedback.lines
    run()
    assert "<h2>Map of doubt</h2>" not in page.read_text("utf-8")


def test_temperatures_without_a_place_have_a_report_too(run, tmp_path):
    from osgeo import gdal

    pixels = np.random.default_rng(5).uniform(280, 300, (60, 70)).astype(np.float32)
    pixels[:20, :30] = np.nan
    pixels[40, 40], pixels[41, 41] = 275.0, 315.0
    path = str(tmp_path / "kelvin.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 70, 60, 1, gdal.GDT_Float32)
    dataset.GetRasterBand(1).WriteArray(pixels)
    del dataset
    _, facts = run(INPUT=path)
    assert facts["data_range"] == {"value": 40.0, "why": "that of the values, 275 to 315"}
    assert measures(facts)["lr_consistency"]["value"] == 0
    assert facts["area"]["crs"] == ""


def test_the_bar_moves_from_the_start_over_the_model_to_the_end_of_the_report(run):
    shown = []
    feedback = QgsProcessingFeedback(False)
    feedback.progressChanged.connect(shown.append, Qt.ConnectionType.DirectConnection)
    run(feedback=feedback, TILE_SIZE=8)
    assert shown == sorted(shown)
    assert shown[0] < 20
    assert {70.0, 100.0} <= set(shown)


def test_a_raster_of_one_tile_has_no_seams_whatever_the_model_s_own_tile(run, tmp_path):
    many = np.random.default_rng(3).integers(100, 4000, (1, 80, 90)).astype(np.uint16)
    _, facts = run(INPUT=str(write_raster(tmp_path / "large.tif", many)), TILE_SIZE=128)
    assert measures(facts)["seams"]["value"] is None
    assert facts["scale"] == 2


def test_seams_are_looked_for_at_the_tiles_of_the_run(run):
    _, facts = run(TILE_SIZE=16)
    assert measures(facts)["seams"]["facts"]["tile_px"] == [32, 32]


def test_chosen_bands_are_compared_with_themselves(run):
    _, facts = run(BANDS=[3, 1])
    assert [(band["name"], band["test"], band["lowres"]) for band in facts["bands"]] == [
        ("B4", 1, 3),
        ("B2", 2, 1),
    ]


def test_a_part_is_compared_with_its_part(run):
    x0, xc, _, y0, _, yr = GEOTRANSFORM
    extent = f"{x0 + 5 * xc},{x0 + 25 * xc},{y0 + 20 * yr},{y0 + 4 * yr} [EPSG:32633]"
    _, facts = run(EXTENT=extent)
    assert (facts["area"]["rows"], facts["area"]["cols"]) == (32, 40)
    assert measures(facts)["lr_consistency"]["value"] == 0


def test_with_a_reference_it_is_the_whole_report(run, values, tmp_path):
    truth = repeated(values) + np.uint16(5)
    x0, xc, _, y0, _, yr = GEOTRANSFORM
    path = write_raster(
        tmp_path / "truth.tif",
        truth,
        geotransform=(x0, xc / 2, 0, y0, 0, yr / 2),
        names=("B2", "B3", "B4", "B8"),
    )
    _, facts = run(REFERENCE=str(path))
    assert measures(facts)["bias"]["value"] == -5
    assert measures(facts)["rmse"]["baseline"] is not None


def test_the_loaded_result_keeps_its_report(raster):
    layer = QgsRasterLayer(str(raster), "result")
    styler = ResultStyler("", {"model": "x"}, Annotation("<p>good</p>", "{}"))
    styler.postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    assert "<p>good</p>" in QgsLayerNotesUtils.layerNotes(layer)
    assert layer.customProperty(PROPERTY) == "{}"
