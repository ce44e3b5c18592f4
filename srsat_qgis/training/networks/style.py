"""Style: the resampled image with the fine texture of another sensor, its low-pass tied to the input.

For unpaired translation, after the style-transfer route of Descartes Labs from Landsat to Sentinel-2. Three things are
otherwise than in CycleGAN (Zhu et al., ICCV 2017, doi:10.1109/ICCV.2017.244): there is no instance normalisation, whose
statistics of a tile would show where tiles meet; what the blocks add loses its own low-pass, so that brightness
stays the input's and clouds cannot saturate; and the network is `Deblur`, which is told how blurred and how noisy the
image is, so that noise is no texture to it, and which may start from weights that never saw a discriminator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.deblur import Deblur
from srsat_qgis.training.networks.layers import (
    Conv,
    FixedLines,
    ResidualBlock,
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
_LOW = "low."


def reach_of(sigma: float) -> int:
    """Return how many pixels around it a pixel's low-pass of this standard deviation depends on."""
    return math.ceil(_REACH * sigma)


def low_pass(sigma: float, bands: int) -> nn.Module | None:
    """Return a Gaussian low-pass of every band by itself; None where its standard deviation is 0."""
    if sigma <= 0:
        return None
    reach = reach_of(sigma)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return FixedLines(taps / taps.sum(), bands, padding=reach)


class Texture(nn.Module):
    """What is added to an image on its own pixels: residual blocks without biases, then without their low-pass."""

    def __init__(self, channels: int, blocks: int, expand: int, sigma: float, bands: int) -> None:
        """Make the layers; ``sigma``, in the image's pixels, is the low-pass's standard deviation, 0: there is none."""
        super().__init__()
        self.first = ZeroSumConv(channels, bands=bands)
        self.body = nn.ModuleList(ResidualBlock(channels, bias=False, expand=expand) for _ in range(blocks))
        self.last = small_start(hidden_conv(channels, bands, bias=False), 0.01)
        self.reach = 2 + 2 * blocks + 1 + reach_of(sigma)
        """Pixels around, which a pixel of the texture depends on."""
        self.low = low_pass(sigma, bands)

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


class Style(Deblur):
    """Network of one band or of several jointly, equivariant to one gain and to an offset a band."""

    adopts: ClassVar = ("deblur",)
    limits: ClassVar = {**Deblur.limits, "tie": TIE}

    def __init__(
        self,
        scale: int,
        channels: int = 16,
        blocks: int = 5,
        expand: int = 48,
        hidden: int = 16,
        tie: float = 1.0,
        bands: int = 1,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale, channels, blocks, expand, hidden, bands
            See `Deblur`.
        tie : float
            Standard deviation, in input pixels, of the Gaussian low-pass that stays the input's; 0: nothing is tied.
        """
        super().__init__(scale, channels, blocks, expand, hidden, bands)
        expect("style", tie=(tie, 0))
        self.low = low_pass(tie * scale, bands)
        trunk = (Conv(2 + 2 * blocks + 1 + reach_of(tie * scale)), *cubic_path(scale))
        self.radius = receptive_radius([(trunk, scale)], cell=scale)

    def detail(
        self, base: torch.Tensor, unit: torch.Tensor, first: torch.Tensor, gains: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Return what is added to the resampled image, without its own low-pass."""
        added = super().detail(base, unit, first, gains)
        return added if self.low is None else added - in_float32(self.low, added)

    def load_plain(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the weights of a fused copy, or those of `Deblur`: the low-pass is no weight."""
        own = {name: kept for name, kept in self.state_dict().items() if name.startswith(_LOW)}
        super().load_plain({**own, **tensors})
