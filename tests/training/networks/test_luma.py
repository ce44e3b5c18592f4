"""The network of luma: colours by YCbCr as the standard has it, whatever the network does to the luma."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training import networks

BORDER = 5  # coarse pixels: what the network lacks beyond an image's edge


def network_of(scale: int = 2, **options) -> torch.nn.Module:
    torch.manual_seed(3)
    small = {"scale": scale, "channels": 8, "depth": 2, "expand": 12, "hidden": 4}
    network = networks.build("luma", {**small, **options})
    with torch.no_grad():
        network.last.project.mul_(10)
        network.gains.weight.normal_(0, 0.3)
    return network.eval()


def to_ycbcr(rgb: np.ndarray) -> np.ndarray:
    """ITU-R BT.601, full range, as JFIF writes it down."""
    red, green, blue = rgb
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402])


@pytest.mark.parametrize("scale", [2, 3, 4])
@torch.no_grad()
def test_luma_is_the_network_s_and_chroma_bilinear(scale):
    network = network_of(scale)
    image = 255 * torch.rand(1, 3, 24, 28, generator=torch.Generator().manual_seed(1))
    blur, noise = torch.full((1, 3), 0.5), torch.tensor([[3.0, 4.0, 5.0]])
    got = to_ycbcr(network(image, blur, noise)[0].double().numpy())
    coarse = torch.from_numpy(to_ycbcr(image[0].double().numpy()))[None]
    edge = BORDER * scale
    inner = (slice(edge, -edge), slice(edge, -edge))
    up = functional.interpolate(coarse, scale_factor=scale, mode="bilinear", align_corners=False)[0].numpy()
    np.testing.assert_allclose(got[1:][(slice(None), *inner)], up[1:][(slice(None), *inner)], atol=1e-3)
    alone = networks.build("informed", {"scale": scale, "channels": 8, "depth": 2, "expand": 12, "hidden": 4})
    alone.load_state_dict(network.state_dict())
    level = float(np.sqrt((0.299 * 3) ** 2 + (0.587 * 4) ** 2 + (0.114 * 5) ** 2))
    fine = alone(coarse[:, :1].float(), blur[:, :1], torch.full((1, 1), level))[0, 0].numpy()
    np.testing.assert_allclose(got[0][inner], fine[inner], atol=1e-2)
    bicubic = alone.base(coarse[:, :1].float())[0, 0].numpy()
    assert np.abs(fine - bicubic)[inner].max() > 1, (
        "the network adds nothing, and the comparison shows nothing"
    )


@torch.no_grad()
def test_luma_and_chroma_together_are_what_the_network_of_three_bands_makes_of_them():
    network = network_of(chroma="network")
    image = 255 * torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(1))
    told = torch.full((1, 3), 0.5), torch.full((1, 3), 3.0)
    got = to_ycbcr(network(image, *told)[0].double().numpy())
    options = {"scale": 2, "channels": 8, "depth": 2, "expand": 12, "hidden": 4, "bands": 3}
    joint = networks.build("informed", options)
    joint.load_state_dict(network.state_dict())
    planes = torch.from_numpy(to_ycbcr(image[0].double().numpy())).float()[None]
    expected = joint(planes, *told)[0].numpy()
    # Beyond the edge lies zero, which is another colour in each.
    edge = 2 * BORDER
    inner = (slice(None), slice(edge, -edge), slice(edge, -edge))
    np.testing.assert_allclose(got[inner], expected[inner], atol=2e-2)


@torch.no_grad()
def test_a_grey_image_stays_grey():
    grey = 255 * torch.rand(1, 1, 24, 24)
    image = network_of()(grey.repeat(1, 3, 1, 1), torch.full((1, 3), 0.5), torch.full((1, 3), 2.0))
    edge = 2 * BORDER
    inner = image[..., edge:-edge, edge:-edge]
    assert (inner.amax(dim=1) - inner.amin(dim=1)).max() < 1e-3


def test_other_than_three_bands_are_refused():
    with pytest.raises(InvalidSetting, match="bands is 4, expected 3"):
        networks.build("luma", {"scale": 2, "bands": 4})
