"""Compact: a chain of 3 x 3 convolutions at input resolution, a residual over bicubic upsampling.

Plain convolutions only: they are what CPUs and GPUs run fastest (per arithmetic operation), and their receptive
field is finite, so that tiles are exact.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    BicubicBase,
    CollapsibleConv,
    ZeroSumConv,
    expect,
    in_float32,
    small_start,
)


class Compact(Network):
    """Single-band network, equivariant to gain and offset away from the border."""

    equivariant = True
    limits: ClassVar = {
        "channels": WIDTH,
        "depth": DEPTH,
        "expand": WIDTH,
        "slope": rule(low=0, high=1),
    }

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
        expect("compact", scale=(scale, 2))
        self.ratios, self.slope = (scale,), slope
        self.radius = 2 + depth + 1
        self.base = BicubicBase(scale)
        self.first = ZeroSumConv(channels)
        self.body = nn.ModuleList(CollapsibleConv(channels, channels, expand) for _ in range(depth))
        self.last = small_start(CollapsibleConv(channels, scale * scale, expand))
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, 1, scale*H, scale*W)`` for ``(N, 1, H, W)``."""
        start = in_float32(self.first, image)
        # The fastest layout for training on a CPU; the fused form leaves the layout to whoever runs it.
        if image.device.type == "cpu" and isinstance(self.first, ZeroSumConv):
            start = start.contiguous(memory_format=torch.channels_last)
        features = start = functional.leaky_relu(start, self.slope)
        for conv in self.body:
            features = functional.leaky_relu(conv(features), self.slope)
        base = in_float32(self.base, image)
        return self.shuffle(base + self.last(features + start).to(base.dtype))
