"""The discriminator of adversarial training, which learns to tell predictions from real images.

It judges patches, not whole images (PatchGAN; Isola et al., Image-to-Image Translation with Conditional Adversarial
Networks, CVPR 2017, doi:10.1109/CVPR.2017.632), and is stabilised by spectral normalisation of its weights (Miyato et
al. 2018, arXiv:1802.05957) instead of statistics of the batch.

Two kinds are known:

- ``patch``: least squares; real patches shall be judged 1, predicted ones 0 (Mao et al., Least Squares Generative
  Adversarial Networks, ICCV 2017, doi:10.1109/ICCV.2017.304).
- ``relativistic``: a real patch shall look more real than predicted ones do on average, and the other way round
  (Jolicoeur-Martineau 2018, arXiv:1807.00734), as in ESRGAN.

Sizes are halved in two ways. ``strided`` convolutions fold the finest waves onto longer ones, so that a network that is
taught by them may draw stripes of few pixels at little cost. ``blurred`` ones have stride 1 and a low-pass before
every other pixel is left out (Zhang, Making Convolutional Networks Shift-Invariant Again, ICML 2019, arXiv:1904.11486).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.training.loop.checkpoint import chosen, optimiser_tensors, prefixed, restore_optimiser
from srsat_qgis.training.networks.layers import FixedLines

KINDS = ("patch", "relativistic")
STRIDED, BLURRED = "strided", "blurred"
SAMPLINGS = (STRIDED, BLURRED)
SLOPE = 0.2
# Of the low-pass before every other pixel is left out.
_BINOMIAL = np.array([1.0, 3.0, 3.0, 1.0]) / 8
# Standard deviations at which a low-pass ends.
_REACH = 3.0


class PatchDiscriminator(nn.Module):
    """Convolutions and halvings of the size; with three ``strided`` ones, each judgement depends on 70 x 70 pixels."""

    def __init__(
        self,
        bands: int,
        channels: int = 64,
        layers: int = 3,
        sampling: str = STRIDED,
        detail: float = 0.0,
    ) -> None:
        """Make the layers.

        Parameters
        ----------
        bands : int
            Bands of the images.
        channels : int
            Feature maps of the first layer; each layer doubles them, up to eight times as many.
        layers : int
            Halvings of the size: ``strided``, the receptive field of 1, 2, 3 and 4 is 16, 34, 70 and 142 pixels.
        sampling : str
            One of ``SAMPLINGS``: by convolutions of 4 x 4 pixels and stride 2, or by those of 3 x 3 pixels and stride 1
            and a low-pass of 4 x 4.
        detail : float
            Standard deviation, in pixels, of the Gaussian low-pass that images lose first; 0: they are judged whole.

        Raises
        ------
        InvalidSetting
            If a number is out of its range, or the sampling is unknown.
        """
        super().__init__()
        if min(bands, channels, layers) < 1 or detail < 0 or sampling not in SAMPLINGS:
            raise InvalidSetting(
                f"discriminator: bands {bands}, channels {channels}, layers {layers}, detail {detail:g}, sampling "
                f"{sampling}; expected at least 1 each, 0 for detail, and one of {', '.join(SAMPLINGS)}"
            )
        size, self.field = (4, 7) if sampling == STRIDED else (3, 5)
        widths = [channels * min(2**number, 8) for number in range(layers + 1)]
        modules: list[nn.Module] = []
        before = bands
        for number, width in enumerate(widths):
            stride = 2 if number < layers and sampling == STRIDED else 1
            modules += [_normalised(before, width, size, stride), nn.LeakyReLU(SLOPE)]
            if number < layers and sampling == BLURRED:
                modules.append(FixedLines(_BINOMIAL, width, stride=2, padding=1))
            before = width
        self.judge = nn.Sequential(*modules, _normalised(before, 1, size, 1))
        for _ in range(layers):
            self.field = 2 * self.field + (2 if sampling == STRIDED else 4)
        self.low: nn.Module | None = None
        self._reach = math.ceil(_REACH * detail)
        if detail:
            taps = np.exp(-0.5 * (np.arange(-self._reach, self._reach + 1) / detail) ** 2)
            self.low = FixedLines(taps / taps.sum(), bands)
            self.field += 2 * self._reach

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return judgements ``(N, 1, h, w)``, the larger the more real, of ``(N, bands, H, W)``."""
        if self.low is not None:
            # Beyond the edges lies the mirrored image, whose low-pass is that of real and predicted ones alike.
            image = image - self.low(functional.pad(image, (self._reach,) * 4, mode="reflect"))
        return self.judge(image)


def _normalised(inputs: int, outputs: int, size: int, stride: int) -> nn.Module:
    return spectral_norm(nn.Conv2d(inputs, outputs, size, stride=stride, padding=1))


class Discriminator:
    """A `PatchDiscriminator` with its optimiser, for images of so many ``bands`` on a ``device``.

    Raises
    ------
    InvalidSetting
        If the kind is unknown, or a number is out of its range.
    """

    def __init__(
        self,
        bands: int,
        kind: str = "patch",
        rate: float = 1e-4,
        channels: int = 64,
        layers: int = 3,
        device: torch.device | str = "cpu",
        sampling: str = STRIDED,
        detail: float = 0.0,
    ) -> None:
        if kind not in KINDS or rate <= 0:
            raise InvalidSetting(
                f"adversarial: kind {kind!r}, rate {rate}; expected one of {', '.join(KINDS)} and a rate above 0"
            )
        self.kind = kind
        self.network = PatchDiscriminator(bands, channels, layers, sampling, detail).to(device)
        self._learning = [one for one in self.network.parameters() if one.requires_grad]
        self._optimiser = torch.optim.Adam(self._learning, lr=rate, betas=(0.5, 0.999))

    def step(
        self,
        real: torch.Tensor,
        fake: torch.Tensor,
        average: Callable[[Sequence[nn.Parameter]], None] | None = None,
    ) -> torch.Tensor:
        """Let the discriminator learn from a batch of each; the generator learns nothing.

        Parameters
        ----------
        real, fake : Tensor, shape (N, bands, H, W)
            True images, and predictions of the same ground.
        average : callable, optional
            Averages the gradients of parameters over the processes of a run.

        Returns
        -------
        Tensor, scalar
            Its loss before the step; around 0.25 ('patch') and 0.69 ('relativistic') it tells nothing apart.
        """
        loss = self.loss(real.detach(), fake.detach())
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if average is not None:
            average(self._learning)
        self._optimiser.step()
        return loss.detach()

    def loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """Return how badly the discriminator tells ``real`` from ``fake``, a scalar."""
        self.check_size((real.shape[-2], real.shape[-1]))
        true, false = self.network(real.float()), self.network(fake.float())
        if self.kind == "patch":
            return 0.5 * (((true - 1) ** 2).mean() + (false**2).mean())
        return _relative(true, false)

    def generator_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        """Return how well the discriminator tells ``fake`` from ``real``, a scalar; gradients go to ``fake`` only.

        Raises
        ------
        InvalidSetting
            If the images are too small to be judged.
        """
        self.check_size((fake.shape[-2], fake.shape[-1]))
        for parameter in self._learning:
            parameter.requires_grad_(False)
        try:
            false = self.network(fake.float())
            if self.kind == "patch":
                return 0.5 * ((false - 1) ** 2).mean()
            with torch.no_grad():
                true = self.network(real.float())
            return _relative(false, true)
        finally:
            for parameter in self._learning:
                parameter.requires_grad_(True)

    def check_size(self, size: tuple[int, int]) -> None:
        """Refuse images of so many rows and columns that are too small to be judged.

        Raises
        ------
        InvalidSetting
            If they are.
        """
        least = self.network.field // 2
        if min(size) < least:
            raise InvalidSetting(
                f"adversarial: crops of {size} pixels without their border are too small for a discriminator with a "
                f"receptive field of {self.network.field}; expected at least {least}, or fewer layers"
            )

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return all state as flat names and tensors."""
        return {
            **prefixed("network", self.network.state_dict()),
            **prefixed("optimiser", optimiser_tensors(self._optimiser)),
        }

    def load_state_dict(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over what `state_dict` returned.

        Raises
        ------
        InvalidCheckpoint
            If another discriminator made it.
        """
        try:
            self.network.load_state_dict(chosen("network", tensors))
        except RuntimeError as error:
            raise InvalidCheckpoint(f"the checkpoint is of another discriminator ({error})") from error
        restore_optimiser(self._optimiser, chosen("optimiser", tensors))


def _relative(better: torch.Tensor, worse: torch.Tensor) -> torch.Tensor:
    """Return how far ``better`` is from being judged better than ``worse`` is on average, and the other way round."""
    ahead = functional.softplus(-(better - worse.mean())).mean()
    behind = functional.softplus(worse - better.mean()).mean()
    return 0.5 * (ahead + behind)
