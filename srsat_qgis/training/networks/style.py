"""Style: the resampled image with the fine texture of another sensor, its low-pass tied to the input.

For unpaired translation, after the style-transfer route of Descartes Labs from Landsat to Sentinel-2. Two things are
otherwise than in CycleGAN (Zhu et al., ICCV 2017, doi:10.1109/ICCV.2017.244): there is no instance normalisation, whose
statistics of a tile would show where tiles meet; and what the blocks add loses its own low-pass, so that brightness
stays the input's and clouds cannot saturate.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Conv,
    FixedLines,
    ResidualBlock,
    SingleImage,
    ZeroSumConv,
    cubic_path,
    expect,
    hidden_conv,
    in_float32,
    receptive_radius,
    small_start,
)

TIE = rule(low=0, high=8)
"""Of the low-pass's standard deviation in input pixels."""
# Standard deviations at which the low-pass ends.
_REACH = 3.0


class Texture(nn.Module):
    """What is added to an image on its own pixels: residual blocks without biases, then without their low-pass."""

    def __init__(self, channels: int, blocks: int, expand: int, sigma: float, bands: int) -> None:
        """Make the layers; ``sigma``, in the image's pixels, is the low-pass's standard deviation, 0: there is none."""
        super().__init__()
        self.first = ZeroSumConv(channels, bands=bands)
        self.body = nn.ModuleList(ResidualBlock(channels, bias=False, expand=expand) for _ in range(blocks))
        self.last = small_start(hidden_conv(channels, bands, bias=False), 0.01)
        reach = math.ceil(_REACH * sigma)
        self.reach = 2 + 2 * blocks + 1 + reach
        """Pixels around, which a pixel of the texture depends on."""
        self.low: nn.Module | None = None
        if sigma > 0:
            taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
            self.low = FixedLines(taps / taps.sum(), bands, padding=reach)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the texture of ``(N, bands, H, W)``, of its shape; it scales with the image's gain."""
        features = in_float32(self.first, image)
        if image.device.type == "cpu" and isinstance(self.first, ZeroSumConv):
            # The fastest layout for training on a CPU; the fused form leaves the layout to whoever runs it.
            features = features.contiguous(memory_format=torch.channels_last)
        features = functional.relu(features)
        for block in self.body:
            features = block(features)
        texture = self.last(features)
        return texture if self.low is None else texture - self.low(texture)


class Style(SingleImage):
    """Network of one band or of several jointly, equivariant to one gain and to an offset a band."""

    limits: ClassVar = {"channels": WIDTH, "blocks": DEPTH, "expand": DEPTH, "tie": TIE}

    def __init__(
        self,
        scale: int,
        channels: int = 16,
        blocks: int = 3,
        expand: int = 32,
        tie: float = 1.0,
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
        tie : float
            Standard deviation, in input pixels, of the Gaussian low-pass that stays the input's; 0: nothing is tied.
        bands : int
            Bands of input and output; 1: the network serves each band of a raster alone.
        """
        super().__init__(scale, bands, equivariant=True)
        expect("style", tie=(tie, 0))
        self.texture = Texture(channels, blocks, expand, tie * scale, bands)
        trunk = (Conv(self.texture.reach), *cubic_path(scale))
        self.radius = receptive_radius([(trunk, scale)], cell=scale)

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return the texture that is added to the bicubic image."""
        return self.texture(base)
