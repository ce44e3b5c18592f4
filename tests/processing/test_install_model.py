"""srsat:installmodel and the archives of srsat:exportmodel: shared, checked, and in every list at once."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingException

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.paths import user_models_dir
from tests.processing.helpers import REPEAT, read_raster, repeated, write_repeat_model

ALGORITHM = "srsat:installmodel"


@pytest.fixture
def shared(srsat, tmp_path):
    """Writes an installed model as an archive by the toolbox, and returns its path and the results."""
    from qgis import processing

    def _shared(model=REPEAT):
        target = tmp_path / f"{model}.zip"
        results = processing.run(
            "srsat:exportmodel",
            {"SHARED_MODEL": model, "ARCHIVE": str(target), "OUTPUT_FOLDER": str(tmp_path / "work")},
        )
        return target, results

    return _shared


@pytest.fixture
def foreign(tmp_path):
    """The folder of a model that is not installed; what was installed of it goes in the end."""
    yield write_repeat_model(tmp_path / "theirs", model_id="shared-x2")
    shutil.rmtree(user_models_dir() / "shared-x2", ignore_errors=True)


@pytest.fixture
def archive(foreign, tmp_path):
    from srsat_qgis.core.models.binding import load_card
    from srsat_qgis.core.models.bundle import write_bundle

    write_bundle(load_card(foreign), tmp_path / "shared.zip")
    return tmp_path / "shared.zip"


def test_an_installed_model_is_shared_without_a_trainer(shared, monkeypatch):
    monkeypatch.setenv("SRSAT_TRAINING_PYTHON", "/nowhere/python")
    target, results = shared("any-x2-fast")
    assert results["ARCHIVE"] == str(target)
    assert results["MODEL"] == "any-x2-fast"
    with zipfile.ZipFile(target) as opened:
        item = json.loads(opened.read("any-x2-fast/item.json"))
    assert item["properties"]["mlm:tasks"] == ["super-resolution"]
    assert item["assets"]["model"]["file:checksum"].endswith(registry()["any-x2-fast"].sha256)


def test_a_shared_model_is_in_every_list_at_once_and_runs(run, archive, raster, values, tmp_path):
    from qgis import processing

    results = run(INPUT=str(archive))
    assert (results["MODEL"], results["VERSION"]) == ("shared-x2", "1.2.3")
    assert results["SHA256"] == registry()["shared-x2"].sha256
    assert Path(results["MODEL_FOLDER"]) == user_models_dir() / "shared-x2"
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    assert "shared-x2" in algorithm.parameterDefinition("MODEL").options()
    out = str(tmp_path / "out.tif")
    processing.run("srsat:superresolve", {"INPUT": str(raster), "MODEL": "shared-x2", "OUTPUT": out})
    assert np.array_equal(read_raster(out), repeated(values))


def test_a_folder_is_taken_too(run, foreign):
    assert run(INPUT_FOLDER=str(foreign))["MODEL"] == "shared-x2"


def test_a_second_model_of_an_id_is_refused_unless_it_shall_replace_the_first(run, archive):
    run(INPUT=str(archive))
    with pytest.raises(QgsProcessingException, match="is there already"):
        run(INPUT=str(archive))
    assert run(INPUT=str(archive), REPLACE=True)["MODEL"] == "shared-x2"


def test_a_shipped_model_is_never_replaced(run, shared):
    target, _ = shared("any-x2-fast")
    with pytest.raises(QgsProcessingException, match="any-x2-fast"):
        run(INPUT=str(target), REPLACE=True)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "one of the two"),
        ({"INPUT": "none.zip"}, r"none\.zip: expected a zip archive or a folder"),
        ({"INPUT_FOLDER": "empty"}, r"empty: model\.onnx is missing"),
        ({"INPUT": "text.zip"}, r"text\.zip: expected a zip archive"),
    ],
)
def test_what_cannot_be_installed_is_told(run, tmp_path, wanted, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("hello", "utf-8")
    with pytest.raises(QgsProcessingException, match=message):
        run(**{name: str(tmp_path / value) for name, value in wanted.items()})


def test_a_model_with_operators_of_its_own_is_refused_and_nothing_is_installed(run, foreign):
    onnx = pytest.importorskip("onnx", reason="the package onnx makes the tests' models")
    model = onnx.load(str(foreign / "model.onnx"))
    model.graph.node[0].domain = "somebody.else"
    model.opset_import.append(onnx.helper.make_opsetid("somebody.else", 1))
    content = model.SerializeToString()
    (foreign / "model.onnx").write_bytes(content)
    card = json.loads((foreign / "card.json").read_text("utf-8"))
    del card["sha256"]
    (foreign / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(QgsProcessingException, match=r"somebody\.else"):
        run(INPUT_FOLDER=str(foreign))
    assert not (user_models_dir() / "shared-x2").exists()


def test_sharing_asks_for_one_source_and_a_place(srsat, tmp_path):
    from qgis import processing

    work = {"OUTPUT_FOLDER": str(tmp_path / "work")}
    with pytest.raises(QgsProcessingException, match="expected a file in ARCHIVE"):
        processing.run("srsat:exportmodel", {"SHARED_MODEL": REPEAT, **work})
    wanted = {"SHARED_MODEL": REPEAT, "CHECKPOINT": str(tmp_path), "ARCHIVE": str(tmp_path / "a.zip")}
    with pytest.raises(QgsProcessingException, match="expected one of CHECKPOINT, STATE and SHARED_MODEL"):
        processing.run("srsat:exportmodel", {**wanted, **work})
