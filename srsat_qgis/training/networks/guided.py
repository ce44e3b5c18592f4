"""Guided: coarse bands follow finer ones as a local regression says, and a small network adds what that leaves.

In a neighbourhood, a coarse band is nearly a linear function of the bands that see the same ground in finer pixels
(He et al., Guided Image Filtering, IEEE TPAMI 35 (2013), doi:10.1109/TPAMI.2012.213; for Sentinel-2, Wang et al.,
Fusion of Sentinel-2 images, RSE 187 (2016), doi:10.1016/j.rse.2016.10.030). The regression is fitted on the coarse
grid, on what stands out from each pixel's surroundings, and applied to the guides' detail on the fine grid. It is part
of the graph, has nothing to learn, and adapts to every scene; so the network needs few weights and little data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.blocks import Bicubic, ResidualBlock, expect, hidden_conv, small_start
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.reach import Conv, Down, Path, Up, receptive_radius
from srsat_qgis.training.networks.regression import FixedConv, Regression


class Guided(Network):
    """Fusion of coarse bands with finer guides; the output has the bands of the coarsest input."""

    bandwise = False
    fusion = True
    equivariant = True

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        target: int = 0,
        channels: int = 48,
        blocks: int = 2,
        work: int = 0,
        sigmas: Sequence[float] = (0.2, 0.3, 0.42),
        around: float = 0.7,
        window: float = 1.5,
        judged: float = 2.0,
        ridge: float = 0.02,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        ratios, bands : sequence of int
            Output pixels per input pixel, and number of bands, of every input. The target has the largest ratio.
        out_bands : int, optional
            Bands of the output: those of the target.
        target : int
            Index of the input whose bands are made finer; all others guide.
        channels, blocks : int
            Feature maps, and residual blocks of two convolutions each.
        work : int
            Output pixels per pixel of the features' grid; 0: those of the target.
        sigmas : sequence of float
            Blurs that may make a guide as soft as the target before the area mean, in target pixels.
        around : float
            Standard deviation of the surroundings that are taken off before the fit, in target pixels.
        window : float
            Standard deviation of the neighbourhood of a fit, in target pixels.
        judged : float
            Standard deviation of the neighbourhood in which the blurs compete, in target pixels.
        ridge : float
            What keeps the fit from following noise: share of the guides' mean variance.
        """
        super().__init__()
        self.ratios, self.target = tuple(ratios), target
        cell, guides = self._checked(tuple(bands), out_bands)
        self.work = work or cell
        if self.work < 1 or cell % self.work:
            raise InvalidSetting(f"guided: work is {work}, expected a divisor of {cell}")
        expect("guided", channels=(channels, 1), blocks=(blocks, 0), ridge=(ridge, 0))
        if not sigmas or min(sigmas) < 0:
            raise InvalidSetting(f"guided: sigmas are {tuple(sigmas)}, expected at least one, none negative")
        count = bands[target]
        self.base = Bicubic(cell, count)
        self.align = nn.ModuleList(
            Bicubic(ratio, number)
            for index, (ratio, number) in enumerate(zip(ratios, bands))
            if index != target
        )
        self.regression = Regression(
            guides,
            count,
            cell,
            sigmas=sigmas,
            around=around,
            window=window,
            judged=judged,
            ridge=ridge,
        )
        self.lift = FixedConv(np.ones(((cell // self.work) ** 2, 1, 1)), 2 * count)
        self.first = hidden_conv((guides + count) * self.work**2 + 2 * count, channels, bias=False)
        self.body = nn.ModuleList(ResidualBlock(channels, shrink=0.3, bias=False) for _ in range(blocks))
        self.last = small_start(hidden_conv(channels, count * self.work**2, bias=False), 0.01)
        self.radius = receptive_radius(self._paths(cell, blocks), cell=cell)

    def _checked(self, bands: tuple[int, ...], out_bands: int | None) -> tuple[int, int]:
        """Return the output pixels per cell, and the number of guide bands."""
        ratios, target = self.ratios, self.target
        if len(ratios) != len(bands) or len(ratios) < 2 or min(ratios) < 1 or min(bands) < 1:
            raise InvalidSetting(
                f"guided: ratios {ratios} and bands {bands}, expected as many, at least two, and all at least 1"
            )
        if not 0 <= target < len(ratios) or ratios[target] != max(ratios) or ratios[target] < 2:
            raise InvalidSetting(
                f"guided: target is {target} of the ratios {ratios}, expected the largest ratio, at least 2"
            )
        if any(ratios[target] % ratio for ratio in ratios):
            raise InvalidSetting(f"guided: ratios are {ratios}, expected divisors of the largest")
        if out_bands not in (None, bands[target]):
            raise InvalidSetting(
                f"guided: the output has {out_bands} bands, expected the {bands[target]} of input {target}"
            )
        return ratios[target], sum(bands) - bands[target]

    def _paths(self, cell: int, blocks: int) -> list[tuple[Path, int]]:
        trunk: Path = (Up(self.work), Conv(2 + 2 * blocks))
        fit, judged = (Conv(self.regression.fit_radius),), (Conv(self.regression.judged_radius),)
        linear: Path = (Conv(cell // 2), Up(cell))  # the two nearest centres
        cubic: Path = (*linear, Conv(1))
        heads: list[Path] = [
            (*trunk, Down(self.work), *linear, *fit),  # the regression's detail
            (
                *trunk,
                Up(cell // self.work),
                *judged,
            ),  # the blurs' shares, and what is left on the coarse grid
            (*trunk, Down(self.work), *cubic),  # the guides' own detail
            cubic,
        ]
        paths: list[tuple[Path, int]] = [(head, cell) for head in heads]
        for index, ratio in enumerate(self.ratios):
            if index != self.target:
                aligned: Path = (Conv(ratio // 2), Up(ratio), Conv(1)) if ratio > 1 else ()
                lowered: Path = (Down(cell), Conv(self.regression.blur_radius), *aligned)
                paths.extend(((*head, *lowered), ratio) for head in heads)
        return paths

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``."""
        with torch.autocast(images[0].device.type, enabled=False):
            # Covariances are differences of large numbers: never in 16 bits.
            wide = [image.float() if image.dtype.itemsize < 4 else image for image in images]
            base, features = self._start(wide)
        features = functional.relu(self.first(features))
        for block in self.body:
            features = block(features)
        residual = self.last(features).to(base.dtype)
        return base + (functional.pixel_shuffle(residual, self.work) if self.work > 1 else residual)

    def _start(self, images: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the regression's image, and what the network sees, on the features' grid."""
        coarse = images[self.target]
        guides = [image for index, image in enumerate(images) if index != self.target]
        fine = torch.cat([align(image) for align, image in zip(self.align, guides)], dim=1)
        predicted, detail, contrast, left = self.regression(fine, coarse)
        scale = self.regression.scale
        base = self.base(coarse) + functional.pixel_shuffle(predicted, scale)
        parts = torch.cat([detail, predicted], dim=1)
        if self.work < scale:
            parts = functional.pixel_unshuffle(functional.pixel_shuffle(parts, scale), self.work)
        lifted = functional.pixel_shuffle(self.lift(torch.cat([contrast, left], dim=1)), scale // self.work)
        return base, torch.cat([parts, lifted], dim=1)
