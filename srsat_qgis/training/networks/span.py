"""SPAN: convolutions that fold into one, and an attention without parameters.

Wan et al., Swift Parameter-free Attention Network for Efficient Super-Resolution, CVPRW 2024,
arXiv:2311.12770; here as a residual over bicubic. The attention multiplies features by an odd function
of the features themselves, so that the network depends on absolute values: it is not equivariant.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.interface import Foldable
from srsat_qgis.training.networks.layers import (
    MOST_LAYERS,
    WIDTH,
    Conv,
    SingleImage,
    Up,
    plain_conv,
    small_start,
)


class TripleConv(Foldable):
    """1 x 1, 3 x 3 and 1 x 1 convolutions beside a 1 x 1 one, which run as one 3 x 3 convolution.

    Folded in weight space at every step, as `layers.CollapsibleConv` is; one bias stands for those of all four.
    """

    def __init__(self, inputs: int, outputs: int, gain: int) -> None:
        """Make the layer, ``gain`` times as wide inside."""
        super().__init__()
        wide_in, wide_out = gain * inputs, gain * outputs
        # Branch and skip add up to the variance of He's initialisation.
        part = math.sqrt(0.5)
        self.enter = nn.Parameter(torch.randn(wide_in, inputs) * math.sqrt(1 / inputs))
        self.middle = nn.Parameter(torch.randn(wide_out, wide_in, 3, 3) * math.sqrt(2 / (9 * wide_in)))
        self.leave = nn.Parameter(torch.randn(outputs, wide_out) * part * math.sqrt(1 / wide_out))
        self.skip = nn.Parameter(torch.randn(outputs, inputs) * part * math.sqrt(2 / inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def plain_weight(self) -> torch.Tensor:
        """Return the one kernel, shape (outputs, inputs, 3, 3)."""
        inner = torch.einsum("abhw,bi->aihw", self.middle.float(), self.enter.float())
        return torch.einsum("oa,aihw->oihw", self.leave.float(), inner) + self._skip_kernel()

    def _skip_kernel(self) -> torch.Tensor:
        return functional.pad(self.skip.float()[:, :, None, None], (1, 1, 1, 1))

    def plain(self) -> nn.Conv2d:
        """Return the convolution that computes the same."""
        return plain_conv(self.plain_weight(), self.bias)

    def assign(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Keep the outer layers and choose the smallest inner kernels that give this kernel."""
        with torch.no_grad():
            branch = (weight - self._skip_kernel()).double()
            left, right = torch.linalg.pinv(self.leave.double()), torch.linalg.pinv(self.enter.double())
            self.middle.copy_(torch.einsum("ao,oihw,ib->abhw", left, branch, right))
            if bias is not None:
                self.bias.copy_(bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return ``(N, outputs, H, W)``."""
        with torch.autocast(features.device.type, enabled=False):
            weight = self.plain_weight().contiguous(memory_format=torch.channels_last)  # as the features
        return functional.conv2d(features, weight, self.bias, padding=1)


class _AttentionBlock(nn.Module):
    """Three convolutions whose result, and sum with the input, are multiplied: sigmoid(x) - 0.5 is the weight."""

    def __init__(self, channels: int, gain: int) -> None:
        super().__init__()
        self.one, self.two, self.three = (TripleConv(channels, channels, gain) for _ in range(3))

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        inner = functional.silu(self.one(features))
        change = self.three(functional.silu(self.two(inner)))
        return (change + features) * (torch.sigmoid(change) - 0.5), inner


class Span(SingleImage):
    """Attention blocks at input resolution, whose early and late features are joined for the output."""

    limits: ClassVar = {
        "channels": WIDTH,
        "blocks": rule(low=1, high=MOST_LAYERS),
        "gain": rule(low=1, high=64),
    }

    def __init__(
        self, scale: int, bands: int = 1, channels: int = 48, blocks: int = 6, gain: int = 2
    ) -> None:
        """Make the network; the defaults are those of the paper.

        Parameters
        ----------
        scale, bands
            See `SingleImage`.
        channels, blocks : int
            Feature maps, and attention blocks of three convolutions each.
        gain : int
            How much wider convolutions are inside while training; it costs nothing after export.
        """
        super().__init__(scale, bands, equivariant=False)
        self.first = TripleConv(bands, channels, gain)
        self.body = nn.ModuleList(_AttentionBlock(channels, gain) for _ in range(blocks))
        self.after = TripleConv(channels, channels, gain)
        self.join = nn.Conv2d(4 * channels, channels, 1)
        self.last = small_start(nn.Conv2d(channels, bands * scale**2, 3, padding=1))
        self.radius = self.radius_of(Up(scale), Conv(1 + 1 + 3 * blocks + 1))

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image."""
        start = self.start(image)
        features, inner = self.body[0](start)
        early = features
        for block in self.body[1:]:
            features, inner = block(features)
        joined = self.join(torch.cat([start, self.after(features), early, inner], dim=1))
        return functional.pixel_shuffle(self.last(joined), self.scale)
