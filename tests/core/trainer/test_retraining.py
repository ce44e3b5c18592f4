"""From a request to a model in the list, with a stand-in for the trainer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from srsat_qgis.core import paths
from srsat_qgis.core.errors import (
    Cancelled,
    CardMismatch,
    DuplicateModel,
    InvalidSetting,
    InvalidStore,
    OutputNotWritable,
    TrainerFailed,
    TrainingDiverged,
)
from srsat_qgis.core.models import registry
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.trainer import running as process
from srsat_qgis.core.trainer.recipes import Choices
from srsat_qgis.core.trainer.retraining import ExportRequest, TrainRequest, export, train
from tests.core.install.test_onnxruntime import Log
from tests.core.models.test_cards import SIMPLE
from tests.onnx_models import conv_model
from tests.trainers import write_manifest, write_trainer


@pytest.fixture
def store(tmp_path) -> Path:
    return write_manifest(tmp_path / "store")


@pytest.fixture
def trained_model(tmp_path) -> Path:
    """The folder of a model called mine."""
    folder = tmp_path / "trained" / "mine"
    folder.mkdir(parents=True)
    file = conv_model(folder / "model.onnx")
    (folder / "card.json").write_text(
        json.dumps({**SIMPLE, "id": "mine", "sha256": file_sha256(file)}), "utf-8"
    )
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch, store, trained_model):
    """Trains; ``behaviour`` is that of the stand-in."""
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(paths, "_models", None)
    monkeypatch.setattr(registry, "_cached", None)
    package = write_trainer(tmp_path / "plugin", trained_model)

    class Run:
        folder, log = tmp_path / "run", Log()
        models = tmp_path / "home" / "models"

        def __call__(self, *, behaviour="", choices=None, **request):
            (trained_model.parent / "behaviour").write_text(behaviour, "utf-8")
            monkeypatch.setattr(process, "PACKAGE", package)
            self.log = request.pop("log", None) or Log()
            wanted = TrainRequest(store, self.folder, choices or Choices("mine", minutes=1), **request)
            return train(wanted, python=Path(sys.executable), progress=self.log)

        def export(self, **request):
            monkeypatch.setattr(process, "PACKAGE", package)
            wanted = ExportRequest(self.folder, "mine", **request)
            return export(wanted, python=Path(sys.executable), progress=self.log)

        def arguments(self):
            return json.loads((self.folder / "arguments.json").read_text("utf-8"))

        def argument(self, name):
            return self.arguments()[self.arguments().index(name) + 1]

    monkeypatch.setattr(registry, "models_dir", lambda: paths.PACKAGE.parent / "models")
    return Run()


def test_a_finished_training_is_a_model_in_the_list(run):
    trained = run()
    assert trained.card.path == run.models / "mine" / "model.onnx"
    assert registry.registry()["mine"] == trained.card
    assert trained.measured("gain_db") == 3.25
    assert trained.measured("sam") is None
    assert trained.page("report.html") == str(run.folder / "report.html")
    assert trained.page("sheet.png") == ""
    assert run.log.fractions == sorted(run.log.fractions)
    assert run.log.fractions[-1] == 1.0


def test_the_log_tells_loss_validation_warnings_and_time_left(run):
    run()
    assert "a library says hello" in run.log.lines
    assert "Training the network compact, 1,234 parameters, 10 patches, on cpu" in run.log.lines
    assert (
        "Step 100: PSNR 34.50 dB, bicubic 31.25 dB, mean gain +3.25 dB, lowest image +0.50 dB"
        in run.log.lines
    )
    assert "only 10 patches" in run.log.lines


def test_the_trainer_gets_the_recipe_the_store_and_the_folder(run, store):
    run(device="cpu", threads=2)
    assert run.arguments() == [
        str(run.folder / "request.toml"), "--store", str(store), "--out", str(run.folder), "--id", "mine",
        "--device", "cpu", "--threads", "2",
    ]  # fmt: skip
    assert 'id = "mine"' in (run.folder / "request.toml").read_text("utf-8")


def test_a_recipe_file_is_used_as_it_is(run, tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text('id = "theirs"\nscale = 2 # mine\n', "utf-8")
    run(recipe=recipe)
    assert (run.folder / "request.toml").read_bytes() == recipe.read_bytes()
    assert run.arguments()[-2:] == ["--id", "mine"]


def test_a_base_model_is_handed_on(run, tmp_path):
    base = tmp_path / "base"
    run(choices=Choices("mine", base=str(base), base_scale=2))
    assert run.arguments()[-2:] == ["--base", str(base)]


def test_what_cannot_be_is_told_before_anything_starts(run, store, tmp_path):
    with pytest.raises(InvalidSetting, match="MODEL_ID 'Mine'"):
        run(choices=Choices("Mine"))
    with pytest.raises(DuplicateModel, match="any-x2"):
        run(choices=Choices("any-x2"))
    with pytest.raises(InvalidSetting, match="found no such file"):
        run(recipe=tmp_path / "none.toml")
    (store / "manifest.json").unlink()
    with pytest.raises(InvalidStore):
        run()
    assert not run.folder.exists()


def test_a_folder_that_cannot_be_written_is_told(run):
    run.folder.write_text("a file", "utf-8")
    with pytest.raises(OutputNotWritable, match="expected a folder that can be written"):
        run()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in listens to signals only")
def test_a_cancelled_run_says_how_to_resume_and_is_resumed_without_saying_anything_again(run):
    log = Log(cancel_at="Step 50")
    with pytest.raises(Cancelled):
        run(behaviour="wait", log=log, choices=Choices("mine", network="espcn", minutes=7))
    assert "Cancelled after step 60" in log.lines[-1]
    assert "RESUME=true" in log.lines[-1]
    assert not run.models.exists()
    recipe = (run.folder / "request.toml").read_text("utf-8")
    with pytest.raises(InvalidSetting, match="holds the checkpoint of another run"):
        run()
    trained = run(behaviour="wait", resume=True, choices=Choices(""))
    assert trained.card.id == "mine"
    assert run.arguments()[-1] == "--resume"
    assert (run.folder / "request.toml").read_text("utf-8") == recipe


def test_there_must_be_a_run_to_resume(run):
    with pytest.raises(InvalidSetting, match=r"no run to go on with, checkpoint\.json is missing"):
        run(resume=True)


def test_the_trainers_errors_come_through_and_install_nothing(run):
    with pytest.raises(TrainingDiverged, match="loss is nan"):
        run(behaviour="error")
    with pytest.raises(TrainerFailed, match="RuntimeError: the roof fell in"):
        run(behaviour="crash")
    assert not run.models.exists()


def test_a_model_of_another_id_is_not_installed(run):
    with pytest.raises(CardMismatch, match="the id is 'mine', expected 'yours'"):
        run(choices=Choices("yours"))
    assert not (run.models / "yours").exists()


def test_a_model_that_cannot_be_installed_is_not_lost(run):
    run.models.parent.mkdir()
    run.models.write_text("a file", "utf-8")
    with pytest.raises(OutputNotWritable, match="the trained model is in") as error:
        run()
    assert str(run.folder / "model") in str(error.value)
    assert (run.folder / "model" / "model.onnx").is_file()


def test_weights_are_exported_into_a_new_folder_under_their_id_or_a_name(run, tmp_path):
    checkpoint = tmp_path / "earlier"
    checkpoint.mkdir()
    (checkpoint / "checkpoint.json").write_text("{}", "utf-8")
    run.folder = tmp_path / "new" / "export"
    made = run.export(checkpoint=checkpoint, licence="MIT")
    assert (made.card.id, made.parity) == ("mine", 1e-6)
    assert run.argument("--checkpoint") == str(checkpoint)
    assert json.loads(run.argument("--card")) == {"name": "mine", "version": "1.0.0", "licence": "MIT"}
    run.export(checkpoint=checkpoint, model_name="My own", replace=True)
    assert json.loads(run.argument("--card"))["name"] == "My own"


def test_the_patches_of_a_run_calibrate_its_export_and_give_it_a_form_in_integers(run, tmp_path, store):
    checkpoint = tmp_path / "earlier"
    checkpoint.mkdir()
    (checkpoint / "checkpoint.json").write_text("{}", "utf-8")
    run.export(checkpoint=checkpoint, store=store)
    asked = (run.folder / "afterwards.txt").read_text("utf-8").splitlines()
    given = [str(run.folder / "model"), "--store", str(store)]
    assert [json.loads(line) for line in asked] == [[name, *given] for name in ("calibrate", "sibling")]
    assert "Its map of doubt is not calibrated: a stand-in" in run.log.lines
    assert "No form in 8-bit integers: it is a stand-in" in run.log.lines


def test_patches_are_refused_where_no_recipe_tells_their_use_or_they_are_none(run, tmp_path, store):
    state, checkpoint = tmp_path / "weights.safetensors", tmp_path / "earlier"
    state.write_bytes(b"weights")
    checkpoint.mkdir()
    (checkpoint / "checkpoint.json").write_text("{}", "utf-8")
    with pytest.raises(InvalidSetting, match=r"DATA .*expected only with CHECKPOINT"):
        run.export(state=state, network="compact", scale=4, store=store)
    with pytest.raises(InvalidStore, match="earlier"):
        run.export(checkpoint=checkpoint, store=checkpoint)
    assert not run.folder.exists()


def test_a_file_of_weights_needs_a_scale_and_hands_its_options_on(run, tmp_path):
    state = tmp_path / "weights.safetensors"
    state.write_bytes(b"weights")
    with pytest.raises(InvalidSetting, match="SCALE is empty"):
        run.export(state=state, network="compact")
    assert not run.folder.exists()
    run.export(state=state, network="compact", scale=4, options='{"channels": 8}', bands=("B2", "B3"))
    found = {name: run.argument(name) for name in ("--state", "--network", "--scale")}
    assert found == {"--state": str(state), "--network": "compact", "--scale": "4"}
    assert json.loads(run.argument("--options")) == {"channels": 8}
    assert json.loads(run.argument("--bands")) == ["B2", "B3"]
