"""Bicubic upsampling, the image that every result is measured against."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch.nn import functional

from srsat_qgis.training.networks.layers import BicubicBase


@lru_cache(maxsize=32)
def _phases(scale: int, bands: int, device: torch.device) -> BicubicBase:
    return BicubicBase(scale, bands).to(device)


def upsampled(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Return the bicubic image of ``(N, C, H, W)``, mirrored at the border; a scale of 1 returns it as it is."""
    if scale == 1:
        return image
    padded = functional.pad(image, (2, 2, 2, 2), mode="reflect")
    phases = _phases(scale, image.shape[1], image.device)(padded)[..., 2:-2, 2:-2]
    return functional.pixel_shuffle(phases, scale)
