"""Cards: round trips, errors that name the field, and folders that are held to what they say."""

import copy
import json
from dataclasses import replace

import pytest

from srsat_qgis.core.errors import CardMismatch, InvalidCard, ModelNotFound, UnsupportedModel
from srsat_qgis.core.fields import parse_json
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import card_to_json, parse_card
from srsat_qgis.core.paths import file_sha256
from tests.onnx_models import TOLD as ONES
from tests.onnx_models import card_for, conv_model, guided_model, told_model

SIMPLE = {
    "schema_version": 1,
    "id": "any-x2",
    "name": "Any sensor x2",
    "version": "1.0.0",
    "inputs": [{"name": "image", "ratio": 2, "bands": "each"}],
    "output": {"name": "out", "bands": "as-input"},
    "tile": {"halo": 12},
}
DOUBT = {"factor": 8.5, "rank": 0.6, "within_1": 0.68, "within_2": 0.9, "patches": 12}
FUSION = {
    **SIMPLE,
    "id": "s2-20m",
    "inputs": [
        {"name": "coarse", "ratio": 2, "bands": [{"name": "B5", "wavelength_nm": 705}, {"name": "B11"}]},
        {"name": "fine", "ratio": 1, "bands": [{"name": "B4"}], "scaling": {"gain": [0.1], "offset": [-100]}},
    ],
    "tile": {"halo": 5, "multiple": 6, "align": 6, "blend": "linear", "default": 96},
    "degradation": {"kind": "gaussian-area", "sigma": 0.5, "sigma_range": [0.3, 0.7], "steps": 6},
    "value_range": [0, 10000],
    "gsd_m": [20, 20],
    "nodata": "first",
    "quality": [{"measure": "PSNR", "value": 3.1}],
    "sha256": f"sha256:{7:064x}",
}

TOLD = {
    **SIMPLE,
    "conditions": [
        {"name": "sigma", "measure": "blur", "default": 0.5, "range": [0.25, 0.9]},
        {"name": "noise", "measure": "noise", "default": 0.01},
    ],
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


@pytest.mark.parametrize("data", [SIMPLE, FUSION, TOLD, {**SIMPLE, "doubt": DOUBT}])
def test_a_card_survives_the_round_trip(data):
    card = parse_card(data, source="card")
    assert parse_card(json.loads(json.dumps(card_to_json(card))), source="again") == card


def test_shipped_cards_are_written_as_they_stand(repository):
    paths = sorted(repository.glob("models/*/card.json"))
    assert len(paths) >= 5
    for path in paths:
        data = json.loads(path.read_text("utf-8"))
        assert card_to_json(parse_card(data, source=str(path))) == data


def test_fields_arrive_where_they_belong():
    card = parse_card(FUSION, source="card")
    assert (card.scale, card.cell, card.bandwise) == (2, 2, False)
    assert card.inputs[0].bands[0].wavelength_nm == 705
    assert card.inputs[1].scaling.offset == (-100.0,)
    assert (card.degradation.sigma_range, card.degradation.steps) == ((0.3, 0.7), 6)
    assert (card.tile.multiple, card.tile.blend) == (6, "linear")
    assert parse_card(SIMPLE, source="card").bandwise


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["id"], KeyError, "'id' is missing"),
        (["id"], "Any X2", r"card: id: expected lower-case"),
        (["version"], "1.0", r"card: version: expected three numbers"),
        (["schema_version"], 2, "schema version 2 is newer"),
        (["schema_version"], True, "schema_version"),
        (["inputs"], [], "at least one input"),
        (
            ["inputs", 0, "ratio"],
            0,
            r"card: inputs\[0\]\.ratio: expected a whole number from 1 to 64, found 0",
        ),
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
        (
            ["degradation"],
            {"sigma": 0.5, "steps": 0},
            r"degradation\.steps: expected a whole number from 1 to 32",
        ),
        (["value_range"], [5, 1], "value_range"),
        (["licens"], "CC0", "unknown field 'licens'; did you mean 'licence'"),
        (["tile", "haloo"], 3, "card: tile: unknown field 'haloo'; did you mean 'halo'"),
        (["tile", "halo"], 10**400, r"tile\.halo: expected a whole number"),
        (["tile"], {"halo": 3, "fixed": 100, "multiple": 8}, "expected a multiple of multiple, 8, found 100"),
        (["tile"], {"halo": 3, "fixed": 100, "align": 6}, "expected a multiple of align, 6, found 100"),
        (["tile"], {"halo": 5, "fixed": 16, "align": 8}, "more than twice the halo of 8"),
        (["tile"], {"halo": 0, "blend": "linear"}, "at least 2 for blend"),
        (["name"], " ", "a text that is not empty"),
        (["inputs", 0, "scaling"], {"gain": [0]}, "other than 0"),
        (["inputs", 0, "scaling"], {"gain": [10**400]}, r"scaling\.gain\[0\]: expected a number"),
        (["inputs", 0, "bands"], [{"name": "B4", "wavelength_nm": -5}], "nanometres above 0"),
        (["sha256"], "12", "64 hexadecimal digits"),
        (["value_range"], [5, 5], "two values that differ"),
        (["value_range"], [0, float("inf")], "value_range"),
        (["gsd_m"], [0, 10], "a number above 0, found 0"),
        (["training"], {"loss": [1, {"last": float("nan")}]}, r"training\.loss\[1\]\.last: .* found NaN"),
        (["quality"], [{"value": float("inf")}], r"quality\[0\]\.value"),
        (["quality"], ["good"], r"quality\[0\]: expected an object"),
        (["output", "bands"], [{"name": "B4"}], "band-wise"),
        (["doubt"], {**DOUBT, "factor": 0}, r"doubt\.factor: expected a number above 0, found 0"),
        (["doubt"], {**DOUBT, "rank": 1.01}, r"doubt\.rank: expected a number from -1 to 1"),
        (["doubt"], {**DOUBT, "within_2": 1.01}, r"doubt\.within_2: expected a number from 0 to 1"),
        (["doubt"], {"factor": 2}, "doubt: 'rank' is missing; expected a number from -1 to 1"),
    ],
)
def test_errors_name_the_field_the_value_and_what_was_expected(path, value, message):
    with pytest.raises(InvalidCard, match=message):
        parse_card(_changed(SIMPLE, path, value), source="card")


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


ODD = (
    None,
    True,
    0,
    -1,
    2.5,
    10**400,
    10**5000,
    float("nan"),
    float("inf"),
    "",
    "each",
    "\ud800",
    [],
    {},
    [[]],
    [None],
)
ODD += (
    [1, 2, 3],
    [float("nan"), 1],
    {"a": {}},
    {1: 2},
    {"name": 3},
    [{"name": ["B4"]}],
    object(),
    "x" * 10_000,
)


def places(value, path=()):
    """Yield the path of everything inside a card, parts and leaves."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


@pytest.mark.parametrize("place", list(places(FUSION)), ids=str)
def test_wrong_types_anywhere_end_in_the_typed_error(place):
    for value in ODD:
        try:
            card = parse_card(_changed(FUSION, place, value), source="card")
        except InvalidCard as error:
            assert str(error).startswith("card: ")  # noqa: PT017 - a card may also be right
        else:
            assert parse_card(json.loads(json.dumps(card_to_json(card))), source="again") == card


def test_every_problem_of_a_card_is_told_at_once():
    with pytest.raises(InvalidCard, match=r"^card: id: .*; version: .*; tile\.halo: "):
        parse_card({**SIMPLE, "id": "A", "version": "1", "tile": {"halo": -1}}, source="card")


def test_ratios_must_nest():
    with pytest.raises(
        InvalidCard, match=r"inputs\[0\]\.ratio: expected a divisor of the largest ratio, 3, found 2"
    ):
        parse_card(_changed(FUSION, ["inputs", 1, "ratio"], 3), source="card")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[]", "expected an object"),
        ('{"id": 1, "id": 2}', "duplicate field 'id'"),
        (json.dumps({**SIMPLE, "training": {"loss": float("nan")}}), r"training\.loss"),
    ],
)
def test_text_that_is_no_card_is_refused(text, message):
    with pytest.raises(InvalidCard, match=message):
        parse_card(parse_json(text, "card", InvalidCard), source="card")


def test_a_written_card_holds_no_defaults():
    data = card_to_json(parse_card(SIMPLE, source="card"))
    assert data["inputs"] == SIMPLE["inputs"]
    assert data["tile"] == {"halo": 12, "default": 256}
    assert data["degradation"] is None
    assert "doubt" not in data


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


def _fixed_model(path):
    """Write a model that takes batches of 2 of 32 x 32 pixels only."""
    from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model

    node = Node("Relu", ["image"], ["out"])
    infos = [[ValueInfo(name, (2, 1, 32, 32))] for name in ("image", "out")]
    path.write_bytes(serialize_model([node], {}, *infos))
    return path


@pytest.mark.parametrize(
    ("tile", "message"),
    [
        ({"halo": 4, "fixed_batch": 2}, "image has a height of 32 in the graph; the card has no tile.fixed"),
        (
            {"halo": 4, "fixed_batch": 2, "fixed": 64},
            "height of 32 in the graph; by tile.fixed it is 64 in the card",
        ),
        ({"halo": 4, "fixed": 32}, "batch of 2 in the graph; the card has no tile.fixed_batch"),
    ],
)
def test_sizes_that_the_graph_fixes_must_stand_in_the_card(tmp_path, tile, message):
    data = {**SIMPLE, "inputs": [{"name": "image", "ratio": 1, "bands": "each"}]}
    honest = {**data, "tile": {"halo": 4, "fixed": 32, "fixed_batch": 2}}
    assert load_card(_folder(tmp_path / "honest", honest, _fixed_model)).tile.fixed == 32
    with pytest.raises(CardMismatch, match=message):
        load_card(_folder(tmp_path / "lies", {**data, "tile": tile}, _fixed_model))


def test_a_card_inside_the_model_file_is_enough(tmp_path):
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(conv_model(tmp_path / "model.onnx")))
    with pytest.raises(ModelNotFound, match="no card is embedded"):
        load_card(tmp_path)
    onnx.helper.set_model_props(model, {"srsat": json.dumps(SIMPLE)})
    onnx.save(model, str(tmp_path / "model.onnx"))
    card = load_card(tmp_path)
    assert (card.id, card.sha256) == ("any-x2", file_sha256(tmp_path / "model.onnx"))


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


@pytest.mark.parametrize(
    ("place", "changes", "message"),
    [
        (
            0,
            {"measure": "contrast"},
            r"conditions\[0\]\.measure: expected one of blur, noise, mean, spread, reach, found .*contrast",
        ),
        (0, {"default": 1.5}, r"conditions\[0\]\.range: expected two values around default, 1.5"),
        (0, {"default": -1, "range": [-1, 2]}, r"conditions\[0\]"),
        (1, {"measure": "blur"}, r"conditions: expected measures that differ"),
        (1, {"name": "image"}, r"conditions: expected names that differ"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(place, changes, message):
    told = copy.deepcopy(TOLD)
    told["conditions"][place].update(changes)
    with pytest.raises(InvalidCard, match=message):
        parse_card(told, source="card")


def test_a_condition_brings_values_into_its_range():
    blur, noise = parse_card(TOLD, source="card").conditions
    assert [blur.within(value) for value in (0.1, 0.5, 2.0)] == [0.25, 0.5, 0.9]
    assert noise.within(7.0) == 7.0


@pytest.mark.parametrize(
    ("told", "conditions", "message"),
    [
        (1, ["blur"], "the card names the inputs image, blur, the graph has image, blur, noise"),
        (3, ["blur", "noise"], r"condition blur has the shape .*3.* in the graph; expected \(N, 1\)"),
    ],
)
def test_a_card_is_held_to_the_conditions_of_its_graph(tmp_path, told, conditions, message):
    card = card_for(
        told_model(tmp_path / "model.onnx", told=told),
        conditions=tuple(spec for spec in ONES if spec.name in conditions),
        halo=0,
    )
    (tmp_path / "card.json").write_text(json.dumps(card_to_json(replace(card, id="told"))))
    with pytest.raises(CardMismatch, match=message):
        load_card(tmp_path)


def test_a_told_model_is_loaded(tmp_path):
    card = card_for(told_model(tmp_path / "model.onnx"), conditions=ONES, halo=0)
    (tmp_path / "card.json").write_text(json.dumps(card_to_json(replace(card, id="told"))))
    assert load_card(tmp_path).condition("noise") == ONES[1]
