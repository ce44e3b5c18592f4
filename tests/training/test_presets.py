"""What the toolbox offers without torch is what the trainer has."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srsat_qgis.core.fields import to_toml
from srsat_qgis.core.trainer.recipes import LOSSES, NETWORKS, SIZES, Choices, read_store
from srsat_qgis.core.trainer.recipes import make_recipe as recipe_for
from srsat_qgis.training import losses, networks
from srsat_qgis.training.data.layout import build_network, make_layout
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.recipe import make_recipe, read_toml


@pytest.fixture
def read(tmp_path):
    """Writes a recipe made of choices and reads it as the trainer does."""

    def _read(store, **choices):
        path = tmp_path / "recipe.toml"
        made = recipe_for(Choices("mine", minutes=1, **choices), read_store(store))
        path.write_text(to_toml(made), "utf-8")
        return make_recipe(read_toml(path), source=str(path))

    return _read


@pytest.fixture
def guided_store(tmp_path):
    """A store of pairs with a guide, two patches of one source."""
    folder = tmp_path / "guided"
    folder.mkdir()
    random = np.random.default_rng(3)
    layers = (("target", 1, 2), ("image", 2, 2), ("guide", 1, 1))
    for name, ratio, bands in layers:
        values = random.integers(0, 4000, (2, bands, 48 // ratio, 48 // ratio)).astype(np.uint16)
        planes = values.reshape(2, bands, -1).astype(np.float64)
        stats = np.stack([planes.mean(axis=2), planes.std(axis=2)], axis=2).astype(np.float32)
        for split in ("train", "validation"):
            np.save(folder / f"s.{split}.{name}.npy", values)
            np.save(folder / f"s.{split}.{name}.stats.npy", stats)
    entry = {
        "name": "s",
        "group": "s",
        "sensor": "none",
        "place": "nowhere",
        "licence": "CC0",
        "gsd_m": 10.0,
        "quantum": 1.0,
        "size": 48,
        "patches": {"train": 2, "validation": 2},
        "files": [],
        "range": [0, 4000],
        "crs": None,
        "layers": [
            {
                "name": name,
                "ratio": ratio,
                "bands": [{"name": f"B{band}", "wavelength_nm": None} for band in range(bands)],
                "dtype": "uint16",
                "quantum": 1.0,
                "range": [0, 4000],
                "gsd_m": 10.0 * ratio,
            }
            for name, ratio, bands in layers
        ],
    }
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": [entry]}), "utf-8")
    return folder


def test_the_toolbox_offers_the_trainers_networks():
    # Luma takes colours alone, and those of Landsat's methods a discriminator: whoever wants one of these trains the
    # shipped model of it further.
    assert set(NETWORKS) == set(networks.names()) - {"luma", "deblur", "style", "combined"}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_size_can_be_built_and_a_larger_one_has_more_parameters(name):
    counts = []
    for size in SIZES:
        options = NETWORKS[name].options(size)
        ratios, bands = ((2, 1), (2, 1)) if NETWORKS[name].fusion else ((2,), (1,))
        network = networks.build_for(name, options, ratios=ratios, bands=bands, out_bands=bands[0])
        counts.append(sum(parameter.numel() for parameter in network.fused().parameters()))
    assert counts == sorted(set(counts))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_table_knows_which_networks_fuse_and_which_see_bands_together(name):
    assert NETWORKS[name].fusion == networks.architecture(name).fusion
    if NETWORKS[name].joint:
        options = {**NETWORKS[name].options("small"), "bands": 4}
        assert not networks.build_for(name, options, ratios=(2,), bands=(4,), out_bands=4).bandwise


def test_losses_are_those_of_the_trainer():
    for preset in LOSSES.values():
        assert set(preset.weights) <= set(losses.names())
        assert set(preset.options) <= set(preset.weights)
        for name in preset.weights:
            losses.make_loss(name, preset.options.get(name))


@pytest.mark.parametrize("name", [name for name, one in NETWORKS.items() if not one.fusion])
def test_a_recipe_of_choices_is_one_that_the_trainer_takes(read, store_folder, name):
    for scale in (2, 4):
        recipe = read(store_folder, network=name, size="small", scale=scale)
        layout = make_layout(recipe, PatchStore(store_folder))
        network = build_network(recipe, layout)
        assert network.ratios == (scale,)
        assert recipe.data.crop // scale % network.multiple == 0
        assert recipe.data.small_crop // scale % network.multiple == 0


@pytest.mark.parametrize("loss", LOSSES)
def test_a_recipe_with_any_loss_is_one_that_the_trainer_takes(read, store_folder, loss):
    seen = {"network": "edsr", "joint": True} if LOSSES[loss].spectra else {}
    recipe = read(store_folder, loss=loss, **seen)
    assert recipe.loss == LOSSES[loss].weights
    assert (recipe.adversarial.weight > 0) == bool(LOSSES[loss].adversarial)


@pytest.mark.parametrize("name", [name for name, one in NETWORKS.items() if one.fusion])
def test_pairs_with_a_guide_are_fused(read, guided_store, name):
    recipe = read(guided_store, network=name, size="small")
    layout = make_layout(recipe, PatchStore(guided_store))
    assert layout.ratios == (2, 1)
    assert build_network(recipe, layout).ratios == (2, 1)
