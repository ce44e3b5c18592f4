"""The registry: order, duplicates, broken folders, and new models at once."""

import json
import os

import pytest

from srsat_qgis.core.errors import ModelNotFound
from srsat_qgis.core.models.registry import Registry, registry
from srsat_qgis.core.paths import file_sha256
from tests.core.models.test_cards import SIMPLE
from tests.onnx_models import conv_model


def _add(folder, model_id, **changes):
    path = folder / model_id
    path.mkdir(parents=True)
    file = conv_model(path / "model.onnx")
    (path / "card.json").write_text(
        json.dumps({**SIMPLE, "id": model_id, "sha256": file_sha256(file), **changes})
    )
    return path


def test_shipped_models_come_first_and_each_folder_is_sorted(tmp_path):
    for folder, model_id in (("user", "a"), ("shipped", "z"), ("shipped", "b")):
        _add(tmp_path / folder, model_id)
    found = Registry([tmp_path / "shipped", tmp_path / "user", tmp_path / "missing"])
    assert list(found) == ["b", "z", "a"]
    assert found["a"].path == tmp_path / "user" / "a" / "model.onnx"
    assert found.problems == ()


def test_a_users_model_cannot_take_a_shipped_id(tmp_path):
    shipped = _add(tmp_path / "shipped", "any-x2")
    _add(tmp_path / "user", "any-x2")
    found = Registry([tmp_path / "shipped", tmp_path / "user"])
    assert found["any-x2"].path.parent == shipped
    assert len(found.problems) == 1
    assert "already that of" in found.problems[0]


def test_a_broken_model_does_not_hide_the_others(tmp_path):
    _add(tmp_path, "good")
    (_add(tmp_path, "cut") / "model.onnx").write_bytes(b"")
    (_add(tmp_path, "lies") / "card.json").write_text("[]")
    found = Registry([tmp_path])
    assert list(found) == ["good"]
    assert len(found.problems) == 2


def test_whatever_lies_in_a_models_folder_is_at_most_a_problem(tmp_path):
    _add(tmp_path, "good")
    _add(tmp_path, "copy", id="good")
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / "loose.onnx").write_bytes(b"x")
    (_add(tmp_path, "no-card") / "card.json").unlink()
    (_add(tmp_path, "no-model") / "model.onnx").unlink()
    (tmp_path / "folders" / "model.onnx").mkdir(parents=True)
    found = Registry([tmp_path])
    assert list(found) == ["good"]
    reasons = "\n".join(found.problems)
    assert len(found.problems) == 5
    for reason in (
        "already that of",
        "expected a folder a model",
        "no card is embedded",
        "model.onnx is missing",
    ):
        assert reason in reasons


def test_an_unknown_id_lists_what_there_is(tmp_path):
    _add(tmp_path, "any-x2")
    with pytest.raises(ModelNotFound, match="no model is called 'any-x3'; there are: any-x2"):
        Registry([tmp_path])["any-x3"]


def test_new_changed_and_removed_models_show_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path))
    before = registry()
    assert registry() is before  # nothing changed: nothing is read again
    folder = _add(tmp_path / "models", "mine")
    assert "mine" in registry()
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "name": "another name"}))
    assert registry()["mine"].name == "another name"
    os.remove(folder / "card.json")
    assert "mine" not in registry()


def test_the_shipped_models_load_without_a_problem():
    found = registry()
    assert found.problems == ()
    assert {"any-x2-fast", "any-x2", "any-x4"} <= set(found)
