"""srsat:timeseries through ``processing.run`` and in its window: rasters, tables, dated layers in a group."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    Qgis,
    QgsLayerDefinition,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
)

from tests.core.landsat.scenes import (
    NAMES,
    REFERENCE_TRANSFORM,
    ground,
    landsat,
    sentinel2,
    write_product,
    write_reference,
)
from tests.rasters import read_raster

ALGORITHM = "srsat:timeseries"
DEFAULTS = {"METHOD": "resample", "COREGISTER": "off", "RADIOMETRY": "none"}


@pytest.fixture(scope="module")
def image():
    return ground()


@pytest.fixture
def scenes(tmp_path, image) -> Path:
    folder = tmp_path / "scenes"
    folder.mkdir()
    write_product(folder / "landsat", landsat(image), date="2015-09-23")
    write_reference(folder / "S2A_MSIL2A_20150921T095000.tif", 1.05 * sentinel2(image) + 0.01)
    write_reference(folder / "S2B_MSIL2A_20151001T095000_N0400.tif", sentinel2(image), added=-1000)
    (folder / "S2A_MSIL2A_20151003T095000.tif").write_bytes(b"II*\0")
    return folder


def dates_of(layers):
    """Return name and fixed range of layers that have one."""
    found = {}
    for layer in layers:
        temporal = layer.temporalProperties()
        assert temporal.isActive()
        assert temporal.mode() == Qgis.RasterTemporalMode.FixedTemporalRange
        ends = temporal.fixedTemporalRange()
        found[layer.name()] = tuple(end.toString("yyyy-MM-dd HH:mm:ss") for end in (ends.begin(), ends.end()))
    return found


EXPECTED = {
    f"{date} {scene}": (f"{date} 00:00:00", f"{date} 23:59:59")
    for date, scene in (("2015-09-21", "S2A"), ("2015-09-23", "L8 171083"), ("2015-10-01", "S2B"))
}


def test_a_folder_becomes_rasters_tables_a_page_and_a_group_of_dated_layers(run, scenes, tmp_path, image):
    out = tmp_path / "series"
    found = run(INPUT=str(scenes), OUTPUT=str(out), BANDS=["B2", "B4", "B3", "NIR"], DAYS=3)
    assert (found["DATES"], found["MADE"], found["FAILED"], found["PAIRS"]) == (4, 3, 1, 1)
    assert found["BANDS"] == "B2, B3, B4, B8A"
    made = read_raster(out / "2015-10-01_S2B.tif")
    np.testing.assert_array_equal(made, np.rint(sentinel2(image)[:4] * 1e4))
    with open(found["AGREEMENT"], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["band"] for row in rows] == ["B2", "B3", "B4", "B8A", "NDVI"]
    # Sentinel-2's first date is 5 % brighter, and 0.01.
    means = sentinel2(image)[:4].mean(axis=(1, 2))
    expected = -(0.05 * means + 0.01)
    np.testing.assert_allclose([float(row["bias"]) for row in rows[:4]], expected, atol=0.002)
    text = Path(found["REPORT"]).read_text("utf-8")
    for words in (
        "3 of 4 dates are on one grid",
        "2015-10-03",
        "GDAL cannot open it",
        "<svg",
        "2015-09-23_L8_171083",
    ):
        assert words in text
    # In a project of its own, elsewhere: paths are relative to the file.
    moved = tmp_path / "moved"
    out.rename(moved)
    project = QgsProject()
    done, message = QgsLayerDefinition.loadLayerDefinition(
        str(moved / "series.qlr"), project, project.layerTreeRoot()
    )
    assert done, message
    group = project.layerTreeRoot().findGroup("series")
    layers = [node.layer() for node in group.findLayers()]
    assert [layer.name() for layer in layers] == sorted(EXPECTED, reverse=True)
    assert all(layer.isValid() for layer in layers)
    assert dates_of(layers) == EXPECTED
    # Red, green and blue, in one stretch.
    for layer in layers:
        renderer = layer.renderer()
        assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (3, 2, 1)
        assert renderer.redContrastEnhancement().maximumValue() == 0.3
    project.clear()


@pytest.mark.parametrize("load", [True, False])
def test_a_window_loads_dated_layers_in_a_group_where_that_is_asked_for(
    srsat, desktop, scenes, tmp_path, load
):
    from processing.gui.Postprocessing import handleAlgorithmResults

    project = QgsProject.instance()
    project.clear()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(project)
    algorithm = srsat.algorithm("timeseries").create()
    parameters = {**DEFAULTS, "INPUT": str(scenes), "OUTPUT": str(tmp_path / "place"), "LOAD": load}
    _, done = algorithm.run(parameters, context, feedback, {}, False)
    assert done
    handleAlgorithmResults(algorithm, context, feedback)
    try:
        group = project.layerTreeRoot().findGroup("place")
        if not load:
            assert group is None
            assert not project.mapLayers()
            return
        layers = [node.layer() for node in group.findLayers()]
        assert [layer.name() for layer in layers] == sorted(EXPECTED, reverse=True)
        assert dates_of(layers) == EXPECTED
        assert len(project.layerTreeRoot().findLayers()) == 3
    finally:
        project.clear()


def test_extent_reference_and_shared_parameters_reach_core(run, scenes, tmp_path, image):
    given = write_reference(tmp_path / "given.tif", 0.5 * sentinel2(image))
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    found = run(
        INPUT=f"{scenes / 'landsat'}; {scenes / 'S2A_MSIL2A_20150921T095000.tif'}",
        OUTPUT=str(tmp_path / "out"),
        REFERENCE=given,
        RADIOMETRY="fitted",
        EXTENT=f"{x + 200},{x + 1700},{y - 1700},{y - 200} [EPSG:32633]",
        FORMAT="cog",
        MASK=["none"],
    )
    assert (found["DATES"], found["MADE"]) == (2, 2)
    made = read_raster(tmp_path / "out" / "2015-09-23_L8_171083.tif")
    assert made.shape == (len(NAMES), 150, 150)
    truth = 0.5 * sentinel2(image)[:, 20:170, 20:170]
    np.testing.assert_allclose(made.mean(axis=(1, 2)) * 1e-4, truth.mean(axis=(1, 2)), rtol=0.02)
    again = run(
        INPUT=str(scenes / "landsat"),
        OUTPUT=str(tmp_path / "out"),
        REFERENCE=given,
        RADIOMETRY="fitted",
        EXTENT=f"{x + 200},{x + 1700},{y - 1700},{y - 200} [EPSG:32633]",
        FORMAT="cog",
        MASK=["none"],
    )
    assert again["MADE"] == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"INPUT": "nowhere"}, "nowhere: expected a folder"),
        ({"MASK": ["none", "cloud"]}, "expected none alone"),
        ({"METHOD": "subpixel", "MODEL": "any-x2"}, "MODEL"),
        ({"REFERENCE": "nowhere.tif"}, "nowhere.tif"),
    ],
)
def test_what_cannot_work_is_refused_in_a_line(run, scenes, tmp_path, given, expected):
    with pytest.raises(QgsProcessingException, match=expected):
        run(**{"INPUT": str(scenes), "OUTPUT": str(tmp_path / "out"), **given})
