"""ESPCN: three convolutions at input resolution and a pixel shuffle.

Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network,
CVPR 2016, doi:10.1109/CVPR.2016.207; here as a residual over bicubic. Made for one plane, such as the luma of a
basemap, whose chroma a simple upsampling serves.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.layers import (
    WIDTH,
    Conv,
    SingleImage,
    Up,
    first_conv,
    hidden_conv,
    small_start,
)


class Espcn(SingleImage):
    """The smallest network: 5 x 5, 3 x 3 and 3 x 3 kernels, one band."""

    limits: ClassVar = {"features": WIDTH}

    def __init__(self, scale: int, features: tuple[int, ...] = (64, 32), equivariant: bool = False) -> None:
        """Make the network; the defaults are those of the paper.

        Parameters
        ----------
        scale : int
            Output pixels per input pixel.
        features : tuple of two int
            Feature maps after the first and the second convolution.
        equivariant : bool
            See `SingleImage`.
        """
        super().__init__(scale, 1, equivariant)
        if len(features) != 2:
            raise InvalidSetting(f"espcn: features are {features}, expected two numbers")
        wide, narrow = features
        self.first = first_conv(1, wide, size=5, equivariant=equivariant)
        self.second = hidden_conv(wide, narrow, bias=not equivariant)
        self.last = small_start(hidden_conv(narrow, scale * scale, bias=not equivariant))
        self.radius = self.radius_of(Up(scale), Conv(1 + 1 + 2))

    def residual(self, image: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
        """Return what is added to the bicubic image."""
        features = functional.relu(self.second(functional.relu(self.start(image))))
        return functional.pixel_shuffle(self.last(features), self.scale)
