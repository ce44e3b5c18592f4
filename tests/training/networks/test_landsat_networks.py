"""Networks of Landsat's methods: what deblurring is told, what ties a style to its input, what a combination keeps."""

from __future__ import annotations

import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint
from srsat_qgis.training import networks
from srsat_qgis.training.export.finetune import _adopts
from tests.training.networks.conftest import lively


def numbers(value: float, count: int = 1) -> torch.Tensor:
    return torch.full((count, 1), value)


@torch.no_grad()
def test_deblurring_depends_on_the_blur_and_noise_that_it_is_told():
    torch.manual_seed(2)
    network = lively(networks.build("deblur", {"scale": 3, "channels": 8, "blocks": 1, "expand": 12}))
    image = torch.randn(1, 1, 16, 16)
    one, blurred, noisy = (
        network(image, numbers(blur), numbers(noise)) for blur, noise in ((0.4, 0.1), (0.7, 0.1), (0.4, 0.5))
    )
    assert (one - blurred).abs().max() > 1e-3
    assert (one - noisy).abs().max() > 1e-3


@torch.no_grad()
@pytest.mark.parametrize("gain", [1.0, 50.0])
def test_a_tied_style_leaves_the_low_pass_to_its_input_however_strong_its_texture_is(gain):
    """Of wavelengths above 12 input pixels, a Gaussian of one lets at most 13 % of the amplitude through."""
    torch.manual_seed(2)
    options = {"scale": 3, "channels": 8, "blocks": 2, "expand": 12}
    tied = lively(networks.build("style", {**options, "tie": 1.0}))
    tied.last.weight.mul_(gain)
    free = networks.build("style", {**options, "tie": 0.0})
    free.load_state_dict(tied.state_dict(), strict=False)
    image, conditions = torch.randn(1, 1, 96, 96), (numbers(0.5), numbers(0.1))
    edge = 3 * tied.radius
    amplitudes = []
    for network in (tied, free):
        added = (network(image, *conditions) - network.base(image))[0, 0, edge:-edge, edge:-edge]
        window = torch.hann_window(len(added))
        spectrum = torch.fft.rfft2(added * window[:, None] * window).abs()
        rows, cols = torch.fft.fftfreq(len(added))[:, None], torch.fft.rfftfreq(len(added))[None]
        amplitudes.append(float(spectrum[torch.hypot(rows, cols) < 1 / 36].mean()))
    assert amplitudes[0] < 0.13 * amplitudes[1]


@torch.no_grad()
def test_a_style_starts_as_the_model_that_it_takes_over_without_its_low_pass():
    torch.manual_seed(2)
    options = {"scale": 3, "channels": 8, "blocks": 1, "expand": 12, "hidden": 4}
    first = lively(networks.build("deblur", options))
    image, told = torch.randn(1, 1, 24, 24), (numbers(0.5), numbers(0.1))
    for tie in (0.0, 0.5):
        made = networks.build("style", {**options, "tie": tie})
        made.load_plain(first.fused().state_dict())
        base = first.base(image)
        added = first(image, *told) - base
        expected = base + (added - made.low(added) if tie else added)
        torch.testing.assert_close(made(image, *told), expected, rtol=1e-4, atol=1e-4)
    with pytest.raises(InvalidCheckpoint, match=r"base\.phases\.weight"):
        made.load_plain({})


@torch.no_grad()
def test_a_combination_starts_as_the_model_that_it_takes_over():
    torch.manual_seed(2)
    options = {"channels": 8, "depth": 2, "expand": 12, "hidden": 4}
    first = lively(networks.build("informed", {"scale": 3, **options}))
    made = networks.build("combined", {"scale": 3, **options, "texture_channels": 8, "texture_blocks": 1})
    texture = made.fused().texture.state_dict()
    made.load_plain(first.fused().state_dict())
    for name, value in made.fused().texture.state_dict().items():
        torch.testing.assert_close(value, texture[name], rtol=1e-4, atol=1e-6)
    image, told = torch.randn(1, 1, 16, 16), (numbers(0.5), numbers(0.1))
    made.texture.last.weight.zero_()
    torch.testing.assert_close(made(image, *told), first(image, *told), rtol=1e-4, atol=1e-4)
    with pytest.raises(InvalidCheckpoint, match=r"base\.phases\.weight"):
        made.load_plain({})


def test_only_the_texture_of_a_chained_combination_learns():
    torch.manual_seed(2)
    options = {"scale": 3, "channels": 8, "depth": 1, "expand": 12, "texture_channels": 8}
    for chained in (True, False):
        network = networks.build("combined", {**options, "chained": chained})
        network(torch.randn(1, 1, 16, 16), numbers(0.5), numbers(0.1)).square().mean().backward()
        learning = {name for name, one in network.named_parameters() if one.grad is not None}
        assert any(name.startswith("texture.") for name in learning)
        assert any(not name.startswith("texture.") for name in learning) is not chained


def test_a_model_is_taken_over_by_a_network_with_further_parts_but_not_by_other_options():
    informed = {"name": "informed", "options": {"channels": 8}}
    assert _adopts({"name": "combined", "options": {"channels": 8, "tie": 1.0}}, informed)
    assert not _adopts({"name": "combined", "options": {"channels": 16}}, informed)
    assert not _adopts({"name": "informed", "options": {"channels": 8, "depth": 3}}, informed)
    assert not _adopts({"name": "style", "options": {"channels": 8}}, informed)
    deblur = {"name": "deblur", "options": {"channels": 8}}
    assert _adopts({"name": "style", "options": {"channels": 8, "tie": 1.5}}, deblur)
