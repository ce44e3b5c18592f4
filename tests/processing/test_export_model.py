"""srsat:exportmodel, with a stand-in for the exporter: what it is asked for, and what comes out."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException

from srsat_qgis.core.paths import user_models_dir
from srsat_qgis.core.trainer import running as interpreter
from srsat_qgis.core.trainer import running as process
from tests.processing.helpers import REPEAT, write_repeat_model
from tests.trainers import write_manifest, write_trainer

ALGORITHM = "srsat:exportmodel"


@pytest.fixture
def export(srsat, tmp_path, monkeypatch):
    """Runs the algorithm; the stand-in exports a model called exported-x2."""
    from qgis import processing

    model = write_repeat_model(tmp_path / "made", model_id="exported-x2")
    package = write_trainer(tmp_path / "plugin", model)
    monkeypatch.setenv(interpreter.OVERRIDE, sys.executable)

    def _export(feedback=None, **parameters):
        monkeypatch.setattr(process, "PACKAGE", package)
        wanted = {"MODEL_ID": "exported-x2", "OUTPUT_FOLDER": str(tmp_path / "work"), **parameters}
        return processing.run(ALGORITHM, wanted, feedback=feedback)

    yield _export
    shutil.rmtree(user_models_dir() / "exported-x2", ignore_errors=True)


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    folder = tmp_path / "my run"
    folder.mkdir()
    (folder / "checkpoint.json").write_text("{}", "utf-8")
    return folder


@pytest.fixture
def weights(tmp_path) -> Path:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"PK")
    return path


def arguments(tmp_path) -> list[str]:
    return json.loads((tmp_path / "work" / "arguments.json").read_text("utf-8"))


def test_a_checkpoint_becomes_a_model_and_the_parity_is_told(export, checkpoint, tmp_path, recorder):
    feedback = recorder()
    results = export(feedback, CHECKPOINT=str(checkpoint), LICENCE="CC0-1.0")
    assert results["MODEL"] == "exported-x2"
    assert Path(results["MODEL_FILE"]) == user_models_dir() / "exported-x2" / "model.onnx"
    assert results["PARITY"] == 1e-6
    assert results["HALO"] == 1
    assert any("differ by at most 1.0e-06" in line for line in feedback.lines)
    assert arguments(tmp_path)[:2] == ["--checkpoint", str(checkpoint)]
    card = arguments(tmp_path)[arguments(tmp_path).index("--card") + 1]
    assert json.loads(card) == {"name": "exported-x2", "version": "1.0.0", "licence": "CC0-1.0"}


def test_a_model_without_an_id_is_called_as_its_run_or_its_weights(export, checkpoint, weights, tmp_path):
    """The stand-in makes a model of its own name, which is refused in the end."""
    for source, wanted in (
        ({"CHECKPOINT": str(checkpoint)}, "my-run"),
        ({"STATE": str(weights), "SCALE": 2}, "weights"),
    ):
        with pytest.raises(QgsProcessingException, match=wanted):
            export(MODEL_ID="", **source)
        card = arguments(tmp_path)[arguments(tmp_path).index("--card") + 1]
        assert json.loads(card)["name"] == wanted


def test_patches_are_handed_on_for_the_doubt_and_then_for_a_form_in_integers(
    export, checkpoint, tmp_path, recorder
):
    feedback = recorder()
    store = write_manifest(tmp_path / "store")
    export(feedback, CHECKPOINT=str(checkpoint), DATA=str(store))
    asked = (tmp_path / "work" / "afterwards.txt").read_text("utf-8").splitlines()
    given = [str(tmp_path / "work" / "model"), "--store", str(store)]
    assert [json.loads(line) for line in asked] == [[name, *given] for name in ("calibrate", "sibling")]
    told = ["Its map of doubt is not calibrated: a stand-in", "No form in 8-bit integers: it is a stand-in"]
    assert [line for line in feedback.lines if line in told] == told


def test_without_patches_nothing_is_measured_afterwards(export, checkpoint, tmp_path):
    export(CHECKPOINT=str(checkpoint))
    assert not (tmp_path / "work" / "afterwards.txt").exists()


def test_weights_from_elsewhere_are_told_apart_by_network_options_scale_and_bands(export, weights, tmp_path):
    export(STATE=str(weights), NETWORK="edsr", OPTIONS='{"channels": 8}', SCALE=4, BANDS="B4, B3,B2")
    assert arguments(tmp_path)[:10] == [
        "--state", str(weights), "--network", "edsr", "--options", '{"channels": 8}', "--scale", "4",
        "--bands", '["B4", "B3", "B2"]',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "expected one of CHECKPOINT"),
        ({"CHECKPOINT": ".", "STATE": "weights"}, "expected one of CHECKPOINT"),
        ({"CHECKPOINT": "."}, r"found no checkpoint\.json"),
        ({"STATE": "weights"}, "SCALE is empty"),
        ({"STATE": "weights", "SCALE": 2, "OPTIONS": "channels=8"}, "no JSON"),
        ({"STATE": "weights", "SCALE": 2, "OPTIONS": "[8]"}, "expected a JSON object"),
        ({"STATE": "none.pth", "SCALE": 2}, "found no such file"),
        ({"STATE": "weights", "SCALE": 2, "DATA": "."}, "expected only with CHECKPOINT"),
        ({"CHECKPOINT": ".", "MODEL_ID": "any-x2"}, "any-x2"),
    ],
)
def test_what_cannot_be_exported_is_told(export, weights, parameters, message):
    wanted = {**parameters}
    if wanted.get("STATE") == "weights":
        wanted["STATE"] = str(weights)
    with pytest.raises(QgsProcessingException, match=message):
        export(**wanted)
    assert not (user_models_dir() / "exported-x2").exists()


@pytest.mark.parametrize("folder", [None, ""])
def test_a_working_folder_is_needed_to_export(export, checkpoint, folder):
    with pytest.raises(QgsProcessingException, match="OUTPUT_FOLDER is empty"):
        export(CHECKPOINT=str(checkpoint), OUTPUT_FOLDER=folder)


def test_an_installed_model_is_shared_without_a_working_folder(srsat, tmp_path):
    from qgis import processing

    target = tmp_path / "shared.zip"
    results = processing.run(ALGORITHM, {"SHARED_MODEL": REPEAT, "ARCHIVE": str(target)})
    assert (results["MODEL"], results["ARCHIVE"]) == (REPEAT, str(target))
    assert "OUTPUT_FOLDER" not in results
    with zipfile.ZipFile(target) as opened:
        assert f"{REPEAT}/model.onnx" in opened.namelist()
    assert list(tmp_path.iterdir()) == [target]


def test_an_exported_model_is_written_as_an_archive_to_share_where_one_is_asked_for(
    export, checkpoint, tmp_path
):
    target = tmp_path / "shared.zip"
    results = export(CHECKPOINT=str(checkpoint), ARCHIVE=str(target))
    assert results["ARCHIVE"] == str(target)
    with zipfile.ZipFile(target) as opened:
        assert "exported-x2/model.onnx" in opened.namelist()
    assert "ARCHIVE" not in export(CHECKPOINT=str(checkpoint), REPLACE=True)
