"""The measures of a validation are those of the reports, and what is exported keeps its multiple."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.training import networks
from srsat_qgis.training.data.store import LayerPatches, PatchStore
from srsat_qgis.training.loop.machine import Machine
from srsat_qgis.training.loop.validation import averaged, consistency, measured, run_padded
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


def test_the_measures_are_those_of_the_reports():
    random = np.random.default_rng(2)
    truth = random.uniform(500, 3000, (3, 40, 44))
    test = truth + random.normal(0, 50, truth.shape)
    found = measured(test, truth, data_range=4095.0, ratio=2)
    scores = score_arrays(
        test, reference=truth, keys=("psnr", "ssim", "sam", "ergas"), data_range=4095.0, scale=2
    )
    assert set(found) == set(scores)
    for name, score in scores.items():
        assert found[name] == pytest.approx(score.value, rel=1e-9), name


def test_one_band_has_no_angle_and_no_range_no_psnr():
    truth = np.random.default_rng(0).uniform(280, 300, (1, 20, 20))
    assert set(measured(truth + 1, truth, data_range=None, ratio=2)) == {"ergas"}
    assert measured(truth, truth, data_range=100.0, ratio=2)["psnr"] == pytest.approx(120)


def test_consistency_is_zero_for_an_image_that_gives_back_its_input():
    image = torch.rand(2, 8, 8, generator=torch.Generator().manual_seed(0))
    coarse = torch.nn.functional.avg_pool2d(image[None], 2)[0]
    assert consistency(image, coarse, lambda fine: torch.nn.functional.avg_pool2d(fine, 2)) == 0
    moved = coarse + coarse.std(dim=(1, 2)).mean()
    again = consistency(image, moved, lambda fine: torch.nn.functional.avg_pool2d(fine, 2))
    assert again == pytest.approx(1, rel=1e-5)


def test_groups_count_alike_whatever_their_size():
    rows = [("big", {"psnr": 30.0}), ("big", {"psnr": 34.0}), ("small", {"psnr": 40.0, "sam": 1.0})]
    assert averaged(rows) == {"psnr": 36.0, "sam": 1.0}


@pytest.mark.parametrize("side", [6, 9, 17])
def test_images_of_any_size_go_through_a_network_that_takes_multiples(side):
    torch.manual_seed(0)
    network = networks.build_for("unet", {"widths": [4, 8]}, ratios=(2,), bands=(1,), out_bands=1)
    seen = []
    network.register_forward_pre_hook(lambda module, images: seen.append(images[0].shape))
    with torch.no_grad():
        out = run_padded(
            network, [torch.rand(1, 1, side, side + 2)], network.ratios, network.radius, network.multiple
        )
    assert out.shape == (1, 1, 2 * side, 2 * side + 4)
    assert all(length % network.multiple == 0 for shape in seen for length in shape[-2:])


@pytest.mark.parametrize(
    ("dtype", "low", "high", "expected"),
    [
        ("uint8", 40, 90, 255),
        ("uint16", 300, 3000, 10000),
        ("uint16", 300, 10100, 10000),
        ("uint16", 300, 60000, 65535),
        ("int16", -300, 20000, 32767),
        ("float32", 0.1, 0.8, 1),
        ("float32", 271, 318, None),
    ],
)
def test_psnr_and_ssim_of_a_validation_measure_against_the_range_of_the_type(dtype, low, high, expected):
    patches = np.linspace(low, high, 2 * 1 * 32 * 32).reshape(2, 1, 32, 32).astype(dtype)
    layer = LayerPatches("target", 1, (), 1.0, None, (low, high), patches, np.zeros((2, 1, 2)))
    assert layer.data_range == expected


def test_the_recipes_value_range_is_that_of_a_validation(store_folder, tmp_path):
    values = {"id": "x", "scale": 2, "schedule": {"steps": 1}, "data": {"crop": 48, "small_crop": 24}}
    told = {}
    for high in (None, 20000):
        card = {} if high is None else {"card": {"value_range": [0, high]}}
        recipe = make_recipe({**values, **card}, source="the test")
        parts = set_up(recipe, PatchStore(store_folder), tmp_path, Machine())
        told[high] = parts.validation.score(Nothing(), torch.device("cpu")).bicubic["psnr"]
    # The store's values are 16-bit reflectance: a range of 10000.
    assert told[20000] - told[None] == pytest.approx(20 * np.log10(2), abs=1e-9)


class Nothing(torch.nn.Module):
    """A network that adds nothing to the bicubic image's place: constant zero."""

    radius, multiple, bandwise, equivariant = 0, 1, True, True

    def fused(self) -> Nothing:
        return self

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image.new_zeros(len(image), 1, 2 * image.shape[2], 2 * image.shape[3])
