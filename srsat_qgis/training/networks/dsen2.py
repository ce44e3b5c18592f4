"""DSen2: sharpens coarse bands by finer ones of the same scene.

Lanaras et al., Super-resolution of Sentinel-2 images: Learning a globally applicable deep neural network, ISPRS J. 146
(2018), doi:10.1016/j.isprsjprs.2018.09.018: all bands on the output grid, a convolution, residual blocks, a
convolution, and the result added to the upsampled coarse bands. Here the features may also live on a coarser grid,
where finer bands arrive through strided convolutions, which use every pixel, and the residual leaves through a pixel
shuffle: a quarter of the arithmetic for each halving.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    DEPTH,
    MOST_FEATURES,
    WIDTH,
    Bicubic,
    Conv,
    Down,
    Fusion,
    Path,
    ResidualBlock,
    Up,
    first_conv,
    hidden_conv,
    in_float32,
    receptive_radius,
    small_start,
)


class DSen2(Fusion):
    """All inputs on one grid, residual blocks, and the result added to the upsampled target."""

    limits: ClassVar = {
        "channels": WIDTH,
        "blocks": DEPTH,
        "size": rule(low=1, high=63),
        "shrink": rule(above=0, high=1),
        "expand": rule(low=0, high=MOST_FEATURES),
    }

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        channels: int = 128,
        blocks: int = 6,
        target: int = 0,
        work: str | int = "output",
        size: int = 3,
        shrink: float = 0.1,
        expand: int = 0,
        equivariant: bool = False,
    ) -> None:
        """Make the network; the defaults are those of the paper.

        Parameters
        ----------
        ratios, bands, out_bands, target
            See `Fusion`.
        channels, blocks : int
            Feature maps, and residual blocks of two convolutions each.
        work : 'output', 'cell' or int
            Grid of the features: the output's, the coarsest input's, or one of so many output pixels a pixel.
        size : int
            Odd side of the first kernels, in pixels of that grid.
        shrink : float
            What the blocks' changes are multiplied by.
        expand : int
            Width of the hidden layers' linear branch while training; 0: none. It costs nothing after export.
        equivariant : bool
            True: no biases, and first kernels that sum to zero band by band, so that
            f(a x + b) = a f(x) + b for one gain ``a`` of all inputs and an offset ``b`` for each band.
        """
        super().__init__(ratios, bands, out_bands, target)
        self.equivariant, cell = equivariant, max(ratios)
        self.work = self._grid(work, cell)
        if size % 2 == 0:
            raise InvalidSetting(f"dsen2: size is {size}, expected an odd number")
        bias = not equivariant
        self.base = Bicubic(self.ratios[target], bands[target])
        self.align = nn.ModuleList(
            Bicubic(max(1, ratio // self.work), count) for ratio, count in zip(ratios, bands)
        )
        self.first = nn.ModuleList(
            first_conv(count, channels, size=size, stride=max(1, self.work // ratio), equivariant=equivariant)
            for ratio, count in zip(ratios, bands)
        )
        for conv in self.first:
            # Their results are added up: together they have the size of one.
            small_start(conv, len(bands) ** -0.5)
        self.body = nn.ModuleList(
            ResidualBlock(channels, shrink=shrink, bias=bias, expand=expand) for _ in range(blocks)
        )
        self.last = small_start(hidden_conv(channels, bands[target] * self.work**2, bias=bias, expand=expand))
        self.radius = receptive_radius(self._paths(size, blocks), cell=cell)

    def _grid(self, work: str | int, cell: int) -> int:
        """Return the output pixels per pixel of the features' grid."""
        grid = {"output": 1, "cell": cell}.get(work, 0) if isinstance(work, str) else work
        if grid < 1 or cell % grid or any(max(grid, r) % min(grid, r) for r in self.ratios):
            raise InvalidSetting(
                f"dsen2: work is {work!r}, expected 'output', 'cell' or a divisor of {cell} "
                f"that nests in the ratios {self.ratios}"
            )
        return grid

    def _paths(self, size: int, blocks: int) -> list[tuple[Path, int]]:
        trunk: Path = (Up(self.work), Conv(1 + 2 * blocks + size // 2))
        paths: list[tuple[Path, int]] = []
        for ratio in self.ratios:
            finer: Path = (Down(self.work // ratio),)
            coarser: Path = (Up(ratio // self.work), Conv(2))
            paths.append(((*trunk, *(coarser if ratio > self.work else finer)), ratio))
        target = self.ratios[self.target]
        if target > 1:
            paths.append(([Up(target), Conv(2)], target))
        return paths

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``."""
        base = in_float32(self.base, images[self.target])
        return self.sharpened(base, functional.relu(self._start(images)))

    def _start(self, images: Sequence[torch.Tensor]) -> torch.Tensor:
        parts = []
        for image, align, conv in zip(images, self.align, self.first):
            # Digital numbers with any offset are much larger than their differences: never in 16 bits.
            parts.append(
                in_float32(conv, in_float32(align, image)) if self.equivariant else conv(align(image))
            )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total
