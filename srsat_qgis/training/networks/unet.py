"""U-Net: sharpens the bicubic image at the output's size, with features on ever coarser grids.

Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28. Grids are halved by 2 x 2 convolutions and doubled by pixel
shuffles, so that pixels nest in each other and nothing moves; the shuffles start without checkerboard (Aitken et al.
2017, arXiv:1707.02937).
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    MOST_FEATURES,
    Conv,
    Down,
    Grow,
    Path,
    PathLayer,
    SingleImage,
    Up,
    first_conv,
    hidden_conv,
    receptive_radius,
    small_start,
)


class _Pair(nn.Module):
    """Two convolutions with ReLU after each."""

    def __init__(self, inputs: int, outputs: int, bias: bool) -> None:
        super().__init__()
        self.one = hidden_conv(inputs, outputs, bias=bias)
        self.two = hidden_conv(outputs, outputs, bias=bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.two(functional.relu(self.one(features))))


class Unet(SingleImage):
    """Encoder and decoder with skips; input sides are multiples of ``multiple`` pixels."""

    limits: ClassVar = {"widths": rule(low=1, high=MOST_FEATURES, least=1)}

    def __init__(
        self,
        scale: int,
        bands: int = 1,
        widths: tuple[int, ...] = (32, 64, 128, 256),
        equivariant: bool = False,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale, bands, equivariant
            See `SingleImage`.
        widths : tuple of int
            Feature maps on each grid, from the output's to the coarsest; every grid is half as fine as the last.
        """
        super().__init__(scale, bands, equivariant)
        bias = not equivariant
        steps = list(zip(widths, widths[1:]))
        coarsest = 2 ** len(steps)
        self.multiple = coarsest // math.gcd(coarsest, scale)
        self.first = first_conv(bands, widths[0], equivariant=equivariant)
        self.enter = hidden_conv(widths[0], widths[0], bias=bias)
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2, bias=bias) for fine, coarse in steps)
        self.encode = nn.ModuleList(_Pair(coarse, coarse, bias) for _, coarse in steps)
        self.grow = nn.ModuleList(Grow(coarse, fine, bias) for fine, coarse in steps)
        self.decode = nn.ModuleList(_Pair(2 * fine, fine, bias) for fine, _ in steps)
        self.last = small_start(hidden_conv(widths[0], bands, bias=bias))
        self.radius = receptive_radius(self._paths(len(steps)), cell=scale, period=self.multiple)

    def _paths(self, grids: int) -> list[tuple[Path, int]]:
        """Return the ways through each skip, and through the coarsest grid."""
        paths: list[tuple[Path, int]] = [(self.base_path, self.scale)]
        down: list[PathLayer] = [Conv(1)]  # the last convolution, then back to ever coarser grids
        for grid in range(grids + 1):
            decoded: list[PathLayer] = [Conv(2)] if grid < grids else []
            back = [layer for _ in range(grid) for layer in (Conv(2), Down(2))]
            paths.append(((*down, *decoded, *back, Conv(2), *self.base_path), self.scale))
            down += [*decoded, Up(2), Conv(1)]
        return paths

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image.

        Raises
        ------
        InvalidSetting
            If a side is no multiple of ``multiple`` pixels.
        """
        rows, cols = image.shape[-2:]
        if rows % self.multiple or cols % self.multiple:
            raise InvalidSetting(
                f"unet: input is {rows} x {cols}, expected multiples of {self.multiple} pixels"
            )
        features = functional.relu(self.enter(functional.relu(self.start(base))))
        skips = []
        for shrink, encode in zip(self.shrink, self.encode):
            skips.append(features)
            features = encode(functional.relu(shrink(features)))
        for skip, grow, decode in reversed(list(zip(skips, self.grow, self.decode))):
            features = decode(torch.cat([grow(features), skip], dim=1))
        return self.last(features)
