"""EDSR: a chain of residual blocks without normalisation, then learned upsampling.

Lim et al., Enhanced Deep Residual Networks for Single Image Super-Resolution, CVPRW 2017, doi:10.1109/CVPRW.2017.151;
here as a residual over bicubic.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Conv,
    PathLayer,
    ResidualBlock,
    SingleImage,
    Up,
    first_conv,
    hidden_conv,
    prime_factors,
    small_start,
)


class Edsr(SingleImage):
    """Residual blocks at input resolution; the defaults are the paper's baseline."""

    limits: ClassVar = {"channels": WIDTH, "blocks": DEPTH, "shrink": rule(above=0, high=1)}

    def __init__(
        self,
        scale: int,
        bands: int = 1,
        channels: int = 64,
        blocks: int = 16,
        shrink: float = 1.0,
        equivariant: bool = False,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale, bands, equivariant
            See `SingleImage`.
        channels, blocks : int
            Feature maps, and residual blocks of two convolutions each.
        shrink : float
            What the blocks' changes are multiplied by; 0.1 keeps wide networks (256 channels) stable.
        """
        super().__init__(scale, bands, equivariant)
        bias = not equivariant
        self.first = first_conv(bands, channels, equivariant=equivariant)
        self.body = nn.Sequential(
            *(ResidualBlock(channels, shrink=shrink, bias=bias) for _ in range(blocks)),
            small_start(hidden_conv(channels, channels, bias=bias)),
        )
        stages: list[nn.Module] = []
        layers: list[PathLayer] = [Conv(1)]
        for factor in prime_factors(scale):
            stages += [hidden_conv(channels, channels * factor**2, bias=bias), nn.PixelShuffle(factor)]
            layers += [Up(factor), Conv(1)]
        self.upsample = nn.Sequential(*stages)
        self.last = small_start(hidden_conv(channels, bands, bias=bias))
        self.radius = self.radius_of(*layers, Conv(1 + 2 * blocks + 1))

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image."""
        start = self.start(image)
        return self.last(self.upsample(start + self.body(start)))
