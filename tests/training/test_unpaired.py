"""Training from real coarse images without a truth: what is drawn from them, and what keeps the network with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidRecipe, InvalidStore
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up
from tests.training.conftest import scene, write_source

REAL = 5000.0
"""Added to all numbers of the real coarse images, so that they are known wherever they turn up."""


@pytest.fixture
def store(tmp_path) -> PatchStore:
    """A store of fine scenes, and of real coarse images of other ground in a group of their own."""
    folder = tmp_path / "store"
    folder.mkdir()
    fine = np.stack([[scene(64, 64, n)] for n in range(9)])
    held = np.stack([[scene(64, 64, 50 + n)] for n in range(2)])
    real = np.stack([[scene(40, 40, 90 + n) + REAL] for n in range(9)])
    sources = [
        write_source(folder, "fine", "fine", {"train": fine, "validation": held}, 1.0),
        write_source(folder, "real", "real", {"train": real, "validation": real[:2]}, 1.0),
    ]
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": sources}))
    return PatchStore(folder)


def values(recipe_values: dict, **changes) -> dict:
    return {
        **recipe_values,
        "network": {"name": "style", "options": {"channels": 8, "blocks": 1, "expand": 12}},
        "adversarial": {"weight": 0.05, "channels": 4, "layers": 1, "kind": "patch"},
        "unpaired": {"group": "real"},
        **changes,
    }


def parts_of(recipe: dict, store: PatchStore, folder: Path):
    return set_up(make_recipe(recipe, source="recipe"), store, folder)


def test_pairs_and_validation_are_of_other_groups_and_the_rest_is_drawn_whole(recipe_values, store, tmp_path):
    parts = parts_of(values(recipe_values), store, tmp_path / "out")
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        batch = parts.batches._sampler.draw(generator)
        assert batch.layers["target"].max() < REAL
        made = parts.batches.ahead(generator)
        # The ground of a crop of 48 pixels, in the pixels of the real images, standardised as a degraded one is.
        assert made.unpaired.image.shape == (8, 1, 24, 24)
        assert made.inputs[0].shape == (8, 1, 24, 24)
        torch.testing.assert_close(made.unpaired.image.mean(dim=(1, 2, 3)), torch.zeros(8), atol=1e-3, rtol=0)
        torch.testing.assert_close(made.unpaired.image.std(dim=(1, 2, 3)), torch.ones(8), atol=1e-3, rtol=0)
    # Two patches of the other group, at three blurs each.
    assert len(parts.validation) == 6


def test_a_network_is_told_the_recipe_s_blur_and_noise_of_them(recipe_values, store, tmp_path):
    network = {"name": "combined", "options": {"channels": 8, "depth": 1, "expand": 12, "hidden": 4}}
    told = {"group": "real", "sigma": 0.4, "noise": 0.03}
    parts = parts_of(values(recipe_values, network=network, unpaired=told), store, tmp_path / "out")
    made = parts.batches.ahead(torch.Generator().manual_seed(0)).unpaired
    blur, noise = made.conditions
    torch.testing.assert_close(blur, torch.full((8, 1), 0.4))
    torch.testing.assert_close(noise, torch.full((8, 1), 0.03), rtol=1e-4, atol=0)


def trained(recipe: dict, store: PatchStore, folder: Path) -> Trainer:
    folder.mkdir()
    trainer = Trainer(parts_of(recipe, store, folder), lambda event: None)
    trainer.run()
    return trainer


def test_a_strong_tie_keeps_the_network_with_the_real_images(recipe_values, store, tmp_path):
    """An untied texture follows the discriminator alone; the tie holds what it degrades to."""
    distances = []
    options = {"channels": 8, "blocks": 1, "expand": 12, "tie": 0.0}
    for tie in (0.0, 100.0):
        recipe = values(
            recipe_values,
            network={"name": "style", "options": options},
            loss={"relative-mse": 1e-3},
            adversarial={"weight": 1.0, "channels": 4, "layers": 1, "kind": "patch"},
            unpaired={"group": "real", "tie": tie},
        )
        trainer = trained(recipe, store, tmp_path / f"tie {tie:g}")
        given = trainer.parts.batches.ahead(torch.Generator().manual_seed(3)).unpaired
        with torch.no_grad():
            _, distance = trainer.learner._of_unpaired(given)
        distances.append(float(distance))
    assert distances[1] < 0.8 * distances[0]


def test_a_run_that_is_resumed_ends_as_one_that_never_stopped(recipe_values, store, tmp_path):
    whole = trained(values(recipe_values), store, tmp_path / "whole")
    folder = tmp_path / "halves"
    folder.mkdir()
    first = Trainer(parts_of(values(recipe_values), store, folder), lambda event: None)
    first.run(lambda: first.progress.step >= 10)
    second = Trainer(parts_of(values(recipe_values), store, folder), lambda event: None)
    second.resume()
    second.run()
    for name, tensor in whole.learner.network.state_dict().items():
        torch.testing.assert_close(second.learner.network.state_dict()[name], tensor, rtol=0, atol=0)


@pytest.mark.parametrize(
    "changes", [{"adversarial": {"weight": 0.0}}, {"inputs": {"one": {"degrade": 2}, "two": {}}}]
)
def test_what_cannot_use_them_is_refused(recipe_values, changes):
    with pytest.raises(InvalidRecipe, match=r"unpaired\.group"):
        make_recipe(values(recipe_values, **changes), source="recipe")


def test_a_group_that_the_store_lacks_is_named(recipe_values, store, tmp_path):
    with pytest.raises(InvalidStore, match=r"unpaired\.group is moon"):
        parts_of(values(recipe_values, unpaired={"group": "moon"}), store, tmp_path / "out")
