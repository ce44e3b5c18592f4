"""JIIF: shares of four neighbours that add up to one, and no jump where the neighbours change."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.training import networks
from srsat_qgis.training.networks.jiif import NEIGHBOURS, Jiif, distances


def jiif(scale: int, ensemble: str = "area", **options) -> Jiif:
    torch.manual_seed(5)
    network = networks.build(
        "jiif",
        {
            "ratios": (scale, 1),
            "bands": (1, 2),
            "channels": 6,
            "blocks": 1,
            "hidden": (10, 8),
            "ensemble": ensemble,
            **options,
        },
    )
    with torch.no_grad():
        network.last.weight.mul_(20)
    return network.eval()


def inputs(scale: int, rows: int = 6, cols: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    guide = torch.randn(1, 2, rows, cols, generator=generator).repeat_interleave(scale, 2)
    return torch.randn(1, 1, rows, cols, generator=generator), guide.repeat_interleave(scale, 3)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_neighbours_are_the_four_nearest_centres(scale):
    """The squared distance to each is that to the centres around, counted pixel by pixel."""
    for place, away in enumerate(distances(scale)):
        position = (place + 0.5) / scale - 0.5
        lower = np.floor(position)
        assert away == pytest.approx(position - lower)
    network = jiif(scale)
    assert network.offsets.abs().max() <= 2
    assert network.areas.sum(dim=0) == pytest.approx(torch.ones(scale, scale).numpy(), abs=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("scale", [3, 4])
def test_each_neighbours_features_are_gathered_from_its_coarse_pixel(scale, monkeypatch):
    """With the perceptron replaced by what it is given, the values are the coarse pixels at the right indices."""
    network = jiif(scale, hidden=(1,))
    rows, cols = 5, 4
    coarse = torch.arange(rows * cols, dtype=torch.float32).view(1, 1, rows, cols) + 1
    guide = torch.zeros(1, 2, rows * scale, cols * scale)
    monkeypatch.setattr(network.target_encoder, "forward", lambda image: image.expand(-1, 6, -1, -1))
    network.near.weight.zero_()
    network.near.weight[0, 0] = 1
    for layer in (network.here, network.apart, network.last):
        for parameter in layer.parameters():
            parameter.zero_()
    network.last.weight[1] = 1
    _, values = network.votes(coarse, guide)
    at = np.floor((np.arange(scale * max(rows, cols)) + 0.5) / scale - 0.5).astype(int)
    for number, (down, right) in enumerate(NEIGHBOURS):
        row = np.clip(at[: rows * scale] + down, 0, rows - 1)
        col = np.clip(at[: cols * scale] + right, 0, cols - 1)
        np.testing.assert_array_equal(values[0, number, 0].numpy(), coarse[0, 0].numpy()[np.ix_(row, col)])


@torch.no_grad()
@pytest.mark.parametrize("ensemble", ["area", "learned"])
@pytest.mark.parametrize("scale", [3, 4])
def test_the_shares_of_the_four_neighbours_add_up_to_one(ensemble, scale):
    network = jiif(scale, ensemble)
    weights, _ = network.votes(*inputs(scale))
    shares = network.shares(50 * weights)
    assert float(shares.min()) >= 0
    torch.testing.assert_close(shares.sum(dim=1), torch.ones_like(shares[:, 0]))
    assert float(shares.std()) > 0.05


@torch.no_grad()
def test_learned_shares_are_the_softmax_of_the_weights():
    network = jiif(4, "learned")
    weights, _ = network.votes(*inputs(4))
    torch.testing.assert_close(network.shares(weights), torch.softmax(weights, dim=1))


def jump(ensemble: str) -> float:
    """Return the largest step across a coarse centre, over the largest one elsewhere, at 64 pixels a cell.

    The guide is flat inside each cell, so that within the encoder's reach of borders aside nothing else changes.
    """
    scale = 64
    network = jiif(scale, ensemble, blocks=0)
    coarse, _ = inputs(scale)
    guide = torch.full((1, 2, 6 * scale, 5 * scale), 0.3)
    image = network(coarse, guide) - network.base(coarse)
    steps = image.diff(dim=-1).abs()[0, 0, scale : 5 * scale, scale : 4 * scale].amax(dim=0).numpy()
    # The step between pixels scale / 2 - 1 and scale / 2 of a cell crosses its centre.
    crossing = np.arange(len(steps)) % scale == scale // 2 - 1
    return float(steps[crossing].max() / steps[~crossing].max())


@torch.no_grad()
def test_the_image_is_continuous_where_the_nearest_centres_change():
    assert jump("area") < 2
    assert jump("learned") > 10


@torch.no_grad()
def test_equal_votes_give_bilinear_interpolation_of_the_values():
    network = jiif(4)
    zero = torch.zeros(1, 4, 1, 12, 8)
    torch.testing.assert_close(network.shares(zero)[0, :, 0, :4, :4], network.areas)


@torch.no_grad()
def test_the_first_layer_is_that_of_the_joined_features():
    """What is multiplied grid by grid equals one layer on z_i, g, g - g_i and the offset, with suitable weights."""
    network = jiif(2, hidden=(9,), blocks=0)
    coarse, guide = inputs(2)
    z, g = network.target_encoder(coarse), network.guide_encoder(guide)
    low = network.guide_encoder(network.lower(guide))
    row, col, number = 5, 6, 3
    at = [int(np.floor((place + 0.5) / 2 - 0.5)) + 1 for place in (row, col)]
    joined = torch.cat(
        [
            z[0, :, at[0], at[1]],
            g[0, :, row, col],
            g[0, :, row, col] - low[0, :, at[0], at[1]],
            torch.tensor([2 * ((row + 0.5) / 2 - 0.5 - at[0]), 2 * ((col + 0.5) / 2 - 0.5 - at[1])]),
        ]
    )
    of_z, of_low = network.near.weight[:, :, 0, 0].split(6, dim=1)
    matrix = torch.cat(
        [of_z, network.here.weight[:, :, 0, 0] + of_low, -of_low, network.apart.weight[:, :, 0, 0]], dim=1
    )
    hidden = torch.relu(matrix @ joined + network.here.bias)
    expected = network.last.weight[:, :, 0, 0] @ hidden + network.last.bias
    weights, values = network.votes(coarse, guide)
    torch.testing.assert_close(weights[0, number, 0, row, col], expected[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(values[0, number, 0, row, col], expected[1], rtol=1e-4, atol=1e-5)
