"""Networks are built for given inputs, or refused with a reason; their layers are what they say."""

from __future__ import annotations

import inspect
import json

import pytest
import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidRecipe, InvalidSetting
from srsat_qgis.training import networks
from srsat_qgis.training.networks.layers import (
    Bicubic,
    CollapsibleConv,
    Conv,
    Down,
    Up,
    ZeroSumConv,
    prime_factors,
    receptive_radius,
)
from srsat_qgis.training.networks.span import TripleConv

FUSION = {"ratios": (2, 1), "bands": (6, 4), "out_bands": 6}


def test_all_networks_of_the_project_are_registered():
    assert {"compact", "dsen2", "edsr", "espcn", "rrdb", "span", "unet"} <= set(networks.names())
    assert {"dct_rrdb", "dctnet", "esrnet", "jiif", "mrunet"} <= set(networks.names())


@pytest.mark.parametrize("name", networks.names())
def test_every_network_has_defaults_for_all_but_its_geometry(name):
    fusion = networks.architecture(name).fusion
    # One takes colours, and nothing else.
    bands, options = (3, {"bands": 3}) if name == "luma" else (1, {})
    geometry = FUSION if fusion else {"ratios": (2,), "bands": (bands,), "out_bands": bands}
    network = networks.build_for(name, options, **geometry)
    assert network.ratios == geometry["ratios"]
    assert network.bandwise is (not fusion and bands == 1)


def test_the_paper_s_dsen2_has_as_many_parameters_as_published():
    network = networks.build("dsen2", {"ratios": (2, 1), "bands": (6, 4)})
    trained = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    # 10 bands in, 6 residual blocks of 128 feature maps, 6 bands out; first biases count once a group of bands.
    assert trained - 128 == (10 * 9 + 1) * 128 + 12 * (128 * 9 + 1) * 128 + (128 * 9 + 1) * 6


def test_a_joint_network_must_have_the_bands_of_its_input():
    network = networks.build_for("edsr", {"bands": 4, "blocks": 1}, ratios=(2,), bands=(4,), out_bands=4)
    assert not network.bandwise
    with pytest.raises(InvalidSetting, match="bands = 4; the input has 3"):
        networks.build_for("edsr", {"bands": 4, "blocks": 1}, ratios=(2,), bands=(3,), out_bands=3)


def test_a_network_of_one_input_refuses_two():
    with pytest.raises(InvalidSetting, match="takes one input, not 2"):
        networks.build_for("edsr", {}, **FUSION)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("dsen2", {"ratios": (3, 2), "bands": (1, 1)}, "divisors of the largest"),
        ("dsen2", {"ratios": (2, 1), "bands": (1,)}, "as many"),
        ("dsen2", {"ratios": (2, 1), "bands": (3, 2), "out_bands": 2}, "the 3 of input 0"),
        ("dsen2", {"ratios": (2, 1), "bands": (3, 2), "target": 2}, "target is 2"),
        ("dsen2", {"ratios": (6, 2), "bands": (3, 2), "work": 4}, "work is 4"),
        ("dsen2", {"ratios": (6, 2), "bands": (3, 2), "work": "coarse"}, "work is 'coarse'"),
        ("dsen2", {"ratios": (2, 1), "bands": (3, 2), "size": 4}, "odd"),
        ("edsr", {"scale": 1}, "scale is 1, expected at least 2"),
        ("edsr", {"scale": 2, "channels": 0}, "channels: expected a whole number from 1 to 4096, found 0"),
        ("espcn", {"scale": 2, "features": (64,)}, "two numbers"),
        ("unet", {"scale": 2, "widths": ()}, "widths: expected a list, each a whole number from 1"),
        ("span", {"scale": 2, "blocks": 0}, "blocks: expected a whole number from 1 to 1000, found 0"),
        ("rrdb", {"scale": 2, "growth": 0, "blocks": -1}, "growth: .* found 0; blocks: .* found -1"),
    ],
)
def test_options_without_meaning_are_refused(name, options, words):
    with pytest.raises(InvalidSetting, match=words):
        networks.build(name, options)


@pytest.mark.parametrize(
    ("name", "option", "value", "expected"),
    [
        ("compact", "channels", -1, "a whole number from 1 to 4096"),
        ("compact", "channels", "many", "a whole number from 1 to 4096"),
        ("compact", "channels", 10**8, "a whole number from 1 to 4096"),
        ("compact", "depth", 2.5, "a whole number from 0 to 1000"),
        ("compact", "slope", 2, "a number from 0 to 1"),
        ("dsen2", "blocks", -1, "a whole number from 0 to 1000"),
        ("dsen2", "shrink", 0, "a number above 0 and of at most 1"),
        ("dsen2", "equivariant", 1, "true or false"),
        ("edsr", "blocks", -1, "a whole number from 0 to 1000"),
        ("edsr", "bands", 0, "a whole number from 1"),
        ("espcn", "features", 64, "a list, each a whole number from 1 to 4096"),
        ("guided", "window", 0, "a number above 0 and of at most 16"),
        ("rrdb", "growth", 0, "a whole number from 1 to 4096"),
        ("span", "gain", 0, "a whole number from 1 to 64"),
        ("unet", "widths", [32, "wide"], "a whole number from 1 to 4096"),
    ],
)
def test_a_recipes_option_is_named_with_its_value_and_what_was_expected(name, option, value, expected):
    with pytest.raises(InvalidRecipe) as raised:
        networks.check_options(name, {option: value}, "my.toml: network.options", InvalidRecipe)
    message = str(raised.value)
    assert message.startswith(f"my.toml: network.options: {option}")
    assert f"expected {expected}" in message
    found = value[1] if option == "widths" else value
    assert f"found {json.dumps(found)}" in message


@pytest.mark.parametrize("name", networks.names())
def test_the_defaults_of_a_network_are_within_its_limits_and_all_limits_are_of_options(name):
    defaults = {
        keyword.name: keyword.default
        for keyword in inspect.signature(networks.architecture(name)).parameters.values()
        if keyword.default is not keyword.empty and keyword.name != "out_bands"
    }
    networks.check_options(name, defaults, "the defaults", InvalidRecipe)
    assert set(networks.architecture(name).limits) <= set(defaults)


def test_a_u_net_says_which_sizes_it_takes():
    network = networks.build("unet", {"scale": 2, "widths": (4, 4, 4, 4)})
    assert network.multiple == 4
    with pytest.raises(InvalidSetting, match="18 x 16, expected multiples of 4"):
        network(torch.zeros(1, 1, 18, 16))


@torch.no_grad()
def test_a_u_net_s_shuffle_starts_as_nearest_neighbour():
    torch.manual_seed(0)
    network = networks.build("unet", {"scale": 2, "widths": (4, 6)})
    grown = network.grow[0](torch.randn(1, 6, 5, 5))
    torch.testing.assert_close(
        grown, functional.interpolate(grown[..., ::2, ::2], scale_factor=2.0, mode="nearest")
    )


@torch.no_grad()
def test_a_triple_convolution_equals_its_layers_one_after_the_other():
    torch.manual_seed(0)
    layer = TripleConv(3, 5, gain=2)
    layer.bias.normal_()
    image = torch.randn(2, 3, 9, 8)
    inside = functional.conv2d(image, layer.enter[:, :, None, None])
    inside = functional.conv2d(inside, layer.middle, padding=1)
    expected = functional.conv2d(inside, layer.leave[:, :, None, None], layer.bias)
    expected = expected + functional.conv2d(image, layer.skip[:, :, None, None])
    torch.testing.assert_close(layer(image), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_a_strided_first_convolution_equals_unshuffling_and_convolving():
    torch.manual_seed(0)
    layer = ZeroSumConv(4, size=3, bands=2, stride=2)
    image = torch.randn(1, 2, 8, 10)
    kernels = layer.plain_weight().unflatten(3, (3, 2)).unflatten(2, (3, 2))  # (4, 2, 3, a, 3, b)
    kernels = kernels.permute(0, 1, 3, 5, 2, 4).reshape(4, 8, 3, 3)
    expected = functional.conv2d(functional.pixel_unshuffle(image, 2), kernels, padding=1)
    torch.testing.assert_close(layer(image), expected, rtol=1e-4, atol=1e-5)


def test_weights_do_not_fit_a_branch_narrower_than_the_layer():
    layer = CollapsibleConv(4, 8, expand=5)
    with pytest.raises(InvalidSetting, match="expand is 5, expected at least 8"):
        layer.assign(torch.zeros(8, 4, 3, 3), None)


@torch.no_grad()
def test_several_bands_are_upsampled_as_each_alone():
    image = torch.randn(2, 3, 7, 6)
    alone = torch.cat([Bicubic(3)(band) for band in image.split(1, dim=1)], dim=1)
    torch.testing.assert_close(Bicubic(3, 3)(image), alone, rtol=1e-5, atol=1e-6)
    assert torch.equal(Bicubic(1, 3)(image), image)


def test_scales_are_taken_apart_into_primes():
    assert [prime_factors(scale) for scale in (2, 3, 4, 6, 8)] == [(2,), (3,), (2, 2), (2, 3), (2, 2, 2)]


def test_a_chain_of_convolutions_sees_the_sum_of_their_radii():
    assert receptive_radius([((Up(4), Conv(2), Conv(3)), 4)], cell=4) == 5


def test_convolutions_after_the_upsampling_count_by_their_share():
    assert receptive_radius([((Conv(1), Up(4), Conv(5)), 4)], cell=4) == 6  # 1 of 4 pixels beyond the cell
    assert receptive_radius([((Conv(9), Up(2)), 2)], cell=2) == 5


def test_a_halved_grid_sees_whole_blocks():
    assert receptive_radius([((Up(2), Conv(1), Down(2)), 1)], cell=1, period=2) == 3
