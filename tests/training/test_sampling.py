"""Batches are balanced, reproducible and made of real patches; damaged stores are refused."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.training.data.batches import Sampler, Sampling, turned
from srsat_qgis.training.data.layout import make_layout, make_views
from srsat_qgis.training.data.scaling import standardised
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.recipe import make_recipe


def train_views(store_folder, recipe_values):
    store = PatchStore(store_folder)
    layout = make_layout(make_recipe(recipe_values, source="test"), store)
    return make_views(layout, store, "train", bandwise=True)


@pytest.fixture
def views(store_folder, recipe_values):
    """The training split of the store, every band by itself."""
    return train_views(store_folder, recipe_values)


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


def test_weights_rule_the_share_of_a_group(views):
    sampling = Sampling(crop=48, batch=4, small_crop=24, weights={"optical": 0.0})
    sampler = Sampler(views, sampling)
    quanta = sampler.draw(torch.Generator().manual_seed(0)).quanta["target"]
    assert quanta.max() == 0  # only the continuous thermal source is left


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


def test_a_constant_sample_stays_finite():
    flat = torch.full((1, 1, 8, 8), 300.0)
    sample = standardised(flat, [flat[..., ::2, ::2]], torch.zeros(1))
    assert torch.isfinite(sample.truth).all()
    assert torch.isfinite(sample.inputs[0]).all()
    assert torch.isfinite(sample.rounding).all()


def test_a_folder_without_manifest_is_no_store(tmp_path):
    with pytest.raises(InvalidStore, match=r"manifest\.json"):
        PatchStore(tmp_path)


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
