"""A ridge regression of coarse bands on finer guides around every coarse pixel, as fixed layers of a graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, cast

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
    BicubicBase,
    Conv,
    Down,
    FixedConv,
    FixedLines,
    Fusion,
    Path,
    ResidualBlock,
    Up,
    bicubic_lines,
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
# So often is the unexplained energy squared by which blurs compete: its power of 4. Of 1 it hardly chooses, of 16 it
# jumps between them.
_SQUARED = 2
# Keeps 0 / 0 from flat ground; far below the squared rounding error of any values.
_TINY = 1e-12


def gaussian(sigma: float, radius: int) -> np.ndarray:
    """Return the samples of a Gaussian from ``-radius`` to ``radius``, with the sum 1."""
    taps = np.arange(-radius, radius + 1)
    line = np.exp(-0.5 * (taps / sigma) ** 2) if sigma > 0 else (taps == 0).astype(np.float64)
    return line / line.sum()


def _radius(sigma: float) -> int:
    return math.ceil(_TRUNCATE * sigma)


def _lowering(bands: int, scale: int, sigma: float, ratio: int) -> FixedLines:
    """Return the layer that blurs by ``sigma`` coarse pixels and averages to one of ``scale`` output pixels.

    Its input has pixels of ``ratio`` output pixels, and is taken as if it were upsampled bicubically before.
    """
    radius = _radius(sigma * scale)
    line = np.convolve(np.full(scale, 1 / scale), gaussian(sigma * scale, radius))
    if ratio == 1:
        return FixedLines(line, bands, stride=scale, padding=radius)
    phases = bicubic_lines(ratio)
    padding = -(-radius // ratio) + phases.shape[1] // 2
    whole = np.zeros(scale // ratio + 2 * padding)
    for weight, place in zip(line, range(-radius, scale + radius)):
        cell, phase = divmod(place, ratio)
        first = cell + padding - phases.shape[1] // 2
        whole[first : first + phases.shape[1]] += weight * phases[phase]
    return FixedLines(whole, bands, stride=scale // ratio, padding=padding)


def _by_phases(image: torch.Tensor, bands: int, step: int, ratio: int) -> torch.Tensor:
    """Return an image by its ``(step * ratio)**2`` phases a band, in the order of pixel shuffle.

    It comes by ``ratio**2`` phases a band, ``(N, bands * ratio**2, step * H, step * W)``. Two moves of one axis each,
    of which the second one copies whole lines: onnxruntime takes several times as long for both at once.
    """
    rows, cols = image.shape[2] // step, image.shape[3] // step
    lines = image.reshape(-1, cols, step).transpose(1, 2)
    parts = lines.reshape(-1, ratio, ratio, rows, step, step, cols).permute(0, 4, 1, 5, 2, 3, 6)
    return parts.reshape(-1, bands * (step * ratio) ** 2, rows, cols)


def _on_finer_grid(phases: torch.Tensor, scale: int, work: int) -> torch.Tensor:
    """Return an image by ``scale**2`` phases a band as one by ``work**2``, whose pixels are so much smaller."""
    rows, cols, step = phases.shape[2], phases.shape[3], scale // work
    parts = phases.reshape(-1, step, work, step, work, rows, cols).permute(0, 2, 4, 5, 1, 3, 6)
    lines = parts.reshape(-1, step, cols).transpose(1, 2)
    return lines.reshape(-1, phases.shape[1] // step**2, rows * step, cols * step)


def linear_phases(scale: int) -> np.ndarray:
    """Return bilinear upsampling on half-pixel centres, one kernel an output phase, ``(scale**2, 3, 3)``."""
    at = (np.arange(scale) + 0.5) / scale - 0.5
    lines = np.maximum(0.0, 1.0 - np.abs(np.arange(-1, 2)[None] - at[:, None]))
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 3, 3)


class Guide(nn.Module):
    """The bands of one finer input, by the phases of a coarse pixel and as soft as the coarse bands."""

    def __init__(self, ratio: int, bands: int, scale: int, sigmas: Sequence[float]) -> None:
        """Make the layers.

        Parameters
        ----------
        ratio, scale : int
            Output pixels per pixel of this input, and per coarse pixel, which it divides.
        bands : int
        sigmas : sequence of float
            Blurs to be tried, in coarse pixels.
        """
        super().__init__()
        self.ratio, self.bands, self.scale = ratio, bands, scale
        self.align = BicubicBase(ratio, bands) if ratio > 1 else nn.Identity()
        self.lower = nn.ModuleList(_lowering(bands, scale, sigma, ratio) for sigma in sigmas)

    def phases(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands * scale**2, H, W)``."""
        return _by_phases(self.align(image), self.bands, self.scale // self.ratio, self.ratio)


class Regression(nn.Module):
    """Local ridge regression, with nothing to learn.

    Guides are blurred and averaged to the coarse grid; the mean of their neighbourhood is subtracted from guides and
    coarse bands; Gaussian windows give the covariances, and elimination the coefficients, which are interpolated
    bilinearly.

    How much a guide must be blurred to be as soft as the coarse bands differs from sensor to sensor and band to band.
    So several blurs are tried, and each counts the more the less of the coarse band it leaves unexplained.
    """

    def __init__(
        self,
        guides: Sequence[tuple[int, int]],
        bands: int,
        scale: int,
        *,
        sigmas: Sequence[float],
        around: float,
        window: float,
        judged: float,
        ridge: float,
    ) -> None:
        """Make the layers for guides of a ratio and a number of bands each; lengths are in coarse pixels."""
        super().__init__()
        self.bands, self.scale, self.ridge = bands, scale, ridge
        self.count = sum(number for _, number in guides)
        self.blur_radius = max(_radius(sigma * scale) for sigma in sigmas)
        self.blurs = len(sigmas)
        self.guides = nn.ModuleList(Guide(ratio, number, scale, sigmas) for ratio, number in guides)
        self.around = _neighbourhood(around, self.count)
        self.around_own = _neighbourhood(around, bands)
        self.window = _neighbourhood(window, self.count * (self.count + bands))
        self.window_own = _neighbourhood(window, 1)
        self.judge = _neighbourhood(judged, bands)
        self.refine = FixedConv(linear_phases(scale), bands, padding=1)
        self.up = BicubicBase(scale)
        self.fit_radius = _radius(around) + _radius(window)
        self.judged_radius = self.fit_radius + (_radius(judged) if self.blurs > 1 else 0)

    def forward(
        self, images: Sequence[torch.Tensor], coarse: torch.Tensor, trim: int = 0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Fit and apply.

        Parameters
        ----------
        images : sequence of Tensor, each of shape (N, bands_i, scale / ratio_i * H, scale / ratio_i * W)
            The guides.
        coarse : Tensor, shape (N, bands, H, W)
        trim : int
            Coarse pixels at each edge for which there is a fit, but no result: all sides are shorter by twice that.

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
        own = coarse - self.around_own(coarse)
        unrelated = _UNRELATED * self.window_own((own * own).mean(dim=1, keepdim=True))
        lowered, factors, left = [], [], []
        for number in range(self.blurs):
            soft = torch.cat([guide.lower[number](image) for guide, image in zip(self.guides, images)], dim=1)
            contrast = soft - self.around(soft)
            found = self._coefficients(contrast, own, unrelated)
            rest = own
            for factor, plane in zip(found, contrast.split(1, dim=1)):
                rest = rest - factor * plane
            lowered.append(soft.split(1, dim=1))
            factors.append(found)
            left.append(rest)
        shares = self._shares(left) if self.blurs > 1 else []
        own, *rest = (_trimmed(part, trim) for part in (own, *left, *shares))
        left, shares = rest[: self.blurs], rest[self.blurs :]
        phases = [
            plane
            for guide, image in zip(self.guides, images)
            for plane in guide.phases(_trimmed(image, trim * self.scale // guide.ratio)).split(
                self.scale**2, dim=1
            )
        ]
        details, predicted = [], []
        for soft, found in zip(lowered, factors):
            # One guide after the other: all at once take as many times the memory of the result.
            details.append([fine - self.up(_trimmed(plane, trim)) for fine, plane in zip(phases, soft)])
            predicted.append(
                _added(
                    [self._applied(_trimmed(factor, trim), one) for factor, one in zip(found, details[-1])]
                )
            )
        if self.blurs > 1:
            predicted = [one * share[:, :, None] for one, share in zip(predicted, shares)]
            left = [one * share for one, share in zip(left, shares)]
        detail = torch.cat(details[self.blurs // 2], dim=1)
        return _added(predicted).flatten(1, 2), detail, own, _added(left)

    def _shares(self, left: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Return how much each blur counts in each coarse pixel and band; together 1."""
        energies = [self.judge(one * one).clamp(min=_TINY) for one in left]
        least = energies[0]
        for energy in energies[1:]:
            least = torch.minimum(least, energy)
        weights = []
        for energy in energies:
            weight = least / energy
            # As a power it would take five times as long.
            for _ in range(_SQUARED):
                weight = weight * weight
            weights.append(weight)
        total = _added(weights)
        return [weight / total for weight in weights]

    def _applied(self, factor: torch.Tensor, detail: torch.Tensor) -> torch.Tensor:
        """Return the detail that a guide predicts, ``(N, bands, scale**2, H, W)``."""
        return self.refine(factor).unflatten(1, (self.bands, self.scale**2)) * detail[:, None]

    def _coefficients(
        self, contrast: torch.Tensor, own: torch.Tensor, unrelated: torch.Tensor
    ) -> list[torch.Tensor]:
        """Return the coefficients of each guide, ``(N, bands, H, W)``.

        Parameters
        ----------
        contrast : Tensor, shape (N, guides, H, W)
        own : Tensor, shape (N, bands, H, W)
        unrelated : Tensor, shape (N, 1, H, W)
            What the coarse bands' variance adds to the ridge.
        """
        count = self.count
        every = torch.cat([contrast, own], dim=1)
        moments = self.window((contrast[:, :, None] * every[:, None]).flatten(1, 2))
        # Of each row what is right of the diagonal and on it: the matrix is symmetric.
        sizes = [size for row in range(count) for size in (row, count + self.bands - row)]
        rows = list(moments.split(sizes[1:], dim=1))[::2]
        variances = _added([row[:, :1] for row in rows])
        # Not added: an exporter leaves out the addition of what it takes for 0.
        ridge = (self.ridge / count * variances + unrelated).clamp(min=_TINY)
        scaled: list[torch.Tensor] = []
        # No pivoting: the matrix is positive definite.
        for step in range(count):
            right = rows[step][:, 1:]
            scaled.append(right / (rows[step][:, :1] + ridge))
            for at, row in enumerate(range(step + 1, count)):
                rows[row] = rows[row] - scaled[step][:, at : at + 1] * right[:, at:]
        found: list[torch.Tensor] = []
        for step in reversed(range(count)):
            solved = scaled[step][:, count - step - 1 :]
            for at, other in enumerate(reversed(found)):
                solved = solved - scaled[step][:, at : at + 1] * other
            found.append(solved)
        return found[::-1]


def _neighbourhood(sigma: float, bands: int) -> FixedLines:
    """Return the layer that takes the Gaussian mean of every pixel's neighbourhood."""
    return FixedLines(gaussian(sigma, _radius(sigma)), bands, padding=_radius(sigma))


def _trimmed(image: torch.Tensor, edge: int) -> torch.Tensor:
    """Return an image without so many pixels at each of its edges."""
    return image[..., edge:-edge, edge:-edge] if edge else image


def _added(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


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
        self.regression = Regression(
            [pair for index, pair in enumerate(zip(ratios, bands)) if index != target],
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
        self.radius = receptive_radius(self._paths(), cell=cell)
        self.trim = 0
        """Cells at each edge in which nothing is added to the bicubic image."""

    def fused(self) -> Guided:
        """Return a plain copy that is faster: it trims what it computes on the fine grid.

        Most of ``radius`` is the fit's, on the coarse grid. What lies within ``radius`` of the edges is not to be
        counted, and what is counted depends on less than that of the fine grid.
        """
        plain = cast(Guided, super().fused())
        plain.trim = self.radius - self._fine_radius()
        plain.least = 2 * plain.trim + 1
        return plain

    def _trunk(self) -> Path:
        return (Up(self.work), Conv(2 + 2 * len(self.body)))

    def _aligned(self, ratio: int) -> Path:
        return (Conv(ratio // 2), Up(ratio), Conv(1)) if ratio > 1 else ()

    def _fine_radius(self) -> int:
        """Return how many cells far the output depends on what is trimmed: coefficients, their guides and the rest."""
        cell, trunk = max(self.ratios), self._trunk()
        fine: Path = (*trunk, Down(self.work))
        paths: list[tuple[Path, int]] = [
            ((*fine, Conv(cell // 2), Up(cell), Conv(1)), cell),
            ((*trunk, Up(cell // self.work)), cell),
        ]
        paths += [((*fine, *self._aligned(ratio)), ratio) for ratio in self.ratios if ratio < cell]
        return receptive_radius(paths, cell=cell)

    def _paths(self) -> list[tuple[Path, int]]:
        cell, trunk = max(self.ratios), self._trunk()
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
                lowered: Path = (Down(cell), Conv(self.regression.blur_radius), *self._aligned(ratio))
                paths.extend(((*head, *lowered), ratio) for head in heads)
        return paths

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``.

        Raises
        ------
        InvalidSetting
            If nothing is left of a side that is trimmed.
        """
        rows, cols = images[self.target].shape[-2:]
        if rows < self.least or cols < self.least:
            raise InvalidSetting(
                f"guided: target is {rows} x {cols}, expected at least {self.least} pixels a side"
            )
        with torch.autocast(images[0].device.type, enabled=False):
            # Covariances are differences of large numbers: never in 16 bits.
            wide = [image.float() if image.dtype.itemsize < 4 else image for image in images]
            base, predicted, features = self._start(wide)
        features = functional.relu(self.first(features))
        for block in self.body:
            features = block(features)
        residual = self.last(features).to(base.dtype)
        scale = self.regression.scale
        edge = [self.trim] * 4
        if self.work == scale:
            return functional.pixel_shuffle(base + functional.pad(predicted + residual, edge), scale)
        image = functional.pixel_shuffle(base + functional.pad(predicted, edge), scale)
        if self.work > 1:
            residual = functional.pixel_shuffle(residual, self.work)
        return image + functional.pad(residual, [scale * self.trim] * 4)

    def _start(self, images: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the bicubic image and the regression's detail by phases, and the input of the convolutions.

        The convolutions are on the features' grid. All but the bicubic image are trimmed.
        """
        coarse = images[self.target]
        guides = [image for index, image in enumerate(images) if index != self.target]
        predicted, detail, contrast, left = self.regression(guides, coarse, self.trim)
        scale = self.regression.scale
        parts = [detail, predicted, contrast, left]
        if self.work < scale:
            parts[:2] = [_on_finer_grid(part, scale, self.work) for part in parts[:2]]
            flat = self.lift(torch.cat(parts[2:], dim=1))
            parts[2:] = [functional.pixel_shuffle(flat, scale // self.work)]
        return self.base.phases(coarse), predicted, torch.cat(parts, dim=1)
