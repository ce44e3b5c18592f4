"""Compact: a chain of 3 x 3 convolutions at input resolution, a residual over bicubic upsampling.

Plain convolutions only: they are what CPUs and GPUs run fastest (per arithmetic operation), and their receptive
field is finite, so that tiles are exact.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import BicubicBase, CollapsibleConv, ZeroSumConv, plain_conv


class Compact(Network):
    """Single-band network, equivariant to gain and offset away from the border."""

    equivariant = True

    def __init__(
        self, scale: int, channels: int = 48, depth: int = 8, expand: int = 128, slope: float = 0.1
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale : int
            Output pixels per input pixel.
        channels : int
            Feature maps of every hidden layer.
        depth : int
            3 x 3 convolutions between the first and the last one.
        expand : int
            Width of the hidden layers' linear branch while training; it costs nothing after export.
        slope : float
            Slope of the leaky ReLU below zero.
        """
        super().__init__()
        if scale < 2 or channels < 1 or depth < 0 or expand < 1:
            raise InvalidSetting(
                f"compact: scale {scale}, channels {channels}, depth {depth}, expand {expand}; "
                "expected scale >= 2, channels >= 1, depth >= 0, expand >= 1"
            )
        self.ratios, self.slope = (scale,), slope
        self.radius = 2 + depth + 1
        self.base = BicubicBase(scale)
        self.first = ZeroSumConv(channels)
        self.body = nn.ModuleList(CollapsibleConv(channels, channels, expand) for _ in range(depth))
        self.last = CollapsibleConv(channels, scale * scale, expand)
        with torch.no_grad():
            self.last.project.mul_(0.1)  # start near the bicubic image
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, 1, scale*H, scale*W)`` for ``(N, 1, H, W)``."""
        # The base and the first kernels see values much larger than their differences: never in 16 bits.
        with torch.autocast(image.device.type, enabled=False):
            base = self.base(image.float())
            start = self.first(image.float())
        if image.device.type == "cpu":
            start = start.contiguous(memory_format=torch.channels_last)
        start = functional.leaky_relu(start, self.slope)
        features = start
        for conv in self.body:
            features = functional.leaky_relu(conv(features), self.slope)
        return self.shuffle(base + self.last(features + start).float())

    def fused(self) -> nn.Module:
        """Return the same function with plain convolutions, in float32."""
        return _Fused(self)


class _Fused(Network):
    """The exported form of `Compact`."""

    equivariant = True

    def __init__(self, network: Compact) -> None:
        super().__init__()
        self.ratios, self.slope, self.radius = network.ratios, network.slope, network.radius
        with torch.no_grad():
            self.base = plain_conv(network.base.weight)
            self.first = plain_conv(network.first.plain_weight())
            self.body = nn.ModuleList(plain_conv(conv.plain_weight()) for conv in network.body)
            self.last = plain_conv(network.last.plain_weight())
        self.shuffle = nn.PixelShuffle(network.scale)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        start = functional.leaky_relu(self.first(image), self.slope)
        features = start
        for conv in self.body:
            features = functional.leaky_relu(conv(features), self.slope)
        return self.shuffle(self.base(image) + self.last(features + start))
