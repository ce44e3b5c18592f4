"""Fusion by local regression: what it can know it finds without training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.training import networks
from srsat_qgis.training.export.to_onnx import Session, to_onnx
from srsat_qgis.training.networks.guided import (
    _UNRELATED,
    Guided,
    Regression,
    _by_phases,
    _lowering,
    _on_finer_grid,
    linear_phases,
)
from srsat_qgis.training.networks.layers import Bicubic


def scene(bands: int, side: int, seed: int = 0) -> torch.Tensor:
    """Return textured bands (1, bands, side, side) around 2000 with a spread of some 300."""
    noise = torch.randn(1, bands, side + 8, side + 8, generator=torch.Generator().manual_seed(seed))
    return 2000 + 900 * functional.avg_pool2d(noise, 3, 1)[..., 3:-3, 3:-3]


def regression(guides: int, bands: int, scale: int = 2, **options: Any) -> Regression:
    return Regression(
        [(1, guides)],
        bands,
        scale,
        **{"sigmas": (0.25,), "around": 0.7, "window": 1.2, "judged": 2.0, "ridge": 1e-4, **options},
    )


@torch.no_grad()
@pytest.mark.parametrize("scale", [2, 3, 6])
def test_a_band_that_is_a_linear_function_of_the_guides_is_found_without_training(scale):
    guides = scene(2, 30 * scale)
    truth = 0.7 * guides[:, :1] - 1.3 * guides[:, 1:] + 5000
    network = Guided((scale, 1), (1, 2), ridge=1e-5, sigmas=(0.25,))
    image = _regressed(network, _lowered(truth, network), guides)
    inner = slice(network.radius * scale, -network.radius * scale)
    error = (image - truth)[..., inner, inner].std()
    bicubic = (network.base(_lowered(truth, network)) - truth)[..., inner, inner].std()
    assert error < 0.02 * bicubic


def _lowered(image: torch.Tensor, network: Guided) -> torch.Tensor:
    """Return one band on the coarse grid, blurred as the network blurs its guides."""
    fit = regression(1, 1, network.regression.scale)
    return fit.guides[0].lower[0](image)


def _regressed(network: Guided, *images: torch.Tensor) -> torch.Tensor:
    """Return the image that the regression makes."""
    base, predicted, _ = network._start(images)
    return functional.pixel_shuffle(base + predicted, network.regression.scale)


@torch.no_grad()
def test_the_relation_may_change_from_place_to_place():
    guides = scene(1, 120)
    truth = guides.clone()
    truth[..., 60:] = 4000 - 0.5 * guides[..., 60:]
    network = Guided((2, 1), (1, 1), ridge=1e-5, sigmas=(0.25,))
    image = _regressed(network, _lowered(truth, network), guides)
    for part in (slice(30, 48), slice(72, 90)):
        error = (image - truth)[..., 30:90, part].std()
        assert error < 0.05 * truth[..., 30:90, part].std()


@torch.no_grad()
@pytest.mark.parametrize("blur", [0.1, 0.3, 0.5])
def test_the_blur_that_explains_most_wins_whatever_it_is(blur):
    """The coarse band is blurred as none of the candidates but the right one says."""
    guides = scene(2, 160)
    truth = 0.8 * guides[:, :1] - 0.4 * guides[:, 1:]
    coarse = regression(1, 1, sigmas=(blur,)).guides[0].lower[0](truth)
    errors = {}
    for sigmas in ((0.1,), (0.3,), (0.5,), (0.1, 0.3, 0.5)):
        network = Guided((2, 1), (1, 2), ridge=1e-5, sigmas=sigmas)
        image = _regressed(network, coarse, guides)
        errors[sigmas] = float((image - truth)[..., 40:-40, 40:-40].std())
    assert errors[(0.1, 0.3, 0.5)] < 1.2 * errors[(blur,)] + 2


@torch.no_grad()
def test_guides_that_tell_nothing_leave_bicubic_interpolation():
    coarse = scene(2, 40)
    network = Guided((2, 1), (2, 3))
    flat = torch.full((1, 3, 80, 80), 1234.0)
    image = _regressed(network, coarse, flat)
    inner = slice(30, 50)
    torch.testing.assert_close(
        image[..., inner, inner], network.base(coarse)[..., inner, inner], atol=0.05, rtol=0
    )


@torch.no_grad()
def test_the_coefficients_are_those_of_ridge_regression():
    fit = regression(3, 2, ridge=0.02)
    fine, coarse = scene(3, 40, seed=1), scene(2, 20, seed=2)
    soft = fit.guides[0].lower[0](fine)
    contrast, own = soft - fit.around(soft), coarse - fit.around_own(coarse)
    unrelated = _UNRELATED * fit.window_own((own * own).mean(dim=1, keepdim=True))
    found = torch.stack(fit._coefficients(contrast, own, unrelated), dim=1)[0, :, :, 10, 10].numpy()
    line = fit.window[0].weight[0, 0, :, 0].double().numpy()
    radius = len(line) // 2
    window = slice(10 - radius, 11 + radius)
    values = torch.cat([contrast, own], dim=1)[0, :, window, window].reshape(5, -1).double().numpy()
    weights = np.outer(line, line).ravel()
    guides, bands = values[:3], values[3:]
    moments = (guides * weights) @ guides.T
    ridge = 0.02 * np.trace(moments) / 3 + 1e-4 * ((bands**2) @ weights).mean()
    expected = np.linalg.solve(moments + ridge * np.eye(3), (guides * weights) @ bands.T)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_linear_phases_interpolate_a_ramp_exactly():
    kernels = linear_phases(4)
    ramp = np.arange(-1.0, 2.0)[None, :].repeat(3, axis=0)
    assert np.allclose((kernels * ramp).sum(axis=(1, 2)).reshape(4, 4)[0], [-0.375, -0.125, 0.125, 0.375])
    assert np.allclose(kernels.sum(axis=(1, 2)), 1)


@torch.no_grad()
@pytest.mark.parametrize(("scale", "ratio"), [(6, 2), (6, 3), (4, 4), (4, 2)])
@pytest.mark.parametrize("sigma", [0.0, 0.3])
def test_a_coarser_guide_is_lowered_as_if_it_were_upsampled_before(scale, ratio, sigma):
    image = scene(2, 20 * scale // ratio)
    expected = _lowering(2, scale, sigma, 1)(Bicubic(ratio, 2)(image))
    found = _lowering(2, scale, sigma, ratio)(image)
    torch.testing.assert_close(found[..., 5:-5, 5:-5], expected[..., 5:-5, 5:-5], atol=2e-3, rtol=0)


def test_phases_are_in_the_order_of_pixel_shuffle():
    image = torch.randn(2, 3, 24, 36)
    by_six = functional.pixel_unshuffle(image, 6)
    assert torch.equal(_by_phases(image, 3, 6, 1), by_six)
    assert torch.equal(_by_phases(functional.pixel_unshuffle(image, 2), 3, 3, 2), by_six)
    for work in (1, 2, 3):
        assert torch.equal(_on_finer_grid(by_six, 6, work), functional.pixel_unshuffle(image, work))


def test_the_network_starts_as_the_regression_nearly_and_learns_the_rest():
    torch.manual_seed(0)
    network = Guided((2, 1), (2, 3), channels=8, blocks=1)
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == 9 * (8 * 24 + 8 * 8 * 2 + 8 * 8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ratios": (2,), "bands": (3,)}, "at least two"),
        ({"ratios": (1, 2), "bands": (3, 2)}, "expected the largest ratio"),
        ({"ratios": (1, 1), "bands": (3, 2)}, "at least 2"),
        ({"ratios": (6, 4), "bands": (3, 2)}, "expected divisors of the largest"),
        ({"ratios": (6, 1), "bands": (3, 2), "work": 4}, "work is 4, expected a divisor of 6"),
        ({"ratios": (2, 1), "bands": (3, 2), "out_bands": 2}, "the output has 2 bands, expected the 3"),
        (
            {"ratios": (2, 1), "bands": (3, 2), "ridge": -1.0},
            "ridge: expected a number of at least 0, found -1.0",
        ),
        (
            {"ratios": (2, 1), "bands": (3, 2), "sigmas": ()},
            "sigmas: expected a list, each a number from 0 to 16",
        ),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(InvalidSetting, match=message):
        networks.build("guided", options)


def test_ground_without_any_contrast_is_no_division_by_zero_in_the_graph():
    """The exporter leaves out additions of very small numbers."""
    network = networks.build("guided", {"ratios": (2, 1), "bands": (2, 3), "channels": 8, "blocks": 1})
    inputs = [
        InputSpec("coarse", 2, (BandSpec("a"), BandSpec("b"))),
        InputSpec("fine", 1, (BandSpec("c"), BandSpec("d"), BandSpec("e"))),
    ]
    session = Session(to_onnx(network.fused(), inputs))
    for value in (0.0, 1000.0):
        feeds = {
            "coarse": np.full((1, 2, 48, 48), value, np.float32),
            "fine": np.full((1, 3, 96, 96), value, np.float32),
        }
        result = session.run(feeds)
        assert np.isfinite(result).all()
        inner = result[..., 40:-40, 40:-40]
        np.testing.assert_allclose(inner, value, rtol=1e-5, atol=1e-3)


@torch.no_grad()
@pytest.mark.parametrize(
    ("ratios", "bands", "options"),
    [((2, 1), (3, 2), {}), ((6, 1, 2), (2, 2, 1), {"work": 2, "blocks": 1}), ((4, 1), (1, 1), {"work": 1})],
    ids=["phases", "two guides on a finer grid", "output's grid"],
)
def test_a_plain_copy_trims_what_is_not_to_be_counted(ratios, bands, options):
    """Beyond the radius it is the same; near the edge there is the bicubic image alone."""
    torch.manual_seed(4)
    network = Guided(ratios, bands, channels=8, **options).double()
    network.last.weight.mul_(100)
    fused, cell = network.fused().double(), max(ratios)
    side = 2 * network.radius + 9
    images = [scene(count, side * cell // ratio, seed=ratio).double() for ratio, count in zip(ratios, bands)]
    whole, trimmed, bicubic = network(*images), fused(*images), network.base(images[0])
    inner = slice(network.radius * cell, -network.radius * cell)
    # The weights have gone through float32.
    torch.testing.assert_close(trimmed[..., inner, inner], whole[..., inner, inner], rtol=0, atol=1e-3)
    assert (whole - bicubic)[..., inner, inner].abs().mean() > 10
    edge = torch.ones_like(bicubic, dtype=torch.bool)
    part = slice(fused.trim * cell, -fused.trim * cell)
    edge[..., part, part] = False
    assert edge.any()
    torch.testing.assert_close(trimmed[edge], bicubic[edge])
    # One cell less of the fine grid would be too few.
    fused.trim += 1
    assert (fused(*images) - whole)[..., inner, inner].abs().max() > 0.1


def test_images_of_which_nothing_would_be_left_are_refused():
    network = Guided((2, 1), (1, 1), channels=8).fused()
    side = 2 * network.trim
    assert network.least == side + 1
    with pytest.raises(InvalidSetting, match=rf"guided: target is {side} x 90, expected at least {side + 1}"):
        network(scene(1, 200)[..., :side, :90], scene(1, 400)[..., : 2 * side, :180])
    assert network(scene(1, side + 1), scene(1, 2 * side + 2)).shape[-1] == 2 * side + 2
