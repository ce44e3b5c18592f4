"""Luma: `Informed` on the luma of red, green and blue, chroma bilinear; or on luma and chroma. All inside the graph.

The eye, and JPEG, hold more detail in luma than in colour. With ITU-R BT.601's luma Y, chroma is proportional to B - Y
and R - Y, so that the colour image comes back as bilinear(RGB - Y) + fine Y; the offsets of YCbCr cancel, and any value
range serves.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.core.types import LUMA
from srsat_qgis.training.networks.informed import Informed
from srsat_qgis.training.networks.layers import in_float32

RGB = len(LUMA)
CHROMA = ("bilinear", "network")


class Luma(Informed):
    """Network of red, green and blue, equivariant to one gain and to an offset of each."""

    bandwise = False
    adopts: ClassVar = ("informed",)
    limits: ClassVar = {**Informed.limits, "chroma": rule(choices=CHROMA)}

    def __init__(
        self,
        scale: int,
        channels: int = 48,
        depth: int = 8,
        expand: int = 128,
        hidden: int = 16,
        slope: float = 0.1,
        bands: int = RGB,
        chroma: str = "bilinear",
    ) -> None:
        """Make the network; see `Informed`.

        Parameters
        ----------
        scale, channels, depth, expand, hidden, slope
            As there.
        bands : int
            3.
        chroma : str
            ``bilinear``: the network's one band is the luma. ``network``: it makes luma and chroma together.

        Raises
        ------
        InvalidSetting
            If ``bands`` is not 3.
        """
        super().__init__(
            scale, channels, depth, expand, hidden, slope, bands=RGB if chroma == "network" else 1
        )
        if bands != RGB:
            raise InvalidSetting(f"luma: bands is {bands}, expected 3: red, green and blue")
        self.bandwise, self.together = False, chroma == "network"
        kernels = torch.from_numpy(bilinear_phases(scale)).float()
        self.register_buffer("bilinear", kernels[:, None].repeat(RGB, 1, 1, 1), persistent=False)
        self.register_buffer("weights", torch.tensor(LUMA).view(1, RGB, 1, 1), persistent=False)
        there = ycbcr()
        for name, matrix in (("there", there), ("back", np.linalg.inv(there))):
            kernel = torch.from_numpy(matrix).float()[:, :, None, None]
            self.register_buffer(name, kernel, persistent=False)

    def forward(self, image: torch.Tensor, blur: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Return ``(N, 3, scale*H, scale*W)`` for ``(N, 3, H, W)``, a blur and a noise above 0 ``(N, 3)``."""
        if self.together:
            fine = super().forward(functional.conv2d(image, self.there), blur, noise)
            return functional.conv2d(fine, self.back)
        weights = self.weights.flatten()
        luma = (image * self.weights).sum(dim=1, keepdim=True)
        told = (blur * weights).sum(dim=1, keepdim=True)
        level = (noise * weights).square().sum(dim=1, keepdim=True).sqrt()
        fine = super().forward(luma, told, level)
        return fine + in_float32(self._upsampled, image - luma)

    def _upsampled(self, chroma: torch.Tensor) -> torch.Tensor:
        phases = functional.conv2d(chroma, self.bilinear, padding=1, groups=RGB)
        return functional.pixel_shuffle(phases, self.scale)


def ycbcr() -> np.ndarray:
    """Return the matrix that makes Y, Cb and Cr of red, green and blue, without the offsets of chroma, (3, 3)."""
    luma = np.array(LUMA)
    red, _, blue = np.eye(RGB)
    return np.stack([luma, (blue - luma) / (2 * (1 - LUMA[2])), (red - luma) / (2 * (1 - LUMA[0]))])


def bilinear_phases(scale: int) -> np.ndarray:
    """Return the kernels of bilinear upsampling on half-pixel centres, one an output phase, (scale * scale, 3, 3)."""
    lines = np.zeros((scale, 3))
    for phase in range(scale):
        centre = (phase + 0.5) / scale - 0.5
        lines[phase] = [max(0.0, 1 - abs(tap - centre)) for tap in (-1, 0, 1)]
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 3, 3)
