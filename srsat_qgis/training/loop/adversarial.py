"""The discriminator of adversarial training, which learns to tell predictions from real images.

It judges patches, not whole images (PatchGAN; Isola et al., Image-to-Image Translation with Conditional Adversarial
Networks, CVPR 2017, doi:10.1109/CVPR.2017.632), and is stabilised by spectral normalisation of its weights (Miyato et
al. 2018, arXiv:1802.05957) instead of statistics of the batch.

Two kinds are known:

- ``patch``: least squares; real patches shall be judged 1, predicted ones 0 (Mao et al., Least Squares Generative
  Adversarial Networks, ICCV 2017, doi:10.1109/ICCV.2017.304).
- ``relativistic``: a real patch shall look more real than predicted ones do on average, and the other way round
  (Jolicoeur-Martineau 2018, arXiv:1807.00734), as in ESRGAN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.training.loop.checkpoint import chosen, optimiser_tensors, prefixed, restore_optimiser

KINDS = ("patch", "relativistic")
SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """4 x 4 convolutions; with three of stride 2, each judgement depends on 70 x 70 pixels."""

    def __init__(self, bands: int, channels: int = 64, layers: int = 3) -> None:
        """Make the layers.

        Parameters
        ----------
        bands : int
            Bands of the images.
        channels : int
            Feature maps of the first layer; each layer doubles them, up to eight times as many.
        layers : int
            Convolutions of stride 2: the receptive field of 1, 2, 3 and 4 is 16, 34, 70 and 142 pixels.

        Raises
        ------
        InvalidSetting
            If a number is below 1.
        """
        super().__init__()
        if min(bands, channels, layers) < 1:
            raise InvalidSetting(
                f"discriminator: bands {bands}, channels {channels}, layers {layers}; expected at least 1 each"
            )
        widths = [channels * min(2**number, 8) for number in range(layers + 1)]
        modules: list[nn.Module] = []
        before = bands
        for number, width in enumerate(widths):
            stride = 2 if number < layers else 1
            modules += [_normalised(before, width, stride), nn.LeakyReLU(SLOPE)]
            before = width
        self.judge = nn.Sequential(*modules, _normalised(before, 1, 1))
        self.field = 7
        for _ in range(layers):
            self.field = 2 * self.field + 2

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return judgements ``(N, 1, h, w)``, the larger the more real, of ``(N, bands, H, W)``."""
        return self.judge(image)


def _normalised(inputs: int, outputs: int, stride: int) -> nn.Module:
    return spectral_norm(nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1))


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
    ) -> None:
        if kind not in KINDS or rate <= 0:
            raise InvalidSetting(
                f"adversarial: kind {kind!r}, rate {rate}; expected one of {', '.join(KINDS)} and a rate above 0"
            )
        self.kind = kind
        self.network = PatchDiscriminator(bands, channels, layers).to(device)
        self._optimiser = torch.optim.Adam(self.network.parameters(), lr=rate, betas=(0.5, 0.999))

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
            average(list(self.network.parameters()))
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
        self.network.requires_grad_(False)
        try:
            false = self.network(fake.float())
            if self.kind == "patch":
                return 0.5 * ((false - 1) ** 2).mean()
            with torch.no_grad():
                true = self.network(real.float())
            return _relative(false, true)
        finally:
            self.network.requires_grad_(True)

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
