"""Make coarse images from fine ones on the fly: random Gaussian blur, area mean, noise, rounding.

The blur stands for the sensor's modulation transfer function on top of its detectors' area; its strength is drawn
anew for every sample, so that the network serves sensors whose blur nobody knows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting


@dataclass(frozen=True)
class Degrader:
    """How coarse images arise; lengths in coarse pixels."""

    scale: int
    sigma: tuple[float, float] = (0.30, 0.85)
    """Range of the Gaussian's standard deviation."""
    anisotropy: float = 0.15
    """Standard deviations along rows and columns differ by up to this share."""
    noise_share: float = 0.3
    """Share of samples that get noise."""
    noise: float = 0.01
    """Largest standard deviation of the noise, as a share of the image's own."""
    rounding_share: float = 0.8
    """Share of samples that are rounded to the step of their source."""

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        low, high = self.sigma
        if self.scale < 2 or not 0 <= low <= high:
            raise InvalidSetting(
                f"degradation: scale {self.scale}, sigma {self.sigma}; expected scale >= 2 and 0 <= low <= high"
            )

    def __call__(self, fine: torch.Tensor, quantum: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return coarse images.

        Parameters
        ----------
        fine : Tensor, shape (N, 1, H, W)
            In digital numbers; H and W are multiples of the scale.
        quantum : Tensor, shape (N,)
            Step of each sample's values; 0: continuous.
        generator : torch.Generator
            Source of all chance.

        Returns
        -------
        Tensor, shape (N, 1, H / scale, W / scale)
        """
        count = len(fine)

        def uniform() -> torch.Tensor:
            return torch.rand(count, generator=generator)

        low, high = self.sigma
        sigma = low + (high - low) * uniform()
        skew = 1 + self.anisotropy * (uniform() - 0.5)
        coarse = blur_and_average(fine, sigma * skew, sigma / skew, self.scale)
        spread = coarse.std(dim=(1, 2, 3))
        level = self.noise * uniform() * (uniform() < self.noise_share) * spread
        noise = torch.randn(coarse.shape, generator=generator)
        coarse = coarse + level.view(-1, 1, 1, 1) * noise
        step = torch.where(uniform() < self.rounding_share, quantum, torch.zeros_like(quantum))
        return rounded(coarse, step)


def gaussian_line(sigma: torch.Tensor, radius: int) -> torch.Tensor:
    """Return normalised kernels ``(N, 2 * radius + 1)`` of standard deviations ``(N,)`` in pixels."""
    taps = torch.arange(-radius, radius + 1, dtype=torch.float32)
    line = torch.exp(-0.5 * (taps / sigma.clamp(min=1e-3)[:, None]) ** 2)
    return line / line.sum(dim=1, keepdim=True)


def blur_and_average(
    fine: torch.Tensor, sigma_rows: torch.Tensor, sigma_cols: torch.Tensor, scale: int
) -> torch.Tensor:
    """Blur each sample by its own Gaussian and average ``scale x scale`` pixels.

    Parameters
    ----------
    fine : Tensor, shape (N, 1, H, W)
        Mirrored at the border.
    sigma_rows, sigma_cols : Tensor, shape (N,)
        Standard deviations in coarse pixels, along the two axes.
    scale : int
        Fine pixels per coarse pixel.

    Returns
    -------
    Tensor, shape (N, 1, H / scale, W / scale)
        Pixel edges coincide: the image does not move.
    """
    largest = float(torch.maximum(sigma_rows, sigma_cols).max()) * scale
    radius = min(max(1, math.ceil(3.5 * largest)), min(fine.shape[-2:]) - 1)
    stack = fine.transpose(0, 1)  # (1, N, H, W): one group a sample
    count = stack.shape[1]
    level = stack.mean(dim=(2, 3), keepdim=True)  # keeps float32 exact for offsets such as kelvins
    stack = functional.pad(stack - level, (radius, radius, radius, radius), mode="reflect")
    rows = gaussian_line(sigma_rows * scale, radius).view(count, 1, -1, 1)
    cols = gaussian_line(sigma_cols * scale, radius).view(count, 1, 1, -1)
    stack = functional.conv2d(functional.conv2d(stack, rows, groups=count), cols, groups=count)
    return functional.avg_pool2d(stack + level, scale).transpose(0, 1)


def rounded(image: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """Round each sample ``(N, ...)`` to multiples of its step ``(N,)``; a step of 0 leaves it as it is."""
    wide = step.view(-1, *[1] * (image.dim() - 1))
    safe = torch.where(wide > 0, wide, torch.ones_like(wide))
    return torch.where(wide > 0, torch.round(image / safe) * safe, image)
