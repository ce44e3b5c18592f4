"""The card of a trained network tells what it learned from, and no more."""

from __future__ import annotations

import math
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


def card_of(local: bool = True, told: tuple[str, ...] = (), **values) -> dict:
    """Return the card of a single-image network that learned from two sources, one of 10 and one of 20 m."""
    bands = (Band("B5"),)
    recipe = make_recipe({"id": "x", "scale": 2, "schedule": {"steps": 1}, **values}, source="the test")
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    network = SimpleNamespace(
        radius=2, bandwise=True, multiple=1, equivariant=True, local=local, conditions=told
    )
    sources = [{**source(name), "range": [0, 9], "gsd_m": gsd} for name, gsd in (("a", 10.0), ("b", 20.0))]
    manifest = {"store_version": 1, "sources": sources}
    return card_to_json(make_card(recipe, layout, manifest, network, [], {}))


def test_what_a_recipe_does_not_say_is_derived_from_the_store():
    card = card_of()
    assert (card["name"], card["family"], card["tile"]["default"]) == ("x", "single-image", 512)
    assert card["gsd_m"] == [20.0, 40.0]  # of the input, whose pixels are twice as large


def test_tiles_of_a_network_that_is_not_local_fade_into_each_other():
    assert card_of()["tile"].get("blend", "crop") == "crop"
    assert card_of(local=False)["tile"]["blend"] == "linear"


def test_what_a_network_is_told_has_the_range_of_its_degradation():
    trained = {"sigma": [0.6, 0.9], "noise": 0.2}
    card = card_of(told=("blur", "noise"), degradation=trained, card={"noise_margin": 0.5})
    assert card["conditions"] == [
        {"name": "blur", "measure": "blur", "default": 0.6, "range": [0.6, 0.9]},
        {"name": "noise", "measure": "noise", "default": 0.01, "range": [0.002, 0.2], "margin": 0.5},
    ]
    assert "conditions" not in card_of()


def test_what_a_recipe_says_of_its_card_wins():
    told = {
        "name": "Mine",
        "version": "2.0.0",
        "family": "own",
        "description": "What it is.",
        "licence": "CC0",
        "value_range": [1, 8],
        "gsd_m": [3, 6],
        "tile": 128,
        "consistency_sigma": 0.6,
        "consistency_steps": 7,
        "story": "further",
    }
    card = card_of(card=told)
    same = {key: card[key] for key in ("name", "version", "family", "description", "licence")}
    assert same == {key: told[key] for key in same}
    assert (card["value_range"], card["gsd_m"], card["tile"]["default"]) == ([1, 8], [3, 6], 128)
    assert (card["degradation"]["sigma"], card["degradation"]["steps"]) == (0.6, 7)
    assert card["training"]["story"] == "further"


@pytest.mark.parametrize(("blurs", "usual"), [((0.3, 0.85), 0.5), ((0.2, 0.45), 0.45), ((0.6, 0.9), 0.6)])
def test_the_blur_of_a_card_lies_in_the_range_that_was_trained_on(blurs, usual):
    """Cards whose blur lies outside are refused when they are read."""
    card = card_of(degradation={"sigma": list(blurs)})
    assert card["degradation"] == {"kind": "gaussian-area", "sigma": usual, "sigma_range": list(blurs)}


@pytest.mark.parametrize("response", [0.1, 0.3, 0.6])
def test_the_blur_of_a_known_mtf_has_its_response_together_with_the_pixel_s_area(response):
    sigma = card_of(degradation={"mtf": [response]})["degradation"]["sigma"]
    # At Nyquist, half a cycle a pixel: sinc(1/2) = 2 / pi, and a Gaussian's exp(-2 pi^2 sigma^2 f^2).
    assert 2 / math.pi * math.exp(-((math.pi * sigma) ** 2) / 2) == pytest.approx(response, rel=5e-3)


def test_a_response_above_that_of_the_area_alone_is_no_blur():
    assert card_of(degradation={"mtf": [0.7]})["degradation"]["sigma"] == 0


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
    network = SimpleNamespace(
        radius=2, bandwise=True, multiple=1, equivariant=False, local=True, conditions=()
    )
    entries = [
        {**source(f"s{n}"), "layers": [{"name": "target", "dtype": dtype, "range": extremes}]}
        for n, (dtype, extremes) in enumerate(sources)
    ]
    manifest = {"store_version": 2, "sources": entries}
    return card_to_json(make_card(make_recipe(values, source="the test"), layout, manifest, network, [], {}))
