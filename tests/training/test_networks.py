"""What every network for any sensor must be: equivariant, local, bicubic where it has learned nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training import networks
from srsat_qgis.training.networks.layers import BicubicBase, ZeroSumConv, bicubic_phases

SCALES = (2, 4)


def a_network(scale: int, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    network = networks.build("compact", {"scale": scale, "channels": 8, "depth": 3, "expand": 12})
    with torch.no_grad():
        network.last.project.mul_(10)  # a residual as large as that of a trained network
    return network.eval()


@pytest.fixture
def image(scene) -> torch.Tensor:
    return torch.from_numpy(scene(40, 44, 3).astype(np.float32))[None, None]


def keys_by_hand(line: np.ndarray, position: float) -> float:
    """Bicubic interpolation as the textbook writes it: four samples and a cubic through them, a = -0.5."""
    start = int(np.floor(position))
    t = position - start
    p0, p1, p2, p3 = line[start - 1 : start + 3]
    slope1, slope2 = (p2 - p0) / 2, (p3 - p1) / 2  # Catmull-Rom, which is Keys' kernel with a = -0.5
    return (
        (2 * t**3 - 3 * t**2 + 1) * p1
        + (t**3 - 2 * t**2 + t) * slope1
        + (-2 * t**3 + 3 * t**2) * p2
        + (t**3 - t**2) * slope2
    )


@pytest.mark.parametrize("scale", SCALES)
def test_the_bicubic_base_equals_a_textbook_bicubic(scale, scene):
    line = scene(16, 30, 1)[0].astype(float)
    image = torch.from_numpy(np.tile(line, (9, 1)).astype(np.float32))[None, None]
    got = torch.nn.functional.pixel_shuffle(BicubicBase(scale)(image), scale)[0, 0, 4 * scale].numpy()
    for output in range(4 * scale, 26 * scale):
        expected = keys_by_hand(line, (output + 0.5) / scale - 0.5)
        assert got[output] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("scale", SCALES)
def test_the_bicubic_base_equals_the_core_s(scale, image):
    from srsat_qgis.core.raster.resample import bicubic_upsample

    got = torch.nn.functional.pixel_shuffle(BicubicBase(scale)(image), scale)[0, 0].numpy()
    edge = 2 * scale
    expected = bicubic_upsample(image[0, 0].numpy().astype(float), scale=scale)
    np.testing.assert_allclose(got[edge:-edge, edge:-edge], expected[edge:-edge, edge:-edge], atol=2e-3)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_kernels_sum_to_one(scale):
    phases = bicubic_phases(scale)
    assert phases.shape == (scale * scale, 5, 5)
    np.testing.assert_allclose(phases.sum(axis=(1, 2)), 1, atol=1e-12)


def test_first_kernels_sum_to_zero():
    conv = ZeroSumConv(6)
    with torch.no_grad():
        conv.weight.add_(3.0)
    assert conv.plain_weight().sum(dim=(1, 2, 3)).abs().max() < 1e-5


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("gain", "offset"), [(0.01, 270.0), (3.0, -1000.0), (1e-4, 0.0)])
def test_networks_are_equivariant_to_gain_and_offset_inside_the_halo(scale, gain, offset, image):
    network = a_network(scale)
    edge = network.radius * scale
    with torch.no_grad():
        plain, mapped = network(image), network(gain * image + offset)
    deviation = (mapped - gain * plain - offset)[..., edge:-edge, edge:-edge].abs().max()
    assert deviation <= 1e-4 * gain * (image.max() - image.min())


@pytest.mark.parametrize("scale", SCALES)
def test_fusing_does_not_change_the_function(scale, image):
    network = a_network(scale)
    with torch.no_grad():
        torch.testing.assert_close(network.fused()(image), network(image), rtol=1e-5, atol=0.05)


@pytest.mark.parametrize("scale", SCALES)
def test_a_tile_with_halo_equals_the_whole_image(scale, image):
    network = a_network(scale).fused()
    halo = network.radius
    with torch.no_grad():
        whole = network(image)
        tile = network(image[..., 8:32, 10:34])
    inner = tile[..., halo * scale : -halo * scale, halo * scale : -halo * scale]
    top, left = (8 + halo) * scale, (10 + halo) * scale
    side = (24 - 2 * halo) * scale
    torch.testing.assert_close(inner, whole[..., top : top + side, left : left + side], rtol=0, atol=1e-3)


def test_an_unknown_network_is_refused_by_name():
    with pytest.raises(InvalidSetting, match=r"'spam'.*compact"):
        networks.build("spam", {})


def test_an_unknown_option_is_refused():
    with pytest.raises(InvalidSetting, match="colour"):
        networks.build("compact", {"scale": 2, "colour": "red"})


def test_a_name_is_registered_once():
    with pytest.raises(InvalidSetting, match="registered already"):
        networks.register("compact", networks.Compact)
