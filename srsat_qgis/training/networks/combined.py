"""Combined: an image brought to finer pixels by ``informed``, and given the texture of another sensor by ``style``.

The first part takes the weights of a model of its own and may stay as it is while the second one learns (chained), or
both learn together (end to end).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch

from srsat_qgis.training.networks.informed import Informed
from srsat_qgis.training.networks.layers import DEPTH, WIDTH, Conv, Up, expect, receptive_radius
from srsat_qgis.training.networks.style import TIE, Texture

_TEXTURE = "texture."


class Combined(Informed):
    """Network of one band or of several jointly, equivariant to one gain and to an offset a band."""

    adopts: ClassVar = ("informed",)
    limits: ClassVar = {
        **Informed.limits,
        "texture_channels": WIDTH,
        "texture_blocks": DEPTH,
        "texture_expand": DEPTH,
        "tie": TIE,
    }

    def __init__(
        self,
        scale: int,
        channels: int = 48,
        depth: int = 8,
        expand: int = 128,
        hidden: int = 16,
        slope: float = 0.1,
        texture_channels: int = 16,
        texture_blocks: int = 3,
        texture_expand: int = 32,
        tie: float = 1.0,
        chained: bool = True,
        bands: int = 1,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        scale, channels, depth, expand, hidden, slope, bands
            See `Informed`.
        texture_channels, texture_blocks, texture_expand, tie
            ``channels``, ``blocks``, ``expand`` and ``tie`` of `Style`.
        chained : bool
            True: only the texture learns; False: all of it.
        """
        super().__init__(scale, channels, depth, expand, hidden, slope, bands)
        expect("combined", tie=(tie, 0))
        self.chained = chained
        self.texture = Texture(texture_channels, texture_blocks, texture_expand, tie * scale, bands)
        trunk = (Conv(self.texture.reach), Up(scale), Conv(self.radius))
        self.radius = receptive_radius([(trunk, scale)], cell=scale)

    def forward(self, image: torch.Tensor, blur: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, scale*H, scale*W)`` for ``(N, C, H, W)``, a blur and a noise above 0 ``(N, C)``."""
        fine = super().forward(image, blur, noise)
        if self.chained:
            fine = fine.detach()
        return fine + self.texture(fine).to(fine.dtype)

    def load_plain(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the weights of a fused copy, or those of `Informed`: then the texture keeps its own."""
        own = {name: kept for name, kept in self.fused().state_dict().items() if name.startswith(_TEXTURE)}
        super().load_plain({**own, **tensors})
