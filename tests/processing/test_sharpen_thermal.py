"""srsat:sharpenthermal through ``processing.run``: methods by name, any unit, a report, clear refusals."""

from __future__ import annotations

import json
import os
import re
import shutil

import numpy as np
import pytest
from qgis import processing

from srsat_qgis.core.trainer.running import OVERRIDE
from tests.core.thermal.scenes import PIXEL, SCALE, error, transform, write_scene
from tests.processing.test_model_chain import child
from tests.rasters import read_raster, write_raster

ALGORITHM = "srsat:sharpenthermal"


@pytest.fixture
def scene(tmp_path):
    return write_scene(tmp_path)


def test_the_list_holds_the_classical_methods_and_the_thermal_models_alone(srsat):
    algorithm = srsat.algorithm("sharpenthermal")
    options = algorithm.parameterDefinition("MODEL").options()
    assert options[0] == "auto"
    assert options[-3:] == ["bicubic", "tsharp", "local-ridge"]
    assert {"lst-x4", "lst-x8"} <= set(options)
    assert "any-x2" not in options
    assert algorithm.parameterDefinition("MODEL").usesStaticStrings()
    assert "lst-x4" in algorithm.shortHelpString()


@pytest.mark.parametrize("model", ["local-ridge", "auto"])
def test_a_scene_becomes_sharper(run, scene, tmp_path, model):
    lst, index, fine = scene
    plain = run(INPUT=lst, GUIDES=[], SCALE="4", MODEL="bicubic", OUTPUT=str(tmp_path / "plain.tif"))
    found = run(INPUT=lst, GUIDES=[index], SCALE="4", MODEL=model, OUTPUT=str(tmp_path / "out.tif"))
    one, two = (read_raster(result["OUTPUT"])[0].astype(np.float64) for result in (plain, found))
    assert (found["WIDTH"], found["HEIGHT"]) == (40 * SCALE, 40 * SCALE)
    assert error(two, fine) < 0.9 * error(one, fine)
    assert found["RESIDUAL_K"] < 1e-6
    assert found["CONSISTENCY_USED"] == "area"
    assert found["GUIDED_PERCENT"] > 99


def test_report_and_quality_tell_how_good_it_is(run, tmp_path):
    lst, index, _ = write_scene(tmp_path, side=64)
    found = run(
        INPUT=lst,
        GUIDES=[index],
        MODEL="local-ridge",
        OUTPUT=str(tmp_path / "out.tif"),
        QUALITY=str(tmp_path / "q.tif"),
        REPORT=str(tmp_path / "report.html"),
    )
    scores = {row["method"]: row["rmse_k"] for row in json.loads(found["SCORES"])}
    assert list(scores) == ["bicubic", "tsharp", "local-ridge"]
    assert found["ERROR_SHARE"] == pytest.approx(scores["local-ridge"] / scores["bicubic"], abs=1e-4)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("One scale coarser", "tsharp", "Consistency area", "index.tif", "data:image/png"):
        assert words in text
    assert read_raster(tmp_path / "q.tif").shape == (1, 256, 256)


def test_numbers_and_unit_are_as_told(run, scene, tmp_path):
    lst, index, fine = scene
    numbers = np.rint((read_raster(lst) - 200) / 0.01).astype(np.uint16)
    path = write_raster(tmp_path / "dn.tif", numbers, transform=transform(PIXEL))
    found = run(
        INPUT=path,
        GUIDES=[index],
        MODEL="local-ridge",
        UNIT="kelvin",
        UNIT_SCALE=0.01,
        UNIT_OFFSET=200.0,
        COREGISTER="off",
        OUTPUT=str(tmp_path / "out.tif"),
    )
    made = read_raster(found["OUTPUT"])[0]
    assert made.dtype == np.uint16
    assert error(made * 0.01 + 200, fine) < 0.6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MODEL": "lst-x8", "SCALE": "4"}, "lst-x8, which sharpens 8 times; SCALE is 4"),
        ({"GUIDES": []}, "GUIDES is empty"),
        ({"UNIT": "celsius"}, "look like kelvins"),
        ({"CONSISTENCY": "relaxed", "BOX": 4}, "BOX is 4"),
        ({"BAND": 3}, "band"),
    ],
)
def test_mistakes_are_named(run, scene, tmp_path, change, words):
    from qgis.core import QgsProcessingException

    lst, index, _ = scene
    wanted = {
        "INPUT": lst,
        "GUIDES": [index],
        "MODEL": "local-ridge",
        "OUTPUT": str(tmp_path / "out.tif"),
        **change,
    }
    with pytest.raises(QgsProcessingException, match=words):
        run(**wanted)
    assert not (tmp_path / "out.tif").exists()


def test_in_a_model_the_means_of_what_was_sharpened_are_the_input(srsat, tmp_path):
    """A chain of the graphical modeler: sharpen, degrade by the area mean, compare with what came in."""
    from qgis import processing
    from qgis.core import (
        QgsProcessingModelAlgorithm,
        QgsProcessingModelParameter,
        QgsProcessingParameterRasterLayer,
    )

    lst, index, _ = write_scene(tmp_path)
    model = QgsProcessingModelAlgorithm("thermal", "tests")
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("lst", "Temperatures"), QgsProcessingModelParameter("lst")
    )
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("guide", "Guide"), QgsProcessingModelParameter("guide")
    )
    child(
        model,
        "sharp",
        "srsat:sharpenthermal",
        INPUT=("model", "lst"),
        GUIDES=("model", "guide"),
        MODEL="lst-x4",
        SCALE="4",
    )
    child(model, "means", "srsat:degrade", INPUT=("sharp", "OUTPUT"), SCALE=4, METHOD="area")
    child(
        model,
        "compared",
        "srsat:similarity",
        outputs={"OUTPUT_JSON": "page"},
        INPUT=("means", "OUTPUT"),
        REFERENCE=("model", "lst"),
        METRICS=["rmse"],
        DATA_RANGE=60.0,
    )
    # Versions of QGIS name a model's outputs differently.
    (output,) = (one.name() for one in model.destinationParameterDefinitions())
    found = processing.run(model, {"lst": lst, "guide": index, output: str(tmp_path / "page.json")})
    assert found[output] == str(tmp_path / "page.json")
    page = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    (rmse,) = page["measures"]
    assert rmse["facts"]["pixels"] == 40 * 40
    assert rmse["value"] < 1e-3


def test_the_report_names_the_model_its_version_and_its_checksum(run, scene, tmp_path):
    from srsat_qgis.core.models.registry import registry

    lst, index, _ = scene
    page = tmp_path / "report.html"
    run(INPUT=lst, GUIDES=[index], MODEL="lst-x4", OUTPUT=str(tmp_path / "out.tif"), REPORT=str(page))
    text = page.read_text(encoding="utf-8").replace("<wbr>", "")
    card = registry()["lst-x4"]
    assert all(told in text for told in (card.id, f"<td>{card.version}</td>", f"<td>{card.sha256}</td>"))


def test_the_log_tells_size_tiles_and_time(run, scene, tmp_path, recorder):
    lst, index, _ = scene
    feedback = recorder()
    run(feedback, INPUT=lst, GUIDES=[index], MODEL="local-ridge", OUTPUT=str(tmp_path / "out.tif"))
    assert any(
        re.fullmatch(
            r"160 x 160 pixels, 1 band, Float32: (1 tile|\d+ tiles; the time left is told after the first)",
            line,
        )
        for line in feedback.lines
    )


@pytest.mark.parametrize("chosen", [{"BASE_MODEL": "lst-x4"}, {"NETWORK": "dctnet", "SIZE": "small"}])
def test_a_model_trained_from_the_toolbox_on_guides_of_any_bands_sharpens_here(run, tmp_path, chosen):
    if not os.environ.get(OVERRIDE):
        pytest.skip(f"{OVERRIDE} names no Python with PyTorch (make test TRAIN=1 makes one)")
    lst, index, fine = write_scene(tmp_path, side=64)
    where = {"transform": transform(PIXEL / SCALE)}
    hr = write_raster(tmp_path / "hr.tif", fine[None].astype(np.float32), **where)
    green = read_raster(index)[0]
    noise = np.random.default_rng(0).normal(0.2, 0.02, green.shape)
    bands = np.stack([green, 0.5 - 0.4 * green, green**2, 1 - green, noise]).astype(np.float32)
    guide = write_raster(tmp_path / "five.tif", bands, **where)
    store = processing.run(
        "srsat:preparetrainingdata",
        {
            **{"HR": [hr], "GUIDES": [guide], "SCALE": SCALE, "PATCH_SIZE": 48},
            **{"VALIDATION_SHARE": 0.25, "OUTPUT": str(tmp_path / "store")},
        },
    )
    trained = processing.run(
        "srsat:trainmodel",
        {
            **{"DATA": store["OUTPUT"], "EPOCHS": 2, "MODEL_ID": "my-lst", "DEVICE": "cpu"},
            **{"LEARNING_RATE": 1e-4, "OUTPUT_FOLDER": str(tmp_path / "run"), **chosen},
        },
    )
    try:
        found = run(INPUT=lst, GUIDES=[guide], MODEL=trained["MODEL"], OUTPUT=str(tmp_path / "out.tif"))
        plain = run(INPUT=lst, GUIDES=[], MODEL="bicubic", OUTPUT=str(tmp_path / "plain.tif"))
        one, two = (read_raster(result["OUTPUT"])[0].astype(np.float64) for result in (plain, found))
        assert found["GUIDED_PERCENT"] == 100
        # A new network has learned next to nothing in two passes; the shipped one keeps what it knew.
        assert error(two, fine) < (0.95 if "BASE_MODEL" in chosen else 1.2) * error(one, fine)
    finally:
        shutil.rmtree(trained["MODEL_FOLDER"])
