"""What all networks of one input share: they add a learned residual to the bicubic image."""

from __future__ import annotations

import torch
from torch import nn

from srsat_qgis.training.networks.blocks import Bicubic, expect
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import in_float32
from srsat_qgis.training.networks.reach import Conv, Up


class SingleImage(Network):
    """One input; one band alone, or several bands that are seen and made jointly."""

    first: nn.Module
    """The layer that turns bands into features."""

    def __init__(self, scale: int, bands: int, equivariant: bool) -> None:
        """Make the bicubic base.

        Parameters
        ----------
        scale : int
            Output pixels per input pixel.
        bands : int
            Bands of input and output; 1: the network serves each band of a raster alone.
        equivariant : bool
            True: subclasses leave out all biases and take first kernels that sum to zero band by band, so that
            f(a x + b) = a f(x) + b for one gain ``a`` and an offset ``b`` for each band.
        """
        super().__init__()
        expect(type(self).__name__.lower(), scale=(scale, 2), bands=(bands, 1))
        self.ratios, self.bandwise, self.equivariant = (scale,), bands == 1, equivariant
        self.base = Bicubic(scale, bands)
        self.base_path = (Up(scale), Conv(2))

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image ``base``, of its shape."""
        raise NotImplementedError

    def start(self, image: torch.Tensor) -> torch.Tensor:
        """Return the first features."""
        # Digital numbers with any offset are much larger than their differences: never in 16 bits.
        return in_float32(self.first, image) if self.equivariant else self.first(image)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, scale*H, scale*W)`` for ``(N, bands, H, W)``."""
        base = in_float32(self.base, image)
        return base + self.residual(image, base).to(base.dtype)
