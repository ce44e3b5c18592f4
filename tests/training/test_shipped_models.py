"""The shipped single-image models are what their cards and recipes say."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="reading graphs needs onnx")
pytest.importorskip("onnxruntime", reason="running graphs needs onnxruntime")

from srsat_qgis.core.models.card import parse_card  # noqa: E402
from srsat_qgis.core.probing.graph import Tiles  # noqa: E402
from srsat_qgis.training.export.to_onnx import Session, check_equivariance, measured_halo  # noqa: E402
from srsat_qgis.training.recipe import make_recipe, read_toml  # noqa: E402

MODELS = ["any-x2-fast", "any-x2", "any-x4", "landsat-x3"]
# Operators beside those of plain convolutional networks: blur becomes gains, noise the unit.
OF_WHAT_IT_IS_TOLD = ("Div", "Mul", "ReduceMean", "Relu", "Split", "Sub", "Unsqueeze")
PARAMETERS = {
    "any-x2-fast": (20_000, 32_000),
    "any-x2": (130_000, 200_000),
    "any-x4": (150_000, 250_000),
    "landsat-x3": (150_000, 220_000),
}


@pytest.fixture(scope="module", params=MODELS)
def shipped(request, repository):
    """A model's folder, card, graph and a session on it."""
    folder = repository / "models" / request.param
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    model = onnx.load(folder / "model.onnx")
    return folder, card, model, Session(model)


def test_the_card_in_the_model_is_the_card_beside_it(shipped):
    folder, card, model, _ = shipped
    embedded = json.loads({entry.key: entry.value for entry in model.metadata_props}["srsat"])
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert card.pop("sha256").endswith(digest)
    # A file cannot hold the checksum of another that holds it.
    integers = card.pop("int8", None)
    if integers is not None:
        beside = hashlib.sha256((folder / "model.int8.onnx").read_bytes()).hexdigest()
        assert integers["sha256"].endswith(beside)
    assert embedded == card


def test_card_and_recipe_name_the_same_model(shipped):
    folder, card, _, _ = shipped
    recipe = make_recipe(read_toml(folder / "recipe.toml"), source="recipe.toml")
    assert card["id"] == recipe.id == folder.name
    assert card["inputs"][0]["ratio"] == recipe.scale
    assert card["training"]["seed"] == recipe.seed


@pytest.fixture(scope="module")
def claimed(shipped):
    """What the card claims of the network, and tiles to try it on."""
    card = parse_card(shipped[1], source="card.json")
    network = SimpleNamespace(radius=card.tile.halo, multiple=card.tile.multiple)
    return network, Tiles(card.inputs, shipped[3], conditions=card.conditions)


def test_the_graph_reaches_as_far_as_the_card_s_halo(claimed):
    assert measured_halo(*claimed) == claimed[0].radius


def test_gain_and_offset_of_the_values_do_not_matter(claimed):
    assert check_equivariance(*claimed) <= 1e-4


def test_a_constant_image_stays_constant_to_a_sixteenth_of_its_noise_inside_the_halo(shipped):
    _, card, _, session = shipped
    edge = card["tile"]["halo"] * card["inputs"][0]["ratio"]
    flat = np.full((1, 1, 48, 48), 10_000, np.float32)
    told = {"blur": np.full((1, 1), 0.5, np.float32), "noise": np.full((1, 1), 20.0, np.float32)}
    image = session.run({"image": flat, **told})[..., edge:-edge, edge:-edge]
    np.testing.assert_allclose(image, 10_000, rtol=0, atol=1.25)


def test_the_graph_is_small_clean_and_plain(shipped):
    folder, card, model, _ = shipped
    weights = {name for node in model.graph.node if node.op_type == "Conv" for name in node.input[1:]}
    count = sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer if tensor.name in weights)
    low, high = PARAMETERS[folder.name]
    assert low <= count <= high
    assert count == card["training"]["parameters"]
    found = {node.op_type for node in model.graph.node}
    assert found <= {"Conv", "LeakyRelu", "Add", "DepthToSpace", *OF_WHAT_IT_IS_TOLD}
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)


def test_the_measured_quality_never_falls_below_bicubic_but_for_a_trifle_in_strong_noise(shipped):
    _, card, _, _ = shipped
    rows = [row for row in card["quality"] if row["measure"] == "PSNR gain over bicubic, dB"]
    assert rows
    assert min(row["value"] for row in rows if row.get("noise_of_range", 0) < 0.01) > 0
    assert min(row["value"] for row in rows) > -0.2
