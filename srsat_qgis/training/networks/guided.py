"""A ridge regression of coarse bands on finer guides around every coarse pixel, as fixed layers of a graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.layers import (
    DEPTH,
    WIDTH,
    Bicubic,
    Conv,
    Down,
    FixedConv,
    FixedLines,
    Fusion,
    Path,
    ResidualBlock,
    Up,
    hidden_conv,
    receptive_radius,
    small_start,
)

# Standard deviations at which a Gaussian is truncated.
_TRUNCATE = 2.5
# Standard deviation of a Gaussian, in target pixels, beyond which a tile would be halo alone.
_WIDEST = 16
# Share of the coarse bands' variance in the ridge: flat guides must not be amplified to fit.
_UNRELATED = 1e-4
# Power of the unexplained energy by which blurs compete; 1 hardly chooses, 16 jumps between them.
_DECISION = 4
# Channels in a block of onnxruntime's kernels, at most.
_BLOCK = 16
# Keeps 0 / 0 from flat ground; far below the squared rounding error of any values.
_TINY = 1e-12


def gaussian(sigma: float, radius: int) -> np.ndarray:
    """Return the samples of a Gaussian from ``-radius`` to ``radius``, with the sum 1."""
    taps = np.arange(-radius, radius + 1)
    line = np.exp(-0.5 * (taps / sigma) ** 2) if sigma > 0 else (taps == 0).astype(np.float64)
    return line / line.sum()


def _radius(sigma: float) -> int:
    return math.ceil(_TRUNCATE * sigma)


def _lowering(bands: int, scale: int, sigma: float) -> FixedLines:
    """Return the layer that blurs by ``sigma`` coarse pixels and averages ``scale x scale`` pixels."""
    radius = _radius(sigma * scale)
    line = np.convolve(np.full(scale, 1 / scale), gaussian(sigma * scale, radius))
    return FixedLines(line, bands, stride=scale, padding=radius)


def linear_phases(scale: int) -> np.ndarray:
    """Return bilinear upsampling on half-pixel centres, one kernel an output phase, ``(scale**2, 3, 3)``."""
    at = (np.arange(scale) + 0.5) / scale - 0.5
    lines = np.maximum(0.0, 1.0 - np.abs(np.arange(-1, 2)[None] - at[:, None]))
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 3, 3)


class Regression(nn.Module):
    """Local ridge regression, with nothing to learn.

    Guides are blurred and averaged to the coarse grid; the mean of their neighbourhood is subtracted from guides and
    coarse bands; Gaussian windows give the covariances, and Gauss-Jordan elimination the coefficients, which are
    interpolated bilinearly.

    How much a guide must be blurred to be as soft as the coarse bands differs from sensor to sensor and band to band.
    So several blurs are tried, and each counts the more the less of the coarse band it leaves unexplained.
    """

    def __init__(
        self,
        guides: int,
        bands: int,
        scale: int,
        *,
        sigmas: Sequence[float],
        around: float,
        window: float,
        judged: float,
        ridge: float,
    ) -> None:
        """Make the layers; lengths are in coarse pixels."""
        super().__init__()
        self.guides, self.bands, self.scale, self.ridge = guides, bands, scale, ridge
        self.blur_radius = max(_radius(sigma * scale) for sigma in sigmas)
        self.lower = nn.ModuleList(_lowering(guides, scale, sigma) for sigma in sigmas)
        self.up = Bicubic(scale, guides)
        self.around = FixedLines(gaussian(around, _radius(around)), guides + bands, padding=_radius(around))
        own = range(guides, guides + bands)
        pairs = [(i, j) for i in range(guides) for j in range(i, guides + bands)] + [(i, i) for i in own]
        # Some pairs once more: onnxruntime's fast kernels want whole blocks of channels.
        pairs += pairs[:1] * (-len(pairs) % _BLOCK)
        self.window = FixedLines(gaussian(window, _radius(window)), len(pairs), padding=_radius(window))
        self.judge = FixedLines(gaussian(judged, _radius(judged)), bands, padding=_radius(judged))
        self.refine = FixedConv(linear_phases(scale), bands, padding=1)
        self.repeat = FixedConv(np.ones((scale**2, 1, 1)), bands)
        self.fit_radius = _radius(around) + _radius(window)
        self.judged_radius = self.fit_radius + (_radius(judged) if len(sigmas) > 1 else 0)
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
            Difference of the coarse bands from the mean of their neighbourhood.
        left : Tensor, shape (N, bands, H, W)
            The part of it that the regression does not explain.
        """
        by_phases = functional.pixel_unshuffle(fine, self.scale)
        tried = [self._tried(lower(fine), by_phases, coarse) for lower in self.lower]
        predicted, detail, own, left = tried[0]
        if len(tried) > 1:
            shares = self._shares([one[3] for one in tried])
            predicted = torch.stack([one[0] * self.repeat(w) for one, w in zip(tried, shares)]).sum(dim=0)
            left = torch.stack([one[3] * w for one, w in zip(tried, shares)]).sum(dim=0)
            detail = tried[len(tried) // 2][1]
        return predicted, detail, own, left

    def _shares(self, left: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Return how much each blur counts in each coarse pixel and band; together 1."""
        energies = [self.judge(one * one).clamp(min=_TINY) for one in left]
        least = energies[0]
        for energy in energies[1:]:
            least = torch.minimum(least, energy)
        weights = [(least / energy) ** _DECISION for energy in energies]
        total = weights[0]
        for weight in weights[1:]:
            total = total + weight
        return [weight / total for weight in weights]

    def _tried(
        self, lowered: torch.Tensor, fine: torch.Tensor, coarse: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return what ``forward`` does, for one blur of the guides, which are given by phases."""
        # The upsampled image by phases too, so that none is shuffled to and fro.
        detail = fine - self.up.phases(lowered)
        both = torch.cat([lowered, coarse], dim=1)
        contrast = both - self.around(both)
        own = contrast[:, self.guides :]
        factors = self._coefficients(contrast)
        explained = (factors * contrast[:, : self.guides, None]).sum(dim=1)
        predicted = torch.zeros(())
        # One guide after the other: all at once take as many times the memory of the result.
        for guide, own_detail in enumerate(detail.split(self.scale**2, dim=1)):
            phases = self.refine(factors[:, guide]).unflatten(1, (self.bands, self.scale**2))
            predicted = predicted + phases * own_detail[:, None]
        return predicted.flatten(1, 2), detail, own, own - explained

    def _coefficients(self, contrast: torch.Tensor) -> torch.Tensor:
        """Return ``(N, guides, bands, H, W)``."""
        products = contrast.index_select(1, self.first) * contrast.index_select(1, self.second)
        moments = self.window(products)
        ridge = self.ridge * moments.index_select(1, self.diagonal).mean(dim=1, keepdim=True)
        ridge = ridge + _UNRELATED * moments.index_select(1, self.variances).mean(dim=1, keepdim=True)
        # Not added: an exporter leaves out the addition of what it takes for 0.
        ridge = ridge.clamp(min=_TINY)
        system = moments.index_select(1, self.order).unflatten(1, (self.guides, self.guides + self.bands))
        system = system + ridge[:, :, None] * self.unit[:, :, None, None]
        for step in range(self.guides):  # no pivoting: the matrix is symmetric and positive definite
            row = system[:, step : step + 1, 1:] / system[:, step : step + 1, :1]
            rest = system[:, :, 1:] - system[:, :, :1] * row
            system = torch.cat([rest[:, :step], row, rest[:, step + 1 :]], dim=1)
        return system


class Guided(Fusion):
    """Fusion of coarse bands with finer guides; the target is the coarsest input, and all others guide."""

    equivariant = True
    limits: ClassVar = {
        "channels": WIDTH,
        "blocks": DEPTH,
        "sigmas": rule(low=0, high=_WIDEST, least=1),
        "around": rule(above=0, high=_WIDEST),
        "window": rule(above=0, high=_WIDEST),
        "judged": rule(low=0, high=_WIDEST),
        "ridge": rule(low=0),
    }

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None = None,
        target: int = 0,
        channels: int = 48,
        blocks: int = 2,
        work: int = 0,
        sigmas: tuple[float, ...] = (0.2, 0.3, 0.42),
        around: float = 0.7,
        window: float = 1.5,
        judged: float = 2.0,
        ridge: float = 0.02,
    ) -> None:
        """Make the network.

        Parameters
        ----------
        ratios, bands, out_bands, target
            See `Fusion`; the target has the largest ratio.
        channels, blocks : int
            Feature maps, and residual blocks of two convolutions each.
        work : int
            Output pixels per pixel of the features' grid; 0: those of the target.
        sigmas : tuple of float
            Blurs that may make a guide as soft as the target before the area mean, in target pixels.
        around : float
            Standard deviation of the neighbourhood whose mean is subtracted before the fit, in target pixels.
        window : float
            Standard deviation of the neighbourhood of a fit, in target pixels.
        judged : float
            Standard deviation of the neighbourhood in which the blurs compete, in target pixels.
        ridge : float
            What keeps the fit from following noise: share of the guides' mean variance.
        """
        super().__init__(ratios, bands, out_bands, target)
        cell, guides = max(ratios), sum(bands) - bands[target]
        if len(ratios) < 2:
            raise InvalidSetting(f"guided: ratios are {self.ratios}, expected at least two")
        if ratios[target] != cell or cell < 2:
            raise InvalidSetting(
                f"guided: target is {target} of the ratios {self.ratios}, expected the largest ratio, at least 2"
            )
        self.work = work or cell
        if self.work < 1 or cell % self.work:
            raise InvalidSetting(f"guided: work is {work}, expected a divisor of {cell}")
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

    def _paths(self, cell: int, blocks: int) -> list[tuple[Path, int]]:
        trunk: Path = (Up(self.work), Conv(2 + 2 * blocks))
        fit, judged = (Conv(self.regression.fit_radius),), (Conv(self.regression.judged_radius),)
        linear: Path = (Conv(cell // 2), Up(cell))  # the two nearest centres
        cubic: Path = (*linear, Conv(1))
        heads: list[Path] = [
            # the regression's detail
            (*trunk, Down(self.work), *linear, *fit),
            # the blurs' shares, and what is left on the coarse grid
            (*trunk, Up(cell // self.work), *judged),
            # the guides' own detail
            (*trunk, Down(self.work), *cubic),
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
        return self.sharpened(base, functional.relu(self.first(features)))

    def _start(self, images: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the regression's image, and the input of the convolutions, on the features' grid."""
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
