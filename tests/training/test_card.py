"""The card of a trained network tells what it learned from, and no more."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from srsat_qgis.core.models.card import card_to_json
from srsat_qgis.training.data.layout import InputPlan, Layout
from srsat_qgis.training.data.store import Band
from srsat_qgis.training.export.card import drawn_from, make_card, training_data
from srsat_qgis.training.recipe import make_recipe


def source(name: str, size: int = 120) -> dict:
    words = {"sensor": "S", "place": name, "licence": "CC0"}
    return {"name": name, "group": name, "size": size, "patches": {"train": 4, "validation": 1}, **words}


@pytest.fixture
def drawn():
    recipe = SimpleNamespace(data=SimpleNamespace(weights={"unused": 0.0, "heavy": 3.0}, small_crop=20))
    layout = SimpleNamespace(target_ratio=6, left_out=("partial",))
    sources = [source("heavy"), source("plain"), source("unused"), source("partial"), source("small", 114)]
    return drawn_from(recipe, layout, {"sha256": "ab", "sources": sources})


def test_sources_without_weight_or_layer_or_with_small_patches_taught_nothing(drawn):
    assert [row["source"] for row in training_data(drawn)] == ["S, heavy", "S, plain"]


def test_the_checksum_of_the_store_stays(drawn):
    assert drawn["sha256"] == "ab"


@pytest.mark.parametrize(("blurs", "usual"), [((0.3, 0.85), 0.5), ((0.2, 0.45), 0.45), ((0.6, 0.9), 0.6)])
def test_the_blur_of_a_card_lies_in_the_range_that_was_trained_on(blurs, usual):
    """Cards whose blur lies outside are refused when they are read."""
    bands = (Band("B5"),)
    values = {"id": "x", "scale": 2, "degradation": {"sigma": list(blurs)}, "schedule": {"steps": 1}}
    recipe = make_recipe(values, source="the test")
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    network = SimpleNamespace(radius=2, bandwise=True, multiple=1, equivariant=True)
    manifest = {"store_version": 1, "sources": [{**source("a"), "range": [0, 9], "gsd_m": 10.0}]}
    card = card_to_json(make_card(recipe, layout, manifest, network, [], {}))
    assert card["degradation"] == {"kind": "gaussian-area", "sigma": usual, "sigma_range": list(blurs)}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([("uint8", [31, 187])], [0, 255]),
        ([("uint8", [31, 187]), ("uint8", [2, 90])], [0, 255]),
        ([("uint16", [31, 3187])], None),
        ([("uint8", [31, 187]), ("uint16", [31, 3187])], None),
        ([("float32", [0.01, 0.87])], [0, 1]),
        ([("float32", [-0.3, 0.9]), ("float64", [0.1, 1.4])], [0, 1]),
        ([("float32", [271.5, 318.0])], None),
        ([("float32", None)], None),
    ],
)
def test_the_value_range_of_a_card_is_that_of_the_type_and_never_the_pixels_extremes(sources, expected):
    assert made(sources)["value_range"] == expected


def test_the_recipes_value_range_wins():
    assert made([("uint8", [31, 187])], value_range=[0, 4095])["value_range"] == [0, 4095]


def made(sources: list[tuple[str, list[float] | None]], **told) -> dict:
    """Return the card of a network that is not equivariant, trained on layers of these types and extremes."""
    bands = (Band("B5"),)
    values = {"id": "x", "scale": 2, "schedule": {"steps": 1}, "card": told}
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    network = SimpleNamespace(radius=2, bandwise=True, multiple=1, equivariant=False)
    entries = [
        {**source(f"s{n}"), "layers": [{"name": "target", "dtype": dtype, "range": extremes}]}
        for n, (dtype, extremes) in enumerate(sources)
    ]
    manifest = {"store_version": 2, "sources": entries}
    return card_to_json(make_card(make_recipe(values, source="the test"), layout, manifest, network, [], {}))
