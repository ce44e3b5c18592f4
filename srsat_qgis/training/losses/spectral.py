"""The spectral angle: whether every pixel keeps the proportions of its bands."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.training.losses.interface import mean

TINY = 1e-4  # of a spectrum's typical length: darker pixels have no direction


class Sam:
    """The mean angle between the spectra of prediction and truth, in radians.

    Kruse et al., The spectral image processing system (SIPS), RSE 44 (1993), doi:10.1016/0034-4257(93)90013-N. Angles
    are those of digital numbers where the setting knows the way back to them; angles between standardised
    spectra, which count from each band's mean, are larger.
    """

    def __init__(self, gain: Sequence[float] = (1.0,), offset: Sequence[float] = (0.0,)) -> None:
        """Prepare; digital numbers are ``gain * value + offset``, one number each or one a band."""
        self._gain, self._offset = torch.tensor(tuple(gain)), torch.tensor(tuple(offset))

    def __call__(
        self, prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
    ) -> torch.Tensor:
        """Return 0 for spectra of equal directions, pi for opposite ones.

        Raises
        ------
        ShapeMismatch
            If there is one band only.
        """
        del base, floor
        if truth.shape[1] < 2:
            raise ShapeMismatch("the spectral angle takes at least 2 bands, the images have 1")
        a, b = self._spectra(prediction), self._spectra(truth)
        tiny = TINY * torch.sqrt(mean(b**2)).view(-1, 1, 1, 1) + 1e-12
        a, b = (x / torch.sqrt((x**2).sum(dim=1, keepdim=True) + tiny**2) for x in (a, b))
        # Kahan's formula; the arccosine of the product has an infinite slope where the spectra agree.
        apart, together = (self._length(x) for x in (a - b, a + b))
        return mean(2 * torch.atan2(apart, together))

    def _spectra(self, image: torch.Tensor) -> torch.Tensor:
        gain, offset = (values.to(image).view(1, -1, 1, 1) for values in (self._gain, self._offset))
        return gain * image + offset

    @staticmethod
    def _length(x: torch.Tensor) -> torch.Tensor:
        return torch.sqrt((x**2).sum(dim=1) + 1e-14)
