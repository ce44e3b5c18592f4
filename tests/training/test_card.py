"""The card of a trained network tells what it learned from, and no more."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from srsat_qgis.training.card import drawn_from, training_data


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
