"""RRDB: residual-in-residual dense blocks, the generator of ESRGAN.

Wang et al., ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks, ECCVW 2018,
doi:10.1007/978-3-030-11021-5_5; without normalisation, as there, and here as a residual over bicubic.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Conv,
    PathLayer,
    SingleImage,
    Up,
    first_conv,
    hidden_conv,
    prime_factors,
    small_start,
)

# Factor of every dense block's, and of every block's change.
SHRINK = 0.2
SLOPE = 0.2
# Convolutions in a dense block, and dense blocks in a block.
CONVS, DENSE = 5, 3
BLOCK_RADIUS = CONVS * DENSE
"""Pixels around its own on which a pixel of a block's features depends."""


class _DenseBlock(nn.Module):
    """Five convolutions, each of which gets the features of all before it."""

    def __init__(self, channels: int, growth: int, bias: bool) -> None:
        super().__init__()
        widths = [growth] * (CONVS - 1) + [channels]
        self.convs = nn.ModuleList(
            small_start(hidden_conv(channels + number * growth, width, bias=bias))
            for number, width in enumerate(widths)
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        known = [features]
        for conv in self.convs[:-1]:
            known.append(functional.leaky_relu(conv(torch.cat(known, dim=1)), SLOPE))
        return features + SHRINK * self.convs[-1](torch.cat(known, dim=1))


class RrdbBlock(nn.Module):
    """Three dense blocks, shrunk and added to their input."""

    def __init__(self, channels: int, growth: int, bias: bool) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(_DenseBlock(channels, growth, bias) for _ in range(DENSE)))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        return features + SHRINK * self.dense(features)


class Rrdb(SingleImage):
    """A large generator; 23 blocks in the paper, 6 by default, which is what a GPU runs over rasters in good time."""

    limits: ClassVar = {"channels": WIDTH, "growth": WIDTH, "blocks": DEPTH}

    def __init__(
        self,
        scale: int,
        bands: int = 1,
        channels: int = 64,
        growth: int = 32,
        blocks: int = 6,
        equivariant: bool = False,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale, bands, equivariant
            See `SingleImage`.
        channels, growth, blocks : int
            Feature maps between blocks, those that each convolution of a dense block adds, and blocks.
        """
        super().__init__(scale, bands, equivariant)
        bias = not equivariant
        self.first = first_conv(bands, channels, equivariant=equivariant)
        self.body = nn.Sequential(
            *(RrdbBlock(channels, growth, bias) for _ in range(blocks)),
            small_start(hidden_conv(channels, channels, bias=bias)),
        )
        self.factors = prime_factors(scale)
        self.grow = nn.ModuleList(hidden_conv(channels, channels, bias=bias) for _ in self.factors)
        self.fine = hidden_conv(channels, channels, bias=bias)
        self.last = small_start(hidden_conv(channels, bands, bias=bias))
        layers: list[PathLayer] = [Conv(2)]
        for factor in reversed(self.factors):
            layers += [Conv(1), Up(factor)]
        self.radius = self.radius_of(*layers, Conv(1 + BLOCK_RADIUS * blocks + 1))

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image."""
        start = self.start(image)
        features = start + self.body(start)
        for factor, conv in zip(self.factors, self.grow):
            features = functional.interpolate(features, scale_factor=float(factor), mode="nearest")
            features = functional.leaky_relu(conv(features), SLOPE)
        return self.last(functional.leaky_relu(self.fine(features), SLOPE))
