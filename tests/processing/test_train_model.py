"""srsat:trainmodel, with a stand-in for the trainer: what it is asked for, what it tells, what comes out."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingException

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.paths import user_models_dir
from srsat_qgis.core.probing import resolve
from srsat_qgis.core.trainer import running as interpreter
from srsat_qgis.core.trainer import running as process
from srsat_qgis.core.trainer.recipes import LOSSES, NETWORKS
from tests.processing.helpers import REPEAT, write_repeat_model
from tests.trainers import write_manifest, write_trainer

ALGORITHM = "srsat:trainmodel"


@pytest.fixture
def store(tmp_path) -> Path:
    return write_manifest(tmp_path / "store")


@pytest.fixture
def train(srsat, store, tmp_path, monkeypatch):
    """Runs the algorithm; the stand-in has trained a model called trained-x2."""
    from qgis import processing

    model = write_repeat_model(tmp_path / "made", model_id="trained-x2")
    package = write_trainer(tmp_path / "plugin", model)
    monkeypatch.setenv(interpreter.OVERRIDE, sys.executable)

    def _train(feedback=None, *, behaviour="", **parameters):
        (model.parent / "behaviour").write_text(behaviour, "utf-8")
        monkeypatch.setattr(process, "PACKAGE", package)
        wanted = {
            "DATA": str(store),
            "MODEL_ID": "trained-x2",
            "OUTPUT_FOLDER": str(tmp_path / "run"),
            **parameters,
        }
        return processing.run(ALGORITHM, wanted, feedback=feedback)

    yield _train
    shutil.rmtree(user_models_dir() / "trained-x2", ignore_errors=True)


def recipe(folder: Path) -> dict:
    tomllib = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")
    return tomllib.loads((folder / "request.toml").read_text("utf-8"))


def algorithm():
    return QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)


def test_a_trained_model_is_in_every_list_and_the_run_tells_how_good_it_is(train, tmp_path, recorder):
    feedback = recorder()
    results = train(feedback, MINUTES=1)
    assert results["MODEL"] == "trained-x2"
    assert Path(results["MODEL_FILE"]) == user_models_dir() / "trained-x2" / "model.onnx"
    assert Path(results["MODEL_FOLDER"]) == user_models_dir() / "trained-x2"
    assert (results["PSNR_GAIN"], results["PSNR"], results["BICUBIC_PSNR"], results["STEPS"]) == (
        3.25,
        34.5,
        31.25,
        100,
    )
    assert results["REPORT"] == str(tmp_path / "run" / "report.html")
    assert results["CURVES"] == str(tmp_path / "run" / "curves.png")
    upscale = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    assert "trained-x2" in upscale.parameterDefinition("MODEL").options()
    assert any("PSNR 34.50 dB, bicubic 31.25 dB" in line for line in feedback.lines)
    assert any("loss 0.25" in line and "1 s left" in line for line in feedback.lines)
    assert feedback.warnings == ["only 10 patches"]
    assert feedback.progress() == 100


def test_the_choices_reach_the_recipe(train, tmp_path):
    train(
        NETWORK="unet",
        SIZE="small",
        LOSS="structure",
        SCALE=4,
        EPOCHS=3,
        LEARNING_RATE=0.002,
        SEED=7,
        EARLY_STOP=5,
        MODEL_NAME="Mein Modell",
        LICENCE="CC0-1.0",
    )
    made = recipe(tmp_path / "run")
    assert made["network"] == {"name": "unet", "options": dict(NETWORKS["unet"].small)}
    assert made["loss"] == LOSSES["structure"].weights
    assert (made["id"], made["scale"], made["seed"]) == ("trained-x2", 4, 7)
    assert made["card"] == {"name": "Mein Modell", "version": "1.0.0", "licence": "CC0-1.0"}
    assert made["schedule"]["epochs"] == 3
    assert made["schedule"]["rate"] == 0.002
    assert made["schedule"]["early_stop"] == 5


def test_defaults_need_nothing_but_the_data(train, tmp_path, store):
    from qgis import processing

    train(MINUTES=None)
    assert recipe(tmp_path / "run")["schedule"]["minutes"] == 30
    # The stand-in knows one model only, so that this one's made-up id is told as an error.
    with pytest.raises(QgsProcessingException, match="expected 'my-compact'"):
        processing.run(ALGORITHM, {"DATA": str(store), "OUTPUT_FOLDER": "TEMPORARY_OUTPUT"})


def test_a_base_model_is_handed_on_with_its_scale(train, tmp_path):
    train(BASE_MODEL="any-x4")
    arguments = json.loads((tmp_path / "run" / "arguments.json").read_text("utf-8"))
    assert arguments[arguments.index("--base") + 1] == str(registry()["any-x4"].path.parent)
    assert recipe(tmp_path / "run")["scale"] == 4
    with pytest.raises(QgsProcessingException, match=r"SCALE is 2, but the model to start from"):
        train(BASE_MODEL="any-x4", SCALE=2, MODEL_ID="other")


def test_a_base_model_may_be_a_file_with_a_card(train, tmp_path):
    base = write_repeat_model(tmp_path / "bases", model_id="a-base")
    train(BASE_MODEL_FILE=str(base / "model.onnx"))
    arguments = json.loads((tmp_path / "run" / "arguments.json").read_text("utf-8"))
    assert arguments[-1] == str(base)
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copyfile(base / "model.onnx", bare / "model.onnx")
    with pytest.raises(QgsProcessingException, match=r"with card\.json beside it"):
        train(BASE_MODEL_FILE=str(bare / "model.onnx"), MODEL_ID="other")


def test_a_base_model_file_is_run_by_the_run_and_never_by_the_dialogs_check(
    srsat, train, store, tmp_path, monkeypatch
):
    """The check runs in QGIS's main thread: a process of seconds would freeze the window."""
    base = write_repeat_model(tmp_path / "bases", model_id="a-base")
    tried = []
    real = resolve.probed_apart

    def probed(path, *arguments, **named):
        tried.append(path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(resolve, "probed_apart", probed)
    wanted = {
        "DATA": str(store),
        "OUTPUT_FOLDER": "TEMPORARY_OUTPUT",
        "BASE_MODEL_FILE": str(base / "model.onnx"),
    }
    assert algorithm().checkParameterValues(wanted, QgsProcessingContext()) == (True, "")
    accepted, reason = algorithm().checkParameterValues({**wanted, "SCALE": 7}, QgsProcessingContext())
    assert not accepted
    assert "SCALE is 7, but the model to start from" in reason
    assert tried == []
    train(BASE_MODEL_FILE=str(base / "model.onnx"))
    assert tried == [base / "model.onnx"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"MODEL_ID": "any-x2"}, "any-x2"),
        ({"MODEL_ID": "My Model"}, "expected 1 to 64 lower-case letters"),
        ({"EPOCHS": 2, "MINUTES": 3}, "EPOCHS is 2 and MINUTES 3"),
        ({"JOINT": True}, "cannot be told to see the bands together"),
        ({"BASE_MODEL_FILE": "/path/to/none.onnx"}, "none.onnx"),
    ],
)
def test_wrong_settings_are_refused_in_the_dialog(srsat, store, parameters, message):
    wanted = {"DATA": str(store), "OUTPUT_FOLDER": "TEMPORARY_OUTPUT", **parameters}
    accepted, reason = algorithm().checkParameterValues(wanted, QgsProcessingContext())
    assert not accepted
    assert message in reason


def test_what_is_no_store_is_one_clear_line(train, tmp_path):
    with pytest.raises(
        QgsProcessingException, match=r"expected a patch store.*found no manifest\.json"
    ) as error:
        train(DATA=str(tmp_path))
    assert "Traceback" not in str(error.value)


def test_a_crash_of_the_trainer_is_its_last_line(train):
    with pytest.raises(QgsProcessingException, match="RuntimeError: the roof fell in") as error:
        train(behaviour="crash")
    assert "Traceback" not in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(QgsProcessingException, match="loss is nan at step 7"):
        train(behaviour="error")
    assert not (user_models_dir() / "trained-x2").exists()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in listens to signals only")
def test_a_cancelled_run_keeps_its_checkpoint_and_is_resumed(train, tmp_path, recorder):
    feedback = recorder(cancel_at=20)
    assert train(feedback, behaviour="wait", MINUTES=9).get("MODEL") is None
    assert (tmp_path / "run" / "checkpoint.json").is_file()
    assert "RESUME=true" in feedback.warnings[-1]
    with pytest.raises(QgsProcessingException, match="holds the checkpoint of another run"):
        train()
    results = train(behaviour="wait", RESUME=True, MODEL_ID="")
    assert results["MODEL"] == "trained-x2"
    assert recipe(tmp_path / "run")["schedule"]["minutes"] == 9


def test_a_model_is_replaced_only_when_asked(train, tmp_path):
    train()
    with pytest.raises(QgsProcessingException, match="is there already"):
        train(OUTPUT_FOLDER=str(tmp_path / "second"))
    assert train(OUTPUT_FOLDER=str(tmp_path / "second"), REPLACE=True)["MODEL"] == "trained-x2"


def test_without_pytorch_the_installer_is_named(srsat, monkeypatch, tmp_path):
    monkeypatch.delenv(interpreter.OVERRIDE, raising=False)
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path))
    can, why = algorithm().canExecute()
    assert not can
    assert "srsat:installdependencies" in why
    assert "TRAINING=true" in why


def test_the_help_tells_what_networks_and_losses_are_for(srsat):
    text = algorithm().shortHelpString()
    for name in (*NETWORKS, *LOSSES):
        assert f"\n{name}: " in text


def test_every_model_can_be_started_from(srsat):
    made = algorithm()
    options = made.parameterDefinition("BASE_MODEL").options()
    assert options[0] == "none"
    assert {"any-x2", REPEAT} <= set(options)
