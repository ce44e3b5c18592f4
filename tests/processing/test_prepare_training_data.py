"""srsat:preparetrainingdata through ``processing.run``: rasters in, a patch store out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsRasterLayer

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import InvalidSetting
from tests.processing.helpers import GEOTRANSFORM, write_raster
from tests.rasters import texture

ALGORITHM = "srsat:preparetrainingdata"
DEFAULTS = {"OUTPUT": "TEMPORARY_OUTPUT"}
X0, _, _, Y0, _, _ = GEOTRANSFORM


@pytest.fixture
def scene() -> np.ndarray:
    return np.rint(texture(2, 192, 192)).astype(np.uint16)


@pytest.fixture
def hr(tmp_path, scene) -> str:
    return str(write_raster(tmp_path / "field 1.tif", scene, names=("B4", "B8")))


def coarse(tmp_path, scene) -> str:
    image = np.rint(gaussian_area(scene.astype(float), scale=2, sigma=0.4)).astype(np.uint16)
    return str(write_raster(tmp_path / "coarse.tif", image, geotransform=(X0, 20.0, 0.0, Y0, 0.0, -20.0)))


def entry_of(results: dict) -> dict:
    return json.loads((Path(results["OUTPUT"]) / "manifest.json").read_text())["sources"][0]


def test_one_raster_becomes_a_store_with_both_splits_and_a_picture(run, hr, tmp_path):
    results = run(HR=[hr], PATCH_SIZE=32, OUTPUT=str(tmp_path / "store"), SENSOR="Toy", LICENCE="CC0")
    entry = entry_of(results)
    assert entry["patches"] == {"train": results["PATCHES"], "validation": results["VALIDATION_PATCHES"]}
    assert min(entry["patches"].values()) > 0
    assert (entry["name"], entry["sensor"], entry["licence"]) == ("field-1", "Toy", "CC0")
    assert Path(results["SHEET"]).is_file()


def test_pairs_guides_and_masks_reach_core_as_layers_or_paths(run, hr, scene, tmp_path):
    lr = coarse(tmp_path, scene)
    mask = np.zeros((1, 192, 192), np.uint8)
    mask[0, :40, :40] = 3
    clouds = str(write_raster(tmp_path / "clouds.tif", mask))
    results = run(
        HR=[QgsRasterLayer(hr, "fields", "gdal")],
        LR=[lr],
        GUIDES=[hr],
        MASK=[clouds],
        MASK_VALUES="3, 8",
        PATCH_SIZE=32,
        OVERLAP=16,
        MATCH="linear",
        NAME="pair",
        VALIDATION_SHARE=0.1,
        SEED=7,
    )
    entry = entry_of(results)
    assert [layer["name"] for layer in entry["layers"]] == ["target", "image", "guide"]
    assert entry["left_out"]["masked"] >= 4
    assert (entry["name"], entry["match"], entry["split"]["seed"]) == ("pair", "linear", 7)
    assert entry["pairs"][0]["bands"][1]["correlation"] > 0.99


def test_every_parameter_reaches_core(run, hr, tmp_path, monkeypatch):
    asked = []

    def prepare(request, folder, *, progress):
        asked.append((request, folder))
        raise InvalidSetting("that is all")

    monkeypatch.setattr("srsat_qgis.processing.algorithms.prepare_training_data.prepare_store", prepare)
    numbers = {
        "SCALE": 3,
        "NODATA": 7.0,
        "PATCH_SIZE": 48,
        "OVERLAP": 12,
        "MAX_INVALID": 0.25,
        "VALIDATION_SHARE": 0.4,
        "SEED": 11,
    }
    texts = {"MATCH": "linear", "NAME": "mine", "SENSOR": "Toy", "PLACE": "Ulm", "LICENCE": "CC0"}
    rasters = {"HR": "targets", "LR": "images", "GUIDES": "guides", "MASK": "masks"}
    given = {**numbers, **texts, **{name: [hr] for name in rasters}, "MASK_VALUES": "3, 8"}
    with pytest.raises(QgsProcessingException, match="that is all"):
        run(**given, OUTPUT=str(tmp_path / "store"))
    request, folder = asked[0]
    assert folder == tmp_path / "store"
    assert {name: getattr(request, name.lower()) for name in {**numbers, **texts}} == {**numbers, **texts}
    assert all([str(path) for path in getattr(request, field)] == [hr] for field in rasters.values())
    assert tuple(request.mask_values) == (3, 8)


def test_the_log_reports_the_pair(run, hr, scene, tmp_path, recorder):
    feedback = recorder()
    run(HR=[hr], LR=[coarse(tmp_path, scene)], PATCH_SIZE=32, feedback=feedback)
    assert any("correlation" in line and "shift" in line for line in feedback.lines)
    assert any("patches for training" in line for line in feedback.lines)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"MASK_VALUES": "cloud"}, "expected numbers"),
        ({"NAME": "a/b"}, "NAME 'a/b'"),
        ({"LR": ["/nowhere.tif"]}, "LR"),
        ({"VALIDATION_SHARE": 1}, "VALIDATION_SHARE is 1"),
        ({"SCALE": 4, "LR": "coarse"}, "SCALE is 4"),
    ],
)
def test_wrong_settings_are_one_clear_line_and_leave_nothing(run, hr, scene, tmp_path, parameters, message):
    if parameters.get("LR") == "coarse":
        parameters = {**parameters, "LR": [coarse(tmp_path, scene)]}
    target = tmp_path / "store"
    with pytest.raises(QgsProcessingException, match=message):
        run(HR=[hr], OUTPUT=str(target), **parameters)
    assert not (target / "manifest.json").exists()


def test_a_folder_of_other_files_is_refused(run, hr, tmp_path):
    with pytest.raises(QgsProcessingException, match="which is no part of a patch store"):
        run(HR=[hr], OUTPUT=str(tmp_path))


def test_a_cancelled_run_leaves_no_store(run, hr, tmp_path, recorder):
    results = run(HR=[hr], PATCH_SIZE=16, OUTPUT=str(tmp_path / "store"), feedback=recorder(cancel_at=10))
    assert "PATCHES" not in results
    assert not (tmp_path / "store" / "manifest.json").exists()


def test_parameters_outputs_and_place_in_the_toolbox_are_public(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    names = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert names == [
        *(
            "HR",
            "LR",
            "GUIDES",
            "MASK",
            "GUIDE_BANDS",
            "SCALE",
            "MASK_VALUES",
            "NODATA",
            "PATCH_SIZE",
            "OVERLAP",
            "MAX_INVALID",
        ),
        *("VALIDATION_SHARE", "SEED", "MATCH", "NAME", "SENSOR", "PLACE", "LICENCE", "OUTPUT"),
    ]
    outputs = {output.name() for output in algorithm.outputDefinitions()}
    assert outputs == {"OUTPUT", "PATCHES", "VALIDATION_PATCHES", "SHEET"}
    assert (algorithm.group(), algorithm.groupId()) == ("Preparation", "preparation")
