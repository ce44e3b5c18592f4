"""The measures of a validation are those of the reports, and what is exported keeps its multiple."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import ttest_rel

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.training import networks
from srsat_qgis.training.data.degrade import Degrader
from srsat_qgis.training.data.layout import InputPlan, Layout, View
from srsat_qgis.training.data.scaling import Scaler
from srsat_qgis.training.data.store import Band, LayerPatches, PatchStore
from srsat_qgis.training.loop.machine import Machine
from srsat_qgis.training.loop.validation import (
    Trial,
    Validation,
    ValidationScores,
    averaged,
    consistency,
    difference,
    measured,
    run_padded,
)
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import ValidationRecipe, make_recipe
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


def test_a_network_without_a_multiple_gets_the_image_and_its_mirrored_border_alone():
    seen = []

    def same(image: torch.Tensor) -> torch.Tensor:
        seen.append(image)
        return image

    image = torch.arange(35.0).view(1, 1, 5, 7)
    assert torch.equal(run_padded(same, [image], (1,), 2), image)
    assert seen[0].shape == (1, 1, 9, 11)
    assert seen[0][0, 0, 2, :4].tolist() == [2.0, 1.0, 0.0, 1.0]


class Flat(Network):
    """Gives every pixel the mean of the coarse image: 0, as samples come standardised."""

    ratios, radius = (2,), 0

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return zeros ``(N, 1, 2 H, 2 W)``."""
        count, bands, rows, cols = image.shape
        return torch.zeros(count, bands, 2 * rows, 2 * cols)


STEP, SIGMAS = 64.0, (0.4, 0.7)


def held_out(name: str, patches: np.ndarray) -> View:
    """Return a source, a group of its own, of patches ``(n, rows, cols)`` whose values have a coarse step."""
    stats = np.ones((len(patches), 1, 2))
    layer = LayerPatches("target", 1, (Band("1"),), STEP, 10.0, (0.0, 4095.0), patches[:, None], stats)
    return View(name, name, patches.shape[-1], 1, (layer,), np.argwhere(stats[..., 0]))


def coarse_of(patch: np.ndarray, sigma: float) -> np.ndarray:
    return np.rint(gaussian_area(patch.astype(float), scale=2, sigma=sigma) / STEP) * STEP


def gain_of_the_mean(patch: np.ndarray, sigma: float) -> float:
    """Return what the mean of the coarse image gains over bicubic upsampling, in dB."""
    coarse = coarse_of(patch, sigma)
    inner = (slice(8, -8), slice(8, -8))
    errors = [
        ((image - patch)[inner] ** 2).mean() for image in (bicubic_upsample(coarse, scale=2), coarse.mean())
    ]
    return 10 * np.log10(errors[0] / errors[1])


def test_a_validation_is_the_mean_of_groups_blurred_and_rounded_as_it_says(scene):
    """Whatever noise the recipe has: without chance, so that runs can be compared."""
    groups = {"fields": [scene(48, 48, seed) for seed in (1, 2, 3)], "flat": [scene(48, 48, 4) // 8 + 900]}
    bands = (Band("1"),)
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    small = held_out("too small to be scored", np.stack([scene(16, 16, 5)]))
    validation = Validation(
        [*(held_out(name, np.stack(patches)) for name, patches in groups.items()), small],
        Scaler(layout, None, 0),
        [Degrader(2, noise=0.5, noise_share=1.0, rounding_share=0.0, anisotropy=0.5, second_order_share=1.0)],
        ValidationRecipe(SIGMAS),
    )
    scores = validation.score(Flat(), torch.device("cpu"))
    gains = {
        name: np.array([[gain_of_the_mean(patch, sigma) for sigma in SIGMAS] for patch in patches])
        for name, patches in groups.items()
    }
    assert set(scores.by_group) == set(groups)
    for name, found in scores.by_group.items():
        assert found == pytest.approx(gains[name].mean(axis=0), abs=0.05)
    assert scores.mean == pytest.approx(np.mean([rows.mean() for rows in gains.values()]), abs=0.05)
    assert scores.lowest == pytest.approx(min(rows.min() for rows in gains.values()), abs=0.05)
    assert len(validation) == 4 * 2
    # The mean degraded is the mean: it differs from the input by as much as the input from its mean.
    differences = [
        np.mean(
            [
                abs(coarse - coarse.mean()).mean() / coarse.std()
                for coarse in (coarse_of(patch, SIGMAS[1]) for patch in patches)
            ]
        )
        for patches in groups.values()
    ]
    assert scores.measures["consistency"] == pytest.approx(np.mean(differences), abs=0.005)


@pytest.mark.parametrize(
    ("degraders", "blurs"),
    [
        ([Degrader(2, mtf=(0.3,)), None], (None,)),
        ([None, None], (None,)),
        ([Degrader(2, mtf=(0.3,)), Degrader(2)], SIGMAS),
        ([None, Degrader(2)], SIGMAS),
    ],
)
def test_blurs_are_tried_where_an_input_has_none_of_its_own(degraders, blurs):
    bands = (Band("1"),)
    inputs = [InputPlan(name, "target", 2, 2, 0.0, bands) for name in ("one", "other")]
    scaler = Scaler(Layout(tuple(inputs), "target", 1, bands, ()), None, 0)
    trials = Validation([], scaler, degraders, ValidationRecipe(SIGMAS)).trials
    assert trials == tuple((blur, 0.0) for blur in blurs)


def test_every_noise_is_tried_with_every_blur_and_the_network_is_told_both(scene):
    bands = (Band("1"),)
    layout = Layout((InputPlan("image", "target", 2, 2, 0.0, bands),), "target", 1, bands, ())
    told = []

    class Asks(Flat):
        conditions = ("blur", "noise")

        def forward(self, image, blur, noise):
            told.append((float(blur), float(noise) / float(image.std())))
            return super().forward(image)

    patch = scene(96, 96, 1)[None]
    validation = Validation(
        [held_out("fields", patch)],
        Scaler(layout, None, 0),
        [Degrader(2, blur_error=0.3, noise_error=0.5, warp_share=1.0, coarse_steps_share=1.0)],
        ValidationRecipe((0.4, 0.7), (0.0, 0.1)),
        conditions=("blur", "noise"),
    )
    validation.score(Asks(), torch.device("cpu"))
    assert validation.trials == ((0.4, 0.0), (0.7, 0.0), (0.4, 0.1), (0.7, 0.1))
    assert [blur for blur, _ in told] == pytest.approx([0.4, 0.7, 0.4, 0.7])
    assert [noise for _, noise in told[2:]] == pytest.approx([0.1, 0.1], rel=0.15)
    rounding = [STEP / 12**0.5 / coarse_of(patch[0], sigma).std() for sigma in (0.4, 0.7)]
    assert [noise for _, noise in told[:2]] == pytest.approx(rounding, rel=0.02)


def test_a_card_lists_the_gain_of_every_group_blur_and_noise():
    scores = ValidationScores(1.0, 0.5, {"a": (1.234, 0.5)}, (Trial(0.4, 0.0), Trial(0.7, 0.1)))
    common = {"dataset": "validation: a", "measure": "PSNR gain over bicubic, dB"}
    assert scores.rows() == [
        {**common, "sigma": 0.4, "value": 1.23},
        {**common, "sigma": 0.7, "noise": 0.1, "value": 0.5},
    ]
    assert ValidationScores(1.0, 0.5, {"a": (2.0,)}, (Trial(None, 0.0),)).rows() == [{**common, "value": 2.0}]


def test_a_difference_within_groups_of_one_size_has_the_textbook_s_standard_error():
    random = np.random.default_rng(6)
    before = random.normal(2.0, 1.5, 40)
    apart = random.normal(0.07, 0.4, 40)
    found = difference({"a": before.tolist()}, {"a": (before + apart).tolist()})
    assert found.gain_db == pytest.approx(apart.mean())
    # The paired t statistic, as scipy has it.
    statistic = ttest_rel(before + apart, before).statistic
    assert found.gain_db / found.error_db == pytest.approx(statistic)
    assert found.patches == 40


def test_groups_count_alike_whatever_their_sizes():
    before = {"a": (0.0,) * 2, "b": (0.0,) * 4}
    after = {"a": (1.0, 1.2), "b": (0.0, 0.2, 0.1, 0.1)}
    found = difference(before, after)
    assert found.gain_db == pytest.approx((1.1 + 0.1) / 2)
    variance = (2 * 0.1**2 + 2 * 0.1**2) / (6 - 2)
    assert found.error_db == pytest.approx((variance * (1 / 2 + 1 / 4)) ** 0.5 / 2)


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ((0.2, -0.1, 0.1, 0.08), "within the noise: keep the old one"),
        ((0.5, 0.6, 0.55, 0.5), "use the new one"),
        ((-0.5, -0.6, -0.55, -0.5), "keep the old one"),
        ((5.0,), "too few patches to tell it from noise: 1), within the noise: keep the old one"),
    ],
)
def test_a_difference_says_which_model_to_use(gains, said):
    found = difference({"a": (0.0,) * len(gains)}, {"a": gains})
    assert found.describe().endswith(said)
    assert found.describe().startswith(f"{np.mean(gains):+.2f} dB on held-out ground (")
    assert found.within_noise == ("within" in said)


def test_gains_of_other_patches_are_not_compared():
    assert difference({}, {"a": (1.0,)}) is None
    assert difference({"a": (1.0, 2.0)}, {"a": (1.0,)}) is None
