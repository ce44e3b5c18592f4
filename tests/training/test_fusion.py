"""Several co-registered layers: one draw for all, one crop, one turn; a fused network learns, exports and is true."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidRecipe, InvalidSetting, InvalidStore
from srsat_qgis.training.data.batches import Sampler, Sampling, dropped, misregistered
from srsat_qgis.training.data.degrade import Degrader, degraded
from srsat_qgis.training.data.layout import make_layout, make_views
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


@pytest.fixture
def fusion_values():
    """Wald's protocol: 20 m bands from twice coarser ones and twice coarser 10 m bands."""
    return {
        "id": "fused",
        "seed": 3,
        "inputs": {
            "b20": {"layer": "b20", "degrade": 2},
            "b10": {"layer": "b10", "degrade": 2},
        },
        "target": {"layer": "b20"},
        "network": {"name": "dsen2", "options": {"channels": 8, "blocks": 1}},
        "loss": {"relative-mse": 1.0},
        "data": {"crop": 24, "batch": 8, "small_crop": 24, "border": 2},
        "schedule": {
            "steps": 60,
            "rate": 4e-3,
            "warm_up_steps": 5,
            "average": 0.9,
            "bfloat16": False,
            "validate_steps": 1000,
            "checkpoint_steps": 1000,
        },
    }


def test_ratios_follow_from_layers_and_degradation(layered_store, fusion_values):
    store = PatchStore(layered_store)
    twice = make_layout(make_recipe(fusion_values, source="t"), store)
    assert twice.ratios == (2, 1)
    assert [band.name for band in twice.target_bands] == ["B5", "B6", "B11"]
    fusion_values["inputs"] = {name: {"layer": name, "degrade": 6} for name in ("b60", "b20", "b10")}
    fusion_values["target"] = {"layer": "b60"}
    fusion_values["data"].update(crop=6, small_crop=6, border=0)
    assert make_layout(make_recipe(fusion_values, source="t"), store).ratios == (6, 2, 1)


def test_all_layers_show_the_same_ground_the_same_way_round(layered_store, fusion_values):
    store = PatchStore(layered_store)
    layout = make_layout(make_recipe(fusion_values, source="t"), store)
    views = make_views(layout, store, "train", bandwise=False)
    draw = Sampler(views, Sampling(crop=12, batch=16, small_crop=12)).draw(torch.Generator().manual_seed(1))
    assert draw.layers["b20"].shape == (16, 3, 12, 12)
    assert draw.layers["b10"].shape == (16, 2, 24, 24)
    # Band 0 of both layers is made from one scene: the mean of 2 x 2 fine pixels is the coarse pixel.
    means = torch.nn.functional.avg_pool2d(draw.layers["b10"][:, :1], 2)
    assert float((means - draw.layers["b20"][:, :1]).abs().max()) <= 1.0


def test_a_ratio_that_is_no_whole_number_is_refused(layered_store, fusion_values):
    fusion_values["inputs"]["b10"]["degrade"] = 1
    with pytest.raises(InvalidRecipe, match=r"inputs\.b10.*0\.5"):
        make_layout(make_recipe(fusion_values, source="t"), PatchStore(layered_store))


def test_the_ratio_of_every_input_must_divide_the_largest(layered_store, fusion_values):
    fusion_values["inputs"] = {"b10": {"layer": "b10", "degrade": 4}, "b60": {"layer": "b60"}}
    fusion_values["target"] = {"layer": "b10"}
    with pytest.raises(InvalidRecipe, match=r"inputs\.b10: its ratio 4 does not divide the largest, 6"):
        make_layout(make_recipe(fusion_values, source="t"), PatchStore(layered_store))


def test_a_layer_that_no_source_has_is_named(layered_store, fusion_values):
    fusion_values["inputs"]["b10"]["layer"] = "pan"
    with pytest.raises(InvalidStore, match=r"pan.*there are b10, b20, b60"):
        make_layout(make_recipe(fusion_values, source="t"), PatchStore(layered_store))


def test_a_crop_must_be_whole_in_the_coarsest_input(layered_store, fusion_values):
    fusion_values["data"].update(crop=21, small_crop=21)
    with pytest.raises(InvalidRecipe, match="crop 21"):
        make_layout(make_recipe(fusion_values, source="t"), PatchStore(layered_store))


def first_batch(store_folder, values, **data):
    """Return the batch that a run with these options of its data makes first."""
    recipe = make_recipe({**values, "data": {**values["data"], **data}}, source="t")
    maker = set_up(recipe, PatchStore(store_folder), store_folder).batches
    return maker.finish(maker.ahead(torch.Generator().manual_seed(5)), torch.Generator())


def test_gain_and_offset_vary_all_layers_of_a_sample_alike(layered_store, fusion_values):
    fusion_values["degradation"] = {"noise_share": 0.0, "rounding_share": 0.0, "sigma": [0.5, 0.5]}
    before = first_batch(layered_store, fusion_values)
    after = first_batch(layered_store, fusion_values, gain=0.3, offset=0.2)
    # A sample's values are moved by one straight line a band: the correlation with what they were is 1.
    for one, other in zip((before.truth, *before.inputs), (after.truth, *after.inputs)):
        for a, b in zip(one.flatten(1), other.flatten(1)):
            assert float(torch.corrcoef(torch.stack([a, b]))[0, 1]) > 0.97
            assert not torch.equal(a, b)
    gains = [
        (other.std(dim=(2, 3)) / one.std(dim=(2, 3))).mean(dim=1)
        for one, other in zip((before.truth, *before.inputs), (after.truth, *after.inputs))
    ]
    torch.testing.assert_close(gains[0], gains[1], rtol=1e-3, atol=0)
    torch.testing.assert_close(gains[0], gains[2], rtol=1e-3, atol=0)


def test_an_offset_alone_moves_all_layers_by_one_share_of_their_spread(layered_store, fusion_values):
    fusion_values["degradation"] = {"noise_share": 0.0, "rounding_share": 0.0, "sigma": [0.5, 0.5]}
    before, after = (first_batch(layered_store, fusion_values, offset=offset) for offset in (0.0, 0.2))
    moved = [other - one for one, other in zip((before.truth, *before.inputs), (after.truth, *after.inputs))]
    share = moved[0][:, :1, :1, :1]
    assert 0.02 < float(share.abs().mean()) < 0.2
    assert float(share.abs().max()) <= 0.2
    for planes in moved:  # the network's values count in spreads
        torch.testing.assert_close(planes, share.expand_as(planes), rtol=0, atol=1e-3)


def test_dropped_bands_hold_their_mean():
    image = torch.rand(4000, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    out = dropped(image, 0.4, torch.Generator().manual_seed(1))
    flat = (out == out[..., :1, :1]).all(dim=(2, 3))
    torch.testing.assert_close(out.mean(dim=(2, 3)), image.mean(dim=(2, 3)))
    assert float((out != image).any(dim=(1, 2, 3)).float().mean()) == pytest.approx(0.4 * 15 / 16, abs=0.03)
    # Half lose all three bands; the others each band by a chance of a half, and so all by an eighth.
    assert float(flat.all(dim=1).float().mean()) == pytest.approx(0.4 * (0.5 + 0.5 / 8), abs=0.03)
    assert float(flat.float().mean()) == pytest.approx(0.4 * (0.5 + 0.5 / 2), abs=0.03)
    assert torch.equal(dropped(image, 0.0, torch.Generator()), image)


def test_a_fusion_network_learns_and_its_exported_graph_takes_digital_numbers(
    layered_store, fusion_values, tmp_path
):
    onnxruntime = pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")
    from srsat_qgis.training.finish import finish

    recipe = make_recipe(fusion_values, source="t")
    store = PatchStore(layered_store)
    events: list[dict] = []
    trainer = Trainer(set_up(recipe, store, tmp_path / "run"), events.append)
    trainer.run()
    (tmp_path / "run" / "recipe.toml").write_text("")
    finish(trainer.parts, trainer.result(), store.manifest, events.append)
    path = tmp_path / "run" / "model" / "model.onnx"
    assert {"event": "exported", "model": str(path)} in events
    card = json.loads((path.parent / "card.json").read_text())
    assert [(item["name"], item["ratio"]) for item in card["inputs"]] == [("b20", 2), ("b10", 1)]
    assert card["output"]["bands"][2] == {"name": "B11", "wavelength_nm": 520.0}
    assert card["family"] == "fusion"
    assert card["gsd_m"] == [40.0, 40.0]
    assert [event for event in events if event["event"] == "validation"][-1]["gain_db"] > 0.2
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shapes = {item.name: item.shape for item in session.get_inputs()}
    assert shapes["b20"][1] == 3
    assert shapes["b10"][1] == 2
    random = np.random.default_rng(0)
    feeds = {
        "b20": random.normal(1500, 200, (1, 3, 15, 21)).astype(np.float32),
        "b10": random.normal(1500, 200, (1, 2, 30, 42)).astype(np.float32),
    }
    out = session.run(None, feeds)[0]
    assert out.shape == (1, 3, 30, 42)
    assert 1200 < float(out.mean()) < 1800


@pytest.mark.parametrize("name", ["dctnet", "mrunet"])
def test_a_guided_network_learns_and_its_card_says_how_its_tiles_are_joined(
    layered_store, fusion_values, tmp_path, name
):
    pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")
    from srsat_qgis.training.finish import finish

    options = {"dctnet": {"channels": 16, "layers": 1}, "mrunet": {"widths": [8, 8, 12]}}
    fusion_values["network"] = {"name": name, "options": options[name]}
    fusion_values["loss"] = {"l1": 1.0}
    store, events = PatchStore(layered_store), []
    trainer = Trainer(set_up(make_recipe(fusion_values, source="t"), store, tmp_path / "run"), events.append)
    trainer.run()
    (tmp_path / "run" / "recipe.toml").write_text("")
    finish(trainer.parts, trainer.result(), store.manifest, events.append)
    card = json.loads((tmp_path / "run" / "model" / "card.json").read_text())
    assert [event for event in events if event["event"] == "validation"][-1]["gain_db"] > 0.1
    assert card["tile"].get("blend", "crop") == ("linear" if name == "dctnet" else "crop")
    assert card["tile"]["multiple"] == card["tile"]["align"] == (3 if name == "dctnet" else 2)
    assert ("beyond_halo" in card["training"]) == (name == "dctnet")
    assert ("measured_halo" in card["training"]) == (name == "mrunet")


def test_bands_and_inputs_of_a_sample_may_share_their_blur():
    """Two inputs of the same pixels come out alike when the blur is shared and nothing else is random."""
    degrader = Degrader(2, sigma=(0.2, 0.6), spread=0.0, anisotropy=0.0, noise_share=0.0, rounding_share=0.0)
    generator = torch.Generator().manual_seed(3)
    image = torch.randn(3, 2, 24, 24, generator=generator)
    shared = degrader.common(3, generator)
    once, again = (degraded(degrader, image, torch.ones(3), generator, shared).image for _ in range(2))
    torch.testing.assert_close(once, again)
    own = degraded(degrader, image, torch.ones(3), generator).image
    assert not torch.allclose(own, once)
    assert ((shared >= 0.2) & (shared <= 0.6)).all()


def test_a_misregistered_input_is_moved_by_up_to_so_many_pixels():
    """A plane moves by its slope times the shift: each sample and axis by its own, up to the largest."""
    rows, cols = torch.meshgrid(torch.arange(20.0), torch.arange(24.0), indexing="ij")
    planes = torch.stack([rows, cols]).expand(50, 2, 20, 24)
    moved = (misregistered(planes, 1.5, torch.Generator().manual_seed(1)) - planes)[..., 4:-4, 4:-4]
    assert moved.std(dim=(2, 3)).max() < 1e-4
    shifts = moved.mean(dim=(2, 3))
    assert 1.2 < float(shifts.abs().max()) <= 1.5
    assert float(shifts.mean()) == pytest.approx(0, abs=0.25)
    assert abs(float(torch.corrcoef(shifts.T)[0, 1])) < 0.4


def test_a_network_that_is_told_levels_leaves_the_other_layers_in_their_units(layered_store, fusion_values):
    fusion_values["network"] = {"name": "mrunet", "levels": True, "options": {"widths": (4, 6)}}
    fusion_values["inputs"]["b10"]["shift"] = 1.0
    parts = set_up(
        make_recipe(fusion_values, source="t"), PatchStore(layered_store), layered_store.parent / "run"
    )
    batch = parts.batches.ahead(torch.Generator().manual_seed(1))
    means, spreads = (told.flatten() for told in batch.conditions)
    lead = batch.inputs[0]
    torch.testing.assert_close(lead.mean(dim=(2, 3)).flatten(), means, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(lead.std(dim=(2, 3)).flatten(), spreads, rtol=1e-3, atol=1e-3)
    # The guide's digital numbers are thousands, as in the store.
    assert batch.inputs[1].abs().mean() > 50


def test_a_network_that_normalises_by_itself_is_not_told_levels(layered_store, fusion_values):
    fusion_values["network"] = {"name": "informed", "levels": True}
    fusion_values["inputs"] = {"image": {"layer": "b20", "degrade": 2}}
    with pytest.raises(InvalidSetting, match="levels = false"):
        set_up(make_recipe(fusion_values, source="t"), PatchStore(layered_store), layered_store.parent / "r")
