"""A U-Net on the upsampled target and its guides, with residual blocks on each grid.

In the manner of the Multi-residual U-Net of Nguyen et al., Convolutional Neural Network Modelling for MODIS Land
Surface Temperature Super-Resolution, EUSIPCO 2022, arXiv:2202.10753, which sees the temperatures alone. As in `unet`,
grids are halved by 2 x 2 convolutions and doubled by pixel shuffles, so that nothing moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    MOST_FEATURES,
    Conv,
    Down,
    Grow,
    GuidedFusion,
    Path,
    PathLayer,
    ResidualBlock,
    Up,
    cubic_path,
    hidden_conv,
    in_float32,
    receptive_radius,
    small_start,
)

# Factor of the residual blocks' changes: unshrunk ones add up over the grids, and the first steps become large.
SHRINK = 0.3


class MrUnet(GuidedFusion):
    """Encoder and decoder with skips; the result is added to the bicubic target."""

    limits: ClassVar = {"widths": rule(low=1, high=MOST_FEATURES, least=1)}

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        target: int = 0,
        widths: tuple[int, ...] = (16, 24, 32),
    ) -> None:
        """Make the network.

        Parameters
        ----------
        ratios, bands, out_bands, target
            See `GuidedFusion`.
        widths : tuple of int
            Feature maps on each grid, from the output's to the coarsest; every grid is half as fine as the last.
        """
        super().__init__(ratios, bands, out_bands, target)
        steps = list(zip(widths, widths[1:]))
        coarsest = 2 ** len(steps)
        self.multiple = coarsest // math.gcd(coarsest, self.cell)
        self.first = hidden_conv(self.count + self.guides, widths[0])
        self.enter = ResidualBlock(widths[0], shrink=SHRINK)
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.encode = nn.ModuleList(ResidualBlock(coarse, shrink=SHRINK) for _, coarse in steps)
        self.grow = nn.ModuleList(Grow(coarse, fine, bias=True) for fine, coarse in steps)
        self.join = nn.ModuleList(hidden_conv(2 * fine, fine) for fine, _ in steps)
        self.decode = nn.ModuleList(ResidualBlock(fine, shrink=SHRINK) for fine, _ in steps)
        self.last = small_start(hidden_conv(widths[0], self.count))
        self.radius = receptive_radius(self._paths(len(steps)), cell=self.cell, period=self.multiple)

    def _paths(self, grids: int) -> list[tuple[Path, int]]:
        """Return the ways through each skip, and through the coarsest grid."""
        to_target = cubic_path(self.cell)
        paths: list[tuple[Path, int]] = [(to_target, self.cell)]
        # The last convolution, then back to ever coarser grids.
        down: list[PathLayer] = [Conv(1)]
        for grid in range(grids + 1):
            decoded: list[PathLayer] = [Conv(3)] if grid < grids else []
            back = [layer for _ in range(grid) for layer in (Conv(2), Down(2))]
            head = (*down, *decoded, *back, Conv(3))
            paths += [((*head, *to_target), self.cell), *self.paths_to_guides(head)]
            down += [*decoded, Up(2), Conv(1)]
        return paths

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``.

        Raises
        ------
        InvalidSetting
            If a side is no multiple of ``multiple`` cells.
        """
        self.check_size(images)
        base = in_float32(self.base, images[self.target])
        features = functional.relu(self.first(torch.cat([base, self.fine_guides(images)], dim=1)))
        features = functional.relu(self.enter(features))
        skips = []
        for shrink, encode in zip(self.shrink, self.encode):
            skips.append(features)
            features = functional.relu(encode(functional.relu(shrink(features))))
        for skip, grow, join, decode in reversed(list(zip(skips, self.grow, self.join, self.decode))):
            joined = functional.relu(join(torch.cat([grow(features), skip], dim=1)))
            features = functional.relu(decode(joined))
        return base + self.last(features).to(base.dtype)
