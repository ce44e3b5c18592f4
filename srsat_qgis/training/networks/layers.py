"""Layers and blocks that networks are made of, and the receptive field that follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Union

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.interface import Foldable, Network


class Conv(NamedTuple):
    """A size-preserving convolution, or several in a row."""

    radius: int


class Up(NamedTuple):
    """A layer that makes ``factor`` pixels of each one: pixel shuffle, nearest neighbour."""

    factor: int


class Down(NamedTuple):
    """A layer that makes one pixel of each block of ``factor`` pixels: strided convolution, pooling."""

    factor: int


PathLayer = Union[Conv, Up, Down]
Path = Sequence[PathLayer]
"""Layers between the output and one input, the last layer first."""


def receptive_radius(paths: Iterable[tuple[Path, int]], *, cell: int, period: int = 1) -> int:
    """Return how many cells away the farthest cell lies that an output pixel depends on.

    Parameters
    ----------
    paths : iterable of (path, ratio)
        Every way through the network, with the output pixels per pixel of the input that it ends at.
    cell : int
        Output pixels per cell.
    period : int
        Cells after which the network's grid repeats: its ``multiple``.
    """
    farthest = 0
    for path, ratio in paths:
        for pixel in range(cell * period):
            low = high = pixel
            for layer in path:
                if isinstance(layer, Conv):
                    low, high = low - layer.radius, high + layer.radius
                elif isinstance(layer, Up):
                    low, high = low // layer.factor, high // layer.factor
                else:
                    low, high = low * layer.factor, (high + 1) * layer.factor - 1
            per_cell = cell // ratio
            home = pixel // cell
            farthest = max(farthest, home - low // per_cell, high // per_cell - home)
    return farthest


# Keys (1981): the cubic convolution kernel that is exact to third order.
KEYS_A = -0.5


def cubic_weight(distance: float, a: float = KEYS_A) -> float:
    """Return the cubic convolution kernel at a distance in pixels.

    R. G. Keys, Cubic convolution interpolation for digital image processing, IEEE TASSP 29 (1981), eq. 15.
    """
    d = abs(distance)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    if d < 2:
        return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return 0.0


def bicubic_lines(scale: int) -> np.ndarray:
    """Return the kernels of bicubic upsampling along one axis, one per output phase, ``(scale, 5)``."""
    lines = np.zeros((scale, 5))
    for phase in range(scale):
        centre = (phase + 0.5) / scale - 0.5
        lines[phase] = [cubic_weight(tap - centre) for tap in range(-2, 3)]
    return lines / lines.sum(axis=1, keepdims=True)


def bicubic_phases(scale: int) -> np.ndarray:
    """Return the kernels of bicubic upsampling, one per output phase.

    Parameters
    ----------
    scale : int
        Output pixels per input pixel. Pixel edges coincide (half-pixel centres): output pixel ``p`` of a
        cell lies at ``(p + 0.5) / scale - 0.5`` input pixels from the cell's centre.

    Returns
    -------
    ndarray of float64, shape (scale * scale, 5, 5)
        Correlation kernels in the channel order of pixel shuffle; each sums to one.
    """
    lines = bicubic_lines(scale)
    return np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 5, 5)


class FixedConv(nn.Conv2d):
    """A convolution of every band by itself with kernels ``(outputs a band, rows, cols)`` that never change."""

    def __init__(
        self,
        kernels: np.ndarray,
        bands: int,
        *,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        outputs, *size = kernels.shape
        super().__init__(
            bands, bands * outputs, tuple(size), stride=stride, padding=padding, bias=False, groups=bands
        )
        self.weight.data = torch.from_numpy(np.tile(kernels[:, None], (bands, 1, 1, 1))).float()
        self.weight.requires_grad_(False)


class FixedLines(nn.Sequential):
    """A convolution of every band by itself with the product of one line with itself: down the rows, then across."""

    def __init__(self, line: np.ndarray, bands: int, *, stride: int = 1, padding: int = 0) -> None:
        super().__init__(
            FixedConv(line[None, :, None], bands, stride=(stride, 1), padding=(padding, 0)),
            FixedConv(line[None, None, :], bands, stride=(1, stride), padding=(0, padding)),
        )


class BicubicBase(FixedConv):
    """Bicubic upsampling to ``scale * scale`` phases a band, before the pixel shuffle."""

    def __init__(self, scale: int, bands: int = 1) -> None:
        super().__init__(bicubic_phases(scale), bands, padding=2)


class ZeroSumConv(Foldable):
    """First convolution; the kernels of every band sum to zero: results do not depend on the bands' offsets."""

    def __init__(self, channels: int, size: int = 5, bands: int = 1, stride: int = 1) -> None:
        """Make the layer.

        Parameters
        ----------
        channels : int
            Feature maps.
        size : int
            Odd side of the kernels, in pixels of the features' grid.
        bands : int
            Input bands.
        stride : int
            Input pixels per pixel of the features' grid; blocks of ``stride x stride`` pixels nest in it.
        """
        super().__init__()
        side = size * stride
        self.weight = nn.Parameter(
            torch.randn(channels, bands, side, side) * math.sqrt(2 / (bands * side**2))
        )
        self.padding, self.stride = size // 2 * stride, stride

    def plain_weight(self) -> torch.Tensor:
        """Return the kernels, shape (channels, bands, side, side); each sums to zero."""
        return self.weight - self.weight.mean(dim=(2, 3), keepdim=True)

    def plain(self) -> nn.Conv2d:
        """Return the convolution that computes the same."""
        return plain_conv(self.plain_weight(), stride=self.stride, padding=self.padding)

    def assign(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Take kernels that sum to zero; there is no bias."""
        del bias
        with torch.no_grad():
            self.weight.copy_(weight)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, channels, H / stride, W / stride)``."""
        return functional.conv2d(image, self.plain_weight(), stride=self.stride, padding=self.padding)


class CollapsibleConv(Foldable):
    """3 x 3 convolution that trains as identity + 1 x 1 after a wide 3 x 3, and runs as one 3 x 3.

    The branches are folded in weight space at every step, so that training costs hardly more than the plain
    convolution. After Bhardwaj et al., Collapsible Linear Blocks for Super-Efficient Super Resolution (2022).
    """

    def __init__(self, inputs: int, outputs: int, expand: int, bias: bool = False) -> None:
        super().__init__()
        self.identity = inputs == outputs
        # Identity and branch add up: half a gain keeps the activations' size.
        gain = 0.5 if self.identity else 1.0
        self.wide = nn.Parameter(torch.randn(expand, inputs, 3, 3) * math.sqrt(2 / (9 * inputs)))
        self.project = nn.Parameter(torch.randn(outputs, expand) * gain * math.sqrt(1 / expand))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None

    def plain_weight(self) -> torch.Tensor:
        """Return the one kernel, shape (outputs, inputs, 3, 3)."""
        weight = torch.einsum("oe,eihw->oihw", self.project.float(), self.wide.float())
        if self.identity:
            weight = weight + self._eye(weight)
        return weight

    @staticmethod
    def _eye(like: torch.Tensor) -> torch.Tensor:
        eye = torch.eye(like.shape[0], dtype=like.dtype, device=like.device)
        return functional.pad(eye[:, :, None, None], (1, 1, 1, 1))

    def plain(self) -> nn.Conv2d:
        """Return the convolution that computes the same."""
        return plain_conv(self.plain_weight(), self.bias)

    def assign(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Keep the projection and choose the smallest wide kernels that give this kernel.

        Raises
        ------
        InvalidSetting
            If the wide branch is narrower than the layer: then there may be none.
        """
        outputs, expand = self.project.shape
        if expand < outputs:
            raise InvalidSetting(f"expand is {expand}, expected at least {outputs} to take over weights")
        with torch.no_grad():
            branch = weight - self._eye(weight) if self.identity else weight
            inverse = torch.linalg.pinv(self.project.double())
            self.wide.copy_(torch.einsum("eo,oihw->eihw", inverse, branch.double()))
            if self.bias is not None and bias is not None:
                self.bias.copy_(bias)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return ``(N, outputs, H, W)``."""
        with torch.autocast(features.device.type, enabled=False):
            weight = self.plain_weight()
        return functional.conv2d(features, weight, self.bias, padding=1)


def plain_conv(
    weight: torch.Tensor, bias: torch.Tensor | None = None, stride: int = 1, padding: int | None = None
) -> nn.Conv2d:
    """Return an ordinary convolution with this kernel and bias; size-preserving unless told otherwise."""
    outputs, inputs, size, _ = weight.shape
    padding = size // 2 if padding is None else padding
    conv = nn.Conv2d(inputs, outputs, size, stride=stride, padding=padding, bias=bias is not None)
    conv.weight.data = weight.detach().clone().float()
    if bias is not None:
        conv.bias = nn.Parameter(bias.detach().clone().float())
    return conv


def in_float32(layer: nn.Module, image: torch.Tensor) -> torch.Tensor:
    """Run a layer in float32 also where the rest runs in 16 bits.

    For what is given values much larger than their differences: the base image and the first kernels.
    """
    kind = image.device.type
    if not torch.is_autocast_enabled(kind):
        return layer(image)
    with torch.autocast(kind, enabled=False):
        return layer(image.float())


MOST_FEATURES, MOST_LAYERS = 4096, 1000
WIDTH = rule(low=1, high=MOST_FEATURES)
"""Of feature maps."""
DEPTH = rule(low=0, high=MOST_LAYERS)
"""Of layers and blocks."""


def expect(network: str, **least: tuple[float, float]) -> None:
    """Refuse options below their least value; each is given as ``name=(value, least)``.

    Raises
    ------
    InvalidSetting
        Naming all that are too small.
    """
    wrong = [
        f"{name} is {value}, expected at least {low}" for name, (value, low) in least.items() if value < low
    ]
    if wrong:
        raise InvalidSetting(f"{network}: {'; '.join(wrong)}")


def first_conv(
    bands: int, channels: int, *, size: int = 3, stride: int = 1, equivariant: bool = False
) -> nn.Module:
    """Return the layer that turns bands into features; ``size`` counts pixels of the features' grid."""
    if equivariant:
        return ZeroSumConv(channels, size, bands, stride)
    conv = nn.Conv2d(bands, channels, size * stride, stride=stride, padding=size // 2 * stride)
    return _he(conv)


def hidden_conv(inputs: int, outputs: int, *, bias: bool = True, expand: int = 0) -> nn.Module:
    """Return a 3 x 3 convolution; ``expand`` above 0 trains it with a linear branch of that width."""
    if expand:
        return CollapsibleConv(inputs, outputs, expand, bias)
    return _he(nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias))


def _he(conv: nn.Conv2d) -> nn.Conv2d:
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv


def prime_factors(scale: int) -> tuple[int, ...]:
    """Return the primes whose product is ``scale``, the smallest first: the stages of a learned upsampling."""
    factors = []
    rest, factor = scale, 2
    while rest > 1:
        while rest % factor == 0:
            factors.append(factor)
            rest //= factor
        factor += 1
    return tuple(factors)


def small_start(conv: nn.Module, factor: float = 0.1) -> nn.Module:
    """Shrink a layer's output at the start, so that the network starts near its base image."""
    with torch.no_grad():
        (conv.project if isinstance(conv, CollapsibleConv) else conv.weight).mul_(factor)
    return conv


class Bicubic(nn.Module):
    """Bicubic upsampling of all bands by one factor, on half-pixel centres; a factor of 1 changes nothing."""

    def __init__(self, scale: int, bands: int = 1, *, replicate: bool = False) -> None:
        """Make the layer; ``replicate``: beyond the edges lies the nearest pixel, not zero."""
        super().__init__()
        self.scale, self.replicate = scale, replicate
        self.phases = BicubicBase(scale, bands) if scale > 1 else nn.Identity()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, scale * H, scale * W)``."""
        if self.scale == 1:
            return image
        if self.replicate:
            padded = functional.pad(image, (2, 2, 2, 2), mode="replicate")
            return functional.pixel_shuffle(self.phases(padded)[..., 2:-2, 2:-2], self.scale)
        return functional.pixel_shuffle(self.phases(image), self.scale)


class Grow(nn.Module):
    """Doubles the size by a pixel shuffle that starts as nearest-neighbour upsampling."""

    def __init__(self, inputs: int, outputs: int, bias: bool) -> None:
        super().__init__()
        self.conv = hidden_conv(inputs, 4 * outputs, bias=bias)
        with torch.no_grad():
            self.conv.weight.copy_(self.conv.weight[::4].repeat_interleave(4, dim=0))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return ``(N, outputs, 2 * H, 2 * W)``."""
        return functional.relu(functional.pixel_shuffle(self.conv(features), 2))


class ResidualBlock(nn.Module):
    """Convolution, ReLU, convolution, shrunk and added to the input; no normalisation.

    Lim et al., Enhanced Deep Residual Networks for Single Image Super-Resolution, CVPRW 2017,
    doi:10.1109/CVPRW.2017.151.
    """

    def __init__(self, channels: int, *, shrink: float = 1.0, bias: bool = True, expand: int = 0) -> None:
        super().__init__()
        self.shrink = shrink
        self.first = hidden_conv(channels, channels, bias=bias, expand=expand)
        self.second = hidden_conv(channels, channels, bias=bias, expand=expand)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return features of the same shape."""
        change = self.second(functional.relu(self.first(features)))
        return features + (change if self.shrink == 1 else self.shrink * change)


class SingleImage(Network):
    """One input; one band alone, or several bands that are read and made jointly."""

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

    def radius_of(self, *trunk: PathLayer) -> int:
        """Return the receptive radius, given the layers of the residual, the last one first."""
        return receptive_radius([(trunk, self.scale), (self.base_path, self.scale)], cell=self.scale)

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


class Fusion(Network):
    """Inputs of several pixel sizes; the output has the bands of one of them, the target, made finer."""

    bandwise = False
    fusion = True
    work: int
    """Output pixels per pixel of the features' grid."""
    body: nn.ModuleList
    last: nn.Module

    def __init__(
        self, ratios: Sequence[int], bands: Sequence[int], out_bands: int | None, target: int
    ) -> None:
        """Check the geometry.

        Parameters
        ----------
        ratios, bands : sequence of int
            Output pixels per input pixel, and number of bands, of every input. The ratios divide the largest.
        out_bands : int, optional
            Bands of the output: those of the target.
        target : int
            Index of the input whose bands are made finer.
        """
        super().__init__()
        self.ratios, self.target = tuple(ratios), target
        name = type(self).__name__.lower()
        if not ratios or len(ratios) != len(bands) or min(ratios) < 1 or min(bands) < 1:
            raise InvalidSetting(
                f"{name}: ratios {self.ratios} and bands {tuple(bands)}, expected as many, all at least 1"
            )
        if any(max(ratios) % ratio for ratio in ratios):
            raise InvalidSetting(f"{name}: ratios are {self.ratios}, expected divisors of the largest")
        if not 0 <= target < len(ratios):
            raise InvalidSetting(f"{name}: target is {target}, expected 0 to {len(ratios) - 1}")
        if out_bands not in (None, bands[target]):
            raise InvalidSetting(
                f"{name}: the output has {out_bands} bands, expected the {bands[target]} of input {target}"
            )

    def sharpened(self, base: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """Return ``base`` with the detail that body and last layer make of the first features."""
        for block in self.body:
            features = block(features)
        residual = self.last(features).to(base.dtype)
        return base + (functional.pixel_shuffle(residual, self.work) if self.work > 1 else residual)


def cubic_path(ratio: int) -> Path:
    """Return the way through bicubic upsampling: to the two nearest centres, and one farther on each side."""
    return (Conv(ratio // 2), Up(ratio), Conv(1))


class GuidedFusion(Fusion):
    """A coarse target and finer guides that are brought to the output's grid: what such networks share.

    The target is the coarsest input; guides that are coarser than the output are upsampled bicubically.
    """

    def __init__(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None,
        target: int,
        *,
        replicate: bool = False,
    ) -> None:
        """Check the geometry and make the bicubic layers, which ``replicate`` pixels beyond the edges or take zeros."""
        super().__init__(ratios, bands, out_bands, target)
        self.cell, name = max(ratios), type(self).__name__.lower()
        if len(ratios) < 2:
            raise InvalidSetting(
                f"{name}: ratios are {self.ratios}, expected at least two: a target and a guide"
            )
        if ratios[target] != self.cell or self.cell < 2:
            raise InvalidSetting(
                f"{name}: target is {target} of the ratios {self.ratios}, expected the largest ratio, at least 2"
            )
        self.count, self.guides = bands[target], sum(bands) - bands[target]
        self.base = Bicubic(self.cell, self.count, replicate=replicate)
        self.align = nn.ModuleList(
            Bicubic(ratio, number, replicate=replicate)
            for index, (ratio, number) in enumerate(zip(ratios, bands))
            if index != target
        )

    def fine_guides(self, images: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return all guides on the output's grid, ``(N, guides, H, W)``."""
        guides = [image for index, image in enumerate(images) if index != self.target]
        return torch.cat([in_float32(align, image) for align, image in zip(self.align, guides)], dim=1)

    def check_size(self, images: Sequence[torch.Tensor]) -> None:
        """Refuse inputs whose sides are no multiples of ``multiple`` cells.

        Raises
        ------
        InvalidSetting
        """
        rows, cols = images[self.target].shape[-2:]
        if rows % self.multiple or cols % self.multiple:
            name = type(self).__name__.lower()
            raise InvalidSetting(
                f"{name}: target is {rows} x {cols}, expected multiples of {self.multiple} pixels"
            )

    def paths_to_guides(self, head: Path) -> list[tuple[Path, int]]:
        """Return the ways from the output through ``head``, which ends on the output's grid, to every guide."""
        return [
            ((*head, *cubic_path(ratio)) if ratio > 1 else head, ratio)
            for index, ratio in enumerate(self.ratios)
            if index != self.target
        ]
