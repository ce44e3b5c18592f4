"""DCTNet: features of a coarse target, sharpened by the edges of a finer guide in a closed-form least-squares step.

Zhao et al., Discrete Cosine Transform Network for Guided Depth Map Super-Resolution, CVPR 2022, arXiv:2104.06977. For
every channel, with features a of the target, b of the guide and attention W, the image z is found that minimises
``|z - a|^2 + lambda |L z - W L b|^2``. Under mirrored edges the discrete cosine transform diagonalises the Laplacian
L, so that ``z = IDCT(DCT(a + lambda L(W L b)) / (1 + lambda kappa^2))``, ``kappa`` being L's spectrum.

``PUBLISHED`` are the options of the paper's network, whose 482,865 parameters include 2,320 of a layer that it never
runs. `from_published` renames its weights to those of `DctNet.core`:

==========================================================  =====================================
published                                                   here
==========================================================  =====================================
``lambd``                                                   ``strength.exponent``
``Encoder_coupled.init_deep.0``, ``.init_rgb.0``            ``enter_target``, ``enter_guide``
``Encoder_coupled.coupled_feat_extractor.i.kernel_K_n``     ``encoder.layers.i.K_n.weight``; K: shared, target
                                                            (depth), guide (rgb); n: 1, 2
``Encoder_coupled.coupled_feat_extractor.i.bias_K_n``       ``encoder.layers.i.K_n.bias``
``WPNet.conv1``, ``conv_f``, ``conv2``                      ``attention.squeeze``, ``shortcut``, ``shrink``
``WPNet.conv_max``, ``conv3``, ``conv3_``, ``conv4``        ``attention.pooled``, ``hidden``, ``context``, ``expand``
``WPNet.conv_dilation``                                     left out: it takes no part
``Decoder_depth.Decoder_Deep.n``                            ``decoder.n``
==========================================================  =====================================

It takes a target that was upsampled bicubically and lies between 0 and 1, and a guide standardised band by band.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.core.fields import rule
from srsat_qgis.training.networks.interface import Foldable
from srsat_qgis.training.networks.layers import (
    DEPTH,
    MOST_FEATURES,
    GuidedFusion,
    hidden_conv,
    in_float32,
    small_start,
)

PUBLISHED: Mapping[str, Any] = {
    "channels": 64,
    "layers": 4,
    "shared": 0.5,
    "anchored": False,
    "skip": False,
    "span": (0.0, 1.0),
}
"""Options of the paper's network."""

# Output pixels a pixel of the attention's coarse grid: a strided convolution, then a pooling of stride 3.
PERIOD = 6
# Output pixels that a pixel of that grid sees: 3 of the convolution and 2 for each further one of the pooling's 7.
_SEEN = 15
# Output pixels after which the solution forgets the data: its response falls as exp(-x / (sqrt(2) lambda^(1/4))).
_FADE = 24

# Feature maps of the decoder's layers, at least.
_LEAST_DECODED = 8


def cosines(length: int, device: torch.device) -> torch.Tensor:
    """Return the matrix of the orthonormal discrete cosine transform (type II), ``(length, length)`` in float32."""
    index = torch.arange(length, device=device)
    # float32 cannot tell large angles apart: whole turns are taken off while the numbers are whole.
    # The period is a tensor, since the exporter knows no remainder by a number that depends on the image's size.
    turns = torch.remainder((2 * index + 1)[None, :] * index[:, None], 4 * (index[-1:] + 1))
    rows = torch.cos(turns.float() / length * (math.pi / 2))
    return rows / rows.square().sum(dim=1, keepdim=True).sqrt()


def spectrum(rows: int, cols: int, device: torch.device) -> torch.Tensor:
    """Return the five-point Laplacian's eigenvalues under mirrored edges, ``(rows, cols)`` in float32."""
    down, across = (
        2 * torch.cos(torch.arange(length, device=device).float() / length * math.pi)
        for length in (rows, cols)
    )
    return down[:, None] + across[None, :] - 4


def laplacian(image: torch.Tensor) -> torch.Tensor:
    """Return the sum of the eight neighbours' differences to each pixel, divided by 16; mirrored at the edges."""
    bands = image.shape[1]
    kernel = torch.ones(1, 1, 3, 3, dtype=image.dtype, device=image.device)
    kernel[..., 1, 1] = -8
    padded = functional.pad(image, (1, 1, 1, 1), mode="reflect")
    return functional.conv2d(padded, (kernel / 16).expand(bands, 1, 3, 3), groups=bands)


class Strength(Foldable):
    """Multiplies every channel by its lambda, which is learned by its logarithm and so stays positive."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.exponent = nn.Parameter(0.1 + 0.3 * torch.randn(1, channels, 1, 1))

    def plain(self) -> nn.Conv2d:
        """Return the convolution of every channel by itself that computes the same."""
        channels = self.exponent.shape[1]
        conv = nn.Conv2d(channels, channels, 1, groups=channels, bias=False)
        conv.weight.data = torch.exp(self.exponent.detach().float()).reshape(channels, 1, 1, 1)
        return conv

    def assign(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        """Take over the lambdas."""
        del bias
        with torch.no_grad():
            self.exponent.copy_(torch.log(weight).reshape(self.exponent.shape))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return ``lambda * features``."""
        return torch.exp(self.exponent) * features


class CoupledLayer(nn.Module):
    """A residual block for target and guide: the first filters of its convolutions are shared, the others private."""

    def __init__(self, channels: int, shared: int) -> None:
        super().__init__()
        own = channels - shared
        self.shared_1, self.shared_2 = hidden_conv(channels, shared), hidden_conv(channels, shared)
        self.target_1, self.target_2 = hidden_conv(channels, own), hidden_conv(channels, own)
        self.guide_1, self.guide_2 = hidden_conv(channels, own), hidden_conv(channels, own)

    def forward(self, target: torch.Tensor, guide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features of the same shapes."""
        return (
            self._block(target, self.target_1, self.target_2),
            self._block(guide, self.guide_1, self.guide_2),
        )

    def _block(self, features: torch.Tensor, first: nn.Module, second: nn.Module) -> torch.Tensor:
        inside = functional.relu(torch.cat([self.shared_1(features), first(features)], dim=1))
        return functional.relu(features + torch.cat([self.shared_2(inside), second(inside)], dim=1))


class EdgeAttention(nn.Module):
    """Weights from 0 to 1, one a pixel and channel, by which the guide's edges count: local, and from around."""

    def __init__(self, channels: int, anchored: bool) -> None:
        """Make the layers.

        Parameters
        ----------
        channels : int
        anchored : bool
            True: pixels of the coarse grid lie on whole blocks of ``PERIOD`` pixels, so that tiles whose origins do
            see the same; False: as published, the grid is stretched to the image, whatever its size.
        """
        super().__init__()
        inner = max(1, channels // 4)
        self.anchored = anchored
        self.squeeze, self.shortcut = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, inner, 1)
        self.shrink = nn.Conv2d(inner, inner, 3, stride=2)
        self.pooled, self.hidden = hidden_conv(inner, inner), hidden_conv(inner, inner)
        self.context, self.expand = hidden_conv(inner, inner), nn.Conv2d(inner, channels, 1)

    def forward(self, guide: torch.Tensor) -> torch.Tensor:
        """Return the weights, of the shape of the guide's features."""
        squeezed = self.squeeze(guide)
        around = squeezed
        if self.anchored:
            # As many pixels more as the last pooling window reaches out, so that each block has its own.
            before = (_SEEN - PERIOD) // 2
            around = functional.pad(around, (before, _SEEN - PERIOD - before) * 2, mode="replicate")
        around = functional.max_pool2d(self.shrink(around), kernel_size=7, stride=3)
        around = functional.relu(self.hidden(functional.relu(self.pooled(around))))
        around = self.context(around)
        if self.anchored:
            around = functional.interpolate(around, scale_factor=float(PERIOD), mode="bilinear")
        else:
            around = functional.interpolate(around, size=squeezed.shape[-2:], mode="bilinear")
        return torch.sigmoid(self.expand(around + self.shortcut(squeezed)))


ATTENTION_RADIUS = PERIOD * 4 + (_SEEN - PERIOD) // 2 + PERIOD
"""Output pixels from the anchored attention to the farthest that it sees: three 3 x 3 kernels and the interpolation on
the coarse grid, and the blocks' own surroundings."""


class Coupled(nn.Module):
    """The published encoder: a convolution for each input, and layers that share half of their filters."""

    def __init__(self, channels: int, layers: int, shared: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(CoupledLayer(channels, shared) for _ in range(layers))

    def forward(self, target: torch.Tensor, guide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features of the same shapes."""
        for layer in self.layers:
            target, guide = layer(target, guide)
        return target, guide


class DctCore(nn.Module):
    """The network as published, on normalised images of one size."""

    def __init__(
        self, count: int, guides: int, channels: int, encoder: nn.Module, *, anchored: bool, skip: bool
    ) -> None:
        """Make the layers.

        Parameters
        ----------
        count, guides : int
            Bands of target and guide.
        channels : int
            Feature maps.
        encoder : Module
            From features of target and guide to features of the same shapes.
        anchored : bool
            See `EdgeAttention`.
        skip : bool
            True: the result is what is added to the target; False: it is the result itself, and never negative.
        """
        super().__init__()
        self.skip = skip
        self.enter_target, self.enter_guide = hidden_conv(count, channels), hidden_conv(guides, channels)
        self.encoder = encoder
        self.attention = EdgeAttention(channels, anchored)
        self.strength = Strength(channels)
        # Two or three feature maps all die under their ReLUs now and then; the paper's 32 and 16 are not touched.
        half, quarter = max(_LEAST_DECODED, channels // 2), max(_LEAST_DECODED, channels // 4)
        last = hidden_conv(quarter, count)
        self.decoder = nn.Sequential(
            hidden_conv(channels, half),
            nn.ReLU(),
            hidden_conv(half, quarter),
            nn.ReLU(),
            small_start(last) if skip else last,
            nn.Identity() if skip else nn.ReLU(),
        )

    def solve(self, target: torch.Tensor, guide: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return the features of least squares, ``(N, channels, H, W)``, of those of target and guide, and attention.

        The published network's L is `laplacian` where it is applied, and the five-point one in the spectrum.
        """
        rows, cols = target.shape[-2:]
        down, across = (cosines(length, target.device) for length in (rows, cols))
        wanted = target + self.strength(laplacian(weight * laplacian(guide)))
        squared = spectrum(rows, cols, target.device).square()
        stiffness = 1 + self.strength(squared.expand(1, target.shape[1], rows, cols))
        transformed = torch.matmul(torch.matmul(down, wanted), across.transpose(0, 1))
        return torch.matmul(torch.matmul(down.transpose(0, 1), transformed / stiffness), across)

    def forward(self, target: torch.Tensor, guide: torch.Tensor) -> torch.Tensor:
        """Return ``(N, count, H, W)``.

        Parameters
        ----------
        target : Tensor, shape (N, count, H, W)
            Upsampled, and between 0 and 1.
        guide : Tensor, shape (N, guides, H, W)
            Standardised band by band.
        """
        a, b = self.encoder(
            functional.relu(self.enter_target(target)), functional.relu(self.enter_guide(guide))
        )
        weight = self.attention(b)
        with torch.autocast(target.device.type, enabled=False):
            # Sums over whole rows of the image: never in 16 bits.
            solved = self.solve(a.float(), b.float(), weight.float())
        change = self.decoder(solved)
        return target + change.to(target.dtype) if self.skip else change


def in_common(channels: int, share: float) -> int:
    """Return how many of so many filters are shared: at least one, and not all."""
    return min(max(1, round(share * channels)), channels - 1)


class DctNet(GuidedFusion):
    """A `DctCore` between the maps of its inputs: from standardised values to those of the core, and back.

    Every pixel depends on the whole image by the transform, less with distance: by the factor e over ``sqrt(2)
    lambda^(1/4)`` output pixels.
    """

    local = False
    limits: ClassVar = {
        "channels": rule(low=2, high=MOST_FEATURES),
        "layers": DEPTH,
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
        layers: int = 2,
        shared: float = 0.5,
        anchored: bool = True,
        skip: bool = True,
        span: tuple[float, float] = (-4.0, 4.0),
    ) -> None:
        """Make the network.

        Parameters
        ----------
        ratios, bands, out_bands, target
            See `GuidedFusion`.
        channels, layers : int
            Feature maps, and coupled layers of two convolutions each.
        shared : float
            Share of the filters of a coupled layer that target and guide have in common.
        anchored, skip : bool
            See `DctCore`; ``PUBLISHED`` has neither.
        span : tuple of float
            Values of the target that become 0 and 1.
        """
        self._make(ratios, bands, out_bands, target, span)
        encoder = Coupled(channels, layers, in_common(channels, shared))
        self.core = DctCore(self.count, self.guides, channels, encoder, anchored=anchored, skip=skip)
        self.radius = self.overlap(2 * layers)

    def _make(
        self,
        ratios: Sequence[int],
        bands: Sequence[int],
        out_bands: int | None,
        target: int,
        span: tuple[float, float],
    ) -> None:
        GuidedFusion.__init__(self, ratios, bands, out_bands, target, replicate=True)
        if not span[0] < span[1]:
            raise InvalidSetting(f"{type(self).__name__.lower()}: span is {span}, expected low < high")
        self.span = span
        self.multiple = PERIOD // math.gcd(PERIOD, self.cell)

    def overlap(self, encoder: int) -> int:
        """Return the cells by which tiles overlap, given the encoder's receptive radius in output pixels."""
        # Convolutions before the encoder, two Laplacians, and the decoder's three.
        pixels = 1 + encoder + ATTENTION_RADIUS + 2 + 3 + _FADE
        return -(-pixels // (self.cell * self.multiple)) * self.multiple

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, H, W)`` for inputs of ``(N, bands_i, H / ratio_i, W / ratio_i)``.

        Raises
        ------
        InvalidSetting
            If a side is no multiple of ``multiple`` cells.
        """
        self.check_size(images)
        low, high = self.span
        upsampled = (in_float32(self.base, images[self.target]) - low) / (high - low)
        return self.core(upsampled, self.fine_guides(images)) * (high - low) + low


_KINDS = {"shared": "shared", "depth": "target", "rgb": "guide"}
_RENAMED = (
    (r"lambd", "strength.exponent"),
    (r"Encoder_coupled\.init_deep\.0\.(weight|bias)", r"enter_target.\1"),
    (r"Encoder_coupled\.init_rgb\.0\.(weight|bias)", r"enter_guide.\1"),
    (r"WPNet\.conv1\.(weight|bias)", r"attention.squeeze.\1"),
    (r"WPNet\.conv_f\.(weight|bias)", r"attention.shortcut.\1"),
    (r"WPNet\.conv2\.(weight|bias)", r"attention.shrink.\1"),
    (r"WPNet\.conv_max\.(weight|bias)", r"attention.pooled.\1"),
    (r"WPNet\.conv3\.(weight|bias)", r"attention.hidden.\1"),
    (r"WPNet\.conv3_\.(weight|bias)", r"attention.context.\1"),
    (r"WPNet\.conv4\.(weight|bias)", r"attention.expand.\1"),
    (r"Decoder_depth\.Decoder_Deep\.(\d+\.(?:weight|bias))", r"decoder.\1"),
)
_COUPLED = re.compile(
    r"Encoder_coupled\.coupled_feat_extractor\.(\d+)\.(kernel|bias)_(shared|depth|rgb)_([12])"
)
_IDLE = re.compile(r"WPNet\.conv_dilation\.(weight|bias)")


def from_published(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of the paper's network by the names of ``DctNet(..., **PUBLISHED).core``.

    Parameters
    ----------
    tensors : mapping
        Its state dict; names may start with ``module.``, as of a network that several GPUs trained.

    Raises
    ------
    InvalidCheckpoint
        If a name is none of that network's.
    """
    return {
        renamed: tensor
        for name, tensor in tensors.items()
        if (renamed := _name_here(name.removeprefix("module.")))
    }


def _name_here(name: str) -> str:
    """Return a published name's counterpart; empty for the layer that takes no part."""
    if _IDLE.fullmatch(name):
        return ""
    coupled = _COUPLED.fullmatch(name)
    if coupled:
        number, kind, whose, place = coupled.groups()
        kind = "weight" if kind == "kernel" else kind
        return f"encoder.layers.{number}.{_KINDS[whose]}_{place}.{kind}"
    for pattern, replacement in _RENAMED:
        if re.fullmatch(pattern, name):
            return re.sub(pattern, replacement, name)
    raise InvalidCheckpoint(f"weights {name}: expected the names of the published DCTNet")
