"""Losses that compare pixel by pixel."""

from __future__ import annotations

import torch


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.mean(dim=(1, 2, 3))


def mse(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean squared error."""
    del base, floor
    return _mean((prediction - truth) ** 2)


def l1(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean absolute error."""
    del base, floor
    return _mean((prediction - truth).abs())


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
