"""DCTNet with deeper features: an RRDB trunk for each input, tied by a convolution that both share.

The idea of SI Analytics' DCTRRDBNet, of which no more is published than that RRDBs take the place of DCTNet's
convolutions. The layout is an assumption: a private trunk for target and guide, then one 3 x 3 convolution whose first
filters are shared; attention, least-squares step and decoder are those of DCTNet (`dctnet`). Trained by absolute error,
and then against a discriminator if a recipe says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.dctnet import DctCore, DctNet, in_common
from srsat_qgis.training.networks.layers import DEPTH, MOST_FEATURES, WIDTH, hidden_conv
from srsat_qgis.training.networks.rrdb import BLOCK_RADIUS, RrdbBlock


class TiedTrunks(nn.Module):
    """A trunk of RRDBs for target and one for guide; the last convolutions have their first filters in common."""

    def __init__(self, channels: int, growth: int, blocks: int, shared: int) -> None:
        super().__init__()
        self.target, self.guide = (
            nn.Sequential(*(RrdbBlock(channels, growth, bias=True) for _ in range(blocks))) for _ in range(2)
        )
        self.shared = hidden_conv(channels, shared)
        self.target_own, self.guide_own = (hidden_conv(channels, channels - shared) for _ in range(2))

    def forward(self, target: torch.Tensor, guide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features of the same shapes."""
        return (
            self._tied(target, self.target, self.target_own),
            self._tied(guide, self.guide, self.guide_own),
        )

    def _tied(self, features: torch.Tensor, trunk: nn.Module, own: nn.Module) -> torch.Tensor:
        deep = trunk(features)
        return functional.relu(features + torch.cat([self.shared(deep), own(deep)], dim=1))


class DctRrdb(DctNet):
    """`DctNet` whose encoder is `TiedTrunks`."""

    limits: ClassVar = {
        "channels": rule(low=2, high=MOST_FEATURES),
        "growth": WIDTH,
        "blocks": DEPTH,
        "shared": rule(above=0, below=1),
        "span": rule(low=-1000, high=1000),
    }

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        target: int = 0,
        channels: int = 24,
        growth: int = 12,
        blocks: int = 1,
        shared: float = 0.5,
        anchored: bool = True,
        skip: bool = True,
        span: tuple[float, float] = (-4.0, 4.0),
    ) -> None:
        """Make the network.

        Parameters
        ----------
        ratios, bands, out_bands, target, shared, anchored, skip, span
            See `DctNet`.
        channels, growth, blocks : int
            Feature maps, those that each convolution of a dense block adds, and blocks a trunk; see `rrdb.Rrdb`.
        """
        self._make(ratios, bands, out_bands, target, span)
        encoder = TiedTrunks(channels, growth, blocks, in_common(channels, shared))
        self.core = DctCore(self.count, self.guides, channels, encoder, anchored=anchored, skip=skip)
        self.radius = self.overlap(BLOCK_RADIUS * blocks + 1)
