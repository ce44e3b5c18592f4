"""Cards: round trips, errors that name the field, and folders that are held to what they say."""

import copy
import json

import pytest

from srsat_qgis.core.card_schema import card_to_json, file_sha256, load_card, parse_card
from srsat_qgis.core.errors import CardMismatch, InvalidCard, ModelNotFound, UnsupportedModel
from tests.onnx_models import conv_model, guided_model

SIMPLE = {
    "schema_version": 1,
    "id": "any-x2",
    "name": "Any sensor x2",
    "version": "1.0.0",
    "inputs": [{"name": "image", "ratio": 2, "bands": "each"}],
    "output": {"name": "out", "bands": "as-input"},
    "tile": {"halo": 12},
}
FUSION = {
    **SIMPLE,
    "id": "s2-20m",
    "inputs": [
        {"name": "coarse", "ratio": 2, "bands": [{"name": "B5", "wavelength_nm": 705}, {"name": "B11"}]},
        {"name": "fine", "ratio": 1, "bands": [{"name": "B4"}], "scaling": {"gain": [0.1], "offset": [-100]}},
    ],
    "tile": {"halo": 5, "multiple": 6, "align": 6, "blend": "linear", "default": 96},
    "degradation": {"kind": "gaussian-area", "sigma": 0.5, "sigma_range": [0.3, 0.7]},
    "value_range": [0, 10000],
    "gsd_m": [20, 20],
    "nodata": "first",
    "quality": [{"measure": "PSNR", "value": 3.1}],
    "sha256": "ab",
}


def _changed(card, path, value):
    changed = copy.deepcopy(card)
    *parents, last = path
    inner = changed
    for key in parents:
        inner = inner[key]
    if value is KeyError:
        del inner[last]
    else:
        inner[last] = value
    return changed


@pytest.mark.parametrize("data", [SIMPLE, FUSION])
def test_a_card_survives_the_round_trip(data):
    card = parse_card(data, source="card")
    assert parse_card(json.loads(json.dumps(card_to_json(card))), source="again") == card


def test_fields_arrive_where_they_belong():
    card = parse_card(FUSION, source="card")
    assert (card.scale, card.cell, card.bandwise) == (2, 2, False)
    assert card.inputs[0].bands[0].wavelength_nm == 705
    assert card.inputs[1].scaling.offset == (-100.0,)
    assert card.degradation.sigma_range == (0.3, 0.7)
    assert (card.tile.multiple, card.tile.blend) == (6, "linear")
    assert parse_card(SIMPLE, source="card").bandwise


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["id"], KeyError, "'id' is missing"),
        (["id"], "Any X2", r"card\.id: expected lower-case"),
        (["version"], "1.0", r"card\.version: expected three numbers"),
        (["schema_version"], 2, "schema version 2 is newer"),
        (["schema_version"], True, "schema_version"),
        (["inputs"], [], "at least one input"),
        (["inputs", 0, "ratio"], 0, r"card\.inputs\[0\]\.ratio: expected a whole number from 1 on, found 0"),
        (["inputs", 0, "ratio"], 2.5, r"inputs\[0\]\.ratio"),
        (["inputs", 0, "bands"], "all", r'bands: expected a list of bands, or "each"'),
        (["inputs", 0, "bands"], [], "bands"),
        (["inputs", 0, "bands"], [{"name": "B4"}, {"name": "B4"}], "names that differ"),
        (["inputs", 0, "dtype"], "int32", "one of float32"),
        (["inputs", 0, "scaling"], {"gain": ["a"]}, r"scaling\.gain"),
        (["inputs", 0, "scaling"], {"gain": [1, 2]}, "one value, or one per band, found 2"),
        (["tile", "halo"], -1, r"tile\.halo"),
        (["tile", "blend"], "cubic", "one of crop, linear"),
        (["tile"], {"halo": 20, "fixed": 40}, "more than twice the halo"),
        (["degradation"], {"sigma": 9}, r"degradation\.sigma"),
        (["degradation"], {"sigma": 0.5, "sigma_range": [0.6, 0.8]}, "sigma_range"),
        (["value_range"], [5, 1], "value_range"),
        (["haloo"], 3, "unknown field 'haloo'"),
        (["output", "bands"], [{"name": "B4"}], "band-wise"),
    ],
)
def test_errors_name_the_field_the_value_and_what_was_expected(path, value, message):
    with pytest.raises(InvalidCard, match=message):
        parse_card(_changed(SIMPLE, path, value), source="card")


def test_ratios_must_nest():
    with pytest.raises(InvalidCard, match="ratio 2 does not divide the largest, 3"):
        parse_card(_changed(FUSION, ["inputs", 1, "ratio"], 3), source="card")


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(InvalidCard, match="sigma"):
        parse_card({**SIMPLE, "degradation": {"sigma": float("nan")}}, source="card")


def _folder(path, data, model=conv_model):
    path.mkdir()
    file = model(path / "model.onnx")
    (path / "card.json").write_text(json.dumps({**data, "sha256": file_sha256(file)}))
    return path


def test_a_folder_is_loaded_with_its_checksum(tmp_path):
    folder = _folder(tmp_path / "any-x2", SIMPLE)
    card = load_card(folder)
    assert card.path == folder / "model.onnx"
    assert card.sha256 == file_sha256(folder / "model.onnx")


def test_a_changed_model_file_is_noticed(tmp_path):
    folder = _folder(tmp_path / "any-x2", SIMPLE)
    conv_model(folder / "model.onnx", seed=9)
    with pytest.raises(CardMismatch, match="SHA-256"):
        load_card(folder)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["inputs", 0, "name"], "picture", "the graph has image"),
        (["output", "name"], "sr", "the graph has out"),
        (["inputs", 0, "bands"], [{"name": "a"}, {"name": "b"}], "1 channels in the graph, 2 in the card"),
        (["inputs", 0, "dtype"], "float16", "float32 in the graph, float16 in the card"),
    ],
)
def test_a_card_that_lies_about_the_graph_is_refused(tmp_path, path, value, message):
    folder = _folder(tmp_path / "any-x2", _changed(SIMPLE, path, value))
    with pytest.raises(CardMismatch, match=message):
        load_card(folder)


def test_a_fusion_card_is_held_to_all_its_inputs(tmp_path):
    data = {
        **SIMPLE,
        "inputs": [
            {"name": "coarse", "ratio": 4, "bands": [{"name": "LST"}]},
            {"name": "guide", "ratio": 1, "bands": [{"name": "red"}, {"name": "nir"}]},
        ],
        "output": {"name": "out", "bands": [{"name": "LST"}]},
    }
    assert load_card(_folder(tmp_path / "guided", data, guided_model)).cell == 4
    with pytest.raises(CardMismatch, match="guide has 2 channels"):
        load_card(
            _folder(
                tmp_path / "lies", _changed(data, ["inputs", 1, "bands"], [{"name": "red"}]), guided_model
            )
        )


def test_missing_and_broken_files_are_named(tmp_path):
    folder = _folder(tmp_path / "any-x2", SIMPLE)
    (folder / "card.json").write_text("{")
    with pytest.raises(InvalidCard, match=r"card\.json: cannot be read as JSON"):
        load_card(folder)
    (folder / "card.json").unlink()
    with pytest.raises(ModelNotFound, match=r"card\.json is missing"):
        load_card(folder)
    (folder / "model.onnx").write_bytes(b"<html>")
    (folder / "card.json").write_text(json.dumps(SIMPLE))
    with pytest.raises(UnsupportedModel):
        load_card(folder)
