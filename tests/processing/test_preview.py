"""srsat:preview through ``processing.run``: layers beside the input, a page, and the part that the map shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.superres.preview import preview
from srsat_qgis.core.types import Window
from tests.processing.helpers import REPEAT, read_raster, write_raster
from tests.rasters import shapes

ALGORITHM = "srsat:preview"
MODELS = [REPEAT, "any-x2-fast"]


@pytest.fixture
def large(tmp_path) -> Path:
    """Of 60 x 80 pixels, with names that a file cannot have."""
    image = shapes(60, 80).clip(0)[None].astype(np.uint16)
    return write_raster(tmp_path / "a scene.tif", image)


def test_each_model_gives_a_layer_and_the_page_shows_them(run, large, tmp_path):
    page, folder = tmp_path / "page.html", tmp_path / "new" / "folder"
    results = run(INPUT=str(large), MODELS=MODELS, SIDE=20, OUTPUT_FOLDER=str(folder), OUTPUT_HTML=str(page))
    assert results["LAYERS"] == [str(folder / f"a_scene_{model}.tif") for model in MODELS]
    whole = read_raster(large)[:, 20:40, 30:50]
    np.testing.assert_array_equal(
        read_raster(results["LAYERS"][0]), whole.repeat(2, axis=1).repeat(2, axis=2)
    )
    text = page.read_text(encoding="utf-8")
    assert text.count("data:image/png") == 4
    assert all(model in text for model in MODELS)
    assert results["OUTPUT_HTML"] == str(page)


def test_the_layers_are_added_with_names_of_their_own(srsat, large, tmp_path):
    from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject

    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    context, project = QgsProcessingContext(), QgsProject()
    context.setProject(project)
    parameters = {
        "INPUT": str(large),
        "MODELS": MODELS,
        "SIDE": 20,
        "OUTPUT_FOLDER": str(tmp_path),
        "OUTPUT_HTML": str(tmp_path / "page.html"),
    }
    _, done = algorithm.run(parameters, context, QgsProcessingFeedback(False))
    assert done
    wanted = context.layersToLoadOnCompletion()
    assert sorted(details.name for details in wanted.values()) == [
        f"a scene {model} preview" for model in sorted(MODELS)
    ]
    assert {Path(path).name for path in wanted} == {f"a_scene_{model}.tif" for model in MODELS}


class Canvas:
    """As much of a map as is asked for."""

    def __init__(self, code, box):
        self.code, self.box = code, box

    def mapCanvas(self):
        return self

    def mapSettings(self):
        return self

    def destinationCrs(self):
        from qgis.core import QgsCoordinateReferenceSystem

        return QgsCoordinateReferenceSystem(self.code)

    def extent(self):
        from qgis.core import QgsRectangle

        return QgsRectangle(*self.box)


@pytest.fixture
def windows(monkeypatch):
    """The windows of the previews that were made."""
    from srsat_qgis.processing.algorithms import preview_models as module

    seen = []

    def noted(*arguments, **options):
        found = preview(*arguments, **options)
        seen.append(found.window)
        return found

    monkeypatch.setattr(module, "preview", noted)
    return seen


def test_the_part_is_what_the_map_shows_of_the_raster(run, large, tmp_path, windows, monkeypatch):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRasterLayer

    from srsat_qgis.processing.algorithms import preview_models as module

    layer = QgsRasterLayer(str(large), "scene")
    box, pixel = layer.extent(), layer.rasterUnitsPerPixelX()
    left, top = box.xMinimum() + 10 * pixel, box.yMaximum() - 20 * pixel
    shown = (left, top - 16 * pixel, left + 16 * pixel, top)
    given = {"INPUT": layer, "MODELS": [REPEAT], "OUTPUT_FOLDER": str(tmp_path / "out")}
    monkeypatch.setattr(module, "iface", Canvas(layer.crs().authid(), shown))
    run(**given)
    assert windows == [Window(20, 10, 16, 16)]
    # A map in another CRS shows about the same; one of another place nothing of the raster.
    other = QgsCoordinateTransform(
        layer.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    degrees = other.transformBoundingBox(type(box)(*shown))
    around = (degrees.xMinimum(), degrees.yMinimum(), degrees.xMaximum(), degrees.yMaximum())
    monkeypatch.setattr(module, "iface", Canvas("EPSG:4326", around))
    run(**given)
    assert abs(windows[1].row - 20) <= 2
    assert abs(windows[1].rows - 16) <= 4
    monkeypatch.setattr(module, "iface", Canvas("EPSG:4326", (100, 0, 101, 1)))
    run(**given, SIDE=20)
    assert windows[2] == Window(20, 30, 20, 20)


def test_an_extent_is_what_is_asked_for_whatever_the_map_shows(run, large, tmp_path, windows, monkeypatch):
    from qgis.core import QgsRasterLayer

    from srsat_qgis.processing.algorithms import preview_models as module

    layer = QgsRasterLayer(str(large), "scene")
    box, pixel = layer.extent(), layer.rasterUnitsPerPixelX()
    monkeypatch.setattr(module, "iface", Canvas(layer.crs().authid(), (0, 0, 1e7, 1e7)))
    asked = (box.xMinimum(), box.xMinimum() + 20 * pixel, box.yMaximum() - 30 * pixel, box.yMaximum())
    run(
        INPUT=layer,
        MODELS=[REPEAT],
        EXTENT=",".join(map(str, asked)) + f" [{layer.crs().authid()}]",
        OUTPUT_FOLDER=str(tmp_path / "out"),
    )
    assert windows == [Window(0, 0, 30, 20)]


def refusal(run, **parameters) -> str:
    from qgis.core import QgsProcessingException

    with pytest.raises(QgsProcessingException) as caught:
        run(**parameters)
    return str(caught.value)


def test_mistakes_are_named(run, large, tmp_path):
    (tmp_path / "file").touch()
    good = {"INPUT": str(large), "MODELS": [REPEAT], "OUTPUT_FOLDER": str(tmp_path / "out")}
    assert "no-such-model" in refusal(run, **{**good, "MODELS": ["no-such-model"]})
    assert "SIDE" in refusal(run, **{**good, "SIDE": 5})
    assert str(tmp_path / "file") in refusal(run, **{**good, "OUTPUT_FOLDER": str(tmp_path / "file")})
    outside = refusal(run, **{**good, "EXTENT": "0,1,0,1 [EPSG:32633]"})
    assert "lies outside the raster" in outside
