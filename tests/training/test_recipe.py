"""Recipes are read strictly: what is misspelt or out of range is named, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.training.recipe import make_recipe, read_recipe


@pytest.mark.parametrize("model", ["any-x2-fast", "any-x2", "any-x4", "s2-20m", "s2-60m"])
def test_the_recipes_of_the_shipped_models_are_valid(repository, model):
    recipe = read_recipe(repository / "models" / model / "recipe.toml")
    assert recipe.id == model
    assert recipe.card["licence"]
    assert recipe.data.weights or model == "s2-20m"  # which takes every place alike


@pytest.mark.parametrize(
    ("part", "key", "value", "said"),
    [
        (None, "scale", 1, "scale is 1"),
        (None, "colour", "red", "colour"),
        ("data", "crop", 47, "crop 47"),
        ("data", "border", 30, "border is 30"),
        ("schedule", "steps", 0, "steps is 0"),
        ("schedule", "minutes", 5, "minutes 5"),
        ("schedule", "rate", -1, "rate is -1"),
        ("schedule", "average", 1.0, "average is 1.0"),
        ("schedule", "epochs", 3, "epochs"),
        ("validation", "sigmas", [], "validation.sigmas are"),
        ("validation", "sigmas", [0.3, -0.1], "none negative"),
    ],
)
def test_a_bad_value_is_named(recipe_values, part, key, value, said):
    holder = recipe_values if part is None else recipe_values.setdefault(part, {})
    holder[key] = value
    with pytest.raises(InvalidRecipe, match=said):
        make_recipe(recipe_values, source="some.toml")


def test_a_missing_id_is_named(recipe_values):
    del recipe_values["id"]
    with pytest.raises(InvalidRecipe, match=r"some\.toml.*id"):
        make_recipe(recipe_values, source="some.toml")


def test_a_recipe_is_read_again_from_its_plain_values(recipe_values):
    recipe = make_recipe(recipe_values, source="t")
    assert make_recipe(recipe.as_dict(), source="t") == recipe


def test_recipes_of_0_3_0_are_read_unless_they_ask_for_half_precision(recipe_values):
    """Version 0.3.0 wrote the table into every checkpoint."""
    recipe = make_recipe(recipe_values, source="t")
    assert make_recipe({**recipe_values, "export": {"fp16": False}}, source="t") == recipe
    assert make_recipe({**recipe_values, "export": {}}, source="t") == recipe
    for value in ({"fp16": True}, {"fp16": "yes"}, ["fp16"], {"fp17": False}):
        with pytest.raises(InvalidRecipe, match=r"export is .*expected none, or fp16 = false"):
            make_recipe({**recipe_values, "export": value}, source="t")


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    path = Path(tmp_path) / "recipe.toml"
    path.write_text("scale = = 2")
    with pytest.raises(InvalidRecipe, match=r"recipe\.toml"):
        read_recipe(path)
