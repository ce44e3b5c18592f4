"""A network on the first input's deviation from the whole raster's mean, in units of the whole raster's spread.

Both are told (`core.models.card.LEVELS`): tiles then agree, rasters of any level and unit are alike to the network, and
f(a x + b) = a f(x) + b holds. The other inputs come as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from srsat_qgis.core.models.card import LEVELS
from srsat_qgis.training.networks.interface import Network


class Levelled(Network):
    """A network between the map that its conditions tell and its inverse."""

    equivariant = True
    conditions = LEVELS

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.ratios, self.radius, self.multiple = network.ratios, network.radius, network.multiple
        self.bandwise, self.fusion, self.local = network.bandwise, network.fusion, network.local

    def load_plain(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the weights of a fused copy of this network, or of the one inside; see `Network.load_plain`."""
        inside = any(name.startswith("network.") for name in tensors)
        super().load_plain(tensors if inside else {f"network.{name}": one for name, one in tensors.items()})

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, H, W)`` for the inputs, a mean and a spread above 0, ``(N, C)`` each."""
        (first, *others), (mean, spread) = images[:-2], images[-2:]
        mean, spread = mean[:, :, None, None], spread[:, :, None, None]
        return self.network((first - mean) / spread, *others) * spread + mean
