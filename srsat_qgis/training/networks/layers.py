"""Layers from which gain- and offset-equivariant networks are made.

A network without biases and with positively homogeneous activations commutes with gains: f(a x) = a f(x), a > 0.
When its first kernels also sum to zero it does not see offsets, so that a bicubic base that keeps constants
makes the sum equivariant: f(a x + b) = a f(x) + b. One such network serves reflectances, radiances and
temperatures alike.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

KEYS_A = -0.5  # Keys (1981): the cubic convolution kernel that is exact to third order


def cubic_weight(distance: float, a: float = KEYS_A) -> float:
    """Return the cubic convolution kernel at a distance in pixels.

    R. G. Keys, Cubic convolution interpolation for digital image processing, IEEE TASSP 29 (1981), eq. 15.
    """
    d = abs(distance)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    if d < 2:
        return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return 0.0


def bicubic_phases(scale: int) -> np.ndarray:
    """Return the kernels of bicubic upsampling, one per output phase.

    Parameters
    ----------
    scale : int
        Output pixels per input pixel. Pixel edges coincide (half-pixel centres): output pixel ``p`` of a
        cell lies at ``(p + 0.5) / scale - 0.5`` input pixels from the cell's centre.

    Returns
    -------
    ndarray of float64, shape (scale * scale, 1, 5, 5)
        Correlation kernels in the channel order of pixel shuffle; each sums to one.
    """
    lines = np.zeros((scale, 5))
    for phase in range(scale):
        centre = (phase + 0.5) / scale - 0.5
        lines[phase] = [cubic_weight(tap - centre) for tap in range(-2, 3)]
    lines /= lines.sum(axis=1, keepdims=True)
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 1, 5, 5)


class BicubicBase(nn.Conv2d):
    """Bicubic upsampling as a fixed convolution to ``scale * scale`` phases, before the pixel shuffle."""

    def __init__(self, scale: int) -> None:
        super().__init__(1, scale * scale, 5, padding=2, bias=False)
        self.weight.data = torch.from_numpy(bicubic_phases(scale)).float()
        self.weight.requires_grad_(False)


class ZeroSumConv(nn.Module):
    """First convolution, of one band; its kernels sum to zero, so that it does not see offsets."""

    def __init__(self, channels: int, size: int = 5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, 1, size, size) * math.sqrt(2 / size**2))
        self.size = size

    def plain_weight(self) -> torch.Tensor:
        """Return the kernels, shape (channels, 1, size, size); each sums to zero."""
        return self.weight - self.weight.mean(dim=(2, 3), keepdim=True)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, channels, H, W)``."""
        return functional.conv2d(image, self.plain_weight(), padding=self.size // 2)


class CollapsibleConv(nn.Module):
    """3 x 3 convolution that trains as identity + 1 x 1 after a wide 3 x 3, and runs as one 3 x 3.

    The branches are folded in weight space at every step, so that training costs hardly more than the plain
    convolution. After Bhardwaj et al., Collapsible Linear Blocks for Super-Efficient Super Resolution (2022).
    """

    def __init__(self, inputs: int, outputs: int, expand: int) -> None:
        super().__init__()
        self.identity = inputs == outputs
        gain = 0.5 if self.identity else 1.0  # identity and branch add up: keeps the activations' size
        self.wide = nn.Parameter(torch.randn(expand, inputs, 3, 3) * math.sqrt(2 / (9 * inputs)))
        self.project = nn.Parameter(torch.randn(outputs, expand) * gain * math.sqrt(1 / expand))

    def plain_weight(self) -> torch.Tensor:
        """Return the one kernel, shape (outputs, inputs, 3, 3)."""
        weight = torch.einsum("oe,eihw->oihw", self.project.float(), self.wide.float())
        if self.identity:
            eye = torch.eye(weight.shape[0], dtype=weight.dtype, device=weight.device)
            weight = weight + functional.pad(eye[:, :, None, None], (1, 1, 1, 1))
        return weight

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return ``(N, outputs, H, W)``."""
        with torch.autocast(features.device.type, enabled=False):
            weight = self.plain_weight()
        return functional.conv2d(features, weight, padding=1)


def plain_conv(weight: torch.Tensor) -> nn.Conv2d:
    """Return an ordinary convolution with this kernel, size-preserving and without bias."""
    outputs, inputs, size, _ = weight.shape
    conv = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
    conv.weight.data = weight.detach().clone().float()
    return conv
