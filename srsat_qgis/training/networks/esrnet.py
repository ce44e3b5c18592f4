"""ESRNet: the generator of ESRGAN as published, on the target alone, for comparison with networks that have a guide.

Wang et al., ESRGAN, ECCVW 2018, doi:10.1007/978-3-030-11021-5_5. Trained by absolute error it is ESRNet; trained on
with features before their activation and a relativistic discriminator (the losses ``esrgan``) it is ESRGAN. `rrdb` is
the same trunk, always as a residual over bicubic, and may be equivariant.
"""

from __future__ import annotations

import torch

from srsat_qgis.training.networks.layers import in_float32
from srsat_qgis.training.networks.rrdb import Rrdb


class EsrNet(Rrdb):
    """RRDB without a bicubic image below it, unless it is asked for."""

    def __init__(
        self,
        scale: int,
        bands: int = 1,
        channels: int = 24,
        growth: int = 12,
        blocks: int = 2,
        skip: bool = True,
    ) -> None:
        """Make the network; the paper's has 64 channels, a growth of 32, 23 blocks and no skip.

        Parameters
        ----------
        scale, bands, channels, growth, blocks
            See `Rrdb`.
        skip : bool
            True: the result is added to the bicubic image; False: as published.
        """
        super().__init__(scale, bands, channels, growth, blocks, equivariant=False)
        self.skip = skip

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, bands, scale*H, scale*W)`` for ``(N, bands, H, W)``."""
        base = in_float32(self.base, image)
        made = self.residual(image, base).to(base.dtype)
        return base + made if self.skip else made
