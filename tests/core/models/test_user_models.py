"""Models of the user's: installed whole or not at all, under an id that hides no other model."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from srsat_qgis.core import paths
from srsat_qgis.core.errors import (
    CardMismatch,
    DuplicateModel,
    InvalidCard,
    InvalidSetting,
    ModelNotFound,
    OutputNotWritable,
)
from srsat_qgis.core.models import registry
from srsat_qgis.core.models import registry as user_models
from srsat_qgis.core.models.registry import check_model_id, free_model_id, install_model
from srsat_qgis.core.paths import file_sha256
from tests.core.models.test_cards import SIMPLE
from tests.onnx_models import conv_model


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    """The user's models folder, which does not exist yet."""
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(paths, "_models", None)
    monkeypatch.setattr(registry, "_cached", None)
    return tmp_path / "home" / "models"


@pytest.fixture
def trained(tmp_path):
    """Makes the folder of a finished model, as the trainer leaves it."""

    def _make(model_id: str = "mine", *, seed: int = 0, **changes) -> Path:
        folder = tmp_path / f"run-{model_id}-{seed}"
        folder.mkdir()
        file = conv_model(folder / "model.onnx", seed=seed)
        card = {**SIMPLE, "id": model_id, "sha256": file_sha256(file), **changes}
        (folder / "card.json").write_text(json.dumps(card), "utf-8")
        (folder / "recipe.toml").write_text(f'id = "{model_id}"\n', "utf-8")
        (folder / "scratch.bin").write_bytes(b"x")
        return folder

    return _make


def test_a_model_whose_8_bit_file_is_not_the_one_it_names_is_not_installed(models, trained):
    """Each of its runs would fail."""
    named = {"sha256": f"sha256:{'0' * 64}", "loss": 0.02, "speedup": 2.0}
    folder = trained(int8=named)
    with pytest.raises(ModelNotFound, match=r"model\.int8\.onnx: is missing, though card\.json names it"):
        install_model(folder, "mine")
    (folder / "model.int8.onnx").write_bytes((folder / "model.onnx").read_bytes())
    with pytest.raises(CardMismatch, match=r"model\.int8\.onnx: its SHA-256 is"):
        install_model(folder, "mine")
    assert not models.exists()


def test_an_installed_model_is_in_the_registry_at_once(models, trained):
    assert "mine" not in registry.registry()
    card = install_model(trained(), "mine")
    assert registry.registry()["mine"] == card
    assert card.path == models / "mine" / "model.onnx"
    assert sorted(path.name for path in (models / "mine").iterdir()) == [
        "card.json",
        "model.onnx",
        "recipe.toml",
    ]
    assert [path.name for path in models.iterdir()] == ["mine"]  # no staging folder is left


def test_a_new_model_is_put_together_on_the_disk_where_it_will_lie(models, trained, monkeypatch, tmp_path):
    """From another disk it could not be moved in one step."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "another disk"))
    assert install_model(trained(), "mine").path == models / "mine" / "model.onnx"


def test_a_model_is_replaced_only_when_asked(models, trained):
    first = install_model(trained(seed=1), "mine")
    with pytest.raises(DuplicateModel, match="is there already"):
        install_model(trained(seed=2), "mine")
    assert registry.registry()["mine"].sha256 == first.sha256
    second = install_model(trained(seed=3), "mine", replace=True)
    assert registry.registry()["mine"].sha256 == second.sha256 != first.sha256
    assert [path.name for path in models.iterdir()] == ["mine"]


def test_a_shipped_model_cannot_be_replaced(models, trained):
    for replace in (False, True):
        with pytest.raises(DuplicateModel, match="any-x2'"):
            install_model(trained("any-x2", seed=replace), "any-x2", replace=replace)
    assert not models.exists()


def test_an_id_that_a_folder_of_another_name_has_is_taken(models, trained):
    install_model(trained(), "mine")
    (models / "mine").rename(models / "other")
    with pytest.raises(DuplicateModel, match="other has it already"):
        check_model_id("mine", replace=True)


def test_a_broken_folder_takes_its_name(models):
    (models / "mine").mkdir(parents=True)
    with pytest.raises(DuplicateModel):
        check_model_id("mine")
    check_model_id("mine", replace=True)


@pytest.mark.parametrize("model_id", ["", "Mine", "my model", "-x", "a/b", "..", "con", "x" * 65, "ä", "a_b"])
def test_what_is_no_id_is_refused(models, model_id):
    with pytest.raises(InvalidSetting, match="MODEL_ID"):
        check_model_id(model_id)


def test_a_card_of_another_id_is_refused(models, trained):
    with pytest.raises(CardMismatch, match=r"the id is 'mine', expected 'yours'"):
        install_model(trained(), "yours")
    assert not models.exists()


def test_a_model_that_its_card_does_not_fit_is_refused_before_anything_is_written(models, trained):
    folder = trained(sha256="0" * 64)
    with pytest.raises(CardMismatch, match="SHA-256"):
        install_model(folder, "mine")
    (folder / "card.json").write_text("{}", "utf-8")
    with pytest.raises(InvalidCard):
        install_model(folder, "mine")
    assert not models.exists()


def test_a_failure_leaves_the_old_model_as_it_was(models, trained, monkeypatch):
    old = install_model(trained(seed=1), "mine")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(user_models.shutil, "copyfile", full)
    with pytest.raises(OutputNotWritable, match="No space left"):
        install_model(trained(seed=2), "mine", replace=True)
    assert registry.registry()["mine"].sha256 == old.sha256
    assert [path.name for path in models.iterdir()] == ["mine"]


def test_the_old_model_is_back_when_the_new_one_cannot_be_moved(models, trained, monkeypatch):
    old = install_model(trained(seed=1), "mine")
    real = Path.replace

    def stubborn(path, target):
        if path.name == "model":
            raise OSError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", stubborn)
    with pytest.raises(OutputNotWritable, match="Permission denied"):
        install_model(trained(seed=2), "mine", replace=True)
    assert registry.registry()["mine"].sha256 == old.sha256


def test_a_free_id_is_made_of_any_text(models, trained):
    assert free_model_id("My sensor (2024) x2") == "my-sensor-2024-x2"
    assert free_model_id("Ünï") == "n"
    assert free_model_id("***") == "model"
    assert free_model_id("con") == "con-2"
    assert free_model_id("any-x2") == "any-x2-2"
    install_model(trained(), "mine")
    (models / "mine-2").mkdir()
    assert free_model_id("mine") == "mine-3"
    check_model_id(free_model_id("x" * 100))
