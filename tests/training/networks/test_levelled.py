"""Networks that are told mean and spread of the whole raster: any level and unit is the same to them, in every tile."""

from __future__ import annotations

import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint
from srsat_qgis.core.models.card import LEVELS
from srsat_qgis.training.networks import build_for
from srsat_qgis.training.networks.levelled import Levelled


@pytest.fixture
def network():
    torch.manual_seed(1)
    inside = build_for("mrunet", {"widths": (4, 6)}, ratios=(4, 1), bands=(1, 3), out_bands=1)
    for parameter in inside.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return Levelled(inside).eval()


@pytest.fixture
def scene():
    generator = torch.Generator().manual_seed(2)
    return torch.randn(2, 1, 6, 8, generator=generator), torch.randn(2, 3, 24, 32, generator=generator)


def column(*values):
    return torch.tensor(values)[:, None]


def test_it_works_on_the_deviation_from_the_mean_in_spreads(network, scene):
    lst, guide = scene
    with torch.no_grad():
        inside = network.network(lst, guide)
        made = network(lst * 5 + 290, guide, column(290.0, 290.0), column(5.0, 5.0))
    torch.testing.assert_close(made, inside * 5 + 290, rtol=0, atol=2e-4)
    assert network.conditions == LEVELS
    assert network.equivariant


def test_each_sample_has_levels_of_its_own_and_the_guide_none(network, scene):
    lst, guide = scene
    with torch.no_grad():
        both = network(lst, guide, column(0.5, -0.5), column(1.0, 2.0))
        alone = network(lst[1:], guide[1:], column(-0.5), column(2.0))
        other = network(lst[1:], 2 * guide[1:], column(-0.5), column(2.0))
    torch.testing.assert_close(both[1:], alone)
    assert (other - alone).abs().max() > 1e-3


def test_weights_of_the_network_inside_are_taken_by_either_name(network):
    fresh = Levelled(build_for("mrunet", {"widths": (4, 6)}, ratios=(4, 1), bands=(1, 3), out_bands=1))
    inside = network.fused().network.state_dict()
    fresh.load_plain(inside)
    torch.testing.assert_close(fresh.network.first.weight, network.network.first.weight)
    fresh.load_plain({f"network.{name}": 2 * one for name, one in inside.items()})
    torch.testing.assert_close(fresh.network.first.weight, 2 * network.network.first.weight)
    with pytest.raises(InvalidCheckpoint):
        fresh.load_plain({"network.other": torch.zeros(1)})
