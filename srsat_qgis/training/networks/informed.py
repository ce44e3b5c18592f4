"""Informed: `Compact` that is told the blur and the noise of its input.

The noise is the unit that the network computes in, ``f(x, n) = n g(x / n)``: its biases weigh signal against noise, and
f(a x + b, a n) = a f(x, n) + b holds. The blur sets a gain for every feature map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.core.models.card import BLUR, NOISE
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Bicubic,
    CollapsibleConv,
    ZeroSumConv,
    expect,
    in_float32,
    small_start,
)

# Blurs, in input pixels, around which and over which the perceptron of the gains works.
_MIDDLE, _HALF = 0.6, 0.4


def told_blur(blur: torch.Tensor) -> torch.Tensor:
    """Return blurs ``(N, C)`` in input pixels as a perceptron takes them, ``(N, C, 1, 1)`` of about -1 to 1."""
    return (blur[:, :, None, None] - _MIDDLE) / _HALF


class Informed(Network):
    """Network of one band or of several jointly, equivariant to one gain and to an offset a band."""

    equivariant = True
    conditions = (BLUR, NOISE)
    limits: ClassVar = {
        "channels": WIDTH,
        "depth": DEPTH,
        "expand": WIDTH,
        "hidden": WIDTH,
        "slope": rule(low=0, high=1),
    }

    def __init__(
        self,
        scale: int,
        channels: int = 48,
        depth: int = 8,
        expand: int = 128,
        hidden: int = 16,
        slope: float = 0.1,
        bands: int = 1,
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
        hidden : int
            Width of the perceptron that turns the blur into gains.
        slope : float
            Slope of the leaky ReLU below zero.
        bands : int
            Bands of input and output; 1: the network serves each band of a raster alone.
        """
        super().__init__()
        expect("informed", scale=(scale, 2), bands=(bands, 1))
        self.ratios, self.slope, self.bandwise = (scale,), slope, bands == 1
        self.radius = 2 + depth + 1
        self.base = Bicubic(scale, bands)
        self.first = ZeroSumConv(channels, bands=bands)
        self.body = nn.ModuleList(
            CollapsibleConv(channels, channels, expand, bias=True) for _ in range(depth)
        )
        self.last = small_start(CollapsibleConv(channels, bands * scale * scale, expand))
        # As 1 x 1 convolutions, their output has the shape of gains.
        self.enter = nn.Conv2d(bands, hidden, 1)
        self.gains = nn.Conv2d(hidden, channels * depth, 1)
        nn.init.zeros_(self.gains.weight)
        nn.init.zeros_(self.gains.bias)
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, image: torch.Tensor, blur: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, scale*H, scale*W)`` for ``(N, C, H, W)``, a blur and a noise above 0 ``(N, C)``."""
        # Bands that are taken jointly share a unit.
        unit = noise.mean(dim=1)[:, None, None, None]
        gains = (1 + self.gains(functional.relu(self.enter(told_blur(blur))))).chunk(
            max(1, len(self.body)), dim=1
        )
        start = in_float32(self.first, image) / unit
        # The fastest layout for training on a CPU; the fused form leaves the layout to whoever runs it.
        if image.device.type == "cpu" and isinstance(self.first, ZeroSumConv):
            start = start.contiguous(memory_format=torch.channels_last)
        features = start = functional.leaky_relu(start, self.slope)
        for conv, gain in zip(self.body, gains):
            features = functional.leaky_relu(conv(features), self.slope) * gain
        residual = self.shuffle(self.last(features + start))
        base = in_float32(self.base, image)
        return base + residual.to(base.dtype) * unit

    def load_plain(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the weights of a fused copy, also of one that takes each band alone.

        Of such weights, a network of several bands gives every band the detail of their mean, to learn from there.
        """
        bands = self.enter.in_channels
        first = tensors.get("first.weight")
        if bands > 1 and first is not None and first.shape[1] == 1:
            tensors = {
                **tensors,
                "first.weight": first.repeat(1, bands, 1, 1) / bands,
                "enter.weight": tensors["enter.weight"].repeat(1, bands, 1, 1) / bands,
                "last.weight": tensors["last.weight"].repeat(bands, 1, 1, 1),
                "base.phases.weight": self.base.phases.weight,
            }
        super().load_plain(tensors)
