"""Building blocks that several networks share."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.layers import BicubicBase, CollapsibleConv, ZeroSumConv


def expect(network: str, **least: tuple[float, float]) -> None:
    """Refuse options below their least value; each is given as ``name=(value, least)``.

    Raises
    ------
    InvalidSetting
        Naming all that are too small.
    """
    wrong = [
        f"{name} is {value}, expected at least {low}" for name, (value, low) in least.items() if value < low
    ]
    if wrong:
        raise InvalidSetting(f"{network}: {'; '.join(wrong)}")


def first_conv(
    bands: int, channels: int, *, size: int = 3, stride: int = 1, equivariant: bool = False
) -> nn.Module:
    """Return the layer that turns bands into features; ``size`` counts pixels of the features' grid."""
    if equivariant:
        return ZeroSumConv(channels, size, bands, stride)
    conv = nn.Conv2d(bands, channels, size * stride, stride=stride, padding=size // 2 * stride)
    return _he(conv)


def hidden_conv(inputs: int, outputs: int, *, bias: bool = True, expand: int = 0) -> nn.Module:
    """Return a 3 x 3 convolution; ``expand`` above 0 trains it with a linear branch of that width."""
    if expand:
        return CollapsibleConv(inputs, outputs, expand, bias)
    return _he(nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias))


def _he(conv: nn.Conv2d) -> nn.Conv2d:
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv


def prime_factors(scale: int) -> tuple[int, ...]:
    """Return the primes whose product is ``scale``, the smallest first: the stages of a learned upsampling."""
    factors = []
    rest, factor = scale, 2
    while rest > 1:
        while rest % factor == 0:
            factors.append(factor)
            rest //= factor
        factor += 1
    return tuple(factors)


def small_start(conv: nn.Module, factor: float = 0.1) -> nn.Module:
    """Shrink a layer's output at the start, so that the network starts near its base image."""
    with torch.no_grad():
        (conv.project if isinstance(conv, CollapsibleConv) else conv.weight).mul_(factor)
    return conv


class Bicubic(nn.Module):
    """Bicubic upsampling of all bands by one factor, on half-pixel centres; a factor of 1 changes nothing."""

    def __init__(self, scale: int, bands: int = 1) -> None:
        super().__init__()
        self.scale = scale
        self.phases = BicubicBase(scale, bands) if scale > 1 else nn.Identity()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, scale * H, scale * W)``."""
        phases = self.phases(image)
        return functional.pixel_shuffle(phases, self.scale) if self.scale > 1 else phases


class ResidualBlock(nn.Module):
    """Convolution, ReLU, convolution, shrunk and added to the input; no normalisation.

    Lim et al., Enhanced Deep Residual Networks for Single Image Super-Resolution, CVPRW 2017,
    doi:10.1109/CVPRW.2017.151.
    """

    def __init__(self, channels: int, *, shrink: float = 1.0, bias: bool = True, expand: int = 0) -> None:
        super().__init__()
        self.shrink = shrink
        self.first = hidden_conv(channels, channels, bias=bias, expand=expand)
        self.second = hidden_conv(channels, channels, bias=bias, expand=expand)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        change = self.second(functional.relu(self.first(features)))
        return features + (change if self.shrink == 1 else self.shrink * change)
