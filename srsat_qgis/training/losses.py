"""Losses, one function each, behind one registry; a recipe adds them up by weight.

Every loss takes the prediction, the truth and the bicubic image, each ``(N, C, H, W)``, and a floor ``(N,)`` of the
squared error below which nothing is to be gained (rounding); it returns one number per sample, ``(N,)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

import torch

from srsat_qgis.core.errors import InvalidSetting

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.mean(dim=(1, 2, 3))


def mse(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean squared error."""
    del base, floor
    return _mean((prediction - truth) ** 2)


def charbonnier(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean of sqrt(error^2 + 1e-6), an absolute error that is smooth at zero."""
    del base, floor
    return _mean(torch.sqrt((prediction - truth) ** 2 + 1e-6))


def relative_mse(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the squared error as a share of the bicubic image's: below 1 is better than bicubic.

    A smooth sample counts as much as a rich one, so that no kind of image pays for the others.
    """
    return _mean((prediction - truth) ** 2) / (_mean((base - truth) ** 2) + floor)


def log_gain(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return minus the gain in PSNR over bicubic, as a natural logarithm: -1 is a gain of 4.34 dB."""
    error = _mean((prediction - truth) ** 2) + floor
    return torch.log(error / (_mean((base - truth) ** 2) + floor))


LOSSES: dict[str, Loss] = {
    "mse": mse,
    "charbonnier": charbonnier,
    "relative-mse": relative_mse,
    "log-gain": log_gain,
}


class WeightedLoss:
    """A weighted sum of losses."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        unknown = sorted(set(weights) - set(LOSSES))
        if unknown or not weights:
            raise InvalidSetting(
                f"losses are {', '.join(weights) or 'none'}, expected some of {', '.join(sorted(LOSSES))}"
            )
        self._weights = dict(weights)

    def __call__(
        self, prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
    ) -> torch.Tensor:
        """Return the mean over the samples, a scalar."""
        parts = [w * LOSSES[name](prediction, truth, base, floor).mean() for name, w in self._weights.items()]
        return torch.stack(parts).sum()
