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


def card_of(equivariant: bool = True, **values) -> dict:
    """Return the card of a single-image network that learned from two sources, one of 10 and one of 20 m."""
    bands = (Band("B5"),)
    recipe = make_recipe({"id": "x", "scale": 2, "schedule": {"steps": 1}, **values}, source="the test")
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    network = SimpleNamespace(radius=2, bandwise=True, multiple=1, equivariant=equivariant)
    sources = [
        {**source(name), "range": ends, "gsd_m": gsd}
        for name, ends, gsd in (("a", [5, 90], 10.0), ("b", [0, 40], 20.0))
    ]
    manifest = {"store_version": 1, "sources": sources}
    return card_to_json(make_card(recipe, layout, manifest, network, [], {}))


def test_what_a_recipe_does_not_say_is_derived_from_the_store():
    card = card_of(equivariant=False)
    assert (card["name"], card["family"], card["tile"]["default"]) == ("x", "single-image", 512)
    assert card["value_range"] == [0, 90]
    assert card["gsd_m"] == [20.0, 40.0]  # of the input, whose pixels are twice as large
    assert card_of()["value_range"] is None  # an equivariant network takes any values


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
