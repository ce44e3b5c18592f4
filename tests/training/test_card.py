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
