"""Agreement with the coarse image: what a sensor would see of the prediction must be what it saw."""

from __future__ import annotations

import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.degrade import blur_and_average
from srsat_qgis.training.losses.interface import mean


class LrConsistency:
    """The mean absolute difference between prediction and truth, both seen in coarse pixels.

    Compared with the coarse truth instead of the input, which is the same but for the noise and the rounding that the
    prediction shall not copy. Detail that a network adds is free; brightness that it moves is not.
    """

    def __init__(self, scale: int, sigma: float = 0.5) -> None:
        """Prepare.

        Parameters
        ----------
        scale : int
            Output pixels per coarse pixel.
        sigma : float
            Standard deviation, in coarse pixels, of the Gaussian that precedes the area mean.

        Raises
        ------
        InvalidSetting
            If the scale is below 2 or sigma below 0.
        """
        if scale < 2 or sigma < 0:
            raise InvalidSetting(
                f"lr-consistency: scale {scale}, sigma {sigma}; expected scale >= 2, sigma >= 0"
            )
        self._scale, self._sigma = scale, sigma

    def __call__(
        self, prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
    ) -> torch.Tensor:
        """Return 0 where both look alike from afar."""
        del base, floor
        error = (prediction - truth).flatten(0, 1)[:, None]
        sigma = torch.full((len(error),), float(self._sigma), device=error.device)
        coarse = blur_and_average(error, sigma, sigma, self._scale)
        return mean(coarse.reshape(*truth.shape[:2], *coarse.shape[2:]).abs())
