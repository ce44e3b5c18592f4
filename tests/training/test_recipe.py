"""Recipes are read strictly: what is misspelt or out of range is named, before anything runs."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from datetime import date
from pathlib import Path

import pytest

from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.training.__main__ import main
from srsat_qgis.training.recipe import make_recipe, read_toml


@pytest.mark.parametrize("model", ["any-x2-fast", "any-x2", "any-x4", "landsat-x3", "s2-20m", "s2-60m"])
def test_the_recipes_of_the_shipped_models_are_valid(repository, model):
    recipe = make_recipe(read_toml(repository / "models" / model / "recipe.toml"), source=model)
    assert recipe.id == model
    assert recipe.card.licence
    # Which take every place alike.
    assert recipe.data.weights or model in ("s2-20m", "landsat-x3")


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        (None, "scale", 1, "scale: expected a whole number of at least 2, found 1"),
        (None, "colour", "red", "unknown field 'colour'"),
        ("data", "crop", 47, r"data\.crop: expected a multiple of the scale, 2, found 47"),
        ("data", "border", 30, r"data\.border: expected less than half a crop of 24 pixels, found 30"),
        ("schedule", "steps", 0, r"schedule\.steps: expected one of steps, minutes and epochs above 0"),
        ("schedule", "minutes", 5, '"minutes": 5.0'),
        ("schedule", "rate", -1, r"schedule\.rate: expected a number above 0 or one of auto, found -1"),
        (
            "schedule",
            "average",
            1.0,
            r"schedule\.average: expected a number of at least 0 and below 1, found 1.0",
        ),
        ("schedule", "epochs", 3, '"epochs": 3.0'),
        (
            "validation",
            "sigmas",
            [],
            r"validation\.sigmas: expected a list, each a number of at least 0, found \[\]",
        ),
        (
            "validation",
            "sigmas",
            [0.3, -0.1],
            r"validation\.sigmas\[1\]: expected a number of at least 0, found -0.1",
        ),
    ],
)
def test_a_bad_value_is_named(recipe_values, part, key, value, said):
    holder = recipe_values if part is None else recipe_values.setdefault(part, {})
    holder[key] = value
    with pytest.raises(InvalidRecipe, match=said):
        make_recipe(recipe_values, source="some.toml")


OUT_OF_RANGE = {
    "data": {
        "crop": [0],
        "batch": [0],
        "small_crop": [0],
        "border": [-1, 6],  # of 24 pixels in a small crop, 2 in a cell
        "weights": [{"optical": -1}],
        "gain": [-0.1, 1.0],
        "offset": [-0.1, 1.0],
    },
    "degradation": {
        "sigma": [[-0.1, 0.5]],
        "spread": [-0.1],
        "noise": [-0.1],
        **{
            name: [-0.1, 1.1]
            for name in ("anisotropy", "noise_share", "rounding_share", "jpeg_share", "second_order_share")
        },
        "mtf": [[], [0.0], [1.0]],
        "jpeg_quality": [[0, 95], [40, 96]],
    },
    "schedule": {
        **{name: [-1] for name in ("final_rate", "weight_decay", "clip")},
        **{name: [0] for name in ("accumulate", "validate_steps", "checkpoint_steps")},
        "precision": ["half"],
    },
    "adversarial": {"weight": [-1], "rate": [0], "channels": [0], "layers": [0, 9]},
    "card": {
        "version": ["one"],
        "nodata": ["some"],
        "gsd_m": [[0, 10]],
        "tile": [0],
        "consistency_sigma": [-0.1, 2.1],
        "consistency_steps": [0, 33],
    },
    "inputs.image": {"degrade": [0, 65], "drop": [-0.1, 1.1], "mtf": [[], [0.0], [1.0]]},
}


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [(table, key, one) for table, keys in OUT_OF_RANGE.items() for key, some in keys.items() for one in some],
)
def test_a_value_out_of_its_range_is_named(recipe_values, table, key, value):
    holder = recipe_values
    for name in table.split("."):
        holder = holder.setdefault(name, {})
    holder[key] = value
    with pytest.raises(InvalidRecipe, match=rf"some\.toml.*{re.escape(table)}\.{key}.*expected"):
        make_recipe(recipe_values, source="some.toml")


def test_a_border_may_be_almost_half_a_crop(recipe_values):
    recipe_values["data"]["border"] = 5
    assert make_recipe(recipe_values, source="t").data.border == 5


def test_a_missing_id_is_named(recipe_values):
    del recipe_values["id"]
    with pytest.raises(InvalidRecipe, match=r"some\.toml.*id"):
        make_recipe(recipe_values, source="some.toml")


def test_a_recipe_is_read_again_from_its_plain_values(recipe_values):
    recipe = make_recipe(recipe_values, source="t")
    assert make_recipe(recipe.as_dict(), source="t") == recipe


def test_recipes_of_0_3_0_are_read_unless_they_ask_for_half_precision(recipe_values):
    """Version 0.3.0 wrote the table into every checkpoint, beside all defaults."""
    recipe = make_recipe(recipe_values, source="t")
    written = {
        "degradation": {"sigma": [0.3, 0.85], "spread": None, "mtf": None, "jpeg_quality": [40, 95]},
        "inputs": {"image": {"layer": "target", "degrade": 2, "drop": 0.0, "mtf": None}},
        "export": {"fp16": False},
        "card": {},
    }
    assert make_recipe({**recipe_values, **written}, source="t") == recipe
    assert make_recipe({**recipe_values, "export": {"fp16": False}}, source="t") == recipe
    assert make_recipe({**recipe_values, "export": {}}, source="t") == recipe
    for value in ({"fp16": True}, {"fp16": "yes"}, ["fp16"], {"fp17": False}):
        with pytest.raises(InvalidRecipe, match=r"export is .*expected none, or fp16 = false"):
            make_recipe({**recipe_values, "export": value}, source="t")


WHOLE = {
    "network": {"name": "compact", "options": {"channels": 8, "widths": [1, 2]}, "joint": False},
    "inputs": {"image": {"layer": "target", "degrade": 2, "drop": 0.1, "mtf": [0.2]}},
    "target": {"layer": "target"},
    "base": {"model": "any-x2"},
    "loss": {"relative-mse": 1.0},
    "loss_options": {"relative-mse": {"a": 1}},
    "scaling": {"target": {"offset": [1.0], "gain": 2}},
    "degradation": {"sigma": [0.2, 0.5], "spread": 0.1, "mtf": "sentinel-2", "jpeg_quality": [40, 95]},
    "validation": {"sigmas": [0.4]},
    "adversarial": {"weight": 0.1, "rate": 1e-4, "kind": "patch", "channels": 8, "layers": 2},
    "card": {
        "name": "Tiny",
        "version": "1.0.0",
        "value_range": [0, 1],
        "gsd_m": [10, 10],
        "tile": 64,
        "note": "mine",
    },
}


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
    10**30,
    10**400,
    10**5000,
    float("nan"),
    float("inf"),
    "",
    "auto",
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
    date(2024, 5, 1),
    object(),
    "x" * 10_000,
)


def places(value, path=()):
    """Yield the path of everything inside, parts and leaves."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


def test_wrong_types_anywhere_end_in_the_typed_error(recipe_values):
    values = {**recipe_values, **WHOLE}
    assert make_recipe(values, source="whole").card.others == {"note": "mine"}
    for place in places(values):
        for odd in ODD:
            changed = copy.deepcopy(values)
            inner = changed
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = odd
            try:
                recipe = make_recipe(changed, source="some.toml")
            except InvalidRecipe as error:
                assert str(error).startswith("some.toml: ")  # noqa: PT017 - a recipe may also be right
            else:
                assert make_recipe(json.loads(json.dumps(recipe.as_dict())), source="again") == recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = 'x'\nbase = 3", "base: expected an object, found 3"),
        ("id = 'x'\nbase = { model = 3 }", "base: model: expected a text, found 3"),
        (
            "id = 'x'\nschedule = 3",
            "schedule: expected a table with one of steps, minutes and epochs above 0, found 3",
        ),
        ("id = 'x'\nscale = 2\ndata = { crop = nan }", r"data\.crop: expected a whole number .*, found NaN"),
        ("id = " + "[" * 20_000, "no readable TOML file"),
        ("scale = 2", "'id' is missing"),
        ("id = 'x'\nscale = 2", "one of steps, minutes and epochs above 0"),
    ],
)
@pytest.mark.parametrize("base", ["", "any-x2"])
def test_the_trainer_tells_what_is_wrong_with_a_recipe(tmp_path, capsys, text, said, base):
    (tmp_path / "some.toml").write_text(text)
    arguments = [str(tmp_path / "some.toml"), "--store", str(tmp_path), "--out", str(tmp_path / "run")]
    assert main([*arguments, *(["--base", base] if base else [])]) == 1
    event = json.loads(capsys.readouterr().out)
    if base and "base:" in said:
        return  # the option wins over the recipe's base
    assert event["kind"] == "InvalidRecipe"
    assert re.search(said, event["message"])


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    path = Path(tmp_path) / "recipe.toml"
    path.write_text("scale = = 2")
    with pytest.raises(InvalidRecipe, match=r"recipe\.toml"):
        read_toml(path)


def test_an_older_python_without_a_toml_reader_is_told_what_it_takes(tmp_path, monkeypatch):
    (tmp_path / "recipe.toml").write_text("scale = 2")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidRecipe, match=r"recipe\.toml: .*Python 3\.11, or the package tomli"):
        read_toml(tmp_path / "recipe.toml")
