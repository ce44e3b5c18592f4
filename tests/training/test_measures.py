"""The measures of a validation are those of the reports, and what is exported keeps its multiple."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.training import networks
from srsat_qgis.training.loop.validation import averaged, consistency, measured, run_padded


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
