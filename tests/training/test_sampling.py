"""Batches are balanced, reproducible and made of real patches; damaged stores are refused."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidRecipe, InvalidStore
from srsat_qgis.training.data.batches import Sampler, Sampling, turned
from srsat_qgis.training.data.layout import View, make_layout, make_views
from srsat_qgis.training.data.scaling import layer_scales, standardised
from srsat_qgis.training.data.store import SPLITS, Band, LayerPatches, PatchStore
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


def train_views(store_folder, recipe_values):
    store = PatchStore(store_folder)
    layout = make_layout(make_recipe(recipe_values, source="test"), store)
    return make_views(layout, store, "train", bandwise=True)


@pytest.fixture
def views(store_folder, recipe_values):
    """The training split of the store, every band by itself."""
    return train_views(store_folder, recipe_values)


@pytest.fixture
def fused_views(layered_store, recipe_values):
    """Views of two layers, of three and of two bands, and their layout."""
    recipe_values["inputs"] = {name: {"layer": name, "degrade": 2} for name in ("b20", "b10")}
    recipe_values["target"] = {"layer": "b20"}
    store = PatchStore(layered_store)
    layout = make_layout(make_recipe(recipe_values, source="test"), store)
    return make_views(layout, store, "train", bandwise=False), layout


@pytest.fixture
def copied_store(store_folder, tmp_path):
    return shutil.copytree(store_folder, tmp_path / "store")


def test_every_band_of_every_patch_is_a_plane_of_its_own(views):
    optical, thermal = views
    assert (len(optical.index), optical.size) == (24, 64)
    assert (len(thermal.index), thermal.size) == (6, 32)


def test_a_small_source_comes_in_batches_of_its_own_with_as_many_pixels(views):
    sampler = Sampler(views, Sampling(crop=48, batch=4, small_crop=24))
    generator = torch.Generator().manual_seed(0)
    shapes = Counter(tuple(sampler.draw(generator).layers["target"].shape) for _ in range(60))
    assert set(shapes) == {(4, 1, 48, 48), (16, 1, 24, 24)}
    assert 15 <= shapes[4, 1, 48, 48] <= 45  # two groups of equal weight


@pytest.mark.parametrize(("group", "left"), [("optical", {0.0}), ("thermal", {1.0})])
def test_a_group_of_weight_0_is_never_drawn(views, group, left):
    sampler = Sampler(views, Sampling(crop=48, batch=4, small_crop=24, weights={group: 0.0}))
    generator = torch.Generator().manual_seed(0)
    quanta = {float(q) for _ in range(20) for q in sampler.draw(generator).quanta["target"]}
    assert quanta == left  # the thermal source is continuous, the optical one is not


def numbered_view(name: str, group: str, patches: int, first: int = 0) -> View:
    """Return patches of 6 x 6 pixels that are numbered through, 36 a patch, from 36 * first."""
    numbers = np.arange(36 * first, 36 * (first + patches)).reshape(patches, 1, 6, 6)
    layer = LayerPatches("target", 1, (Band("1"),), 1.0, None, None, numbers, np.ones((patches, 1, 2)))
    return View(name, group, 6, 1, (layer,), np.argwhere(np.ones((patches, 1))))


def test_every_patch_is_drawn_at_every_place_in_every_turn():
    sampler = Sampler([numbered_view("one", "group", 8)], Sampling(crop=4, batch=8000, small_crop=4))
    crops = sampler.draw(torch.Generator().manual_seed(1)).layers["target"][:, 0].numpy()
    # A crop's smallest number is that of its upper left pixel, whichever way it is turned.
    patches, rest = np.divmod(crops.min(axis=(1, 2)).astype(int), 36)
    assert set(patches) == set(range(8))
    assert set(rest) == {6 * row + col for row in range(3) for col in range(3)}
    first = crops[patches == 0]
    assert len({crop.tobytes() for crop in first}) == 3 * 3 * 8


def test_inside_a_group_a_source_counts_by_the_root_of_its_size_and_groups_by_their_weight():
    views = [
        numbered_view("large", "places", 36),
        numbered_view("small", "places", 4, first=36),
        numbered_view("other", "others", 1, first=40),
    ]
    sampler = Sampler(views, Sampling(crop=4, batch=4000, small_crop=4, weights={"places": 4.0}))
    crops = sampler.draw(torch.Generator().manual_seed(2)).layers["target"].numpy()
    patches = crops.min(axis=(1, 2, 3)) // 36
    shares = [((low <= patches) & (patches < high)).mean() for low, high in ((0, 36), (36, 40), (40, 41))]
    # 4 of 5 for the places, of which the larger gets 6 / (6 + 2); four standard errors are below 0.03.
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.03)


def test_equal_generators_draw_equal_batches(views):
    sampler = Sampler(views, Sampling(crop=48, batch=4, small_crop=24))
    first, again = (sampler.draw(torch.Generator().manual_seed(3)).layers["target"] for _ in range(2))
    assert torch.equal(first, again)


def test_the_eight_turns_differ_and_keep_the_pixels():
    plane = np.arange(9).reshape(3, 3)
    views = {turned(plane, which).tobytes() for which in range(8)}
    assert len(views) == 8
    assert all(sorted(turned(plane, which).ravel()) == list(range(9)) for which in range(8))


def test_samples_become_alike_whatever_their_unit(views):
    fine = torch.from_numpy(views[0].sample(0, views[0].target).astype(np.float32))[None]
    coarse = torch.nn.functional.avg_pool2d(fine, 2)
    plain = standardised(fine, [coarse], torch.ones(1))
    kelvin = standardised(fine * 0.01 + 270, [coarse * 0.01 + 270], torch.full((1,), 0.01))
    pairs = [
        (plain.truth, kelvin.truth),
        (plain.inputs[0], kelvin.inputs[0]),
        (plain.rounding, kelvin.rounding),
    ]
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=0, atol=2e-3)


def test_every_input_is_standardised_by_its_own_means_and_the_truth_s_spread():
    generator = torch.Generator().manual_seed(0)
    truth, lead, guide = (
        level + spread * torch.randn(2, 3, side, side, generator=generator)
        for level, spread, side in ((900, 50, 16), (900, 40, 8), (300, 90, 16))
    )
    sample = standardised(truth, [guide, lead], torch.ones(2), lead=1)
    spread = truth.var(dim=(2, 3)).mean(dim=1).sqrt().view(2, 1, 1, 1)
    for image, scaled in zip((guide, lead), sample.inputs):
        torch.testing.assert_close(scaled, (image - image.mean(dim=(2, 3), keepdim=True)) / spread)
    torch.testing.assert_close(sample.truth * sample.gain + sample.offset, truth)
    torch.testing.assert_close(sample.offset, lead.mean(dim=(2, 3), keepdim=True))
    torch.testing.assert_close(sample.rounding, 1 / 12 / spread.flatten() ** 2)  # of a step of 1


@pytest.mark.parametrize("bandwise", [False, True])
def test_a_layer_s_scaling_is_the_mean_and_spread_of_all_its_pixels(layered_store, recipe_values, bandwise):
    recipe_values["inputs"] = {"image": {"layer": "b20", "degrade": 2}}
    recipe_values["target"] = {"layer": "b20"}
    store = PatchStore(layered_store)
    layout = make_layout(make_recipe(recipe_values, source="test"), store)
    views = make_views(layout, store, "train", bandwise=bandwise)
    found = layer_scales(views, layout, {}, bandwise=bandwise)["b20"]
    pixels = np.concatenate([view.target.patches for view in views]).astype(float)
    axes = (0, 1, 2, 3) if bandwise else (0, 2, 3)
    np.testing.assert_allclose(found.offset.flatten(), pixels.mean(axis=axes).ravel(), rtol=1e-5)
    np.testing.assert_allclose(found.gain.flatten(), pixels.std(axis=axes).ravel(), rtol=1e-5)


def test_scalings_that_a_recipe_gives_hold_for_their_layers(fused_views):
    views, layout = fused_views
    found = layer_scales(views, layout, {"b20": {"offset": 900.0, "gain": [10, 20, 30]}}, bandwise=False)
    assert found["b20"].offset.flatten().tolist() == [900.0] * 3
    assert found["b20"].gain.flatten().tolist() == [10.0, 20.0, 30.0]
    assert found["b10"].offset.numel() == 2  # measured


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"b60": {"gain": 2.0}}, "no layer b60; in use are b20, b10"),
        ({"b20": {"gain": 0.0}}, "expected an offset, and a gain above 0"),
        ({"b20": {"gain": [1.0, -1.0, 1.0]}}, "expected an offset, and a gain above 0"),
        ({"b20": {"spread": 2.0}}, "expected an offset, and a gain above 0"),
        ({"b20": {"offset": [1.0, 2.0]}}, r"scaling\.b20: expected one number, or one for each of 3 bands"),
    ],
)
def test_scalings_without_meaning_are_refused(fused_views, given, words):
    views, layout = fused_views
    with pytest.raises(InvalidRecipe, match=words):
        layer_scales(views, layout, given, bandwise=False)


def test_the_floor_of_a_sample_is_its_rounding_and_a_ten_thousandth_of_its_variance(
    store_folder, recipe_values, tmp_path
):
    batches = set_up(make_recipe(recipe_values, source="test"), PatchStore(store_folder), tmp_path).batches
    generator = torch.Generator().manual_seed(0)
    seen = set()
    while len(seen) < 2:
        batch = batches.finish(batches.ahead(generator), generator)
        integers = batch.truth.shape[-1] == 48  # the large optical patches; thermal ones are continuous
        seen.add(integers)
        for truth, floor in zip(batch.truth, batch.floor):
            steps = truth.unique().diff()
            # Neighbouring digital numbers are a step apart; rounding spreads the error evenly over one.
            step = float(steps[steps > 1e-5].min()) if integers else 0.0
            assert float(floor) - 1e-4 == pytest.approx(step**2 / 12, rel=0.05, abs=1e-10)


def test_splits_are_kept_apart(store_folder):
    store = PatchStore(store_folder)
    told = {name: [(source.name, len(source)) for source in store.split(name)] for name in SPLITS}
    assert told == {"train": [("optical", 12), ("thermal", 6)], "validation": [("optical", 3)]}


def test_a_constant_sample_stays_finite():
    flat = torch.full((1, 1, 8, 8), 300.0)
    sample = standardised(flat, [flat[..., ::2, ::2]], torch.zeros(1))
    assert torch.isfinite(sample.truth).all()
    assert torch.isfinite(sample.inputs[0]).all()
    assert torch.isfinite(sample.rounding).all()


def test_a_folder_without_manifest_is_no_store(tmp_path):
    with pytest.raises(InvalidStore, match=r"manifest\.json: .*so no finished patch store"):
        PatchStore(tmp_path)


@pytest.mark.parametrize("ratio", [0, 3])
def test_a_ratio_that_does_not_divide_the_patches_is_refused(copied_store, ratio):
    manifest = json.loads((copied_store / "manifest.json").read_text())
    manifest["sources"][0]["layers"][0]["ratio"] = ratio
    (copied_store / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InvalidStore, match=f"patches of 64 px do not divide by the ratio {ratio}"):
        PatchStore(copied_store)


@pytest.mark.parametrize("version", [1, 99])
def test_a_store_of_another_version_is_to_be_cut_again(copied_store, version):
    manifest = json.loads((copied_store / "manifest.json").read_text())
    (copied_store / "manifest.json").write_text(json.dumps({**manifest, "store_version": version}))
    with pytest.raises(
        InvalidStore, match=rf"manifest\.json: .*{version}, expected 2; cut the patches again"
    ):
        PatchStore(copied_store)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ratio", "x"), ("ratio", 1e400), ("quantum", "x"), ("quantum", []), ("range", ["x", 1])],
)
def test_a_layer_of_words_where_numbers_belong_is_refused(copied_store, name, value):
    path = copied_store / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sources"][0]["layers"][0][name] = value
    path.write_text(json.dumps(manifest))
    with pytest.raises(InvalidStore, match=r"manifest\.json"):
        PatchStore(copied_store)


def test_patches_that_differ_from_the_manifest_are_refused(copied_store):
    np.save(copied_store / "optical.train.target.npy", np.zeros((2, 2, 64, 64), np.uint16))
    with pytest.raises(InvalidStore, match=r"\(2, 2, 64, 64\).*\(12, 2, 64, 64\)"):
        PatchStore(copied_store)


def test_a_truncated_file_is_refused(copied_store):
    path = copied_store / "optical.train.target.npy"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InvalidStore, match=r"optical\.train\.target\.npy"):
        PatchStore(copied_store)


def test_patches_smaller_than_every_crop_are_refused(views):
    with pytest.raises(InvalidStore, match="at least 100 pixels"):
        Sampler(views, Sampling(crop=200, batch=2, small_crop=100))


def test_a_manifest_of_endless_depth_is_an_invalid_store(tmp_path):
    (tmp_path / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(InvalidStore, match=r"manifest\.json"):
        PatchStore(tmp_path)


@pytest.mark.parametrize("header", [b"{'descr': (", b"{'descr': '<f4', 'fortran_order'", b"\xff\xfe", b""])
def test_patches_with_a_damaged_header_are_refused_by_name(copied_store, header):
    path = next(file for file in sorted(copied_store.glob("*.npy")) if ".stats" not in file.name)
    content = bytearray(path.read_bytes())
    content[10:120] = header.ljust(110)
    path.write_bytes(bytes(content))
    with pytest.raises(InvalidStore, match=path.name.replace(".", r"\.")):
        PatchStore(copied_store)
