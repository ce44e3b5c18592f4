"""JIIF: a value for every output pixel, interpolated between its four nearest coarse pixels as a small network says.

Tang et al., Joint Implicit Image Function for Guided Depth Super-Resolution, ACM MM 2021, arXiv:2107.08717. For an
output pixel x and each of the four nearest coarse pixels i, a multilayer perceptron is given the target's features
z_i, the guide's g(x) and their difference to the guide's at i, and how far x lies from i; it returns a weight w_i and a
value v_i, and the result is the bicubic image plus the v_i in proportion to exp(w_i).

Output pixels nest in coarse ones, so that which pixels are the nearest depends on a pixel's place in its cell alone:
features are enlarged by repetition and cut out at four offsets, without any search. The perceptron's first layer is
linear in its inputs, so that each is multiplied once, on its own grid.

The set of four changes where x passes a coarse pixel's centre. As published (``ensemble = "learned"``), the pixel that
leaves still counts there, which shows as blocks. With ``"area"``, weights are multiplied by those of bilinear
interpolation, as in Chen et al., Learning Continuous Image Representation with Local Implicit Image Function, CVPR
2021, arXiv:2012.09161: who leaves counts nothing by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    DEPTH,
    MOST_FEATURES,
    WIDTH,
    Conv,
    Down,
    FixedConv,
    GuidedFusion,
    Path,
    ResidualBlock,
    Up,
    cubic_path,
    hidden_conv,
    in_float32,
    receptive_radius,
    small_start,
)

ENSEMBLES = ("area", "learned")
NEIGHBOURS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Rows and columns of the four coarse pixels, counted from the upper left one."""


class Encoder(nn.Module):
    """The trunk of EDSR, without upsampling: a convolution, residual blocks, a convolution, and a skip over them."""

    def __init__(self, bands: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.first = hidden_conv(bands, channels)
        self.body = nn.Sequential(
            *(ResidualBlock(channels) for _ in range(blocks)), hidden_conv(channels, channels)
        )
        self.radius = 2 * blocks + 2

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, channels, H, W)``."""
        start = self.first(image)
        return start + self.body(start)


def distances(scale: int) -> np.ndarray:
    """Return how far the pixels of a cell lie from the lower of the two nearest coarse pixels, along one axis.

    Returns
    -------
    ndarray of float64, shape (scale,)
        0 (inclusive) to 1 coarse pixels; the other one is as far from 1.
    """
    return ((np.arange(scale) + 0.5) / scale - 0.5) % 1.0


class Jiif(GuidedFusion):
    """Sharpens the coarsest input by all others."""

    limits: ClassVar = {
        "channels": WIDTH,
        "blocks": DEPTH,
        "hidden": rule(low=1, high=MOST_FEATURES, least=1),
        "ensemble": rule(choices=ENSEMBLES),
    }

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        target: int = 0,
        channels: int = 24,
        blocks: int = 2,
        hidden: tuple[int, ...] = (48, 24),
        ensemble: str = "area",
    ) -> None:
        """Make the network; the paper's has 128 channels, 16 blocks, and hidden layers of 1024, 512, 256 and 128.

        Parameters
        ----------
        ratios, bands, out_bands, target
            See `GuidedFusion`.
        channels, blocks : int
            Feature maps and residual blocks of each encoder.
        hidden : tuple of int
            Widths of the perceptron's hidden layers.
        ensemble : 'area' or 'learned'
            How the four values are joined.
        """
        super().__init__(ratios, bands, out_bands, target)
        self.area = ensemble == "area"
        self.lower = FixedConv(
            np.full((1, self.cell, self.cell), self.cell**-2.0), self.guides, stride=self.cell
        )
        self.target_encoder = Encoder(self.count, channels, blocks)
        self.guide_encoder = Encoder(self.guides, channels, blocks)
        self.near = nn.Conv2d(2 * channels, hidden[0], 1, bias=False)
        self.here = nn.Conv2d(channels, hidden[0], 1)
        self.apart = nn.Conv2d(2, hidden[0], 1, bias=False)
        self.inner = nn.ModuleList(nn.Conv2d(one, two, 1) for one, two in zip(hidden, hidden[1:]))
        self.last = small_start(nn.Conv2d(hidden[-1], 1 + self.count, 1))
        along = torch.from_numpy(distances(self.cell)).float()
        offsets, areas = [], []
        for row, col in NEIGHBOURS:
            down, across = torch.meshgrid(along - row, along - col, indexing="ij")
            # The paper's coordinates run from -1 to 1 over the image: a coarse pixel is 2 / its number wide.
            offsets.append(torch.stack([2 * down, 2 * across]))
            areas.append((1 - down.abs()) * (1 - across.abs()))
        self.register_buffer("offsets", torch.stack(offsets), persistent=False)
        self.register_buffer("areas", torch.stack(areas), persistent=False)
        self.radius = receptive_radius(self._paths(), cell=self.cell)

    def _paths(self) -> list[tuple[Path, int]]:
        deep = Conv(self.guide_encoder.radius)
        # The two nearest centres, then the encoder on the coarse grid.
        coarse: Path = (Conv(self.cell // 2), Up(self.cell), deep)
        return [
            (coarse, self.cell),
            (cubic_path(self.cell), self.cell),
            *self.paths_to_guides((deep,)),
            *self.paths_to_guides((*coarse, Down(self.cell))),
        ]

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``."""
        coarse, guide = images[self.target], self.fine_guides(images)
        base = in_float32(self.base, coarse)
        weights, values = self.votes(coarse, guide)
        shares = self.shares(weights)
        detail = (shares * values).sum(dim=1)
        return base + detail.to(base.dtype)

    def votes(self, coarse: torch.Tensor, guide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what each of the four neighbours says.

        Returns
        -------
        weights : Tensor, shape (N, 4, 1, H, W)
            Logarithmic.
        values : Tensor, shape (N, 4, bands, H, W)
        """
        here = self.guide_encoder(guide)
        there = torch.cat(
            [self.target_encoder(coarse), self.guide_encoder(in_float32(self.lower, guide))], dim=1
        )
        near, here = self.near(there), self.here(here)
        rows, cols = coarse.shape[-2:]
        # The upper left neighbour of a cell's first pixel lies in the cell before.
        start = self.cell - self.cell // 2
        enlarged = functional.interpolate(
            functional.pad(near, (1, 1, 1, 1), mode="replicate"),
            scale_factor=float(self.cell),
            mode="nearest",
        )
        answers = []
        for number, (row, col) in enumerate(NEIGHBOURS):
            top, left = start + row * self.cell, start + col * self.cell
            seen = enlarged[..., top : top + rows * self.cell, left : left + cols * self.cell]
            # Repeated first: the exporter would fold the weights into a constant, from which they do not come back.
            apart = self.apart(self.offsets[number : number + 1].repeat(1, 1, rows, cols))
            features = functional.relu(seen + here + apart)
            for layer in self.inner:
                features = functional.relu(layer(features))
            answers.append(self.last(features))
        stacked = torch.stack(answers, dim=1)
        return stacked[:, :, :1], stacked[:, :, 1:]

    def shares(self, weights: torch.Tensor) -> torch.Tensor:
        """Return how much each neighbour counts, of the shape of ``weights``; over the neighbours the sum is 1."""
        powers = torch.exp((weights - weights.amax(dim=1, keepdim=True)).float())
        if self.area:
            rows, cols = (side // self.cell for side in weights.shape[-2:])
            powers = powers * self.areas.repeat(1, rows, cols)[None, :, None]
        return powers / powers.sum(dim=1, keepdim=True)
