"""A ridge regression of coarse bands on finer guides around every coarse pixel, as fixed layers of a graph."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.training.networks.blocks import Bicubic

_REACH = 2.5  # standard deviations at which a Gaussian is cut
_UNRELATED = 1e-4  # share of the coarse bands' variance in the ridge: flat guides must not be blown up to fit
_TINY = 1e-12  # keeps 0 / 0 from flat ground; far below the squared rounding error of any values


class FixedConv(nn.Conv2d):
    """A convolution of every band by itself with kernels that are given and stay as they are."""

    def __init__(self, kernels: np.ndarray, bands: int, *, stride: int = 1, padding: int = 0) -> None:
        """Make the layer from kernels ``(outputs a band, side, side)``."""
        outputs, side, _ = kernels.shape
        super().__init__(
            bands, bands * outputs, side, stride=stride, padding=padding, bias=False, groups=bands
        )
        self.weight.data = torch.from_numpy(np.tile(kernels[:, None], (bands, 1, 1, 1))).float()
        self.weight.requires_grad_(False)


def gaussian(sigma: float, radius: int) -> np.ndarray:
    """Return the samples of a Gaussian from ``-radius`` to ``radius``, with the sum 1."""
    taps = np.arange(-radius, radius + 1)
    line = np.exp(-0.5 * (taps / sigma) ** 2) if sigma > 0 else (taps == 0).astype(np.float64)
    return line / line.sum()


def square(line: np.ndarray) -> np.ndarray:
    """Return a separable kernel, shape (1, side, side)."""
    return np.outer(line, line)[None]


def linear_phases(scale: int) -> np.ndarray:
    """Return bilinear upsampling on half-pixel centres, one kernel an output phase, ``(scale**2, 3, 3)``."""
    at = (np.arange(scale) + 0.5) / scale - 0.5
    lines = np.maximum(0.0, 1.0 - np.abs(np.arange(-1, 2)[None] - at[:, None]))
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 3, 3)


class Regression(nn.Module):
    """Local ridge regression, with nothing to learn.

    Guides are blurred and averaged to the coarse grid; guides and coarse bands lose their surroundings; Gaussian
    windows give the covariances, and Gauss-Jordan elimination the coefficients, which are interpolated bilinearly.
    """

    def __init__(
        self,
        guides: int,
        bands: int,
        scale: int,
        *,
        sigma: float,
        around: float,
        window: float,
        ridge: float,
    ) -> None:
        """Make the layers; lengths are in coarse pixels."""
        super().__init__()
        self.guides, self.bands, self.scale, self.ridge = guides, bands, scale, ridge
        self.blur_radius = math.ceil(_REACH * sigma * scale)
        line = np.convolve(np.full(scale, 1 / scale), gaussian(sigma * scale, self.blur_radius))
        self.lower = FixedConv(square(line), guides, stride=scale, padding=self.blur_radius)
        self.up = Bicubic(scale, guides)
        near, far = math.ceil(_REACH * around), math.ceil(_REACH * window)
        standing_out = -square(gaussian(around, near))
        standing_out[0, near, near] += 1.0
        self.stand_out = FixedConv(standing_out, guides + bands, padding=near)
        pairs = [(i, j) for i in range(guides) for j in range(i, guides + bands)]
        own = range(guides, guides + bands)
        pairs += [(i, i) for i in own]
        self.window = FixedConv(square(gaussian(window, far)), len(pairs), padding=far)
        self.refine = FixedConv(linear_phases(scale), guides * bands, padding=1)
        self.fit_radius = near + far
        order = [pairs.index((min(i, j), max(i, j))) for i in range(guides) for j in range(guides + bands)]
        for name, values in (
            ("first", [i for i, _ in pairs]),
            ("second", [j for _, j in pairs]),
            ("order", order),
            ("diagonal", [pairs.index((i, i)) for i in range(guides)]),
            ("variances", [pairs.index((i, i)) for i in own]),
        ):
            self.register_buffer(name, torch.tensor(values), persistent=False)
        self.register_buffer("unit", torch.eye(guides, guides + bands), persistent=False)

    def forward(
        self, fine: torch.Tensor, coarse: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Fit and apply.

        Parameters
        ----------
        fine : Tensor, shape (N, guides, scale * H, scale * W)
        coarse : Tensor, shape (N, bands, H, W)

        Returns
        -------
        predicted : Tensor, shape (N, bands * scale**2, H, W)
            The coarse bands' detail, by phases in the order of pixel shuffle.
        detail : Tensor, shape (N, guides * scale**2, H, W)
            What the guides have beyond their own blurred and upsampled image, by phases.
        contrast : Tensor, shape (N, bands, H, W)
            What stands out from its surroundings in the coarse bands.
        left : Tensor, shape (N, bands, H, W)
            The part of it that the regression does not explain.
        """
        lowered = self.lower(fine)
        detail = functional.pixel_unshuffle(fine - self.up(lowered), self.scale)
        contrast = self.stand_out(torch.cat([lowered, coarse], dim=1))
        own = contrast[:, self.guides :]
        factors = self._coefficients(contrast)
        explained = (factors * contrast[:, : self.guides, None]).sum(dim=1)
        phases = self.refine(factors.flatten(1, 2)).unflatten(1, (self.guides, self.bands, self.scale**2))
        spread = detail.unflatten(1, (self.guides, 1, self.scale**2))
        predicted = (phases * spread).sum(dim=1).flatten(1, 2)
        return predicted, detail, own, own - explained

    def _coefficients(self, contrast: torch.Tensor) -> torch.Tensor:
        """Return ``(N, guides, bands, H, W)``."""
        products = contrast.index_select(1, self.first) * contrast.index_select(1, self.second)
        moments = self.window(products)
        ridge = self.ridge * moments.index_select(1, self.diagonal).mean(dim=1, keepdim=True)
        ridge = ridge + _UNRELATED * moments.index_select(1, self.variances).mean(dim=1, keepdim=True) + _TINY
        system = moments.index_select(1, self.order).unflatten(1, (self.guides, self.guides + self.bands))
        system = system + ridge[:, :, None] * self.unit[:, :, None, None]
        for step in range(self.guides):  # no pivoting: the matrix is symmetric and positive definite
            row = system[:, step : step + 1, 1:] / system[:, step : step + 1, :1]
            rest = system[:, :, 1:] - system[:, :, :1] * row
            system = torch.cat([rest[:, :step], row, rest[:, step + 1 :]], dim=1)
        return system
