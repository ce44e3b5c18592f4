"""Model files with a card beside or inside them: the card that counts, and that it is held to what the model does."""

import json

import pytest

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import CardMismatch, InvalidCard
from srsat_qgis.core.models.card import TileSpec
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.probing.resolve import resolve_model_file, verify
from tests.odd_models import global_mean, resize, save, strided
from tests.onnx_models import card_for, conv_model, guided_card, guided_model, nearest_model

pytest.importorskip("onnxruntime", reason="models are probed by running them")
onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import helper  # noqa: E402

CARD = {
    "schema_version": 1,
    "id": "mine",
    "name": "Mine",
    "version": "2.0.0",
    "inputs": [{"name": "image", "ratio": 2, "bands": "each"}],
    "output": {"name": "out", "bands": "as-input"},
    "tile": {"halo": 3},
}


def _embed(path, card):
    model = onnx.load(str(path))
    helper.set_model_props(model, {"srsat": json.dumps(card)})
    path.write_bytes(model.SerializeToString())
    return path


def test_a_sidecar_wins_over_the_embedded_card_and_that_over_a_probe(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    assert resolve_model_file(path).version == "0.0.0"
    assert resolve_model_file(_embed(path, CARD)).version == "2.0.0"
    (tmp_path / "m.json").write_text(json.dumps({**CARD, "version": "3.0.0"}))
    card = resolve_model_file(path)
    assert card.version == "3.0.0"
    assert (card.path, card.sha256) == (path, file_sha256(path))


def test_card_json_belongs_to_model_onnx_or_to_the_file_of_its_checksum(tmp_path):
    path, other = conv_model(tmp_path / "a.onnx"), conv_model(tmp_path / "b.onnx", seed=4)
    (tmp_path / "card.json").write_text(json.dumps({**CARD, "sha256": f"sha256:{file_sha256(path)}"}))
    assert resolve_model_file(path).id == "mine"
    assert resolve_model_file(other).id == "b"
    folder = tmp_path / "folder"
    folder.mkdir()
    path = conv_model(folder / "model.onnx")
    (folder / "card.json").write_text(json.dumps(CARD))
    assert resolve_model_file(path).id == "mine"
    assert resolve_model_file(folder).id == "mine"


@pytest.mark.skipif(
    not int8_facts().exact, reason="this processor has no exact instructions for 8-bit integers"
)
def test_the_8_bit_file_of_a_model_has_the_card_inside_it(repository):
    """Though the card beside it names its checksum too."""
    path = repository / "models" / "any-x2-fast" / "model.int8.onnx"
    card = resolve_model_file(path)
    assert (card.id, card.precision, card.sha256) == ("any-x2-fast", "int8", file_sha256(path))


def test_other_json_beside_a_model_is_noted_and_not_read(tmp_path):
    (tmp_path / "m.json").write_text('{"learning_rate": 1}')
    card = resolve_model_file(conv_model(tmp_path / "m.onnx"))
    assert any("m.json is no model card" in line for line in card.training["assumed"])


def test_a_sidecar_is_held_to_schema_and_checksum(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    (tmp_path / "m.json").write_text('{"schema_version": 1, "id": "x", "id": "y"}')
    with pytest.raises(InvalidCard, match=r"m\.json: .*duplicate field 'id'"):
        resolve_model_file(path)
    (tmp_path / "m.json").write_text(json.dumps({**CARD, "sha256": "0" * 64}))
    with pytest.raises(CardMismatch, match="SHA-256"):
        resolve_model_file(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": [{"name": "image", "ratio": 4, "bands": "each"}]}, "claims scale 4, .* the model gives"),
        ({"tile": {"halo": 1}}, "claims a halo of 1, .* measured: at least 3"),
        ({"equivariant": True}, "claims f"),
        ({"inputs": [{"name": "picture", "ratio": 2, "bands": "each"}]}, "the graph has image"),
    ],
)
def test_a_card_that_lies_is_refused_with_claim_and_measure(tmp_path, changes, message):
    path = _embed(conv_model(tmp_path / "m.onnx"), {**CARD, **changes})
    with pytest.raises(CardMismatch, match=message):
        resolve_model_file(path)


@pytest.mark.parametrize("fixed", [5, 9])
def test_a_halo_is_measured_in_the_smallest_fixed_tiles_too(tmp_path, fixed):
    path = conv_model(tmp_path / "m.onnx", radius=3)
    lying = card_for(path, tile=TileSpec(halo=1, fixed=fixed))
    with pytest.raises(CardMismatch, match=r"claims a halo of 1, .* measured: at least [23]"):
        verify(lying, Engine(path, device="cpu"))


def test_a_card_that_hides_global_context_or_an_alignment_is_refused(tmp_path):
    with pytest.raises(CardMismatch, match="claims a halo"):
        resolve_model_file(_embed(global_mean(tmp_path / "g.onnx"), {**CARD, "tile": {"halo": 8}}))
    tile = {"halo": 8, "multiple": 4}
    with pytest.raises(CardMismatch, match="may start at every multiple of 1"):
        resolve_model_file(_embed(strided(tmp_path / "s.onnx"), {**CARD, "tile": tile}))
    assert resolve_model_file(_embed(strided(tmp_path / "t.onnx"), {**CARD, "tile": {**tile, "align": 4}}))


def test_a_card_of_a_model_that_gives_other_bands_or_some_that_are_no_numbers_is_refused(tmp_path):
    larger, weights = resize(target="larger")
    mean = helper.make_node("ReduceMean", ["larger"], ["mean"], axes=[2, 3])
    above = helper.make_node("Sub", ["larger", "mean"], ["above"])
    # Of numbers below 0 there is no root.
    root = helper.make_node("Sqrt", ["above"], ["out"])
    twice = helper.make_node("Concat", ["larger", "larger"], ["out"], axis=1)
    for nodes, message in (
        ([mean, above, root], "not finite for finite input"),
        ([twice], "claims 1 output bands, the model gives 2"),
    ):
        path = save(tmp_path / "m.onnx", [*larger, *nodes], weights, out=("n", "c", "sh", "sw"))
        with pytest.raises(CardMismatch, match=message):
            verify(card_for(path, halo=0), Engine(path, device="cpu"))


def test_cards_of_several_inputs_are_verified_too(tmp_path):
    path = guided_model(tmp_path / "m.onnx")
    verify(guided_card(path), Engine(path, device="cpu"))
    lying = card_for(path, halo=1, inputs=guided_card(path).inputs[::-1], output=guided_card(path).output)
    verify(lying, Engine(path, device="cpu"))  # the order of inputs decides on the scale only


def test_an_honest_card_of_a_model_that_repeats_pixels_is_equivariant(tmp_path):
    path = nearest_model(tmp_path / "m.onnx")
    verify(card_for(path, halo=0, equivariant=True), Engine(path, device="cpu"))


def test_the_shipped_models_do_what_their_cards_say(repository):
    for path in sorted(repository.glob("models/*/model.onnx")):
        assert resolve_model_file(path).id == path.parent.name


def test_a_file_is_run_once_for_the_same_hints(tmp_path, monkeypatch):
    path = conv_model(tmp_path / "m.onnx")
    first = resolve_model_file(path)
    monkeypatch.setattr("srsat_qgis.core.probing.resolve.probed_apart", None)
    assert resolve_model_file(path) is first
