"""A model's twin in half precision is a model file as any other: run, told apart and taken along."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core import paths, registry
from srsat_qgis.core.card_schema import HALF_FILE, MODEL_FILE, load_card
from srsat_qgis.core.modelfiles.probe import resolve_model_file
from srsat_qgis.core.superres import Settings, Source, super_resolve
from srsat_qgis.core.user_models import install_model
from tests.core.test_cards import SIMPLE
from tests.onnx_models import conv_model
from tests.rasters import read_raster, texture, write_raster

onnx = pytest.importorskip("onnx", reason="the twin is made with the onnx package")
from srsat_qgis.training.halving import halved  # noqa: E402
from srsat_qgis.training.modelfile import write_model_folder  # noqa: E402


@pytest.fixture
def folder(tmp_path):
    """A model's folder with a twin, as the exporter leaves it."""
    model = onnx.load(conv_model(tmp_path / "plain.onnx"))
    card = {**SIMPLE, "id": "mine", "tile": {"halo": 3}, "training": {"fp16": {"difference": 5e-5}}}
    path = write_model_folder(model, card, tmp_path / "made", halved(model, ["w0"]))
    path.with_name("recipe.toml").write_text('id = "mine"\n', "utf-8")
    return path.parent


def test_a_twin_says_of_itself_what_the_model_says(folder):
    model, twin = load_card(folder), resolve_model_file(folder / HALF_FILE)
    assert twin.path == folder / HALF_FILE
    assert (twin.id, twin.inputs, twin.tile) == (model.id, model.inputs, model.tile)
    assert twin.training["fp16"]["difference"] == 5e-5
    assert twin.sha256 != model.sha256


@pytest.mark.parametrize("consistency", ["off", "area"])
def test_a_twin_gives_nearly_the_raster_of_the_model(folder, tmp_path, consistency):
    source = write_raster(tmp_path / "in.tif", texture(2, 90, 70).astype(np.float32))
    results = []
    for name, tile in ((MODEL_FILE, 1000), (HALF_FILE, 1000), (HALF_FILE, 33)):
        target = tmp_path / "out.tif"
        settings = Settings(device="cpu", consistency=consistency, tile=tile)
        super_resolve(Source(source), resolve_model_file(folder / name), str(target), settings=settings)
        results.append(read_raster(target))
    model, twin, tiled = results
    assert not np.array_equal(model, twin)
    assert np.abs(model - twin).max() <= 1e-3 * np.ptp(model)
    np.testing.assert_array_equal(tiled, twin)


def test_a_twin_is_installed_with_its_model_and_is_no_model_of_its_own(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(paths, "_models", None)
    monkeypatch.setattr(registry, "_cached", None)
    card = install_model(folder, "mine")
    assert card.path.name == MODEL_FILE
    assert card.path.with_name(HALF_FILE).read_bytes() == (folder / HALF_FILE).read_bytes()
    assert list(registry.registry()).count("mine") == 1
    assert registry.registry().problems == ()
    (folder / HALF_FILE).unlink()
    install_model(folder, "mine", replace=True)
    assert not card.path.with_name(HALF_FILE).exists()
