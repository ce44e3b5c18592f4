"""Deblur: the resampled image, sharpened on its own pixels by residual blocks that are told how blurred it was.

After the deblurring route of Descartes Labs from Landsat to Sentinel-2: a coarse image is resampled to the finer pixels
and a residual generator, trained beside a discriminator, undoes the blur that lies between the two sensors. Here that
blur is no constant of the network but a condition, measured in the raster. Noise is the unit that the network computes
in, as in ``informed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.models.card import BLUR, NOISE
from srsat_qgis.training.networks.informed import told_blur
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Bicubic,
    Conv,
    ResidualBlock,
    ZeroSumConv,
    cubic_path,
    expect,
    hidden_conv,
    in_float32,
    receptive_radius,
    small_start,
)


class Deblur(Network):
    """Network of one band or of several jointly, equivariant to one gain and to an offset a band."""

    equivariant = True
    conditions = (BLUR, NOISE)
    limits: ClassVar = {"channels": WIDTH, "blocks": DEPTH, "expand": DEPTH, "hidden": WIDTH}

    def __init__(
        self,
        scale: int,
        channels: int = 24,
        blocks: int = 4,
        expand: int = 48,
        hidden: int = 16,
        bands: int = 1,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale : int
            Output pixels per input pixel.
        channels : int
            Feature maps of every hidden layer, on the output's pixels.
        blocks : int
            Residual blocks of two 3 x 3 convolutions.
        expand : int
            Width of the hidden layers' linear branch while training; it costs nothing after export.
        hidden : int
            Width of the perceptron that turns the blur into gains of the blocks.
        bands : int
            Bands of input and output; 1: the network serves each band of a raster alone.
        """
        super().__init__()
        expect("deblur", scale=(scale, 2), bands=(bands, 1))
        self.ratios, self.bandwise = (scale,), bands == 1
        self.base = Bicubic(scale, bands)
        self.first = ZeroSumConv(channels, bands=bands)
        self.body = nn.ModuleList(ResidualBlock(channels, expand=expand) for _ in range(blocks))
        self.last = small_start(hidden_conv(channels, bands))
        # As 1 x 1 convolutions, their output has the shape of gains.
        self.enter = nn.Conv2d(bands, hidden, 1)
        self.gains = nn.Conv2d(hidden, channels * (blocks + 1), 1)
        nn.init.zeros_(self.gains.weight)
        nn.init.zeros_(self.gains.bias)
        trunk = (Conv(2 + 2 * blocks + 1), *cubic_path(scale))
        self.radius = receptive_radius([(trunk, scale)], cell=scale)

    def forward(self, image: torch.Tensor, blur: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, scale*H, scale*W)`` for ``(N, C, H, W)``, a blur and a noise above 0 ``(N, C)``."""
        # Bands that are taken jointly share a unit.
        unit = noise.mean(dim=1)[:, None, None, None]
        told = functional.relu(self.enter(told_blur(blur)))
        first, *gains = (1 + self.gains(told)).chunk(len(self.body) + 1, dim=1)
        base = in_float32(self.base, image)
        return base + self.detail(base, unit, first, gains)

    def detail(
        self, base: torch.Tensor, unit: torch.Tensor, first: torch.Tensor, gains: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Return what is added to the resampled image, of its shape and type, by the noise and the layers' gains."""
        features = in_float32(self.first, base) / unit
        if base.device.type == "cpu" and isinstance(self.first, ZeroSumConv):
            # The fastest layout for training on a CPU; the fused form leaves the layout to whoever runs it.
            features = features.contiguous(memory_format=torch.channels_last)
        features = functional.relu(features) * first
        for block, gain in zip(self.body, gains):
            features = block(features) * gain
        return self.last(features).to(base.dtype) * unit
